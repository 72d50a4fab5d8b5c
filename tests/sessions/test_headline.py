"""The tables of a session within a width."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.sessions.recording import record_of
from seqbench.sessions.report import COST_HEADER, costs, headline
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Session, Skipped, Stage
from seqbench.text import PAGE_WIDTH, fits
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_session, measured

_RATES = {"msg/sec": 1_000_000, "strands/sec": 1_111_111}


def result(title: str, unit: str, seq: Sequence[float], go: Sequence[float], **variants: float) -> BenchmarkResult:
    """Build a benchmark of the shipped suite from times in ms; a variant is a program of Go."""
    programs = [a_program(long_counts(*seq)), a_program(long_counts(*go), "go")]
    programs += [a_program(long_counts(*[time] * len(go)), "go", name) for name, time in variants.items()]
    return replace(
        a_result(*programs, name=title.partition(" ")[0].lower(), title=title),
        rate_count=_RATES[unit],
        rate_unit=unit,
        variant_labels=tuple((name, f"{name} Go") for name in variants),
    )


def long_counts(*elapsed_ms: float) -> Measured:
    """Build rounds of a program with counts of as many digits as there are."""
    samples = (
        replace(sample, minor_faults=123_366_052, voluntary_switches=844_555_123, max_rss_bytes=1_023 << 30)
        for sample in measured(*elapsed_ms).samples
    )
    return Measured(samples=tuple(samples), warm_ups=())


DEFAULT_SUITE = a_session(
    result("Actors (1,000 actors)", "msg/sec", [360, 446, 446, 446, 446, 560], [164] * 6),
    result("Fan-Out (100 workers)", "msg/sec", [210, 231, 231, 231, 231, 280], [143] * 6, idiomatic=48.8),
    result("Ping-Pong", "msg/sec", [423, 423, 423, 423, 423, 520], [248] * 6),
    result("Skynet", "strands/sec", [33_000, 46_500, 46_500, 46_500, 46_500, 52_700], [698] * 6),
)


def test_tables_of_the_default_suite_fit_100_columns_without_losing_a_figure() -> None:
    record = record_of(DEFAULT_SUITE)

    assert record.table.splitlines()[:8] == [
        "Benchmark               Seq                        Go                        Ratio",
        "----------------------  -------------------------  ------------------------  -------------------",
        "Actors (1,000 actors)   446ms (2.2M msg/sec)       164ms (6.1M msg/sec)      2.7x [2.2, 3.4]",
        "                                                                             Good",
        "Fan-Out (100 workers)   231ms (4.3M msg/sec)       143ms (7.0M msg/sec)      1.6x [1.5, 2.0]",
        "                                                                             Excellent",
        "Fan-Out (100 workers),  231ms (4.3M msg/sec)       48.8ms (20.5M msg/sec)    4.7x [4.3, 5.7]",
        "idiomatic Go                                                                 Good or Investigate",
    ]
    for text in (record.table, record.costs):
        assert fits(text, PAGE_WIDTH), text
        assert "--wide" not in text
    assert "46.5s (23.9k strands/sec)  698ms (1.6M strands/sec)  66.6x [47.3, 75.5]" in record.table
    for figure in ("123,366,286", "844,555,801", "1023 GiB", "switches"):
        assert figure in record.costs


def test_wide_tables_are_as_they_were() -> None:
    lines = headline(DEFAULT_SUITE).splitlines()

    assert lines[0].split() == ["Benchmark", "Seq", "Go", "Ratio"]
    assert len(lines) == 2 + 5
    assert "Fan-Out (100 workers), idiomatic Go" in lines[4]
    assert lines[4].endswith("[4.3, 5.7] Good or Investigate")
    assert costs(DEFAULT_SUITE).splitlines()[0].split("  ")[-1].strip() == COST_HEADER[-1]


def test_more_runtimes_have_a_block_for_each_benchmark() -> None:
    names = ("seq", "go", "python", "rust", "erlang")
    outcome = measured(*[500] * 5, 700)
    pingpong = a_result(*(a_program(outcome, name) for name in names), title="Ping-Pong of two strands in a process")
    lines = headline(a_session(replace(pingpong, rate_count=1, rate_unit="msg/sec"), runtimes=names), width=90)

    assert lines.splitlines()[0].split() == ["Benchmark", "Time", "Rate", "Ratio"]
    assert [line.split("  ")[:2] for line in lines.splitlines()[2:]] == [
        ["Ping-Pong of two strands in a process"],
        ["", "Seq"],
        ["", "Go"],
        ["", "Python"],
        ["", "Rust"],
        ["", "Erlang"],
    ]
    assert fits(lines, 90)


@pytest.mark.parametrize(
    "outcome",
    [
        Failed(stage=Stage.RUN, reason="the result is 41, expected 42, in every one of its runs", detail=""),
        Skipped(reason="interrupted before its first counted run", remedy=""),
    ],
)
def test_reason_for_a_missing_time_is_folded(outcome: Failed | Skipped) -> None:
    session = a_session(a_result(a_program(outcome), a_program(outcome, "go"), title="Fan-Out (100 workers)"))

    for text in (headline(session, width=PAGE_WIDTH), costs(session, width=PAGE_WIDTH)):
        assert fits(text, PAGE_WIDTH)
        assert "--wide" not in text
        assert outcome.reason.split()[-1] in text


words = st.text("abcdefgh-,()1", min_size=1, max_size=12)
titles = st.lists(words, min_size=1, max_size=5).map(" ".join)
times = st.lists(st.floats(0.1, 1e5), min_size=6, max_size=6).map(lambda ms: measured(*ms))
ways = st.one_of(
    times,
    titles.map(lambda reason: Failed(stage=Stage.RUN, reason=reason, detail="")),
)


@st.composite
def some_sessions(draw: st.DrawFn) -> Session:
    names = ("seq", "go", "python", "rust", "erlang")[: draw(st.integers(1, 5))]
    found = [
        replace(
            a_result(
                *(a_program(draw(ways), name) for name in names),
                a_program(draw(ways), names[-1], "other"),
                name=f"b{number}",
                title=draw(titles),
            ),
            rate_count=draw(st.none() | st.integers(1, 10**9)),
            rate_unit=draw(words),
            variant_labels=(("other", draw(titles)),),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    return a_session(*found, runtimes=names)


@FEW
@given(some_sessions(), st.integers(60, 140))
def test_no_line_of_a_table_is_longer_than_the_terminal(session: Session, width: int) -> None:
    for text in (headline(session, width=width), costs(session, width=width)):
        table, _, said = text.partition("\n(too narrow for: ")
        assert fits(table, width), text
        if width >= PAGE_WIDTH:
            assert not said, text


@FEW
@given(some_sessions(), st.integers(60, 140))
def test_narrow_table_in_columns_has_every_word_of_the_wide_one(session: Session, width: int) -> None:
    def words_of(text: str) -> list[str]:
        return sorted(text.replace("-", " ").split())

    wide, found = (headline(session, width=each) for each in (None, width))
    if "--wide" not in found and found.split()[:2] == wide.split()[:2]:
        assert words_of(found) == words_of(wide)
