"""Remove a session from the history."""

import difflib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.events import Listener
from seqbench.publish.history import sql
from seqbench.publish.history.database import opened, require_history

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A session that is no longer in the history."""

    name: str
    commit: str
    benchmarks: tuple[str, ...]
    samples: int


def forget(path: Path, session: str, listen: Listener) -> Forgotten:
    """Remove a session with all of its samples, in one transaction.

    Parameters
    ----------
    session
        The name of its file in results/, with or without folder and suffix: its start and its seed.

    Raises
    ------
    UsageError
        The history has no such session, or several of this name.
    HistoryError
        There is no history, or it cannot be written.
    """
    require_history(path)
    with opened(path, "rw", "BEGIN EXCLUSIVE", listen) as database:
        name = Path(session).name.removesuffix(".json")
        found = _sessions(database).get(name, [])
        if len(found) != 1:
            raise _unclear(database, name, len(found))
        key = {"session_id": found[0]}
        row = database.execute(sql.FORGOTTEN, key).fetchone()
        benchmarks = tuple(each[0] for each in database.execute(sql.FORGOTTEN_BENCHMARKS, key))
        for statement in sql.FORGET:
            database.execute(statement, key)
        database.execute("COMMIT")
    return Forgotten(name=name, commit=row["commit_id"], benchmarks=benchmarks, samples=row["samples"])


def _sessions(database: sqlite3.Connection) -> dict[str, list[int]]:
    """Return the sessions by the names of their files, in order of their start."""
    found: dict[str, list[int]] = {}
    for row in database.execute(sql.SESSIONS):
        # To the second, and without colons: as `sessions.store.result_stem` writes it.
        start = row["started_at"].partition(".")[0].removesuffix("Z").replace(":", "-")
        found.setdefault(f"{start}Z-{row['seed']}", []).append(row["session_id"])
    return found


def _unclear(database: sqlite3.Connection, name: str, count: int) -> UsageError:
    if count:
        text = f"--forget: the history has {count} sessions named {name!r}, of several machines"
        return UsageError(text, "remove it with SQL, as docs/HISTORY.md shows")
    known = list(_sessions(database))
    near = difflib.get_close_matches(name, known, n=_SHOWN, cutoff=0.6)
    names = ", ".join(near or known[-_SHOWN:]) or "none"
    fix = f"use one of these: {names}" if near else f"the latest sessions are: {names}"
    return UsageError(f"--forget: no session named {name!r} in the history", fix)
