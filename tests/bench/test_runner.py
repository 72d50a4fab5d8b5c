import re
import signal
import time
from pathlib import Path

import pytest

from seqbench.bench.budget import Budget
from seqbench.bench.pilots import MeasuringPolicy
from seqbench.bench.plan import Plan
from seqbench.bench.prepare import prepared
from seqbench.bench.runner import Runner
from seqbench.events import Measuring, ignore
from seqbench.sessions import report
from seqbench.sessions.session import Skipped, State
from seqbench.system.process import interruptible
from tests.support.outcomes import RATIO, outcome, row, samples
from tests.support.world import World, hangs, on_run, says, script


def test_the_same_seed_gives_the_same_orders_and_another_one_others(world: World) -> None:
    world.add_right("alpha")
    world.add("alpha", a_go=says(), b_go=says())

    def orders(seed: str) -> list[int]:
        session = world.bench(seed=seed, runs="5")
        (result,) = session.results
        return [
            sample.position
            for program in result.programs
            for sample in samples(session, "alpha", program.runtime, program.variant)
        ]

    first = orders("1")
    assert orders("1") == first
    assert orders("2") != first
    # Within a round every place is taken once.
    assert all(sorted(first[number::5]) == [0, 1, 2, 3] for number in range(5))


def test_what_was_measured_is_saved_after_every_benchmark(world: World) -> None:
    world.add_right("alpha", "beta")
    session = world.bench()

    assert [saved.state for saved in world.saved] == [State.RUNNING, State.RUNNING, State.COMPLETE]
    assert len(samples(world.saved[0], "alpha", "go")) == 2
    assert samples(world.saved[0], "beta", "go") == ()
    assert world.saved[-1] == session


def test_what_it_is_doing_is_told_with_the_round_and_how_much_is_left(world: World) -> None:
    world.add_right("alpha")
    world.bench(runs="3")
    told = [event for event in world.events if isinstance(event, Measuring)]

    assert [event.round_number for event in told] == [1, 1, 1, 1, 2, 2, 3, 3]
    assert [event.is_pilot for event in told] == [True] * 2 + [False] * 6
    assert {event.program for event in told} == {"alpha (Seq)", "alpha (Go)"}
    fractions = [event.fraction_done for event in told]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] < 1
    assert all(event.remaining_s is None for event in told if event.is_pilot)
    assert all(event.remaining_s is not None for event in told if not event.is_pilot)


def test_time_left_is_shown_in_the_pilot_of_a_budget_too(world: World) -> None:
    world.add_right("alpha")
    world.bench(budget="1s")
    pilot = [event for event in world.events if isinstance(event, Measuring) and event.is_pilot]

    assert len(pilot) == 2
    assert all(event.remaining_s is not None and 0 < event.remaining_s <= 1 for event in pilot)


def test_rounds_end_with_the_budget_when_programs_become_slower_than_in_the_pilot(world: World) -> None:
    world.add_right("alpha", "beta")
    request = world.request(budget="300ms")
    with prepared(request, ignore) as ready:
        policy = MeasuringPolicy(
            sizes={name: (size,) for name, size in ready.sizes().items()},
            plan=lambda pilots, _left_ns: (Plan(rounds=10_000),) * len(pilots),
        )
        (session,) = Runner(
            prepared=ready,
            sides=ready.sides,
            benchmarks=ready.benchmarks,
            policy=policy,
            budget=Budget.of(request.limit_s, time.monotonic_ns()),
            listen=ignore,
            save=lambda _sessions: None,
        ).measure()

    for result in session.results:
        assert 1 <= result.rounds < 10_000
        # Whole rounds only, and both benchmarks have some.
        assert len(samples(session, result.name, "seq")) == len(samples(session, result.name, "go")) == result.rounds
        assert result.reduced[0].startswith(f"{result.rounds} of 10000 planned rounds: ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_children_and_saves_what_was_measured(world: World, number: signal.Signals) -> None:
    world.add_right("alpha")
    world.add("beta", seq=on_run(2, hangs(), says()), go=says())

    with world.stopped(number), pytest.raises(KeyboardInterrupt), interruptible():
        world.bench(runs="5")

    last = world.saved[-1]
    assert last.state is State.INTERRUPTED
    assert len(samples(last, "alpha", "seq")) == 5
    assert samples(last, "beta", "seq") == ()
    assert not RATIO.search(row(report.headline(last), "Beta"))
    assert "INTERRUPTED" in report.full_text(last)


def test_an_interrupt_in_the_pilot_saves_a_session_without_figures(world: World) -> None:
    world.add("alpha", seq=hangs(), go=hangs())

    with world.stopped(), pytest.raises(KeyboardInterrupt), interruptible():
        world.bench()

    (last,) = world.saved
    assert last.state is State.INTERRUPTED
    assert isinstance(outcome(last, "alpha", "seq"), Skipped)
    assert not re.search(r"\d", row(report.headline(last), "Alpha"))


def test_nothing_is_left_in_the_folder_for_temporary_files(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = world.root / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    world.add("alpha", seq=script("echo x >left-behind", says()), go=says())
    world.bench()

    assert list(temporary.iterdir()) == []
    assert not Path("left-behind").exists()


@pytest.mark.whole
def test_run_during_which_the_harness_was_held_up_is_repeated(world: World) -> None:
    # The program's parent is the launcher, and that of the launcher the harness.
    stop = 'harness=$(cut -d" " -f4 /proc/$PPID/stat); kill -STOP $harness; sleep 3; kill -CONT $harness'
    world.add("alpha", seq=on_run(2, f"{stop}; {says()}", says()), go=says())
    said = world.invoke("bench", "--runs", "2", "--seed", "1", "--no-record")

    assert said.code == 0, said.err
    assert re.search(r"seqbench itself was held up for \d+ s, so that a run was repeated", said.err)
    (counter,) = world.home.glob("alpha-*.runs")
    # The pilot, two rounds, and one of them again.
    assert counter.read_text() == "4\n"
