import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given

from seqbench.errors import UsageError
from seqbench.events import Event, Remark
from seqbench.publish.history import database as history
from seqbench.publish.history import sql
from seqbench.publish.history.database import (
    HistoryError,
    KnownMachine,
    NoHistoryError,
    history_error,
    machines,
    record,
    series,
)
from seqbench.publish.history.series import Selection, Series
from seqbench.sessions.interference import NO_INTERFERENCE, InterferenceCounts
from seqbench.sessions.session import Failed, Measured, Session, Skipped, Stage, State, ToolIdentity
from tests.support.histories import past
from tests.support.laws import FEW
from tests.support.strategies import NOON, a_program, a_result, measured, sessions
from tests.support.world import REPOSITORY

_NOBODY = 65534
_EVERYTHING = Selection(limit=1000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


def told(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database, database:
        return database.execute(statement).fetchall()


def of(found: tuple[Series, ...], name: str) -> Series:
    (one,) = [each for each in found if each.name == name]
    return one


def of_seq(path: Path, selection: Selection = _EVERYTHING) -> Series:
    return of(series(path, selection), "Ping-Pong [1,000,000 round trips], Seq")


# --- What goes in comes out


def test_points_come_out_in_the_order_of_time_with_what_they_were_measured_with(path: Path) -> None:
    assert record(path, past(2, 510, 530, 520))
    assert record(path, replace(past(1, *[500] * 6), commit="", dirty=True, sources="sha256:2"))
    seq, go = series(path, _EVERYTHING)

    assert (seq.runtime, go.runtime) == ("seq", "go")
    assert seq.name == "Ping-Pong [1,000,000 round trips], Seq"
    assert (seq.machine, seq.parameters) == (past(1, 1).machine, (("round_trips", 1_000_000),))
    first, second = seq.points
    assert (first.started_at, first.elapsed_ns, first.rounds) == (NOON + timedelta(days=1), 500e6, 6)
    assert first.interval is not None
    assert (first.interval.low, first.interval.high) == (500e6, 500e6)
    assert (first.commit, first.dirty, first.sources) == ("", True, "sha256:2")
    assert (second.elapsed_ns, second.interval, second.rounds) == (520e6, None, 3)
    assert (second.tool, second.tool_version, second.tool_digest) == ("seqc", "7.7.5", "sha256:a")
    assert [point.tool for point in go.points] == ["go", "go"]
    assert go.times_ns == (250e6, 260e6)


def test_the_same_session_goes_in_once(path: Path) -> None:
    session = past(1, 500)
    assert [record(path, session) for _ in range(3)] == [True, False, False]
    # Of the same second, or with the same seed, or of another machine: another session.
    others = (
        replace(session, started_at=session.started_at + timedelta(microseconds=1)),
        replace(session, seed=8),
        replace(session, machine=replace(session.machine, identity="cd34")),
    )
    assert [record(path, other) for other in others for _ in range(2)] == [True, False] * 3
    assert told(path, "SELECT COUNT(*), COUNT(DISTINCT session_id) FROM session") == [(4, 4)]
    assert told(path, "SELECT COUNT(*) FROM sample") == [(8,)]
    assert told(path, "SELECT COUNT(*) FROM machine") == [(2,)]
    assert told(path, "SELECT COUNT(*) FROM tool") == [(2,)]


def test_what_is_not_the_same_is_never_in_one_series(path: Path) -> None:
    session = past(1, 500)
    result = session.results[0]

    def with_result(**changed: Any) -> Session:  # noqa: ANN401 - fields of a result
        return replace(session, results=(replace(result, **changed),))

    kinds = (
        session,
        replace(session, machine=replace(session.machine, identity="cd34")),
        with_result(parameters=(("round_trips", 10),), size_label="10 round trips"),
        # The same label, and another size all the same.
        with_result(parameters=(("round_trips", 20),), size_label="10 round trips"),
        with_result(name="pongping"),
        with_result(programs=(a_program(measured(500), "seq", "idiomatic"),)),
        replace(session, settings=(("SEQ_A", "1"),)),
        replace(session, settings=(("SEQ_A", "2"),)),
    )
    for number, kind in enumerate(kinds):
        assert record(path, replace(kind, seed=number))
    found = [each for each in series(path, _EVERYTHING) if each.runtime == "seq"]
    assert [len(each.points) for each in found] == [1] * len(kinds)
    # What changes Seq's programs does not change Go's.
    go = series(path, Selection(only=("pingpong",), runtimes=("go",)))
    assert [(each.size_label, len(each.points)) for each in go if each.machine.identity == "ab12"] == [
        ("10 round trips", 1),
        ("10 round trips", 1),
        ("1,000,000 round trips", 3),
    ]


def test_a_series_has_the_titles_of_the_session_that_came_in_last(path: Path) -> None:
    for number, title in enumerate(("Ping", "Ping-Pong!")):
        session = past(number, 500)
        record(path, replace(session, results=(replace(session.results[0], title=title),)))
    assert {(each.title, len(each.points)) for each in series(path, _EVERYTHING)} == {("Ping-Pong!", 2)}


def test_sessions_of_another_suite_are_kept_and_in_no_series(path: Path) -> None:
    record(path, replace(past(1, 500), is_default_suite=False))
    assert series(path, _EVERYTHING) == ()
    assert told(path, "SELECT COUNT(*) FROM session") == [(1,)]


def test_failures_are_counted_and_have_no_point(path: Path) -> None:
    record(path, past(1, 500))
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="then")
    programs = (a_program(failed), a_program(Skipped(reason="no cargo", remedy="get it"), "may"))
    record(path, replace(past(2), results=(a_result(*programs),)))

    seq = of_seq(path)
    assert (len(seq.points), seq.sessions, seq.failures) == (1, 1, 1)
    assert told(path, "SELECT stage, reason FROM failure") == [("run", "timed out")]
    assert told(path, "SELECT reason FROM program WHERE outcome = 'skipped'") == [("no cargo",)]
    assert [each.runtime for each in series(path, _EVERYTHING)] == ["seq", "go"]


def test_a_selection_gives_the_latest_points_of_what_was_asked_for(path: Path) -> None:
    for day in range(10):
        record(path, past(day, 500 + day))
    seq = of_seq(path, Selection(limit=3))
    assert (seq.times_ns, seq.sessions) == ((507e6, 508e6, 509e6), 10)
    seq = of_seq(path, Selection(since=NOON + timedelta(days=8)))
    assert (seq.times_ns, seq.sessions) == ((508e6, 509e6), 2)
    assert series(path, Selection(since=NOON + timedelta(days=99))) == ()
    assert [each.runtime for each in series(path, Selection(only=("pingpong",), runtimes=("go",)))] == ["go"]


def test_a_selection_of_machines_gives_theirs_alone(path: Path) -> None:
    session = past(1, 500)
    for identity in ("ab12", "cd34", "ef56"):
        record(path, replace(session, machine=replace(session.machine, identity=identity)))
    found = series(path, Selection(machines=("cd34", "ef56", "nowhere")))
    assert {each.machine.identity for each in found} == {"cd34", "ef56"}


def test_the_machines_come_with_their_sessions_the_one_used_last_first(path: Path) -> None:
    def on(identity: str, session: Session) -> Session:
        return replace(session, machine=replace(session.machine, identity=identity))

    for day, identity in enumerate(("old", "new", "old", "new", "other suite")):
        record(path, replace(on(identity, past(day, 500)), is_default_suite=identity != "other suite"))
    record(path, on("old", past(-9, 500)))
    assert machines(path) == (KnownMachine(identity="new", sessions=2), KnownMachine(identity="old", sessions=3))


def test_where_there_is_no_history_none_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "data" / "history.db", tmp_path / "file" / "history.db"):
        for read in (machines, partial(series, selection=_EVERYTHING)):
            with pytest.raises(NoHistoryError, match="there is no history yet"):
                read(path)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (
            Selection(only=("pinpong",)),
            "--only: no benchmark in the history named 'pinpong'; did you mean 'pingpong'?",
        ),
        (Selection(runtimes=("tokio",)), "--runtime: no runtime in the history named 'tokio'; use one of: go, seq"),
        (Selection(only=("' OR 1 --",)), "no benchmark in the history named"),
        (Selection(only=("\udcff",)), "no benchmark in the history named"),
    ],
)
def test_a_name_that_the_history_does_not_have_is_a_usage_error(path: Path, selection: Selection, said: str) -> None:
    record(path, past(1, 500))
    with pytest.raises(UsageError) as caught:
        series(path, selection)
    assert said in f"{caught.value.message}; {caught.value.fix}"


