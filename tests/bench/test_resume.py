"""What may be put together with an interrupted run; tests/compare/test_stored.py resumes one for real."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from seqbench.bench.prepare import prepared
from seqbench.bench.programs import candidates
from seqbench.bench.results import BenchmarkRun
from seqbench.bench.resume import restore
from seqbench.bench.rounds import Rounds
from seqbench.bench.run import bench
from seqbench.errors import UsageError
from seqbench.sessions.session import Session
from seqbench.system.facts import Machine
from tests.support.world import World


def resumed(world: World, *sessions: Session, settings: dict[str, str] | None = None) -> BenchmarkRun:
    """Put these sessions back into a run of alpha, and return it."""
    with prepared(world.request(), world.events.append) as ready:
        (benchmark,) = ready.benchmarks
        size = ready.sizes()["alpha"]
        able = candidates(ready.side, benchmark, size.parameters, ready.request, {})
        rounds = Rounds(candidates=able, directory=world.root, copies=world.root / "copies")
        run = BenchmarkRun(benchmark=benchmark, size=size, settings=settings or {}, rounds=rounds)
        restore({"alpha": run}, [(ready.side, ready.blank_session(ready.side))], sessions)
    return run


def measured(world: World) -> Session:
    world.add_right("alpha")
    return bench(world.request(runs="2"), listen=world.events.append, save=lambda _session: None)


def test_samples_plan_and_cost_come_back(world: World) -> None:
    session = measured(world)
    run = resumed(world, session)

    assert run.plan.rounds == 2
    assert {name: len(samples) for name, samples in run.rounds.samples.items()} == {"seq": 3, "go": 3}
    assert run.rounds.spent_ns == session.programs_ns


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: replace(s, sources="sha256:other"), "the benchmark sources have changed"),
        (lambda s: replace(s, toolchain=()), "the compiler has changed since"),
        (lambda s: replace(s, machine=replace(s.machine, identity="other")), "another machine"),
        (lambda s: replace(s, results=()), "interrupted before its rounds were planned"),
        (lambda s: replace(s, results=(replace(s.results[0], settings=(("SEQ_A", "1"),)),)), "other settings"),
    ],
)
def test_what_is_not_as_it_was_is_refused(world: World, change: Callable[[Session], Session], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        resumed(world, change(measured(world)))


def test_program_that_was_built_anew_as_another_one_is_refused(world: World) -> None:
    session = measured(world)
    (result,) = session.results
    programs = tuple(replace(program, executable="sha256:other") for program in result.programs)
    other = replace(session, results=(replace(result, programs=programs),))
    with pytest.raises(UsageError, match=r"alpha \(Seq\) of .* was built anew, and is another executable"):
        resumed(world, other)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: replace(m, system=m.system.replace(m.system.split()[1], "2.6.99"), host="another"),
        # As it was stored when the kernel was part of the identity.
        lambda m: replace(m, identity=m.earlier_identity, earlier_identity="", host=""),
    ],
)
def test_other_kernel_and_identity_of_before_are_the_same_machine(
    world: World, change: Callable[[Machine], Machine]
) -> None:
    session = measured(world)
    run = resumed(world, replace(session, machine=change(session.machine)))

    assert {name: len(samples) for name, samples in run.rounds.samples.items()} == {"seq": 3, "go": 3}


def test_number_of_sides_must_be_the_same(world: World) -> None:
    session = measured(world)
    with pytest.raises(UsageError, match="it has 3 sides, expected 1"):
        resumed(world, session, session, session)
