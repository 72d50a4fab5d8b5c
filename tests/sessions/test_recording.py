from dataclasses import replace
from datetime import timedelta

import pytest

from seqbench.sessions.latest_run import RecordedBenchmark, RecordedInterference, Status, parse, render
from seqbench.sessions.recording import is_worth_recording, record_of
from seqbench.sessions.report import full_text
from seqbench.sessions.session import Failed, Session, Skipped, Stage, State
from seqbench.text import PAGE_WIDTH
from tests.support.strategies import NOON, a_program, a_result, a_session, disturbed, measured

_FAILED = Failed(stage=Stage.RUN, reason="timed out", detail="")


def test_the_record_of_a_session_says_what_was_run_and_how_it_ended() -> None:
    good = a_result(a_program(measured(1)), a_program(measured(1), "go"), name="good")
    half = replace(
        a_result(a_program(measured(1)), a_program(_FAILED, "go"), name="half"),
        is_full=False,
        parameters=(("workers", 100), ("messages", 1_000_000)),
    )
    session = replace(
        a_session(good, half),
        suite=("good", "half", "left-out"),
        started_at=NOON + timedelta(microseconds=999_999),
        settings=(("SEQ_A", "1"),),
        dirty=True,
    )
    record = record_of(session)
    assert record.benchmarks == (
        RecordedBenchmark(name="good", status=Status.MEASURED, is_full=True, size="round_trips=1000000"),
        RecordedBenchmark(name="half", status=Status.FAILED, is_full=False, size="workers=100 messages=1000000"),
    )
    assert record.left_out == ("left-out",)
    assert not record.is_complete
    assert record.timestamp == NOON
    assert (record.commit, record.dirty, record.sources) == (session.commit, True, session.sources)
    assert record.settings == ("SEQ_A=1",)
    assert record.text == full_text(session, width=PAGE_WIDTH)


def test_record_keeps_the_interference_of_each_benchmark_that_was_judged() -> None:
    noisy = a_result(a_program(disturbed(1, 1, 1, 1)), name="noisy")
    uncounted = a_result(a_program(measured(1)), name="uncounted")
    record = record_of(a_session(noisy, uncounted))

    assert record.interference == (
        RecordedInterference(
            benchmark="noisy", judged_rounds=4, disturbed_rounds=1, others_share=0.5, throttled_rounds=0
        ),
    )
    assert "\ninterference: noisy judged=4 disturbed=1 others=0.5 throttled=0\n" in render(record)
    assert parse(render(record)) == record


def test_record_has_a_ratio_for_each_row_of_the_table_that_has_one() -> None:
    sides = [a_program(measured(2, 2, 2, 2, 2, 2)), a_program(measured(*[1] * 6), "go")]
    idiomatic = a_program(measured(*[0.5] * 6), "go", "idiomatic")
    whole = replace(a_result(*sides, idiomatic, name="fanout"), variant_labels=(("idiomatic", "idiomatic Go"),))
    failed = a_result(a_program(_FAILED), a_program(measured(1), "go"), name="skynet")
    few = a_result(a_program(measured(1)), a_program(measured(3), "go"), name="pingpong")

    ratios = record_of(a_session(whole, failed, few)).ratios

    assert [(each.benchmark, each.runtime, each.reference) for each in ratios] == [
        ("fanout", "seq", "go"),
        ("fanout", "seq", "go.idiomatic"),
        ("pingpong", "seq", "go"),
    ]
    assert [each.ratio.median for each in ratios] == [2.0, 4.0, 0.333333]
    assert [each.ratio.count for each in ratios] == [6, 6, 1]
    assert ratios[2].ratio.interval is None


def test_record_of_one_runtime_has_no_ratios() -> None:
    assert record_of(a_session(a_result(a_program(measured(1))), runtimes=("seq",))).ratios == ()


def test_a_benchmark_with_a_program_that_was_skipped_did_not_end_well() -> None:
    skipped = Skipped(reason="interrupted", remedy="invoke bench")
    (recorded,) = record_of(a_session(a_result(a_program(measured(1)), a_program(skipped, "go")))).benchmarks
    assert recorded.status is Status.FAILED


def test_a_session_is_complete_when_it_had_every_benchmark_and_runtime_of_the_default_suite() -> None:
    whole = a_session(a_result(a_program(measured(1))))
    assert record_of(whole).is_complete
    for part in (
        replace(whole, suite=(*whole.suite, "other")),
        replace(whole, is_every_runtime=False),
        replace(whole, is_default_suite=False),
    ):
        assert not record_of(part).is_complete


def test_a_session_that_measured_something_is_worth_recording_even_when_partly_failed() -> None:
    assert is_worth_recording(a_session(a_result(a_program(measured(1)), a_program(_FAILED, "go"))))


@pytest.mark.parametrize(
    "session",
    [
        a_session(),
        a_session(a_result(a_program(_FAILED), a_program(_FAILED, "go"))),
        replace(a_session(a_result(a_program(measured(1)))), state=State.INTERRUPTED),
        replace(a_session(a_result(a_program(measured(1)))), state=State.RUNNING),
    ],
)
def test_a_session_that_measured_nothing_or_did_not_end_is_not_worth_recording(session: Session) -> None:
    assert not is_worth_recording(session)
