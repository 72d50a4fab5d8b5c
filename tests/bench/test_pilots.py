"""The pilots of real rounds between scripts; how sizes are predicted is in test_sizing.py."""

import re
import time
from collections.abc import Sequence

import pytest

from seqbench.bench.budget import Budget
from seqbench.bench.pilots import MeasuringPolicy, Pilots
from seqbench.bench.plan import Pilot, Plan
from seqbench.bench.prepare import prepared
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import candidates
from seqbench.bench.results import BenchmarkRun
from seqbench.bench.rounds import Rounds
from seqbench.events import ignore
from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.sizes import Size
from seqbench.units import parse_duration_s
from tests.support.world import MANIFEST, World, hangs, says, script


def _no_plan(pilots: Sequence[Pilot], _left_ns: float) -> tuple[Plan, ...]:
    return (Plan(rounds=0),) * len(pilots)


def _pilots(ready: Prepared, world: World, policy: MeasuringPolicy, budget_s: float) -> Pilots:
    def start(benchmark: Benchmark, size: Size) -> BenchmarkRun:
        able = candidates(ready.side, benchmark, size.parameters, ready.request, {})
        rounds = Rounds(candidates=able, directory=world.root, copies=world.root / "copies")
        return BenchmarkRun(benchmark=benchmark, size=size, settings={}, rounds=rounds)

    found = Pilots(
        policy=policy,
        budget=Budget.of(budget_s, time.monotonic_ns()),
        seed=1,
        start=start,
        report=lambda _run, _candidate: None,
        runs={},
    )
    found.first_look(ready.benchmarks)
    found.finish(ready.benchmarks)
    return found


def test_flag_for_a_size_is_sensible_where_others_used_up_the_budget(world: World) -> None:
    toml = MANIFEST.format(name="beta").replace("quick = 10", "quick = 1\npower-of = 1000")
    program = says("$1", elapsed_ns=900_000)
    world.add("alpha", seq=script("sleep 0.3", says()), go=says())
    world.add("beta", seq=program, go=program, toml=toml)
    with prepared(world.request(), ignore) as ready:
        policy = MeasuringPolicy(sizes=ready.rising_sizes(), plan=_no_plan)
        found = _pilots(ready, world, policy, 0.2)

    (note,) = found.runs["beta"].notes
    flag = re.fullmatch(r"1,000 messages do not fit into the budget; --budget (\S+) is enough", note)
    assert flag is not None
    # Some 20 s for this benchmark on an idle machine, and as much for the other one.
    assert 10 <= parse_duration_s(flag[1]) <= 3_600


@pytest.mark.parametrize(("budget_s", "messages", "notes"), [(float("inf"), 1_000, 0), (5.0, 1, 1)])
def test_pilot_goes_up_to_the_largest_size_that_the_budget_holds(
    world: World, budget_s: float, messages: int, notes: int
) -> None:
    # The full size is a thousand times as large, so that a round of it probably takes seconds.
    toml = MANIFEST.format(name="alpha").replace("quick = 10", "quick = 1\npower-of = 1000")
    program = says("$1", elapsed_ns=900_000)
    world.add("alpha", seq=program, go=program, toml=toml)
    with prepared(world.request(), ignore) as ready:
        policy = MeasuringPolicy(sizes=ready.rising_sizes(), plan=_no_plan)
        found = _pilots(ready, world, policy, budget_s)

    run = found.runs["alpha"]
    assert run.size.parameters == (("messages", messages),)
    assert len(run.notes) == notes
    # The round at the smaller size counts as spent, and nowhere else.
    assert (found.discarded_ns > 0) is (messages == 1_000)
    assert run.pilot_rounds == 1


def test_pilot_takes_its_share_of_the_budget_and_no_more(world: World) -> None:
    world.add_right("alpha")
    with prepared(world.request(), ignore) as ready:
        sizes = ready.rising_sizes()
        long = _pilots(ready, world, MeasuringPolicy(sizes=sizes, plan=_no_plan, pilot_rounds=4), float("inf"))
        short = _pilots(
            ready, world, MeasuringPolicy(sizes=sizes, plan=_no_plan, pilot_rounds=4, pilot_share=1e-9), 60.0
        )

    assert long.runs["alpha"].pilot_rounds == 4
    assert short.runs["alpha"].pilot_rounds == 1


def test_program_that_runs_on_past_the_end_of_the_budget_is_ended_and_costs_only_its_own_benchmark(
    world: World,
) -> None:
    world.add("alpha", seq=hangs(), go=says())
    world.add_right("beta")
    with prepared(world.request(), ignore) as ready:
        policy = MeasuringPolicy(sizes=ready.rising_sizes(), plan=_no_plan)
        found = Pilots(
            policy=policy,
            # It ended long ago, but for the grace that every budget has.
            budget=Budget.of(0.001, time.monotonic_ns() - 2_300_000_000),
            seed=1,
            start=lambda benchmark, size: BenchmarkRun(
                benchmark=benchmark,
                size=size,
                settings={},
                rounds=Rounds(
                    candidates=candidates(ready.side, benchmark, size.parameters, ready.request, {}),
                    directory=world.root,
                    copies=world.root / "copies",
                ),
            ),
            report=lambda _run, _candidate: None,
            runs={},
        )
        found.first_look(ready.benchmarks)

    assert not found.runs["alpha"].has_pilot()
    assert found.runs["alpha"].pilot().cost_ns == float("inf")
    assert found.runs["alpha"].rounds.failures == {}


def test_program_that_timed_out_at_a_small_size_is_not_waited_for_again(world: World) -> None:
    source = script('echo run >>"$HOME/runs"', "exec sleep 300")
    world.add("alpha", seq=source, go=says("$1"), toml=MANIFEST.format(name="alpha"))
    with prepared(world.request(timeout="30ms"), ignore) as ready:
        found = _pilots(ready, world, MeasuringPolicy(sizes=ready.rising_sizes(), plan=_no_plan), float("inf"))

    assert found.runs["alpha"].size.parameters == (("messages", 1_000),)
    assert found.runs["alpha"].rounds.failures["seq"].reason == "timed out"
    assert (world.home / "runs").read_text() == "run\n"
