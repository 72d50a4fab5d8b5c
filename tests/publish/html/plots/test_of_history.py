from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.history.series import Series
from seqbench.publish.history.trend import Change, Trend, trend_of
from seqbench.publish.html.plots.of_history import history_plot, is_plotted, together
from seqbench.sessions.interference import InterferenceCounts
from seqbench.stats.intervals import Interval
from tests.support.histories import a_series, a_trend_point, points, stepped
from tests.support.laws import FEW
from tests.support.page import Element, read_page
from tests.support.strategies import any_text, several


def _dots(drawing: str, program: str) -> list[Element]:
    found = read_page(drawing).all("use")
    return [
        each for each in found if each.attributes.get("data-program") == program and "data-value" in each.attributes
    ]


def test_what_is_not_the_same_benchmark_size_settings_or_machine_is_never_together() -> None:
    seq = a_series(*points(500))
    go = replace(seq, runtime="go", runtime_title="Go")
    others = (
        replace(seq, benchmark="pongping"),
        replace(seq, parameters=(("round_trips", 10),)),
        replace(seq, settings=(("SEQ_A", "1"),)),
        replace(seq, machine=replace(seq.machine, identity="cd34")),
    )
    groups = together([Trend(series=each, changes=()) for each in (seq, *others, go)])
    assert [[trend.series for trend in group] for group in groups] == [[seq, go], *([each] for each in others)]


def test_disturbed_sessions_have_a_ring_and_say_so() -> None:
    noisy = InterferenceCounts(judged_rounds=9, disturbed_rounds=4, others_share=0.31)
    first, *rest = points(500, 501, 502)
    plot = history_plot([trend_of(a_series(replace(first, interference=noisy), *rest))], "h1-1")
    remark = "other processes used 31 % of the CPUs in 4 of 9 rounds"
    titles = [dot.one("title").text for dot in _dots(plot.drawing, "Seq, seqc 7.7.5")]
    assert [remark in title for title in titles] == [True, False, False]
    assert "A ring marks a session that" in plot.note
    assert plot.header[-1] == "Disturbed"
    assert [row[-1] for row in plot.rows] == [remark, "", ""]


def test_a_plot_has_every_point_of_each_program_with_its_interval_and_says_what_it_is_of() -> None:
    seq = a_series(*points(500, 510, 520))
    sure = replace(seq.points[0], interval=Interval(low=490e6, high=505e6), rounds=9)
    seq = replace(seq, points=(sure, *seq.points[1:]), settings=(("SEQ_A", "1"),))
    go = replace(a_series(*points(200, 201, 202), runtime="go"), variant="idiomatic", label="idiomatic Go")
    plot = history_plot([trend_of(seq), trend_of(go)], "h1-1")
    assert plot.title == "Ping-Pong [1,000,000 round trips], SEQ_A=1"
    assert [dot.attributes["data-value"] for dot in _dots(plot.drawing, "Seq, seqc 7.7.5")] == [
        "500000000",
        "510000000",
        "520000000",
    ]
    first = _dots(plot.drawing, "Seq, seqc 7.7.5")[0]
    assert (first.attributes["data-low"], first.attributes["data-high"]) == ("490000000", "505000000")
    assert first.one("title").text == "Seq, seqc 7.7.5, 2026-03-01 12:00: 500 ms [490, 505], seqc 7.7.5 (aaaaaaaa)"
    assert len(_dots(plot.drawing, "idiomatic Go, seqc 7.7.5")) == 3
    assert "last 520 ms" in read_page(plot.drawing).text
    assert plot.rows[0] == (
        "Seq",
        "2026-03-01 12:00",
        "500.000",
        "490.000",
        "505.000",
        "9",
        "seqc 7.7.5 (aaaaaaaa)",
        "0123456789ab",
        "",
    )
    assert [row[0] for row in plot.rows] == ["Seq"] * 3 + ["idiomatic Go"] * 3
    assert len(plot.header) == len(plot.rows[0])


def test_a_change_is_in_the_drawing_in_the_table_and_in_what_a_screen_reader_says() -> None:
    plot = history_plot([trend_of(stepped())], "h1-1")
    (line,) = [each for each in read_page(plot.drawing).all() if "data-shift" in each.attributes]
    assert line.attributes["data-shift"] == "+12%"
    assert line.attributes["data-at"] == "2026-03-09T12:00:00Z"
    said = "slower by 12 %: seqc 7.7.3 (00112233) to seqc 7.7.5 (aaaaaaaa), commit 0123456789ab to fedcba987654+"
    assert [row[-1] for row in plot.rows] == [*[""] * 8, said, *[""] * 7]
    assert f"{said} (2026-03-09 12:00)" in read_page(plot.drawing).one("desc").text
    assert "A dashed line marks a lasting change of the times" in plot.note


