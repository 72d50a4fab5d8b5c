"""Files that seqbench 0.1.0 stored before its modules became packages are still read, and give the same reports.

They were written by the code of that time, with scripts in place of compilers; LATEST_RUN-real.txt is of a real run.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqbench.compare import report as compare_report
from seqbench.compare.calibration import calibration_to_json, load_calibration
from seqbench.compare.comparison import compare
from seqbench.compare.document import comparison_to_json, load_comparison
from seqbench.compare.gate import judge_gate
from seqbench.events import ignore
from seqbench.experiments.explain import report as explain_report
from seqbench.experiments.explain.document import load_explanation
from seqbench.experiments.sweep import report as sweep_report
from seqbench.experiments.sweep.document import load_sweep, sweep_to_json
from seqbench.experiments.tune import report as tune_report
from seqbench.experiments.tune.document import load_tune
from seqbench.publish.history import database
from seqbench.publish.history.imports import import_files
from seqbench.publish.history.report import full_text as history_text
from seqbench.publish.history.series import Selection
from seqbench.publish.history.trend import trend_of
from seqbench.publish.html.contents import gather
from seqbench.sessions import latest_run, report, store
from seqbench.sessions.latest_run import Status
from seqbench.sessions.session import State
from tests.support.histories import a_series, a_trend_point
from tests.support.world import REPOSITORY

STORED = REPOSITORY / "tests" / "fixtures" / "0.1.0-before-layout"
SESSIONS = ("session.json", "session-with-failure.json", "session-interrupted.json")


def _session(path: Path) -> str:
    return store.to_json(store.load(path))


def _comparison(path: Path) -> str:
    return comparison_to_json(load_comparison(path))


def _calibration(path: Path) -> str:
    found = load_calibration(path)
    assert found is not None
    return calibration_to_json(found)


def _sweep(path: Path) -> str:
    return sweep_to_json(load_sweep(path))


@pytest.mark.parametrize(
    ("name", "read_and_write"),
    [
        *((name, _session) for name in SESSIONS),
        ("comparison.json", _comparison),
        ("gate.json", _comparison),
        ("calibration.json", _calibration),
        ("sweep.json", _sweep),
    ],
)
def test_stored_json_loses_nothing_when_it_is_written_back(name: str, read_and_write: Callable[[Path], str]) -> None:
    written = json.loads(read_and_write(STORED / name))
    assert _without(_later_fields(), written) == json.loads((STORED / name).read_text())


def _later_fields() -> dict[str, object]:
    """Return the fields that samples and machines have had since, with what stands for "not counted"."""
    names = ("window_ns", "machine_busy_ns", "machine_steal_ns", "own_cpu_ns", "kernel_threads_ns", "pressure_ns")
    counted = dict.fromkeys((*names, "throttled_ns"), 0)
    machine = {"cpu_quota": None, "memory_limit_bytes": None, "host": "", "earlier_identity": ""}
    settings: dict[str, object] = {"settings_without_effect": [], "setting_notes": [], "size": None}
    later = {"target_cpu": "", "clock_remark": "", "reduced": [], "changed": [], "sources": "", "runtime": ""}
    foreign = {"compiler": "", "reads": [], "clock_step_ns": 1, "test": "", "is_wall": False, "reference": ""}
    compared = {"values": [], "pattern": "", "suite": "", "suite_file": "", "hosts": 0}
    layouts: dict[str, object] = {"layouts": [], "layout_problem": "", "warnings": []}
    metrics: dict[str, object] = {"metrics": ["time"], "size_bytes": 0, "builds_ns": [], "builds_problem": ""}
    limits: dict[str, object] = {"keeps_budget": True, "trials": 1_000}
    looks = {"design": None}
    first = {**counted, **machine, **settings, **foreign, **compared, **later}
    return {**first, **layouts, **limits, **looks, **metrics}


def _without(later: dict[str, object], document: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a document without these fields, where they have these values."""
    if isinstance(document, list):
        return [_without(later, each) for each in document]
    if isinstance(document, dict):
        return {k: _without(later, v) for k, v in document.items() if k not in later or v != later[k]}
    return document


def test_stored_session_renders() -> None:
    text = report.full_text(store.load(STORED / "session.json"))

    assert "Alpha" in text
    assert "2.0x [2.0, 2.0] Excellent" in text
    assert "seed 1" in text


def test_stored_session_with_failure_renders_it() -> None:
    text = report.full_text(store.load(STORED / "session-with-failure.json"))

    assert "4.0x [4.0, 4.0] Good" in text
    assert "beta, Seq: run failed: exit status 3" in text
    assert "no more stacks" in text


def test_stored_interrupted_session_renders_its_state() -> None:
    session = store.load(STORED / "session-interrupted.json")

    assert session.state is State.INTERRUPTED
    assert "INTERRUPTED" in report.full_text(session)


def test_stored_comparison_renders_verdicts() -> None:
    stored = load_comparison(STORED / "comparison.json")
    found = compare(*stored.sessions, runtime="seq", paired=True, margin=stored.margin)

    assert [each.verdict.value for each in found.benchmarks] == ["slower", "same"]
    assert "1.125 [1.125, 1.125]" in compare_report.full_text(found, stored.base_spec, stored.head_spec)


