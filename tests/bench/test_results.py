from dataclasses import replace

from seqbench.bench.plan import Plan
from seqbench.bench.prepare import prepared
from seqbench.bench.programs import Side, candidates
from seqbench.bench.results import BenchmarkRun, Spent, sessions_of
from seqbench.bench.rounds import Rounds
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Session, Skipped, Stage, State
from tests.support.strategies import NOON
from tests.support.world import World, says

SPENT = Spent(wall_ns=30, build_ns=20, programs_ns=10)


def results_of(world: World, *, runs: int, plan: Plan, is_probe: bool = False) -> tuple[Session, BenchmarkResult]:
    """Run some rounds of alpha, and return its session and its result."""
    with prepared(world.request(), world.events.append) as ready:
        side: Side = replace(ready.side, is_probe=is_probe)
        (benchmark,) = ready.benchmarks
        size = ready.sizes()["alpha"]
        rounds = Rounds(
            candidates=candidates(ready.side, benchmark, size.parameters, ready.request, {}),
            directory=world.root,
            copies=world.root / "copies",
        )
        for number in range(runs):
            list(rounds.run(number, "1"))
        run = BenchmarkRun(benchmark=benchmark, size=size, settings={"SEQ_A": "1"}, rounds=rounds, plan=plan)
        (session,) = sessions_of([(side, ready.blank_session(side))], [run], State.RUNNING, SPENT, NOON)
    (result,) = session.results
    return session, result


def test_session_has_what_was_run_planned_and_spent(world: World) -> None:
    world.add_right("alpha")
    session, result = results_of(world, runs=3, plan=Plan(rounds=5))

    assert (session.state, session.finished_at) == (State.RUNNING, NOON)
    assert (session.wall_ns, session.build_ns, session.programs_ns) == (30, 20, 10)
    assert (result.rounds, result.settings) == (5, (("SEQ_A", "1"),))
    for program in result.programs:
        assert isinstance(program.outcome, Measured)
        assert (len(program.outcome.warm_ups), len(program.outcome.samples)) == (1, 2)
        assert program.executable


def test_program_that_was_not_reached_is_skipped_and_one_that_was_not_built_has_failed(world: World) -> None:
    world.add("alpha", seq=says() + "# COMPILE ERROR\n", go=says())
    _, result = results_of(world, runs=0, plan=Plan(rounds=5))

    by_runtime = {program.runtime: program for program in result.programs}
    built = by_runtime["seq"].outcome
    assert isinstance(built, Failed)
    assert (built.stage, by_runtime["seq"].executable) == (Stage.BUILD, "")
    assert isinstance(by_runtime["go"].outcome, Skipped)


def test_only_a_probe_carries_its_slowdown(world: World) -> None:
    world.add_right("alpha")
    plan = Plan(rounds=6, probe_every=3, slowed=0.1)
    _, base = results_of(world, runs=1, plan=plan)
    _, probe = results_of(world, runs=1, plan=plan, is_probe=True)

    assert (base.slowed, base.probe_every) == (0.0, 1)
    assert (probe.slowed, probe.probe_every) == (0.1, 3)
