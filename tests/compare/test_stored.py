from pathlib import Path

import pytest

from seqbench.compare.document import Versus, load_comparison
from seqbench.compare.stored import Job, measure, resume, stored_path
from seqbench.errors import UsageError
from seqbench.sessions.session import Measured, Session, State
from seqbench.system.process import interruptible
from tests.support.world import World, hangs, on_run, says


def job(world: World, *, has_probe: bool = False) -> Job:
    request = world.request(runs="8", seed="5", only="alpha")
    return Job(request=request, versus=Versus(base=request.spec, head=request.spec, margin=0.03), has_probe=has_probe)


def rounds_of(session: Session) -> list[int]:
    (program,) = session.results[0].programs
    assert isinstance(program.outcome, Measured)
    return [sample.round_number for sample in program.outcome.samples]


def test_gate_and_comparison_of_one_seed_have_files_of_their_own(world: World) -> None:
    names = [stored_path(world.results, job(world, has_probe=has_probe)).name for has_probe in (False, True)]
    assert names == ["compare-5.json", "gate-5.json"]


def test_file_of_a_comparison_holds_what_is_returned(world: World) -> None:
    world.add_right("alpha")
    path = world.project / "kept.json"
    found = measure(job(world), path, listen=world.events.append)

    assert load_comparison(path) == found
    assert [session.state for session in found.sessions] == [State.COMPLETE] * 2


def test_resumed_job_has_the_settings_of_its_file_and_runs_the_missing_rounds(world: World) -> None:
    # The pilot of a comparison has 20 rounds of two sides, so that this is in its sixth scored round.
    world.add("alpha", seq=on_run(51, hangs(), says()), go=says())
    path = world.project / "kept.json"
    with world.stopped(), pytest.raises(KeyboardInterrupt), interruptible():
        measure(job(world), path, listen=world.events.append)
    kept = load_comparison(path)
    assert {session.state for session in kept.sessions} == {State.INTERRUPTED}

    again = resume(path, world.request(runs="8", seed="77"), has_probe=False)
    assert (again.request.seed, again.request.only, again.versus.margin) == (5, ("alpha",), 0.03)
    found = measure(again, path, listen=world.events.append)
    assert [rounds_of(session) for session in found.sessions] == [list(range(1, 9))] * 2
    for before, after in zip(kept.sessions, found.sessions, strict=True):
        assert rounds_of(after)[: len(rounds_of(before))] == rounds_of(before)


def test_file_that_is_no_comparison_cannot_be_resumed(world: World, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(UsageError, match="not a comparison of seqbench"):
        resume(tmp_path / "x.json", world.request(), has_probe=False)