@pytest.mark.parametrize(
    ("ratio", "short"), [(1.1, "+10%"), (0.9, "-10%"), (2.4, "x2.4"), (0.1, "x0.1"), (60.0, "x60")]
)
def test_a_change_is_written_in_a_few_letters(ratio: float, short: str) -> None:
    trend = Trend(series=a_series(*points(*[500] * 4)), changes=(Change(index=2, ratio=ratio),))
    (line,) = [each for each in read_page(history_plot([trend], "h").drawing).all() if "data-shift" in each.attributes]
    assert line.attributes["data-shift"] == short


def test_note_says_when_no_change_was_found() -> None:
    def note(series: Series) -> str:
        return history_plot([trend_of(series)], "h").note

    level = a_series(*points(*[500] * 20))
    assert note(level).endswith("No change was found.")
    assert note(a_series(*points(*[500] * 11))).endswith("Finding changes needs 12 sessions.")


def test_a_level_of_the_last_few_sessions_is_within_the_scale_and_a_spike_is_not() -> None:
    series = a_series(*points(*[500, 501, 502] * 4, 9000, *[500, 501, 502] * 4, *[1000, 1001, 1002] * 2))
    trend = trend_of(series)
    assert [change.index for change in trend.changes] == [25]
    dots = {dot.attributes["data-value"]: dot for dot in _dots(history_plot([trend], "h").drawing, "Seq, seqc 7.7.5")}
    assert dots["9000000000"].attributes["href"] != dots["1002000000"].attributes["href"]
    assert dots["1002000000"].attributes["href"] == dots["500000000"].attributes["href"]


@pytest.mark.parametrize(("count", "is_enough"), [(0, False), (1, False), (2, False), (3, True)])
def test_a_plot_takes_three_points(count: int, is_enough: bool) -> None:  # noqa: FBT001
    assert is_plotted(trend_of(a_series(*points(*[500] * count)))) is is_enough


_moments = st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@FEW
@given(several(st.tuples(_moments, st.floats(0, 1e18)), most=4), any_text, any_text)
def test_whatever_the_history_holds_is_drawn_and_its_text_is_text(
    found: tuple[tuple[datetime, float], ...], title: str, tool: str
) -> None:
    some = [replace(a_trend_point(), started_at=at, elapsed_ns=time, tool=tool) for at, time in sorted(found)]
    series = replace(a_series(*some, a_trend_point()), title=title, settings=((title, tool),))
    plot = history_plot([trend_of(series)], "h")
    plot.drawing.encode()
    assert len(plot.rows) == len(some) + 1
    read_page(plot.drawing)


def test_new_kernel_is_a_dotted_line_and_in_the_table() -> None:
    before = points(*[500] * 3, system="Linux 6.1.0 x86_64")
    plot = history_plot([trend_of(a_series(*before, *points(500, first_day=3, system="Linux 6.2.0 x86_64")))], "h")

    (line,) = [each for each in read_page(plot.drawing).all("path") if "data-mark" in each.attributes]
    assert line.one("title").text == "Seq, seqc 7.7.5, kernel 6.1.0 -> 6.2.0 (2026-03-04 12:00)"
    assert [row[-1] for row in plot.rows] == ["", "", "", "kernel 6.1.0 -> 6.2.0"]
    assert "A dotted line marks a new kernel or host name, or other benchmark sources." in plot.note
    assert "A dotted line" not in history_plot([trend_of(a_series(*before))], "h").note


def test_other_sources_under_one_commit_are_a_dotted_line_and_in_the_table() -> None:
    before = points(*[500] * 3)
    plot = history_plot([trend_of(a_series(*before, *points(500, first_day=3, sources="sha256:2")))], "h")

    assert [row[-1] for row in plot.rows] == ["", "", "", "other benchmark sources"]
    assert len([each for each in read_page(plot.drawing).all("path") if "data-mark" in each.attributes]) == 1
    committed = points(500, first_day=3, sources="sha256:2", commit="fedcba9876543210")
    assert "A dotted line" not in history_plot([trend_of(a_series(*before, *committed))], "h").note
