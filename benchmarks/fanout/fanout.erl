%% Fan-out: one producer, many workers, one channel that they all receive from. It
%% measures the throughput of a channel under contention and how evenly the scheduler
%% shares the work out.
%%
%%     fanout WORKERS MESSAGES
%%
%% Fairness:
%% - A mailbox has one receiver, so a channel with many receivers is a process: it
%%   keeps the messages in order and hands the oldest to the worker that asked first.
%%   Each message is therefore sent twice and asked for once, which is what sharing
%%   one queue costs in Erlang. Sending to the workers in turn would be faster, but
%%   then nothing would be shared.
%% - The clock starts before the channel is made and stops when the producer and every
%%   worker have reported: after the last receive, not the last send.
%% - A worker that asks waits for the answer, so it needs no yield for others to run.
%% - The producer ends the work with one -1 for each worker, as in Seq.
%% - The producer counts what it sent and the workers what they received; result and
%%   messages agree only if no message was lost or delivered twice.
-module(fanout).
-export([main/0]).

%% Integers have no limit here; this is the one of the other languages.
-define(MAX_COUNT, 16#7FFFFFFFFFFFFFFF).

-define(SENTINEL, -1).

%% The shared channel: messages that nobody asked for yet, or workers that wait.
channel(Messages, Waiting) ->
    receive
        {send, Message} ->
            case queue:out(Waiting) of
                {{value, Worker}, Rest} ->
                    Worker ! {message, Message},
                    channel(Messages, Rest);
                {empty, _} ->
                    channel(queue:in(Message, Messages), Waiting)
            end;
        {take, Worker} ->
            case queue:out(Messages) of
                {{value, Message}, Rest} ->
                    Worker ! {message, Message},
                    channel(Rest, Waiting);
                {empty, _} ->
                    channel(Messages, queue:in(Worker, Waiting))
            end
    end.

worker(Inbox, Main, Received) ->
    Inbox ! {take, self()},
    receive
        {message, ?SENTINEL} -> Main ! {count, Received};
        {message, _} -> worker(Inbox, Main, Received + 1)
    end.

producer(Workers, Messages, Inbox, Main) ->
    Sent = send(0, Messages, Inbox),
    [Inbox ! {send, ?SENTINEL} || _ <- lists:seq(1, Workers)],
    Main ! {sent, Sent}.

send(Sent, Messages, Inbox) when Sent < Messages ->
    Inbox ! {send, Sent},
    send(Sent + 1, Messages, Inbox);
send(Sent, _Messages, _Inbox) ->
    Sent.

%% Start everything and wait for every report.
play(Workers, Messages) ->
    Main = self(),
    Inbox = spawn(fun() -> channel(queue:new(), queue:new()) end),
    [spawn(fun() -> worker(Inbox, Main, 0) end) || _ <- lists:seq(1, Workers)],
    spawn(fun() -> producer(Workers, Messages, Inbox, Main) end),
    Sent = receive {sent, S} -> S end,
    {Sent, [receive {count, Count} -> Count end || _ <- lists:seq(1, Workers)]}.

%% Take a number of 1 or more, written plainly: no "007", no "+5".
parse_count(Text) ->
    try list_to_integer(Text) of
        N when N >= 1, N =< ?MAX_COUNT ->
            case integer_to_list(N) =:= Text of
                true -> {ok, N};
                false -> error
            end;
        _ -> error
    catch
        error:badarg -> error
    end.

run(Workers, Messages) ->
    Start = erlang:monotonic_time(nanosecond),
    {Sent, Counts} = play(Workers, Messages),
    Elapsed = erlang:monotonic_time(nanosecond) - Start,
    Reported = length(Counts),
    io:format("result: ~b~nelapsed_ns: ~b~n", [lists:sum(Counts), Elapsed]),
    io:format("tasks: ~b~n", [Reported + 1]), % the producer has reported as well
    io:format("messages: ~b~nworkers: ~b~n", [Sent, Reported]),
    io:format("least: ~b~nmost: ~b~n", [lists:min(Counts), lists:max(Counts)]),
    halt(0).

usage() ->
    io:format(standard_error, "usage: fanout WORKERS MESSAGES (integers, 1 or more)~n", []),
    halt(2).

main() ->
    case [parse_count(Text) || Text <- init:get_plain_arguments()] of
        [{ok, Workers}, {ok, Messages}] -> run(Workers, Messages);
        _ -> usage()
    end.
