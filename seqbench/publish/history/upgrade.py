"""Bring a history that an earlier seqbench wrote up to date: its columns, and the identities of this machine."""

import sqlite3

from seqbench.publish.history import sql
from seqbench.publish.history.rows import machine_of
from seqbench.system import machine


def is_outdated(database: sqlite3.Connection) -> bool:
    """Return whether a history lacks columns of today, or has this machine under an earlier identity."""
    return bool(_missing(database)) or bool(_renamed(database))


def upgrade(database: sqlite3.Connection) -> None:
    """Add what an open history lacks, and merge the rows that are one machine with different kernels."""
    missing = _missing(database)
    for table, column in missing:
        database.execute(f"ALTER TABLE {table} ADD COLUMN {column} {sql.ADDED_COLUMNS[table, column]}")
    database.execute(sql.FILL_SYSTEMS)
    for old, identity, earlier in _renamed(database):
        names = {"old": old, "identity": identity, "earlier_identity": earlier}
        kept = database.execute(sql.MACHINE_BY_IDENTITY, names).fetchone()
        if kept is None:
            database.execute(sql.RENAME_MACHINE, names)
        else:
            _merge(database, old, int(kept["machine_id"]))


def _missing(database: sqlite3.Connection) -> list[tuple[str, str]]:
    tables = {table for table, _ in sql.ADDED_COLUMNS}
    there = {table: {row["name"] for row in database.execute(sql.COLUMNS, {"table": table})} for table in tables}
    return [(table, column) for table, column in sql.ADDED_COLUMNS if column not in there[table]]


def _renamed(database: sqlite3.Connection) -> list[tuple[int, str, str]]:
    """Return number, identity and earlier identity of each row that is this machine under another identity."""
    found = []
    for row in database.execute(sql.ALL_MACHINES).fetchall():
        try:
            stored = machine_of({"cpu_quota": None, "memory_limit_bytes": None, "earlier_identity": "", **dict(row)})
        except (ValueError, TypeError):
            # Whoever reads the series reports it.
            continue
        now = machine.recognised(stored)
        if now.identity != stored.identity:
            found.append((int(row["machine_id"]), now.identity, now.earlier_identity))
    return found


def _merge(database: sqlite3.Connection, old: int, new: int) -> None:
    numbers = {"old": old, "new": new}
    for twin in database.execute(sql.FIND_TWINS, numbers).fetchall():
        for statement in sql.DROP_SESSION:
            database.execute(statement, {"session_id": twin["session_id"]})
    for row in database.execute(sql.SERIES_OF_MACHINE, numbers).fetchall():
        series = {**dict(row), "machine_id": new}
        kept = database.execute(sql.FIND_SERIES, series).fetchone()
        if kept is None:
            database.execute(sql.MOVE_SERIES, series)
        else:
            database.execute(sql.MOVE_PROGRAMS, {**series, "kept": kept["series_id"]})
            database.execute(sql.DROP_SERIES, series)
    database.execute(sql.MOVE_SESSIONS, numbers)
    database.execute(sql.DROP_MACHINE, numbers)
