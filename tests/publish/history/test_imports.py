import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from seqbench.compare.document import StoredComparison, comparison_to_json
from seqbench.errors import UsageError
from seqbench.events import Detail, Event, Phase, ignore
from seqbench.publish.history.database import HistoryError, series
from seqbench.publish.history.imports import Imported, import_files
from seqbench.publish.history.series import Selection
from seqbench.sessions import store
from seqbench.sessions.session import Session, State
from seqbench.system.files import find_files
from tests.support.strategies import NOON, a_program, a_result, a_session, measured


def a_run(day: int, *, machine: str = "ab12") -> Session:
    session = a_session(a_result(a_program(measured(500))))
    return replace(
        session, started_at=NOON + timedelta(days=day), machine=replace(session.machine, identity=machine), toolchain=()
    )


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two sessions of this machine and one of CI's."""
    for day, machine in ((1, "ab12"), (2, "ab12"), (3, "ci34")):
        store.save(tmp_path / "results" / f"{day}.json", a_run(day, machine=machine))
    return tmp_path / "results"


def test_files_of_several_machines_go_in_and_a_second_time_does_no_harm(results: Path, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    files = tuple(sorted(results.iterdir()))
    assert import_files(path, files, ignore) == Imported(added=3, known=0, skipped=0, refused=())
    once = series(path, Selection())
    assert import_files(path, files + files, ignore) == Imported(added=0, known=6, skipped=0, refused=())
    assert series(path, Selection()) == once
    assert [(each.machine.identity, len(each.points)) for each in once] == [("ci34", 1), ("ab12", 2)]


def test_a_file_that_cannot_be_read_is_named_with_its_reason_and_the_others_go_in(
    results: Path, tmp_path: Path
) -> None:
    text = store.to_json(a_run(4))
    broken = {
        "cut.json": (text[:100], "not JSON, or cut short"),
        "foreign.json": ('{"results": []}', "not a session of seqbench"),
        "list.json": ("[]", "not a session of seqbench"),
        "newer.json": (text.replace('"schema_version": 1', '"schema_version": 2'), "schema version 2"),
        "number.json": (text.replace('"seed": 7', f'"seed": {1 << 70}'), "out of range"),
        "wrong.json": (text.replace('"seed": 7', '"seed": "7"'), "Expected `int`, got `str`"),
        "figure.json": (re.sub(r'"elapsed_ns": \d+', '"elapsed_ns": -1', text), "a figure out of range"),
        "year.json": (text.replace("2026-03-05T12:00:00Z", "0001-01-01T00:00:00+14:00"), "out of range"),
    }
    for name, (content, _) in broken.items():
        (results / name).write_text(content)
    (results / "folder.json").mkdir()
    (results / "bytes.json").write_bytes(b"\xff")
    files = (*sorted(results.iterdir()), results / "missing.json")
    found = import_files(tmp_path / "history.db", files, ignore)

    assert (found.added, found.known, found.skipped) == (3, 0, 0)
    reasons = dict(zip((file.name for file in files if not file.stem.isdigit()), found.refused, strict=True))
    assert reasons.keys() == {*broken, "folder.json", "bytes.json", "missing.json"}
    for name, reason in reasons.items():
        assert str(results / name) in reason
        assert broken.get(name, ("", "cannot be read"))[1] in reason


def test_comparisons_and_interrupted_sessions_are_passed_over(results: Path, tmp_path: Path) -> None:
    comparison = StoredComparison(base_spec="7.7.3", head_spec="7.7.5", only=(), margin=0.01, sessions=())
    (results / "compare-1.json").write_text(comparison_to_json(comparison))
    (results / "newer-1.json").write_text('{"schema": "seqbench/what-comes-later", "schema_version": 1}')
    store.save(results / "interrupted.json", replace(a_run(4), state=State.INTERRUPTED))
    store.save(results / "died.json", replace(a_run(5), state=State.RUNNING))
    found = import_files(tmp_path / "history.db", tuple(sorted(results.iterdir())), ignore)
    assert found == Imported(added=3, known=0, skipped=4, refused=())


def test_a_history_that_cannot_be_written_ends_the_import(results: Path) -> None:
    with pytest.raises(HistoryError):
        import_files(results, tuple(results.iterdir()), ignore)


def test_it_tells_how_far_it_is(results: Path, tmp_path: Path) -> None:
    told: list[Event] = []
    import_files(tmp_path / "history.db", tuple(results.iterdir()), told.append)
    assert told == [Phase(text="importing"), *(Detail(text=f"{number} of 3 files") for number in (1, 2, 3))]


def test_files_folders_and_patterns_are_found_once_each_in_order(results: Path, tmp_path: Path) -> None:
    (results / "notes.txt").touch()
    (results / "[odd].json").touch()
    all_files = tuple(sorted(results.glob("*.json")))
    for words in (
        ("results",),
        ("results/*.json",),
        (str(results / "*.json"),),
        ("**/*.json",),
        ("results", "results/1.json"),
    ):
        assert find_files(words, tmp_path) == all_files
    assert find_files(("results/2.json", "results/1.json"), tmp_path) == (results / "2.json", results / "1.json")
    assert find_files(("results/[odd].json",), tmp_path) == (results / "[odd].json",)
    assert find_files(("missing.json",), tmp_path) == (tmp_path / "missing.json",)


@pytest.mark.parametrize("word", ["*.yaml", "empty", "nowhere/*.json"])
def test_a_pattern_or_a_folder_without_a_file_is_a_usage_error(tmp_path: Path, word: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=f"--import {word}".replace("*", r"\*")):
        find_files((word,), tmp_path)
