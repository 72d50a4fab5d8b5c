"""A history that an earlier seqbench wrote: this machine was another one with every kernel, and columns were fewer."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.publish.history import sql
from seqbench.publish.history.database import machines, record, series
from seqbench.publish.history.report import full_text
from seqbench.publish.history.series import Selection
from seqbench.publish.history.trend import trend_of
from seqbench.sessions import store
from seqbench.sessions.session import Session
from seqbench.system.facts import Machine
from seqbench.system.machine import this_machine
from tests.support.histories import past
from tests.support.world import REPOSITORY

EVERYTHING = Selection(limit=1000)
OLD_FILE = REPOSITORY / "tests/fixtures/0.1.0-before-layout/history.db"


def of_before(session: Session, kernel: str, name: str | None = None) -> Session:
    """Return a session as this machine wrote it when its kernel was part of its identity."""
    now = this_machine()
    unique = name or Path("/etc/machine-id").read_text().strip()
    system = f"Linux {kernel} {now.system.rpartition(' ')[2]}"
    digest = hashlib.sha256(f"{now.cpu}|{now.cores}|{now.memory_bytes}|{system}|{unique}".encode()).hexdigest()
    machine = Machine(cpu=now.cpu, cores=now.cores, memory_bytes=now.memory_bytes, system=system, identity=digest[:12])
    return replace(session, machine=machine)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A history in which this machine is two machines, and with the columns of before."""
    path = tmp_path / "history.db"
    shutil.copyfile(OLD_FILE, path)
    with closing(sqlite3.connect(path)) as database, database:
        for table in ("sample", "program", "session_tool", "session", "series", "machine", "tool"):
            database.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
    # Rows as they were: today's writer with these identities, without today's columns.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqbench.system.machine.recognised", lambda stored: stored)
        for day, kernel in enumerate(("6.1.0", "6.1.0", "6.2.0")):
            record(path, of_before(past(day, 500 + day), kernel))
        record(path, of_before(past(3, 900), "6.2.0", "another machine"))
    with closing(sqlite3.connect(path)) as database, database:
        for table, column in sql.ADDED_COLUMNS:
            database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    return path


def test_history_of_two_kernels_is_one_machine(old: Path) -> None:
    here = [each for each in series(old, EVERYTHING) if each.machine.identity == this_machine().identity]

    assert [(each.runtime, each.times_ns) for each in here] == [
        ("seq", (500e6, 501e6, 502e6)),
        ("go", (250e6, 250.5e6, 251e6)),
    ]
    assert [point.system.split()[1] for point in here[0].points] == ["6.1.0", "6.1.0", "6.2.0"]
    assert len(machines(old)) == 2


def test_new_session_joins_the_old_ones_and_marks_kernel_and_host(old: Path) -> None:
    record(old, replace(past(4, 503), machine=replace(this_machine(), system="Linux 6.3.0 x86_64", host="a")))
    record(old, replace(past(5, 504), machine=replace(this_machine(), system="Linux 6.3.0 x86_64", host="b")))
    found = [each for each in series(old, EVERYTHING) if each.machine.identity == this_machine().identity]

    assert [len(each.points) for each in found] == [5, 5]
    text = full_text([trend_of(each) for each in found])
    assert text.count(f"machine {this_machine().identity}") == 1
    for mark in ("kernel 6.1.0 -> 6.2.0", "kernel 6.2.0 -> 6.3.0", "host a -> b"):
        assert text.count(mark) == 2
    assert "Linux 6.3.0" in text.splitlines()[0]


def test_reading_an_old_file_leaves_it_as_it_is(old: Path) -> None:
    written = old.read_bytes()
    old.chmod(0o444)

    assert series(old, EVERYTHING) == series(old, EVERYTHING)
    assert old.read_bytes() == written


def test_session_of_before_goes_in_once(old: Path) -> None:
    path = old.with_name("session.json")
    store.save(path, of_before(past(1, 501), "6.1.0"))

    assert not record(old, store.load(path))
    assert store.load(path).machine.identity == this_machine().identity
    # Another machine with the same processor stays another one.
    store.save(path, of_before(past(3, 900), "6.2.0", "another machine"))
    assert store.load(path).machine.identity != this_machine().identity
    assert not record(old, store.load(path))


def test_row_that_an_older_seqbench_adds_later_is_merged(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    record(path, replace(past(1, 500), machine=this_machine()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqbench.system.machine.recognised", lambda stored: stored)
        # The first one is in it already, under the identity of today.
        for day in (1, 2):
            record(path, of_before(past(day, 500), "5.9.0"))
    for _ in range(2):
        (seq, _go) = series(path, EVERYTHING)
        assert [point.elapsed_ns for point in seq.points] == [500e6, 500e6]
        record(path, replace(past(2, 500), machine=this_machine()))
    with closing(sqlite3.connect(path)) as database:
        statement = "SELECT COUNT(*), (SELECT COUNT(*) FROM session), (SELECT COUNT(*) FROM program) FROM machine"
        (counts,) = database.execute(statement).fetchall()
    assert counts == (1, 2, 4)


def test_machine_elsewhere_keeps_its_rows_by_its_earlier_identity(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    elsewhere = past(1, 1).machine
    record(path, replace(past(1, 500), machine=replace(elsewhere, identity="old")))
    record(path, replace(past(2, 500), machine=replace(elsewhere, identity="new", earlier_identity="old")))
    record(path, replace(past(3, 500), machine=replace(elsewhere, identity="old")))

    assert [(each.machine.identity, len(each.points)) for each in series(path, EVERYTHING)] == [("new", 3)] * 2
