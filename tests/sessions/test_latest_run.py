import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.sessions.latest_run import (
    Record,
    RecordedBenchmark,
    RecordedRatio,
    RecordError,
    Status,
    parse,
    render,
)
from seqbench.sessions.recording import record_of
from seqbench.sessions.session import Failed, Session, Stage
from seqbench.stats.intervals import Interval, Ratio
from tests.support.laws import FEW
from tests.support.strategies import NOON, records, sessions
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
        target_cpu=text,
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
