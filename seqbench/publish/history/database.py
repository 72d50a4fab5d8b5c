"""Write and read the history of all sessions, one SQLite file (docs/HISTORY.md).

No other module opens the file. It is open only for one operation, and has a rollback journal instead of a write-ahead
log. So it stays one file, which can be copied, be on a network disk, and be read without write permission.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from seqbench.errors import UsageError, require_known
from seqbench.events import Listener, Remark, ignore
from seqbench.publish.history import sql
from seqbench.publish.history.rows import (
    Row,
    compiler_of,
    in_order,
    machine_row,
    program_row,
    sample_rows,
    series_of,
    series_row,
    session_row,
    tool_row,
)
from seqbench.publish.history.series import Selection, Series
from seqbench.publish.history.upgrade import is_outdated, upgrade
from seqbench.sessions.session import Session, State
from seqbench.units import iso_utc

# Writing a session takes milliseconds: a longer lock comes from another kind of program.
BUSY_TIMEOUT_S = 10.0
_MOMENT_S = 1.0
_ELSEWHERE = "or set SEQBENCH_HISTORY to another file"
_BROKEN = "move it away: mv {path} {path}.broken; {{invoke}} history --import 'results/*.json' builds a new one"
_CLOSED = "close the program that has it open for writing, or wait for it"
# By SQLite's primary result code.
_MEANINGS = {
    sqlite3.SQLITE_BUSY: ("is locked by another program", _CLOSED),
    sqlite3.SQLITE_LOCKED: ("is locked by another program", _CLOSED),
    sqlite3.SQLITE_READONLY: ("cannot be written", f"fix the permissions of {{path}}, {_ELSEWHERE}"),
    sqlite3.SQLITE_PERM: ("cannot be opened", f"fix the permissions of {{path}}, {_ELSEWHERE}"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", f"fix the permissions of {{path}}, {_ELSEWHERE}"),
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full", f"free disk space, {_ELSEWHERE}"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: the disk is full or broken", f"free disk space, {_ELSEWHERE}"),
}


class HistoryError(UsageError):
    """The history cannot be read or written. The files of the sessions are not affected."""


class NoHistoryError(HistoryError):
    """There is no history yet, because no session was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMachine:
    """A machine of the history, and the number of its sessions."""

    identity: str
    sessions: int


