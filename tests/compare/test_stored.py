import hashlib
import platform
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from seqbench.compare.calibration import Calibration, calibration_to_json
from seqbench.compare.document import ComparisonRequest, StoredComparison, comparison_to_json, load_comparison
from seqbench.compare.stored import ComparisonJob, calibration_path, known_calibration, measure, resume
from seqbench.errors import UsageError
from seqbench.events import ignore
from seqbench.project import Project
from seqbench.sessions.result_file import ResultFile
from seqbench.sessions.session import Measured, State
from seqbench.sessions.store import to_json
from seqbench.system import machine
from seqbench.system.facts import Machine
from seqbench.system.process import interruptible
from tests.support.strategies import NOON, a_session
from tests.support.world import World, hangs, on_run, says


def _job(world: World, *, has_probe: bool = False) -> ComparisonJob:
    request = world.request(runs="8", seed="7")
    return ComparisonJob(
        request=request,
        comparison=ComparisonRequest(base=request.spec, head=request.spec, margin=0.03),
        has_probe=has_probe,
    )


def _saver(file: ResultFile) -> Callable[[StoredComparison], None]:
    return lambda comparison: file.save(comparison_to_json(comparison))


def test_comparison_is_kept_in_its_file_with_what_was_asked_for(world: World) -> None:
    world.add_right("alpha")
    path = world.results / "compare-7.json"
    kept = measure(_job(world), save=_saver(ResultFile(world.results, "compare-7")), listen=ignore)

    assert load_comparison(path) == kept
    assert (kept.base_spec, kept.head_spec, kept.margin) == (*[str(world.tools / "seqc")] * 2, 0.03)
    assert [session.state for session in kept.sessions] == [State.COMPLETE] * 2


def test_interrupted_comparison_is_resumed_with_its_own_settings_and_seed(world: World) -> None:
    # Twenty rounds of the pilot by two sides, and three more.
    world.add("alpha", seq=on_run(47, hangs(), says()))
    path = world.results / "compare-7.json"
    with world.stopped(), pytest.raises(KeyboardInterrupt), interruptible():
        measure(_job(world), save=_saver(ResultFile(world.results, "compare-7")), listen=ignore)
    assert {session.state for session in load_comparison(path).sessions} == {State.INTERRUPTED}

    job = resume(path, world.request(runs="8", seed="1"), has_probe=False)
    assert (job.request.seed, job.comparison.margin) == (7, 0.03)
    for session in measure(job, save=_saver(ResultFile(path.parent, "", resumed=path)), listen=ignore).sessions:
        outcome = session.results[0].programs[0].outcome
        assert isinstance(outcome, Measured)
        assert [sample.round_number for sample in outcome.samples] == list(range(1, 9))


@pytest.mark.parametrize(
    ("budget_s", "runs"),
    [(None, 8), (60.0, None)],
)
def test_resumed_comparison_keeps_its_rounds_or_its_budget(
    world: World, budget_s: float | None, runs: int | None
) -> None:
    """The flags of both may not be given again."""
    world.add_right("alpha")
    kept = measure(_job(world), save=_saver(ResultFile(world.results, "compare-7")), listen=ignore)
    sessions = tuple(replace(each, budget_s=budget_s, keeps_budget=True) for each in kept.sessions)
    path = world.results / "asked.json"
    path.write_text(comparison_to_json(replace(kept, sessions=sessions)))

    asked = resume(path, world.request(), has_probe=False).request
    assert (asked.runs, asked.limit_s) == (runs, inf if budget_s is None else budget_s)


def test_file_that_is_no_comparison_is_not_resumed(world: World) -> None:
    path = world.root / "other.json"
    path.write_text("{}")
    with pytest.raises(UsageError, match="not a comparison of seqbench"):
        resume(path, world.request(), has_probe=False)


def test_calibration_lies_in_the_cache(world: World) -> None:
    assert calibration_path(world.environment) == world.cache / "calibration.json"


def test_calibration_of_this_machine_with_an_earlier_kernel_gets_the_identity_of_today(world: World) -> None:
    here = machine.this_machine()
    system, memory = f"Linux 5.1.0 {platform.machine()}", here.memory_bytes - (8 << 20)
    named = Path("/etc/machine-id").read_text().strip() if Path("/etc/machine-id").exists() else ""
    parts = f"{here.cpu}|{here.cores}|{memory}|{system}|{named or platform.node()}"
    then = Machine(
        cpu=here.cpu,
        cores=here.cores,
        memory_bytes=memory,
        system=system,
        identity=hashlib.sha256(parts.encode()).hexdigest()[:12],
    )
    path = calibration_path(world.environment)
    path.write_text(calibration_to_json(Calibration(machine=then.identity, measured_at=NOON, benchmarks=())))
    project = Project(root=world.project)
    known = known_calibration(project, world.environment)
    assert known is not None
    # Nothing tells which machine that was.
    assert known.machine == then.identity

    sessions = (replace(a_session(), machine=then),) * 3
    stored = StoredComparison(base_spec="7.7.5", head_spec="7.7.5", only=(), margin=0.02, sessions=sessions)
    ResultFile(world.results, "calibrate-1").save(comparison_to_json(stored))
    known = known_calibration(project, world.environment)
    assert known is not None
    assert known.machine == here.identity


def test_calibration_of_another_machine_stays_one(world: World) -> None:
    other = replace(machine.this_machine(), identity="0123456789ab", earlier_identity="")
    path = calibration_path(world.environment)
    path.write_text(calibration_to_json(Calibration(machine=other.identity, measured_at=NOON, benchmarks=())))
    ResultFile(world.results, "session").save(to_json(replace(a_session(), machine=other)))
    found = known_calibration(Project(root=world.project), world.environment)

    assert found is not None
    assert found.machine == other.identity
