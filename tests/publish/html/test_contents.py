import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from seqbench.compare.document import StoredComparison, comparison_to_json
from seqbench.errors import UsageError
from seqbench.events import Event
from seqbench.experiments.explain.document import explanation_to_json
from seqbench.experiments.sweep.document import sweep_to_json
from seqbench.experiments.tune.document import tune_to_json
from seqbench.publish.history import database as history
from seqbench.publish.html.contents import gather
from seqbench.sessions import store
from seqbench.sessions.session import Session, State
from tests.support.explanations import an_explanation
from tests.support.strategies import NOON, a_program, a_result, a_session, measured
from tests.support.sweeps import a_point, a_sweep
from tests.support.tunings import a_tuning

_SESSION = a_session(a_result(a_program(measured(502, 501)), a_program(measured(217, 218), "go")))
_LATER = replace(_SESSION, started_at=NOON + timedelta(hours=1))
_SIDE = a_session(a_result(a_program(measured(*[100] * 12))), runtimes=("seq",))


def _save(folder: Path, name: str, session: Session) -> Path:
    path = folder / f"{name}.json"
    store.save(path, session)
    return path


def _write(folder: Path, name: str, text: str, age_s: int = 0) -> Path:
    path = folder / f"{name}.json"
    path.write_text(text)
    os.utime(path, (1_000_000 - age_s,) * 2)
    return path


def _comparison(*of_sessions: Session, head: str = "7.7.5") -> str:
    return comparison_to_json(
        StoredComparison(base_spec="7.7.3", head_spec=head, only=(), margin=0.02, sessions=of_sessions)
    )


