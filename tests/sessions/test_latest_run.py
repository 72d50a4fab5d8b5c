import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.sessions.latest_run import (
    Record,
    RecordedBenchmark,
    RecordedRatio,
    RecordError,
    Status,
    is_worth_recording,
    parse,
    record_of,
    render,
)
from seqbench.sessions.report import full_text
from seqbench.sessions.session import Failed, Session, Skipped, Stage, State
from seqbench.stats.intervals import Interval, Ratio
from tests.support.laws import FEW
from tests.support.strategies import NOON, a_program, a_result, a_session, measured, records, sessions
from tests.support.world import REPOSITORY

_SURE = Ratio(median=2.29876, interval=Interval(low=2.25, high=2.3125), count=30)
_RECORD = Record(
    timestamp=NOON,
    commit="0123456789abcdef0123456789abcdef01234567",
    dirty=True,
    is_complete=False,
    benchmarks=(
        RecordedBenchmark(name="fanout", status=Status.FAILED, is_full=True, size="workers=100 messages=1000000"),
        RecordedBenchmark(name="pingpong", status=Status.MEASURED, is_full=True, size="round_trips=1000000"),
        RecordedBenchmark(name="skynet", status=Status.MEASURED, is_full=False, size="leaves=1000"),
    ),
    left_out=("mesh",),
    toolchain=("go 1.27.3 (a wheel; sha256:cccc)",),
    settings=("SEQ_POOL_CAPACITY=100000",),
    machine="A processor, 8 cores, 16.0 GiB, Linux 6 x86_64",
    sources="sha256:1",
    ratios=(
        RecordedRatio(benchmark="pingpong", runtime="seq", reference="go", ratio=_SURE),
        RecordedRatio(
            benchmark="pingpong",
            runtime="seq",
            reference="go.idiomatic",
            ratio=Ratio(median=3.0, interval=None, count=5),
        ),
    ),
    table="Benchmark  Seq    Go\n---------  -----  -----\nPing-Pong  502ms  217ms",
    costs="Program         Peak memory\n--------------  -------------",
    notes="Ratio is Seq / Go\n\n  digest: sha256:0\ndigest: sha256:0\ntable:\n",
)
_TEXT = render(_RECORD)
_FAILED = Failed(stage=Stage.RUN, reason="timed out", detail="")


def _signed(body: str) -> str:
    """Sign a text again as the harness would have: the digest is that of all above it."""
    return f"{body}digest: sha256:{hashlib.sha256(body.encode()).hexdigest()}\n"


def _edited(old: str, new: str) -> str:
    body = _TEXT[: _TEXT.rindex("digest: ")]
    assert body.count(old) == 1
    return _signed(body.replace(old, new))


@given(records)
def test_every_record_survives_the_way_out_and_back(record: Record) -> None:
    assert parse(render(record).encode().decode()) == record


@FEW
@given(sessions)
def test_the_record_of_every_session_survives_the_way_out_and_back(session: Session) -> None:
    record = record_of(session)
    assert parse(render(record).encode().decode()) == record


@pytest.mark.parametrize(
    "text",
    [
        "two words",
        '"quoted"',
        '"',
        "",
        " led",
        "trailing ",
        "two\nlines",
        "table:",
        "digest: x",
        "a: b",
        "\udcff",
        "\\n",
    ],
)
def test_a_text_that_the_format_might_trip_over_survives_in_every_field(text: str) -> None:
    block = "" if text == "\udcff" else text
    record = replace(
        _RECORD,
        commit=text,
        benchmarks=tuple(replace(benchmark, name=text, size=text) for benchmark in _RECORD.benchmarks),
        left_out=(text, text),
        toolchain=(text,),
        settings=(text,),
        machine=text,
        sources=text,
        ratios=(RecordedRatio(benchmark=text, runtime=text, reference=text, ratio=_SURE),),
        table=block,
        costs=block,
        notes=block,
    )
    assert parse(render(record)) == record


def test_the_file_reads_as_lines_of_keys_and_a_table() -> None:
    lines = _TEXT.splitlines()
    assert lines[0].startswith("# ")
    for line in (
        "format: 2",
        "timestamp: 2026-03-01T12:00:00Z",
        "commit: 0123456789abcdef0123456789abcdef01234567",
        "benchmarks_run: pingpong skynet",
        "dirty: yes",
        "complete: no",
        "benchmark: skynet measured scaled leaves=1000",
        "benchmark: fanout failed full workers=100 messages=1000000",
        "left_out: mesh",
        "setting: SEQ_POOL_CAPACITY=100000",
        "ratio: pingpong seq go 2.29876 2.25 2.3125 30",
        "ratio: pingpong seq go.idiomatic 3.0 - - 5",
        "    Ping-Pong  502ms  217ms",
    ):
        assert line in lines
    assert parse(_TEXT) == _RECORD


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n"])
def test_an_empty_file_is_called_empty(text: str) -> None:
    with pytest.raises(RecordError, match="it is empty"):
        parse(text)


def test_a_file_that_ends_anywhere_too_early_is_called_cut_short() -> None:
    for end in range(1, len(_TEXT)):
        with pytest.raises(RecordError, match="it is cut short"):
            parse(_TEXT[:end])