def record(path: Path, session: Session, listen: Listener = ignore) -> bool:
    """Add a complete session to the history, in one transaction.

    Machine, start and seed identify a session. The file is created if there is none.

    Parameters
    ----------
    listen : callable
        Receives a remark if another program locks the file for long.

    Returns
    -------
    bool
        Whether the session is new.

    Raises
    ------
    UsageError
        The session is not complete, or has a value that is out of range for the database.
    HistoryError
        The file is locked, read-only or broken, the disk is full, or another program or a newer seqbench wrote it.
    """
    if session.state is not State.COMPLETE:
        raise UsageError(
            f"the session is {session.state}: the history only stores complete sessions",
            "run {invoke} bench to its end",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fix = f"fix the permissions of that folder, {_ELSEWHERE}"
        raise HistoryError(f"{path.parent}: cannot create the folder of the history: {error.strerror}", fix) from error
    # Exclusive, so that all waiting is at the start. Otherwise the commit would wait for readers again.
    with opened(path, "rwc", "BEGIN EXCLUSIVE", listen) as database:
        if not _has_tables(database, path):
            for statement in sql.CREATE:
                database.execute(statement)
        upgrade(database)
        is_new = add_session(database, session)
        database.execute("COMMIT")
        return is_new


def series(path: Path, selection: Selection, listen: Listener = ignore) -> tuple[Series, ...]:
    """Return the points of every program over time.

    The series are ordered by machine (the last used one first), then by benchmark, size and runtime. Sessions of
    another suite than the project's own are in the file, but in no series.

    Raises
    ------
    UsageError
        `selection` names a benchmark or runtime that the history does not have.
    NoHistoryError
        There is no history.
    HistoryError
        It cannot be read.
    """
    found = []
    with _reading(path, listen) as database:
        if database is None:
            return ()
        _require_known(database, "benchmark", selection.only, "--only")
        _require_known(database, "runtime", selection.runtimes, "--runtime")
        wanted = {name: json.dumps(getattr(selection, name)) for name in ("only", "runtimes", "machines")}
        since = iso_utc(selection.since, timespec="microseconds") if selection.since else ""
        for row in database.execute(sql.SERIES, wanted).fetchall():
            key = {"series_id": row["series_id"], "since": since, "limit": selection.limit}
            points = database.execute(sql.POINTS, key).fetchall()
            counts = dict(database.execute(sql.COUNTS, key).fetchall())
            try:
                found.append(series_of(row, points, counts))
            except (ValueError, TypeError, AttributeError) as error:
                what = f"the history has a value that seqbench did not write: {error}"
                raise HistoryError(f"{path}: {what}", _BROKEN.format(path=path)) from error
    return in_order([each for each in found if each.sessions or each.failures])


def machines(path: Path, listen: Listener = ignore) -> tuple[KnownMachine, ...]:
    """Return the machines with sessions of the project's own suite, the last used one first.

    Raises
    ------
    NoHistoryError
        There is no history.
    HistoryError
        It cannot be read.
    """
    with _reading(path, listen) as database:
        rows = database.execute(sql.MACHINES).fetchall() if database is not None else []
        return tuple(KnownMachine(identity=row["identity"], sessions=row["sessions"]) for row in rows)


def history_error(error: sqlite3.Error, path: Path) -> HistoryError:
    """Return an error of SQLite as an error for the user, with the fix."""
    meaning, fix = _MEANINGS.get(_code(error), ("is broken", _BROKEN))
    return HistoryError(f"{path}: the history {meaning} ({error})", fix.format(path=path))


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code; an error of Python's module has none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


@contextmanager
def _reading(path: Path, listen: Listener) -> Iterator[sqlite3.Connection | None]:
    """Open the history for reading; yield None if the file has no tables yet."""
    require_history(path)
    with opened(path, "rw", "BEGIN", listen) as database:
        if not _has_tables(database, path):
            yield None
        elif not is_outdated(database):
            yield database
        else:
            # The next session that is added brings the file itself up to date; it may be read-only.
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
                copy.row_factory = sqlite3.Row
                database.backup(copy)
                upgrade(copy)
                yield copy


def require_history(path: Path) -> None:
    """Raise a HistoryError if there is no history."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        fix = "{invoke} bench, or {invoke} history --import 'results/*.json'"
        raise NoHistoryError(f"{path}: there is no history yet", fix) from error
    except OSError as error:
        fix = f"fix the permissions of {path}, {_ELSEWHERE}"
        raise HistoryError(f"{path}: the history cannot be opened: {error.strerror}", fix) from error


@contextmanager
def opened(path: Path, mode: str, begin: str, listen: Listener) -> Iterator[sqlite3.Connection]:
    """Open the file and begin a transaction, which is rolled back unless it is committed.

    The mode `rw` falls back to reading if the file is read-only. If not, it can roll back what a crashed writer left.

    Raises
    ------
    HistoryError
        SQLite reported an error.
    """
    try:
        place = f"{path.absolute().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(place, isolation_level=None, uri=True)) as database:
            database.row_factory = sqlite3.Row
            database.execute("PRAGMA foreign_keys = ON")
            _begin(database, begin, listen)
            yield database
    except sqlite3.Error as error:
        raise history_error(error, path) from error


def _begin(database: sqlite3.Connection, begin: str, listen: Listener) -> None:
    """Begin a transaction and take its lock; report to `listen` if that takes longer than a moment."""
    for patience_s in (min(_MOMENT_S, BUSY_TIMEOUT_S), BUSY_TIMEOUT_S):
        database.execute(f"PRAGMA busy_timeout = {1000 * patience_s:.0f}")
        try:
            database.execute(begin)
            # A plain BEGIN takes its lock at the first read.
            database.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or patience_s == BUSY_TIMEOUT_S:
                raise
            if database.in_transaction:
                database.execute("ROLLBACK")
            listen(Remark(text=f"another program locks the history; waiting up to {BUSY_TIMEOUT_S:.0f} s for it"))
        else:
            return


def _has_tables(database: sqlite3.Connection, path: Path) -> bool:
    """Return whether the file has the tables of the history.

    Raises
    ------
    HistoryError
        Another program or a newer seqbench wrote the file.
    """
    application, version = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    is_empty = database.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    if is_empty and application == version == 0:
        return False
    if application != sql.APPLICATION_ID:
        raise HistoryError(f"{path}: this database is not a history of seqbench", f"move it away, {_ELSEWHERE}")
    if version != sql.VERSION:
        found = f"version {version}; expected {sql.VERSION}"
        raise HistoryError(f"{path}: the history has {found}", f"update seqbench, {_ELSEWHERE}")
    return True


def _require_known(database: sqlite3.Connection, column: str, names: tuple[str, ...], flag: str) -> None:
    known = tuple(sorted({row[column] for row in database.execute(sql.KNOWN)}))
    for name in names:
        require_known(name, known, f"{column} in the history", flag)


def add_session(database: sqlite3.Connection, session: Session) -> bool:
    """Add a session to an open database; return whether it was new."""

    def add(statement: str, row: Row) -> int:
        return int(database.execute(statement, row).lastrowid or 0)

    def find_or_add(find: str, statement: str, row: Row) -> int:
        found = database.execute(find, row).fetchone()
        return int(found[0]) if found else add(statement, row)

    try:
        machine, started = machine_row(session.machine), session_row(session)
        machine_id = {"machine_id": find_or_add(sql.FIND_MACHINE, sql.ADD_MACHINE, machine)}
        if database.execute(sql.FIND_SESSION, machine_id | started).fetchone():
            return False
        if started["started_at"] >= database.execute(sql.LAST_START, machine_id).fetchone()[0]:
            database.execute(sql.NAME_MACHINE, machine | machine_id)
        session_id = {"session_id": add(sql.ADD_SESSION, started | machine_id)}
        tool_ids = {tool: find_or_add(sql.FIND_TOOL, sql.ADD_TOOL, tool_row(tool)) for tool in session.toolchain}
        for tool_id in set(tool_ids.values()):
            add(sql.ADD_SESSION_TOOL, session_id | {"tool_id": tool_id})
        for result in session.results:
            for program in result.programs:
                followed = series_row(session, result, program) | machine_id
                series_id = {"series_id": find_or_add(sql.FIND_SERIES, sql.ADD_SERIES, followed)}
                database.execute(sql.NAME_SERIES, followed | series_id)
                compiler = compiler_of(program, session)
                tool = {"tool_id": tool_ids[compiler] if compiler else None}
                row = program_row(session, result, program) | session_id | series_id | tool
                program_id = {"program_id": add(sql.ADD_PROGRAM, row)}
                database.executemany(sql.ADD_SAMPLE, [sample | program_id for sample in sample_rows(program)])
    except (OverflowError, sqlite3.IntegrityError) as error:
        raise UsageError(
            f"the session has a value out of range: {error}", "use another file, or run it again"
        ) from error
    return True
