import time
from dataclasses import replace

import pytest

from seqbench.bench.budget import Budget
from seqbench.bench.pilots import MeasuringPolicy
from seqbench.bench.plan import Plan
from seqbench.bench.prepare import prepared
from seqbench.bench.runner import Runner
from seqbench.bench.stopping import PlannedLook, Standing, Stopping
from seqbench.events import Settled
from seqbench.sessions.design import Look
from seqbench.sessions.session import BenchmarkResult, Failed, Session
from tests.support.outcomes import samples
from tests.support.world import World, on_run, says

LOOKS = (PlannedLook(fraction=0.5, spent=0.1), PlannedLook(fraction=1.0, spent=1.0))


def _measured(world: World, stopping: Stopping, *, budget_s: float, rounds: int = 20) -> dict[str, BenchmarkResult]:
    request = world.request(budget="60s")
    with prepared(request, world.events.append) as ready:
        (session,) = Runner(
            prepared=ready,
            sides=ready.sides,
            benchmarks=ready.benchmarks,
            policy=MeasuringPolicy(
                sizes={name: (size,) for name, size in ready.sizes().items()},
                plan=lambda pilots, _left_ns: (Plan(rounds=rounds),) * len(pilots),
                stopping=stopping,
            ),
            budget=Budget.of(budget_s, time.monotonic_ns()),
            listen=world.events.append,
            save=lambda sessions: world.saved.append(sessions[0]),
        ).measure()
    for result in session.results:
        assert len(samples(session, result.name, "seq")) == result.rounds
    return {result.name: result for result in session.results}


def _settles(name: str, *, most_rounds: int = 10_000) -> Stopping:
    def judge(_sessions: tuple[Session, ...], benchmark: str) -> Standing:
        return Standing(is_settled=benchmark == name, text=f"{benchmark}: same")

    return Stopping(looks=LOOKS, judge=judge, most_rounds=most_rounds)


def test_settled_benchmark_stops_and_its_time_goes_to_the_others(world: World) -> None:
    world.add_right("alpha", "beta")

    def judge(sessions: tuple[Session, ...], benchmark: str) -> Standing:
        (looks,) = (r.design.looks for r in sessions[0].results if r.name == benchmark and r.design is not None)
        return Standing(is_settled=benchmark == "alpha" or len(looks) > 1, text=f"{benchmark}: same")

    looks = (PlannedLook(fraction=0.25, spent=0.05), *LOOKS)
    found = _measured(world, Stopping(looks=looks, judge=judge, most_rounds=10_000), budget_s=600)

    assert found["alpha"].rounds == 5
    # At the second look, which would have 10 of the 20 rounds that were planned at first.
    assert found["beta"].rounds > 10
    assert all(result.design is not None and result.design.planned == 20 for result in found.values())
    assert [event.text for event in world.events if isinstance(event, Settled)] == ["alpha: same", "beta: same"]


@pytest.mark.parametrize(("budget_s", "most"), [(float("inf"), 10_000), (600.0, 20)])
def test_no_rounds_are_added_without_a_budget_or_above_the_most(world: World, budget_s: float, most: int) -> None:
    world.add_right("alpha", "beta")
    found = _measured(world, _settles("alpha", most_rounds=most), budget_s=budget_s)

    assert {name: result.rounds for name, result in found.items()} == {"alpha": 10, "beta": 20}


def test_benchmarks_take_turns_and_the_error_of_a_look_is_not_that_of_its_rounds(world: World) -> None:
    world.add_right("alpha", "beta")
    found = _measured(world, _settles("none"), budget_s=float("inf"))

    for result in found.values():
        assert result.design is not None
        assert result.design.looks == (Look(rounds=10, spent=0.1), Look(rounds=20, spent=1.0))
    assert len(samples(world.saved[0], "alpha", "seq")) == 10
    assert samples(world.saved[0], "beta", "seq") == ()


def test_what_no_plan_uses_of_the_budget_goes_to_the_last_look(world: World) -> None:
    world.add_right("alpha")
    found = _measured(world, _settles("none", most_rounds=30), budget_s=600)

    design = found["alpha"].design
    assert design is not None
    assert design.looks == (Look(rounds=10, spent=0.1), Look(rounds=30, spent=1.0))


def test_resumed_benchmark_of_which_every_program_failed_takes_no_time_and_breaks_nothing(world: World) -> None:
    """Its plan has rounds, of which none can run any more."""
    # In the second scored round, after the pilot and the first one.
    world.add("alpha", seq=on_run(3, "exit 1", says()), go=on_run(3, "exit 2", says()))
    world.add_right("beta")
    looks = (PlannedLook(fraction=0.25, spent=0.05), *LOOKS)

    def judge(sessions: tuple[Session, ...], benchmark: str) -> Standing:
        failed = any(
            isinstance(program.outcome, Failed)
            for result in sessions[0].results
            if result.name == benchmark
            for program in result.programs
        )
        return Standing(is_settled=failed or benchmark == "beta", text="settled")

    with prepared(world.request(budget="60s"), world.events.append) as ready:

        def runner() -> Runner:
            return Runner(
                prepared=ready,
                sides=ready.sides,
                benchmarks=ready.benchmarks,
                policy=MeasuringPolicy(
                    sizes={name: (size,) for name, size in ready.sizes().items()},
                    plan=lambda pilots, _left_ns: (Plan(rounds=8),) * len(pilots),
                    stopping=Stopping(looks=looks, judge=judge, most_rounds=100),
                ),
                budget=Budget.of(600, time.monotonic_ns()),
                listen=world.events.append,
                save=lambda sessions: world.saved.append(sessions[0]),
            )

        runner().measure()
        # As it was stored after the turn of alpha, before that of beta.
        stored = world.saved[0]
        (session,) = runner().resume([stored])
    beta = next(result for result in session.results if result.name == "beta")
    assert beta.rounds >= 2


@pytest.mark.whole
def test_last_look_is_taken_when_the_time_is_up(world: World) -> None:
    world.add_right("alpha")
    stopping = replace(_settles("none"), looks=(PlannedLook(fraction=0.000001, spent=0.1), LOOKS[-1]))
    (result,) = _measured(world, stopping, budget_s=5, rounds=1_000_000).values()
    assert result.design is not None
    assert 0 < result.rounds < 1_000_000
    assert result.design.looks[-1] == Look(rounds=result.rounds, spent=1.0)
    assert result.reduced[0].startswith(f"{result.rounds} of 1000000 planned rounds: ")


def test_probe_that_was_found_is_not_run_any_more(world: World) -> None:
    world.add_right("alpha")
    stopping = replace(_settles("none"), judge=lambda _sessions, _benchmark: Standing(is_probe_found=True))
    with prepared(world.request(), world.events.append) as ready:
        sides = (ready.side, replace(ready.side, name="probe", is_probe=True))
        base, probe = Runner(
            prepared=ready,
            sides=sides,
            benchmarks=ready.benchmarks,
            policy=MeasuringPolicy(
                sizes={name: (size,) for name, size in ready.sizes().items()},
                plan=lambda pilots, _left_ns: (Plan(rounds=20, slowed=0.1),) * len(pilots),
                stopping=stopping,
            ),
            budget=Budget.of(float("inf"), time.monotonic_ns()),
            listen=world.events.append,
            save=lambda _sessions: None,
        ).measure()
    assert len(samples(base, "alpha", "seq")) == 20
    assert len(samples(probe, "alpha", "seq")) == 10
    assert (probe.results[0].probe_every, probe.results[0].slowed) == (0, 0.1)