def test_stored_gate_renders_probe() -> None:
    stored = load_comparison(STORED / "gate.json")
    gate = judge_gate(*stored.sessions, runtime="seq", margin=stored.margin)
    text = compare_report.gate_text(gate, stored.base_spec, stored.head_spec)

    assert "gate: unfit" in text
    assert "a known slowdown of 10 % was not found" in text


def test_stored_calibration_renders() -> None:
    found = load_calibration(STORED / "calibration.json")
    assert found is not None

    assert "alpha" in compare_report.calibration_text(found, (), 600.0)


def test_stored_sweep_renders() -> None:
    text = sweep_report.full_text(load_sweep(STORED / "sweep.json"))

    assert "over messages=10:1000" in text
    assert "Exponent" in text


def test_stored_tuning_renders() -> None:
    text = tune_report.full_text(load_tune(STORED / "tune.json"))

    assert "recommendation: use SEQ_POOL_CAPACITY=1000" in text
    assert "0.500 [0.500, 0.500]" in text


def test_stored_explanation_renders() -> None:
    text = explain_report.full_text(load_explanation(STORED / "explanation.json"))

    assert "message (of 90)" in text
    assert "Findings:" in text


@pytest.mark.parametrize(
    ("name", "statuses", "is_complete"),
    [
        ("LATEST_RUN.txt", [Status.MEASURED] * 2, True),
        ("LATEST_RUN-with-failure.txt", [Status.MEASURED, Status.FAILED, Status.MEASURED], True),
        ("LATEST_RUN-few-rounds.txt", [Status.MEASURED], False),
        ("LATEST_RUN-real.txt", [Status.MEASURED] * 4, True),
    ],
)
def test_stored_record_is_read(name: str, statuses: list[Status], is_complete: bool) -> None:  # noqa: FBT001 - a case
    record = latest_run.parse((STORED / name).read_text(encoding="utf-8"))

    assert [each.status for each in record.benchmarks] == statuses
    assert record.is_complete is is_complete
    assert record.sources.startswith("sha256:")


def test_stored_history_is_read(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    shutil.copyfile(STORED / "history.db", path)
    found = database.series(path, Selection(limit=10))
    alpha = next(each for each in found if each.benchmark == "alpha" and each.runtime == "seq")

    assert alpha.times_ns == (800_000.0,) * 3
    assert "Alpha" in history_text([trend_of(each) for each in found])


def test_stored_history_takes_stored_sessions(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    shutil.copyfile(STORED / "history.db", path)
    files = sorted(STORED.glob("*.json"))
    found = import_files(path, files, ignore)

    # The session with the failure is in it, and the interrupted one is passed over like the other documents.
    assert (found.added, found.known, found.refused) == (1, 1, ())
    assert found.skipped == len(files) - 2


def test_stored_documents_are_on_the_page(tmp_path: Path) -> None:
    for path in STORED.glob("*.json"):
        if path.name not in {*SESSIONS, "calibration.json"}:
            shutil.copyfile(path, tmp_path / path.name)
    found = gather(tmp_path, (STORED / "session.json",))

    assert found.unread == ()
    assert {each.kind for each in found.sections} == {"Comparisons", "Gates", "Sweeps", "Tuning", "Findings"}


def _compared(width: int | None) -> str:
    stored = load_comparison(STORED / "comparison.json")
    found = compare(*stored.sessions, runtime="seq", paired=True, margin=stored.margin)
    return compare_report.full_text(found, "base", "head", width=width)


def _gated(width: int | None) -> str:
    stored = load_comparison(STORED / "gate.json")
    gate = judge_gate(*stored.sessions, runtime="seq", margin=stored.margin)
    return compare_report.gate_text(gate, "base", "head", width=width)


def _calibrated(width: int | None) -> str:
    found = load_calibration(STORED / "calibration.json")
    assert found is not None
    return compare_report.calibration_text(found, (), 600.0, width=width)


def _through_time(width: int | None) -> str:
    return history_text([trend_of(a_series(a_trend_point()))], width=width)


@pytest.mark.parametrize(
    ("render", "left_out"),
    [
        (_compared, "Rounds, Would detect"),
        (_compared, "Base user, Head user"),
        (_gated, "Rounds, Slowed by"),
        (_calibrated, "20 %"),
        (_through_time, "Sessions, Commit, Toolchain"),
        (lambda width: sweep_report.full_text(load_sweep(STORED / "sweep.json"), width=width), "Per message"),
        (lambda width: sweep_report.full_text(load_sweep(STORED / "sweep.json"), width=width), "Max deviation"),
        (lambda width: tune_report.full_text(load_tune(STORED / "tune.json"), width=width), "Pairs"),
        (
            lambda width: explain_report.full_text(load_explanation(STORED / "explanation.json"), width=width),
            "Switches, Page faults",
        ),
    ],
)
def test_narrow_report_names_the_columns_that_it_leaves_out(render: Callable[[int | None], str], left_out: str) -> None:
    assert f"(too narrow for: {left_out}" in render(50)
    assert "too narrow" not in render(None)
    assert "too narrow" not in render(200)
