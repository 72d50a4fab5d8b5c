%% Ping-pong: two processes pass messages back and forth, and neither can go on
%% before the other has answered. It measures the latency of a message together with
%% the switch from one process to the other.
%%
%%     pingpong ROUND_TRIPS
%%
%% Fairness:
%% - Both sides are spawned, as in Seq, and main only waits.
%% - A process receives in its own mailbox, which stands for the channel towards it.
%% - The clock starts before both sides are started and stops when both have
%%   reported, so it spans every message.
%% - Each side counts what it receives: the result and the messages are counted.
-module(pingpong).
-export([main/0]).

%% Integers have no limit here; this is the one of the other languages.
-define(MAX_COUNT, 16#7FFFFFFFFFFFFFFF).

%% Send, then wait for the answer.
pinger(Rounds, Ponger, Main) ->
    Main ! {pongs, ping(Rounds, Ponger, 0)}.

ping(Rounds, _Ponger, Rounds) ->
    Rounds;
ping(Rounds, Ponger, Received) ->
    Ponger ! {ping, self(), Received},
    receive
        {pong, _} -> ping(Rounds, Ponger, Received + 1)
    end.

%% Wait, then answer.
ponger(Rounds, Main) ->
    Main ! {pings, pong(Rounds, 0)}.

pong(Rounds, Rounds) ->
    Rounds;
pong(Rounds, Received) ->
    receive
        {ping, Pinger, _} ->
            Pinger ! {pong, Received + 1},
            pong(Rounds, Received + 1)
    end.

%% Start both sides and wait for both reports.
play(Rounds) ->
    Main = self(),
    Ponger = spawn(fun() -> ponger(Rounds, Main) end),
    spawn(fun() -> pinger(Rounds, Ponger, Main) end),
    Pings = receive {pings, P} -> P end,
    Pongs = receive {pongs, Q} -> Q end,
    {Pings, Pongs}.

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

run(Rounds) ->
    Start = erlang:monotonic_time(nanosecond),
    {Pings, Pongs} = play(Rounds),
    Elapsed = erlang:monotonic_time(nanosecond) - Start,
    % A round trip ends with its pong; there is a task for each of the two reports.
    io:format("result: ~b~nelapsed_ns: ~b~n", [Pongs, Elapsed]),
    io:format("tasks: ~b~nmessages: ~b~n", [2, Pings + Pongs]),
    halt(0).

usage() ->
    io:format(standard_error, "usage: pingpong ROUND_TRIPS (an integer, 1 or more)~n", []),
    halt(2).

main() ->
    case [parse_count(Text) || Text <- init:get_plain_arguments()] of
        [{ok, Rounds}] -> run(Rounds);
        _ -> usage()
    end.