_HOSTILE = ("x'; DROP TABLE session; --", 'a"b', "a]b", "%", "?", ":only", "\udcff", "\0", "ü\n")


@pytest.mark.parametrize("hostile", _HOSTILE)
def test_no_name_is_taken_for_sql(path: Path, hostile: str) -> None:
    session = past(1, 500)
    result = replace(session.results[0], name=hostile, title=hostile, parameters=((hostile, 1),), size_label=hostile)
    tool = ToolIdentity(name=hostile, version=hostile, digest=hostile, provenance=hostile)
    machine = replace(session.machine, identity=hostile, cpu=hostile)
    hostile_one = replace(
        session, results=(result,), toolchain=(tool,), machine=machine, settings=((hostile, hostile),), commit=hostile
    )
    assert [record(path, hostile_one) for _ in range(2)] == [True, False]
    assert record(path, session)
    shown = hostile.encode(errors="backslashreplace").decode().replace("\0", "\\0")
    found = [each for each in series(path, _EVERYTHING) if each.benchmark == shown]
    assert [each.points[0].commit for each in found] == [shown, shown]
    assert {each.settings for each in found} == {((shown, shown),)}
    assert series(path, Selection(only=(shown,)))[0].title == shown


@FEW
@given(sessions)
def test_every_complete_session_goes_in_once_or_is_refused_with_a_mend(session: Session) -> None:
    session = replace(session, state=State.COMPLETE)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        try:
            is_new = record(path, session)
        except UsageError:
            # It holds a number that is too large for a database, and nothing of it went in.
            assert series(path, _EVERYTHING) == ()
        else:
            assert is_new
            assert not record(path, session)
            assert sum(len(each.points) for each in series(path, _EVERYTHING)) <= 6