def _changed(text: str, **changes: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(json.loads(text) | changes)


def test_without_names_it_is_the_session_that_began_last(tmp_path: Path) -> None:
    _save(tmp_path, "z", _SESSION)
    _save(tmp_path, "a", _LATER)
    material = gather(tmp_path)
    assert (material.sessions, material.sections, material.unread) == ((_LATER,), (), ())


def test_named_sessions_come_in_their_order_and_each_once(tmp_path: Path) -> None:
    first, second = _save(tmp_path, "z", _LATER), _save(tmp_path, "a", _SESSION)
    copy = _save(tmp_path, "copy", _SESSION)
    assert gather(tmp_path, (first, second, first, copy)).sessions == (_LATER, _SESSION)


def test_every_other_document_of_the_folder_is_a_section_by_kind_the_newest_first(tmp_path: Path) -> None:
    _save(tmp_path, "session", _SESSION)
    _write(tmp_path, "compare-1", _comparison(_SIDE, _SIDE, head="7.7.4"), age_s=60)
    _write(tmp_path, "compare-2", _comparison(_SIDE, _SIDE))
    sweep = a_sweep(a_point(10, a_program(measured(1, 1)), a_program(measured(2, 2), "go")))
    _write(tmp_path, "sweep-1", sweep_to_json(sweep))
    _write(tmp_path, "tune-1", tune_to_json(a_tuning()))
    _write(tmp_path, "explain-1", explanation_to_json(an_explanation()))
    found = gather(tmp_path)
    assert [(section.kind, section.title) for section in found.sections] == [
        ("Findings", "Where the time of Seq goes, against Go"),
        ("Tuning", "Settings of 7.7.5"),
        ("Sweeps", "Over strands=10:1000"),
        ("Comparisons", "7.7.3 against 7.7.5"),
        ("Comparisons", "7.7.3 against 7.7.4"),
    ]
    texts = [section.text for section in found.sections]
    for word, text in zip(
        ("Findings:", "recommendation", "Exponent", "Head / Base", "Head / Base"), texts, strict=True
    ):
        assert word in text
    assert [len(section.plots) for section in found.sections] == [0, 0, 2, 1, 1]
    assert found.unread == ()


def test_a_section_names_its_file_its_time_and_its_machine(tmp_path: Path) -> None:
    _save(tmp_path, "session", _SESSION)
    _write(tmp_path, "compare-1", _comparison(_SIDE, _SIDE))
    (section,) = gather(tmp_path).sections
    assert section.about == f"compare-1.json, 2026-03-01T12:00:00Z, {_SIDE.machine.sentence()}"


def test_a_gate_is_shown_with_its_outcome(tmp_path: Path) -> None:
    slowed = a_session(
        replace(
            a_result(a_program(measured(*[100, 110] * 6 * 2))),
            slowed=0.1,
        ),
        runtimes=("seq",),
    )
    side = a_session(a_result(a_program(measured(*[100] * 24))), runtimes=("seq",))
    path = _write(tmp_path, "gate-1", _comparison(side, side, slowed))
    (section,) = gather(tmp_path, (path,)).sections
    assert (section.kind, "gate: pass" in section.text) == ("Gates", True)


@pytest.mark.parametrize(("hosts", "outcomes"), [(0, 1), (1, 1), (3, 0)])
def test_one_of_several_hosts_is_no_gate_of_its_own(tmp_path: Path, hosts: int, outcomes: int) -> None:
    slowed = a_session(replace(a_result(a_program(measured(*[100, 110] * 12))), slowed=0.1), runtimes=("seq",))
    side = a_session(a_result(a_program(measured(*[100] * 24))), runtimes=("seq",))
    path = _write(tmp_path, "gate-1", _changed(_comparison(side, side, slowed), hosts=hosts))
    (section,) = gather(tmp_path, (path,)).sections
    assert section.text.count("gate: ") == outcomes
    assert ("One of 3 hosts, whose times are judged together." in section.text) == (hosts == 3)
    assert "Slowed / Base" in section.text


def test_what_a_host_was_interrupted_in_cannot_be_resumed_here(tmp_path: Path) -> None:
    half = replace(_SIDE, state=State.INTERRUPTED)
    _write(tmp_path, "compare-1", _changed(_comparison(half, half), hosts=1))
    (section,) = gather(tmp_path).sections
    assert "cannot be resumed: it ran on another machine" in section.text
    assert "--resume" not in section.text


def test_an_interrupted_comparison_says_how_to_go_on(tmp_path: Path) -> None:
    half = replace(_SIDE, state=State.INTERRUPTED)
    path = _write(tmp_path, "compare-1", _comparison(half, half))
    (section,) = gather(tmp_path).sections
    assert f"invoke compare --resume {path}" in section.text


def test_a_document_can_be_named_too_and_is_there_once(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    elsewhere = _write(tmp_path, "compare-1", _comparison(_SIDE, _SIDE))
    inside = _write(folder, "compare-2", _comparison(_SIDE, _SIDE, head="8.0.0"))
    session = _save(tmp_path, "session", _SESSION)
    found = gather(folder, (session, elsewhere, inside))
    assert [section.title for section in found.sections] == ["7.7.3 against 7.7.5", "7.7.3 against 8.0.0"]


_TEXT = store.to_json(_SESSION)


def _with_sample(**changes: int) -> str:
    document = json.loads(_TEXT)
    document["results"][0]["programs"][0]["outcome"]["samples"][0] |= changes
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not JSON"),
        (_TEXT[: len(_TEXT) // 2], "cut short"),
        ('{"benchmarks": []}', "not a session of seqbench"),
        ("[1, 2]", "not a session of seqbench"),
        (_changed(_TEXT, schema_version=2), "schema version 2"),
        (_changed(_TEXT, machine=None), "machine"),
        (_changed(_TEXT, schema="seqbench/prophecy"), "expected schema 'seqbench/session'"),
        (_changed(_comparison(_SIDE, _SIDE), schema_version=9), "schema version 9"),
        (_with_sample(elapsed_ns=0), "a figure out of range"),
        (_with_sample(wall_ns=-1), "a figure out of range"),
        (_with_sample(max_rss_bytes=10**30), "a figure out of range"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_there(tmp_path: Path, text: str, word: str) -> None:
    good, bad = _save(tmp_path, "good", _SESSION), _write(tmp_path, "bad", text)
    found = gather(tmp_path / "nothing", (bad, good))
    assert found.sessions == (_SESSION,)
    (unread,) = found.unread
    assert str(bad) in unread.problem
    assert word in unread.problem
    assert unread.fix


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    good, binary = _save(tmp_path, "good", _SESSION), tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    found = gather(tmp_path / "nothing", (tmp_path / "missing.json", binary, good, tmp_path))
    assert found.sessions == (_SESSION,)
    assert [
        str(tmp_path / name) in each.problem for name, each in zip(("missing", "binary", ""), found.unread, strict=True)
    ]


def test_a_broken_file_beside_the_last_session_is_named(tmp_path: Path) -> None:
    _save(tmp_path, "session", _SESSION)
    bad = _write(tmp_path, "bad", "{")
    (unread,) = gather(tmp_path).unread
    assert str(bad) in unread.problem


def test_a_comparison_that_cannot_be_judged_is_named(tmp_path: Path) -> None:
    _save(tmp_path, "session", _SESSION)
    nobody = replace(_SIDE, runtimes=())
    unfit = (_comparison(nobody, nobody), _comparison())
    paths = [_write(tmp_path, f"compare-{n}", each) for n, each in enumerate(unfit)]
    found = gather(tmp_path)
    assert {path for path in paths for each in found.unread if str(path) in each.problem} == set(paths)


def test_a_comparison_with_too_few_rounds_is_a_section_with_the_reason(tmp_path: Path) -> None:
    _save(tmp_path, "session", _SESSION)
    few = a_session(a_result(a_program(measured(1))), runtimes=("seq",))
    _write(tmp_path, "compare-1", _comparison(few, few))
    found = gather(tmp_path)
    assert not found.unread
    (section,) = found.sections
    assert "inconclusive: 1 rounds, and a verdict needs 8" in section.text


# --- The history


def test_the_history_comes_before_other_documents_and_the_machines_of_the_page_first_in_it(tmp_path: Path) -> None:
    _save(tmp_path, "session", _SESSION)
    _write(tmp_path, "compare-1", _comparison(_SIDE, _SIDE))
    path = tmp_path / "history.db"
    other = replace(_LATER, machine=replace(_SESSION.machine, identity="other"))
    for number in range(3):
        for session in (other, _SESSION):
            history.record(path, replace(session, seed=number))
    found = gather(tmp_path, history=path)
    assert [section.kind for section in found.sections] == ["History", "History", "Comparisons"]
    assert [section.about.split(", ")[1] for section in found.sections[:2]] == ["machine ab12", "machine other"]
    assert found.unread == ()


def test_that_there_is_no_history_is_no_problem(tmp_path: Path) -> None:
    _save(tmp_path, "session", _SESSION)
    found = gather(tmp_path, history=tmp_path / "data" / "history.db")
    assert (found.sections, found.unread) == ((), ())


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (b"no database at all " * 99, "is broken"),
        ("PRAGMA user_version = 9", "the history has version 9; expected "),
        ("PRAGMA application_id = 9", "not a history of seqbench"),
        ("UPDATE program SET elapsed_ns = 'long'", "the history has a value that seqbench did not write"),
        ("UPDATE program SET started_at = 'once'", "the history has a value that seqbench did not write"),
        ("DROP TABLE program", "is broken"),
    ],
)
def test_a_history_that_cannot_be_read_is_named_and_the_rest_is_there(
    tmp_path: Path, harm: bytes | str, said: str
) -> None:
    _save(tmp_path, "session", _SESSION)
    path = tmp_path / "history.db"
    history.record(path, _SESSION)
    if isinstance(harm, bytes):
        path.write_bytes(harm)
    else:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(harm)
    found = gather(tmp_path, history=path)
    assert (found.sessions, found.sections) == ((_SESSION,), ())
    (unread,) = found.unread
    assert str(path) in unread.problem
    assert said in unread.problem
    assert unread.fix


@pytest.mark.parametrize("year", [1, 9999])
def test_a_history_of_the_ends_of_time_is_named_or_drawn(tmp_path: Path, year: int) -> None:
    _save(tmp_path, "session", _SESSION)
    path = tmp_path / "history.db"
    moment = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, tzinfo=UTC)
    for seed in range(3):
        history.record(path, replace(_SESSION, started_at=moment, seed=seed))
    found = gather(tmp_path, history=path)
    assert found.sessions == (_SESSION,)
    assert all(str(path) in each.problem and "cannot compute with its figures" in each.problem for each in found.unread)
    assert len(found.sections) + len(found.unread) == 1


def test_a_history_that_is_locked_is_waited_for_and_then_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BUSY_TIMEOUT_S", 0.01)
    _save(tmp_path, "session", _SESSION)
    path = tmp_path / "history.db"
    history.record(path, _SESSION)
    told: list[Event] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        found = gather(tmp_path, history=path, listen=told.append)
    assert found.sessions == (_SESSION,)
    assert "is locked by another program" in found.unread[0].problem
    assert "close the program" in found.unread[0].fix


def test_without_a_session_the_history_is_shown_and_the_absence_of_a_session_told(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    history.record(path, _SESSION)
    found = gather(tmp_path / "nothing", history=path)
    assert [section.kind for section in found.sections] == ["History"]
    assert "there is no stored session" in found.unread[0].problem


def test_nothing_at_all_is_an_error_that_names_every_file(tmp_path: Path) -> None:
    bad = _write(tmp_path, "bad", "{")
    with pytest.raises(UsageError, match="not JSON") as caught:
        gather(tmp_path / "nothing", (bad, tmp_path / "missing.json"))
    assert "missing.json" in caught.value.message
    with pytest.raises(UsageError, match="there is no stored session") as caught:
        gather(tmp_path / "nothing")
    assert "{invoke} bench" in caught.value.fix


def test_without_a_session_the_other_documents_are_shown_and_its_absence_is_told(tmp_path: Path) -> None:
    _write(tmp_path, "compare-1", _comparison(_SIDE, _SIDE))
    found = gather(tmp_path)
    assert len(found.sections) == 1
    assert "there is no stored session" in found.unread[0].problem
