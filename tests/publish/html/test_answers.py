"""The four answers at the top of a report: what, how sure, on which machine, since when."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from seqbench.publish.history.database import record
from seqbench.publish.history.trend import Trend, trend_of
from seqbench.publish.html.answers import answers
from seqbench.publish.html.history import read_history
from seqbench.sessions.session import Failed, Session, Stage
from tests.support.histories import a_series, past, points
from tests.support.strategies import NOON, a_program, a_result, a_session, disturbed, measured

_SEQ = measured(502, 500, 503, 502, 501, 504)
_GO = measured(217, 216, 218, 217, 219, 215)
_BOTH = a_session(a_result(a_program(_SEQ), a_program(_GO, "go")))


def _answer(question: str, session: Session = _BOTH, *trends: Trend) -> str:
    return " ".join(dict(answers(session, trends))[question])


def _since(session: Session, *times_ms: float, first_day: int = 0) -> str:
    """Answer for a session of only Seq with a history of these times, one a day."""
    found = points(*times_ms, first_day=first_day)
    return _answer("Since when", session, trend_of(a_series(*found)))


def _day(day: int) -> Session:
    session = a_session(a_result(a_program(_SEQ)), runtimes=("seq",))
    return replace(session, started_at=NOON + timedelta(days=day))


def test_the_questions_are_what_how_sure_machine_and_since_when() -> None:
    assert [question for question, _ in answers(_BOTH, ())] == ["What", "How sure", "Machine", "Since when"]
    assert _answer("Machine") == _BOTH.machine.sentence()


def test_what_has_the_range_of_ratios_and_how_many_are_in_each_band() -> None:
    slow = a_result(a_program(measured(*[990] * 6)), a_program(measured(*[100] * 6), "go"), title="Skynet")
    assert _answer("What") == "Seq takes 2.3x the time of Go in 1 benchmark. 1 Good."
    both = replace(_BOTH, results=(slow, *_BOTH.results))
    assert _answer("What", both) == "Seq takes 2.3x to 9.9x the time of Go in 2 benchmarks. 1 Good, 1 Investigate."


@pytest.mark.parametrize(("runtimes", "said"), [(("seq",), "Seq in 1 benchmark"), ((), "No runtime in 1 benchmark")])
def test_what_without_a_reference_has_no_ratio(runtimes: tuple[str, ...], said: str) -> None:
    session = a_session(a_result(*(a_program(_SEQ, name) for name in runtimes)), runtimes=runtimes)
    assert _answer("What", session) == f"{said}, without a ratio."


def test_how_sure_names_the_widest_interval_and_the_rounds() -> None:
    wide = a_result(a_program(measured(190, 185, 300, 310, 495, 510)), a_program(measured(*[100] * 6), "go"))
    session = replace(_BOTH, results=(*_BOTH.results, replace(wide, title="Skynet", rounds=30)))
    said = _answer("How sure", session)
    assert "95 % intervals from 6 to 30 rounds; the widest: Skynet, 1.9x to 5.1x." in said
    assert "Whether rounds were disturbed was not counted." in said


def test_how_sure_names_rows_without_an_interval_and_programs_without_a_result() -> None:
    few = a_result(a_program(measured(5, 5)), a_program(measured(2, 2), "go"), title="Few")
    failed = a_program(Failed(stage=Stage.RUN, reason="timed out", detail=""), "go")
    session = replace(_BOTH, results=(*_BOTH.results, few, a_result(a_program(_SEQ), failed, title="Half")))
    said = _answer("How sure", session)
    assert "Without an interval: Few." in said
    assert "1 program without a result." in said
    assert _answer("How sure", replace(_BOTH, results=(few,))).startswith("Medians of 6 rounds, without an interval.")


def test_how_sure_counts_disturbed_rounds() -> None:
    session = a_session(a_result(a_program(disturbed(*[500] * 6)), a_program(_GO, "go")))
    assert "1 of 6 rounds disturbed." in _answer("How sure", session)


def test_since_when_without_a_history_says_so() -> None:
    said = "Measured 1 March 2026, 12:00 UTC. There is no history of this machine."
    assert _answer("Since when") == said
    other = trend_of(replace(a_series(*points(500)), machine=replace(_BOTH.machine, identity="other")))
    assert _answer("Since when", _BOTH, other) == said


@pytest.mark.parametrize(
    ("day", "times", "said"),
    [
        (0, [500], "All programs: first measured on this machine in this session."),
        (2, [500] * 3, "All programs: 3 sessions since 1 March 2026; finding changes needs 12."),
        (11, [500, 502, 498] * 4, "All programs: no change since 1 March 2026, in 12 sessions."),
        (15, [500, 502, 498, 501] * 2 + [600, 602, 598, 601] * 2, "All programs: slower by 20% since 9 March 2026."),
        # A session before the change is of the level before.
        (3, [500, 502, 498, 501] * 2 + [600, 602, 598, 601] * 2, "All programs: no change since 1 March 2026"),
        (40, [500] * 12, "All programs: not in the history, so that changes cannot be seen."),
        (-1, [500] * 12, "All programs: before the 12 sessions that the history shows."),
    ],
)
def test_since_when_has_the_first_session_of_the_level(day: int, times: list[float], said: str) -> None:
    assert said.replace("20%", "20 %") in _since(_day(day), *times).replace("20%", "20 %")


def test_since_when_keeps_sizes_settings_runtimes_and_variants_apart() -> None:
    series = a_series(*points(*[500] * 3))
    others = [
        replace(series, parameters=(("round_trips", 7),)),
        replace(series, settings=(("SEQ_POOL_CAPACITY", "9"),)),
        replace(series, runtime="go"),
        replace(series, variant="idiomatic"),
        replace(series, benchmark="skynet"),
    ]
    said = _answer("Since when", _day(2), *map(trend_of, others))
    assert "All programs: not in the history" in said
    assert "3 sessions" in _answer("Since when", _day(2), *map(trend_of, [*others, series]))


def test_since_when_joins_programs_of_which_the_same_is_true() -> None:
    session = replace(_BOTH, results=(*_BOTH.results, replace(_BOTH.results[0], name="skynet", title="Skynet")))
    trend = trend_of(a_series(*points(500)))
    said = _answer("Since when", session, trend)
    assert "Ping-Pong Seq: first measured on this machine in this session." in said
    assert "Ping-Pong Go, Skynet: not in the history" in said


def test_the_history_on_disk_answers_since_when(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for day in range(3):
        record(path, past(day, 500))
    said = _answer("Since when", past(2, 500), *read_history(path, ("ab12",)).trends)
    assert said == (
        "Measured 3 March 2026, 12:00 UTC. All programs: 3 sessions since 1 March 2026; finding changes needs 12."
    )


def test_disturbed_rounds_of_a_program_with_several_tests_are_counted_once() -> None:
    rounds = a_result(a_program(disturbed(*[500] * 6)))
    tests = tuple(replace(rounds, name=f"pingpong/{test}", test=test) for test in ("a", "b", "c"))
    assert "1 of 6 rounds disturbed." in _answer("How sure", replace(_BOTH, results=tests))