@pytest.mark.parametrize("state", [State.RUNNING, State.INTERRUPTED])
def test_a_session_that_is_not_complete_does_not_go_in(path: Path, state: State) -> None:
    with pytest.raises(UsageError, match="only stores complete sessions"):
        record(path, replace(past(1, 500), state=state))
    assert not path.exists()


@pytest.mark.parametrize("changed", [{"seed": 1 << 63}, {"load_before": float("nan")}, {"wall_ns": -(1 << 64)}])
def test_a_number_that_no_database_holds_is_refused_and_leaves_nothing_behind(
    path: Path, changed: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match="out of range"):
        record(path, replace(past(1, 500), **changed))
    assert record(path, past(1, 500))
    assert told(path, "SELECT COUNT(*) FROM session") == [(1,)]


# --- What may be wrong with the file


@contextmanager
def as_nobody() -> Iterator[None]:
    """Have no more rights than a file gives to all; root may write whatever it says."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def refused(path: Path, *said: str) -> None:
    """Make sure that a session does not go in, and that the error names the file, says this, and has a fix."""
    with pytest.raises(HistoryError) as caught:
        record(path, past(1, 500))
    for words in (str(path), *said):
        assert words in caught.value.message
    assert caught.value.fix


def test_there_is_no_history_yet(path: Path) -> None:
    with pytest.raises(HistoryError, match="there is no history yet"):
        series(path, _EVERYTHING)
    path.parent.mkdir()
    path.touch()
    assert series(path, _EVERYTHING) == ()
    assert record(path, past(1, 500))


def test_a_file_that_another_program_holds_is_waited_for_and_then_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "BUSY_TIMEOUT_S", 0.01)
    record(path, past(0, 500))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused(path, "is locked by another program")
        with pytest.raises(HistoryError, match="is locked by another program"):
            series(path, _EVERYTHING)
    assert record(path, past(1, 500))


def test_who_waits_for_another_program_is_told_so_and_goes_on_when_it_is_done(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_MOMENT_S", 0.01)
    record(path, past(0, 500))
    told_of: list[Event] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        def be_done(event: Event) -> None:
            told_of.append(event)
            other.execute("COMMIT")

        other.execute("BEGIN EXCLUSIVE")
        assert record(path, past(1, 500), be_done)
        other.execute("BEGIN EXCLUSIVE")
        assert [len(each.points) for each in series(path, _EVERYTHING, be_done)] == [2, 2]
    assert told_of == [Remark(text="another program locks the history; waiting up to 10 s for it")] * 2


def test_a_folder_and_a_file_without_rights_are_named_and_can_still_be_read(tmp_path: Path) -> None:
    # Not below tmp_path, into which nobody else may look.
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "history.db"
        record(path, past(0, 500))
        path.chmod(0o444)
        folder.chmod(0o555)
        with as_nobody():
            refused(path, "cannot be written")
            refused(folder / "new.db", "cannot be opened")
            with pytest.raises(HistoryError, match="cannot create the folder of the history: Permission denied"):
                record(folder / "sub" / "history.db", past(1, 500))
            assert len(of_seq(path).points) == 1
        folder.chmod(0o600)
        with as_nobody(), pytest.raises(HistoryError, match="cannot be opened: Permission denied") as caught:
            series(path, _EVERYTHING)
        assert "fix the permissions of" in caught.value.fix
        folder.chmod(0o755)


def test_a_path_that_cannot_be_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError, match="cannot create the folder of the history"):
        record(tmp_path / "file" / "history.db", past(1, 500))
    refused(tmp_path, "cannot be opened")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk")
def test_a_device_is_no_history() -> None:
    refused(Path("/dev/full"))


@pytest.mark.parametrize(
    "content", [b"no database at all " * 99, b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_named_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    refused(path, "is broken")
    with pytest.raises(HistoryError, match="is broken") as caught:
        series(path, _EVERYTHING)
    assert f"mv {path} {path}.broken" in caught.value.fix
    assert path.read_bytes() == content


def test_damaged_history_file_is_a_history_error(path: Path) -> None:
    for day in range(20):
        record(path, past(day, *range(500, 520)))
    whole = path.read_bytes()
    broken = []
    for start in range(0, len(whole), 4096):
        for content in (whole[:start] + b"\xff" * 4096 + whole[start + 4096 :], whole[:start]):
            path.write_bytes(content)
            try:
                series(path, _EVERYTHING)
                record(path, past(99, 500))
            except HistoryError as error:
                broken.append(error)
    assert len(broken) > 10
    assert all(str(path) in error.message and error.fix for error in broken)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE series SET parameters = 'x'",
        "UPDATE series SET parameters = '[1]'",
        "UPDATE program SET started_at = 'yesterday'",
        "UPDATE program SET started_at = 7",
        "UPDATE program SET elapsed_ns = 'long'",
        "UPDATE program SET elapsed_ns = -1",
        "UPDATE program SET elapsed_high_ns = 9e999, elapsed_low_ns = 1",
        "UPDATE machine SET cores = 'two'",
        "DROP TABLE sample; DROP TABLE tool",
    ],
)
def test_values_that_seqbench_did_not_write_are_an_error_of_the_history(path: Path, statement: str) -> None:
    record(path, past(0, 500))
    for part in statement.split(";"):
        told(path, part)
    with pytest.raises(HistoryError, match=re.escape(str(path))):
        series(path, _EVERYTHING)


def test_a_newer_history_is_refused_with_both_versions_and_left_as_it_is(path: Path) -> None:
    record(path, past(0, 500))
    newer = sql.VERSION + 1
    told(path, f"PRAGMA user_version = {newer}")
    refused(path, f"the history has version {newer}; expected {sql.VERSION}")
    with pytest.raises(HistoryError, match=f"version {newer}") as caught:
        series(path, _EVERYTHING)
    assert "update seqbench" in caught.value.fix


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a history of version 1 with five sessions."""
    found = tmp_path / "old.db"
    shutil.copyfile(REPOSITORY / "tests" / "fixtures" / "0.1.0-before-layout" / "history.db", found)
    return found


