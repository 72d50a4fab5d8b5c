%% Actors: many long-lived processes, to which one driver sends message after message.
%% It measures what a message to an actor costs and at how many messages an actor has
%% earned its start back.
%%
%%     actors ACTORS MESSAGES
%%
%% Fairness:
%% - A process receives in its own mailbox, which is the channel of that actor.
%% - The clock starts before the first actor is started and stops when the driver and
%%   every actor have reported: starting the actors is part of the time.
%% - Mailboxes are unbounded, as Seq's channels are: a send never waits.
%% - The driver yields once after each pass over all actors, as in Seq, so that they
%%   can run between the passes.
%% - An actor knows how many messages it gets, so there is no sentinel.
%% - The driver counts what it sends and main the reports; the result holds only if
%%   every actor received each of its messages once.
-module(actors).
-export([main/0]).

-define(MAX_COUNT, 1000000).

%% Add up the messages and report the sum.
actor(0, Sum, Main) ->
    Main ! {sum, Sum};
actor(Left, Sum, Main) ->
    receive
        {pass, Number} -> actor(Left - 1, Sum + Number, Main)
    end.

%% Start all actors, then send each one the number of each pass.
driver(Actors, Messages, Main) ->
    Pids = [spawn(fun() -> actor(Messages, 0, Main) end) || _ <- lists:seq(1, Actors)],
    Main ! {sent, passes(1, Messages, Pids, 0)}.

passes(Pass, Messages, Pids, Sent) when Pass =< Messages ->
    Now = send(Pids, {pass, Pass}, Sent),
    erlang:yield(),
    passes(Pass + 1, Messages, Pids, Now);
passes(_Pass, _Messages, _Pids, Sent) ->
    Sent.

send([Pid | Pids], Message, Sent) ->
    Pid ! Message,
    send(Pids, Message, Sent + 1);
send([], _Message, Sent) ->
    Sent.

%% Start the driver and wait for every report.
play(Actors, Messages) ->
    Main = self(),
    spawn(fun() -> driver(Actors, Messages, Main) end),
    Sent = receive {sent, S} -> S end,
    {Sent, [receive {sum, Sum} -> Sum end || _ <- lists:seq(1, Actors)]}.

%% Take a number from 1 to 1,000,000, written plainly: no "007", no "+5". With larger
%% ones the result would not fit Seq's integers of 63 bits.
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

run(Actors, Messages) ->
    Start = erlang:monotonic_time(nanosecond),
    {Sent, Sums} = play(Actors, Messages),
    Elapsed = erlang:monotonic_time(nanosecond) - Start,
    Reported = length(Sums),
    io:format("result: ~b~nelapsed_ns: ~b~n", [lists:sum(Sums), Elapsed]),
    io:format("tasks: ~b~n", [Reported + 1]), % the driver has reported as well
    io:format("messages: ~b~n", [Sent + Reported]),
    halt(0).

usage() ->
    io:format(standard_error, "usage: actors ACTORS MESSAGES (integers, 1 to 1000000)~n", []),
    halt(2).

main() ->
    case [parse_count(Text) || Text <- init:get_plain_arguments()] of
        [{ok, Actors}, {ok, Messages}] -> run(Actors, Messages);
        _ -> usage()
    end.
