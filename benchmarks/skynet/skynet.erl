%% Skynet: a tree of processes, ten children a node. Each leaf reports its number
%% to its parent, each node the sum of its children's reports. It measures what it
%% costs to start a process, and to keep many alive.
%%
%%     skynet LEAVES
%%
%% Fairness:
%% - Every node of the tree is a process, the leaves too. A process receives in its
%%   own mailbox, so a node needs no channel for its ten children.
%% - The clock starts before the root is started and stops when main has its report,
%%   which is the last message.
%% - Mailboxes are unbounded, as Seq's channels are: a send never waits.
%% - The processes are counted, not calculated: a report is the sum of the leaf
%%   numbers and the number of nodes that it stands for.
-module(skynet).
-export([main/0]).

-define(CHILDREN, 10).
-define(MAX_LEAVES, 1000000).

%% A node has this many leaves under it, numbered from First.
node(Parent, 1, First) ->
    Parent ! {report, First, 1};
node(Parent, Leaves, First) ->
    Share = Leaves div ?CHILDREN,
    start_children(?CHILDREN, Share, First),
    {Sum, Nodes} = collect(?CHILDREN, 0, 1),
    Parent ! {report, Sum, Nodes}.

start_children(0, _Share, _First) ->
    ok;
start_children(Left, Share, First) ->
    Self = self(),
    spawn(fun() -> node(Self, Share, First) end),
    start_children(Left - 1, Share, First + Share).

collect(0, Sum, Nodes) ->
    {Sum, Nodes};
collect(Left, Sum, Nodes) ->
    receive
        {report, ChildSum, ChildNodes} -> collect(Left - 1, Sum + ChildSum, Nodes + ChildNodes)
    end.

is_power_of_ten(1) -> true;
is_power_of_ten(N) when N rem 10 =:= 0 -> is_power_of_ten(N div 10);
is_power_of_ten(_) -> false.

%% Take a power of ten from 1 to 1,000,000, written plainly. With any other number
%% the division by ten would miss 1 and the tree would never end.
parse_leaves(Text) ->
    try list_to_integer(Text) of
        N when N >= 1, N =< ?MAX_LEAVES ->
            case integer_to_list(N) =:= Text andalso is_power_of_ten(N) of
                true -> {ok, N};
                false -> error
            end;
        _ -> error
    catch
        error:badarg -> error
    end.

run(Leaves) ->
    Main = self(),
    Start = erlang:monotonic_time(nanosecond),
    spawn(fun() -> node(Main, Leaves, 0) end),
    {Sum, Nodes} = collect(1, 0, 0),
    Elapsed = erlang:monotonic_time(nanosecond) - Start,
    io:format("result: ~b~nelapsed_ns: ~b~n", [Sum, Elapsed]),
    io:format("tasks: ~b~nmessages: ~b~n", [Nodes, Nodes]), % each node sends its one report
    halt(0).

usage() ->
    io:format(standard_error, "usage: skynet LEAVES (a power of ten, 1 to 1000000)~n", []),
    halt(2).

main() ->
    case [parse_leaves(Text) || Text <- init:get_plain_arguments()] of
        [{ok, Leaves}] -> run(Leaves);
        _ -> usage()
    end.
