from dataclasses import replace

import pytest

from seqbench.sessions import table_notes
from seqbench.sessions.session import Session
from seqbench.sessions.table_notes import brief, meaning
from tests.support.strategies import a_program, a_result, a_session, measured


def _text(session: Session) -> str:
    return "\n".join(meaning(session))


def test_the_rounds_of_every_benchmark_are_given() -> None:
    fanout = replace(a_result(a_program(measured(1)), a_program(measured(1), "go")), name="fanout", rounds=30)
    assert "rounds: fanout 30, pingpong 6." in _text(
        a_session(fanout, a_result(a_program(measured(1)), a_program(measured(1), "go")))
    )
    assert "rounds: none." in _text(a_session())


@pytest.mark.parametrize(("load", "busy"), [(4.0, False), (4.01, True)])
def test_a_machine_with_half_its_cores_busy_is_mentioned(load: float, *, busy: bool) -> None:
    said = _text(replace(a_session(), load_before=load))
    assert ("the machine was busy at the start" in said) == busy
    assert f"load {load:.2f} at the start" in said


def test_the_foot_says_what_ran_where_and_when() -> None:
    result = replace(a_result(a_program(measured(1)), a_program(measured(1), "go")), rounds=12)
    session = replace(a_session(result), settings=(("GOGC", "off"), ("SEQ_A", "1")), dirty=True)
    lines = meaning(session)
    for line in (
        "Times are medians of each program's own clock over its complete work; rounds: pingpong 12.",
        "go 1.27.3 (a wheel; sha256:cccccccccccc)",
        "settings: GOGC=off SEQ_A=1",
        "machine: A processor, 8 cores, 16.0 GiB, Linux 6 x86_64; load 0.25 at the start",
    ):
        assert line in lines
    assert lines[-1] == (
        "commit 0123456789ab with changes, seed 7, 2026-03-01T12:00:00Z; 10 s in all: "
        "3.5 s finding tools and building, 6.0 s in programs, 0.5 s in the harness"
    )


def test_a_clean_tree_without_a_commit_or_settings_says_neither() -> None:
    lines = meaning(replace(a_session(), commit=""))
    assert lines[-1].startswith("commit none, seed 7")
    assert not any(line.startswith("settings") for line in lines)


def test_brief_notes_are_five_at_most_and_begin_with_what_is_uncertain() -> None:
    busy = replace(a_session(a_result(a_program(measured(502)), a_program(measured(217), "go"))), load_before=99.0)

    lines = brief(busy)

    assert len(lines) == 5
    assert "busy at the start" in lines[0]
    assert any("rounds: pingpong" in line for line in lines)
    assert "--verbose" in lines[-1]
    assert f"{len(meaning(busy)) - 4} more notes" in lines[-1]


def test_brief_notes_are_all_notes_where_there_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    session = a_session()
    monkeypatch.setattr(table_notes, "_MOST_BRIEF", len(meaning(session)))
    assert brief(session) == meaning(session)