def _tables(path: Path) -> list[tuple[object, ...]]:
    names = [str(name) for (name,) in told(path, "SELECT name FROM sqlite_master ORDER BY name")]
    return [(name, *row[1:]) for name in names for row in told(path, f"PRAGMA table_info({name})")]


def test_old_history_gets_the_tables_of_a_new_one_when_a_session_is_stored(path: Path, old: Path) -> None:
    before = told(old, "SELECT started_at FROM session ORDER BY session_id")
    record(path, past(0, 500))
    record(old, past(0, 500))

    assert _tables(old) == _tables(path)
    assert told(old, "PRAGMA user_version") == [(sql.VERSION,)]
    assert told(old, "SELECT started_at FROM session ORDER BY session_id")[: len(before)] == before


def test_reading_an_old_history_leaves_it_as_it_is(old: Path) -> None:
    old.chmod(0o444)
    content = old.read_bytes()

    assert machines(old)
    assert all(point.interference == NO_INTERFERENCE for each in series(old, _EVERYTHING) for point in each.points)
    assert old.read_bytes() == content


def test_history_keeps_the_interference_of_a_benchmark(path: Path) -> None:
    session = past(0, 500, 500)
    (result,) = session.results
    (seq, go) = (program.outcome for program in result.programs)
    assert isinstance(seq, Measured)
    first, *rest = seq.samples
    first = replace(
        first, window_ns=600_000_000, machine_busy_ns=10**9, own_cpu_ns=400_000_000, pressure_ns=300_000_000
    )
    seq = Measured(samples=(first, *rest), warm_ups=())
    programs = tuple(replace(each, outcome=outcome) for each, outcome in zip(result.programs, (seq, go), strict=True))
    machine = replace(session.machine, cores=2)
    record(path, replace(session, machine=machine, results=(replace(result, programs=programs),)))

    expected = InterferenceCounts(judged_rounds=1, disturbed_rounds=1, others_share=0.5, waiting_share=0.5)
    assert {point.interference for each in series(path, _EVERYTHING) for point in each.points} == {expected}
    assert told(path, "SELECT max(machine_busy_ns), max(pressure_ns) FROM sample") == [(10**9, 300_000_000)]