def test_a_stamp_of_the_original_format_has_no_digest() -> None:
    with pytest.raises(RecordError, match="it is cut short: expected its digest on the last line"):
        parse("timestamp: 2026-03-01T12:00:00Z\ncommit: 0123456\nbenchmarks_run: skynet pingpong fanout\n")


@pytest.mark.parametrize("new", ["", "x", " ", "\n", "0", "\r\n"])
def test_a_character_that_was_changed_anywhere_is_found(new: str) -> None:
    for index, old in enumerate(_TEXT):
        if old != new:
            with pytest.raises(RecordError, match=r"it was altered|it is cut short"):
                parse(_TEXT[:index] + new + _TEXT[index + 1 :])


@pytest.mark.parametrize("new", ["x", " ", "\n", "\t", "\r", "\ufeff"])
def test_a_character_that_was_added_anywhere_is_found(new: str) -> None:
    for index in range(len(_TEXT) + 1):
        with pytest.raises(RecordError, match=r"it was altered|it is cut short"):
            parse(_TEXT[:index] + new + _TEXT[index:])


@given(st.integers(0, len(_TEXT) - 1), st.characters(exclude_categories=["Cs"]))
def test_any_character_in_the_place_of_another_is_found(index: int, new: str) -> None:
    if _TEXT[index] != new:
        with pytest.raises(RecordError, match=r"it was altered|it is cut short"):
            parse(_TEXT[:index] + new + _TEXT[index + 1 :])


def test_a_change_of_what_counts_is_called_an_alteration() -> None:
    with pytest.raises(RecordError, match="it was altered after it was written: its digest does not match"):
        parse(_TEXT.replace("fanout failed", "fanout measured"))


def test_two_records_in_one_file_are_an_alteration() -> None:
    with pytest.raises(RecordError, match="it was altered"):
        parse(_TEXT + _TEXT)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("format: 3\n", "'3'"),
        ("", "'unknown'"),
    ],
)
def test_another_format_is_named_with_the_one_that_is_read(new: str, said: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(_edited("format: 2\n", new))
    assert caught.value.message == f"its format is {said}, expected '2'"


def test_earlier_format_gives_tables_apart_and_no_ratios() -> None:
    text = (REPOSITORY / "tests/fixtures/0.1.0-before-layout/LATEST_RUN-real.txt").read_text(encoding="utf-8")
    record = parse(text)

    assert record.ratios == ()
    assert record.table.startswith("Benchmark  ")
    assert record.table.endswith(" Investigate")
    assert record.costs.startswith("Program  ")
    assert record.costs.endswith(" 6,300")
    assert record.notes.startswith("Times are medians")
    assert record.notes.endswith("in the harness")
    assert parse(render(record)) == record


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2026-03-01T14:00:00+02:00", NOON),
        ("2026-03-01T00:30:00-11:30", NOON),
        ("2026-03-01T12:00:00+00:00", NOON),
        ("2026-02-28T23:00:00-13:00", NOON),
    ],
)
def test_a_timestamp_in_another_time_zone_is_the_same_moment(stamp: str, moment: datetime) -> None:
    record = parse(_edited("2026-03-01T12:00:00Z", stamp))
    assert record.timestamp == moment
    assert record.timestamp.tzinfo is UTC
    assert record == _RECORD


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("timestamp: 2026-03-01T12:00:00Z\n", "", "timestamp"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00", "time zone"),
        ("2026-03-01T12:00:00Z", "yesterday", "yesterday"),
        ("2026-03-01T12:00:00Z", "0001-01-01T00:00:00+02:00", "range"),
        ("commit: 0123456789abcdef0123456789abcdef01234567\n", "", "commit"),
        ("dirty: yes\n", "", "dirty"),
        ("complete: no\n", "", "complete"),
        ("sources: sha256:1\n", "", "sources"),
        ("machine: A processor", 'machine: "A processor', ""),
        ("skynet measured scaled", "skynet finished scaled", "finished"),
        ("2.29876 2.25 2.3125 30", "2.29876 - 2.3125 30", "-"),
        ("2.29876 2.25 2.3125 30", "2.29876 2.25 2.3125", ""),
        ("2.29876 2.25 2.3125 30", "2.29876 2.25 2.3125 few", "few"),
        ("\ncosts:\n", "\ncost:\n", "costs"),
        ("benchmark: skynet measured scaled leaves=1000\n", "benchmark: skynet\n", ""),
    ],
)
def test_a_signed_file_with_a_value_that_cannot_be_read_is_no_record(old: str, new: str, said: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(_edited(old, new))
    assert said in caught.value.message


@given(st.integers(0, 20), st.text(st.sampled_from('\n:" ab1-+T{[\\') | st.characters(exclude_categories=["Cs"])))
def test_a_signed_file_with_any_line_changed_is_a_record_or_a_record_error(number: int, line: str) -> None:
    lines = _TEXT.splitlines()[:-1]
    key = lines[number].partition(": ")[0]
    lines[number] = f"{key}: {line}"
    try:
        record = parse(_signed("\n".join(lines) + "\n"))
    except RecordError:
        return
    assert parse(render(record)) == record


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
    assert record.text == full_text(session)


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
