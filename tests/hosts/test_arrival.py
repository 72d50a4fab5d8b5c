from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from seqbench.hosts.arrival import Arrival, Commit, clean, placed, shown_messages
from seqbench.sessions import store
from tests.support.strategies import a_program, a_result, a_session, measured

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ARRIVAL = Arrival(name="a", status=0, arrived_at=NOW)
SESSION = a_session(a_result(a_program(measured(1.0, 2.0))), runtimes=("seq",))


def test_session_gets_the_commit_of_the_checkout() -> None:
    found = placed(SESSION, ARRIVAL, Commit(commit="abc", dirty=True, changed=("x",)))
    assert (found.commit, found.dirty, found.changed) == ("abc", True, ("x",))
    assert (found.started_at, found.machine) == (SESSION.started_at, SESSION.machine)


def test_session_of_a_clock_that_is_off_ends_when_it_arrives() -> None:
    session = replace(SESSION, finished_at=SESSION.started_at + timedelta(seconds=90))
    found = placed(session, replace(ARRIVAL, is_clock_off=True), Commit())
    assert found.finished_at == NOW
    assert found.finished_at - found.started_at == timedelta(seconds=90)


def test_texts_of_a_document_are_printable_and_it_stays_a_session() -> None:
    hostile = store.to_json(replace(SESSION, suite=("\x1b[31m\u202eevil",)))
    found = store.from_json(clean(hostile), "a")
    assert found.suite == (r"\x1b[31m\u202eevil",)
    assert replace(found, suite=SESSION.suite) == SESSION


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_document_that_is_not_json_is_none(text: str) -> None:
    assert clean(text) == ""


def test_errors_and_warnings_are_shown_with_their_fixes_and_places_are_not() -> None:
    said = "kept in results/x.json\n\nwarning: w\n  fix: f\nsession: y\nerror: a\n  - b\n  fix: \x1bc\nrecord: z\n"
    assert shown_messages(said) == ("warning: w\n  fix: f", "error: a\n  - b\n  fix: \\x1bc")