def test_another_programs_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    told(path, "CREATE TABLE session (mine)")
    refused(path, "this database is not a history of seqbench")
    assert told(path, "SELECT name FROM sqlite_master") == [("session",)]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_IOERR | 3 << 8, "the disk is full or broken"),
        (sqlite3.SQLITE_READONLY, "cannot be written"),
        (sqlite3.SQLITE_BUSY, "is locked"),
        (sqlite3.SQLITE_CORRUPT, "is broken"),
        (None, "is broken"),
    ],
)
def test_every_error_of_sqlite_has_a_meaning_and_a_mend(code: int | None, said: str) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    if code is not None:
        error.sqlite_errorcode = code
    found = history_error(error, Path("/x/history.db"))
    assert found.message.startswith(f"/x/history.db: the history {said}") or said in found.message
    assert "what SQLite says" in found.message
    assert found.fix
    assert "{path}" not in found.fix


# --- Its documentation


def test_every_table_view_and_column_is_documented(path: Path) -> None:
    record(path, past(1, 500))
    text = (REPOSITORY / "docs" / "HISTORY.md").read_text(encoding="utf-8")
    names = [str(name) for (name,) in told(path, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    for name in names:
        assert f"`{name}`" in text
        for _, column, *_ in told(path, f"PRAGMA table_info({name})"):
            assert f"`{column}`" in text, f"{name}.{column}"


def test_the_queries_of_the_documentation_run(path: Path) -> None:
    for day in range(3):
        record(path, past(day, 500, 510))
    text = (REPOSITORY / "docs" / "HISTORY.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    assert queries
    for query in queries:
        assert told(path, query)


def test_parameters_and_settings_are_json(path: Path) -> None:
    record(path, replace(past(1, 500), settings=(("SEQ_A", "1"), ("GOGC", "50"))))
    found = told(path, "SELECT DISTINCT runtime, parameters, settings FROM point ORDER BY runtime")
    assert [(runtime, json.loads(str(a)), json.loads(str(b))) for runtime, a, b in found] == [
        ("go", {"round_trips": 1_000_000}, {"GOGC": "50"}),
        ("seq", {"round_trips": 1_000_000}, {"SEQ_A": "1"}),
    ]
