"""Draw trends for a report: one plot for each benchmark and size, with its numbers as a table. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from math import log

from seqbench.publish.history.report import mark_text
from seqbench.publish.history.series import Point
from seqbench.publish.history.sparkline import scale
from seqbench.publish.history.trend import LEAST_POINTS, Change, Trend, commit_text, point_marks, tool_text
from seqbench.publish.html.plots.parts import Caption, Key, Plot, ends, milliseconds_cell, time_text, time_tick
from seqbench.publish.html.plots.timelines import Mark, Moment, Shift, Timeline, timelines
from seqbench.runtimes.registry import RUNTIMES

# The numbers of fewer points are clearer than a line through them.
LEAST_PLOTTED = 3
_PLACES = {runtime.name: place for place, runtime in enumerate(RUNTIMES)}
_HEADER = (
    "Program",
    "Session (UTC)",
    "Median, ms",
    "From, ms",
    "To, ms",
    "Rounds",
    "Compiler",
    "Commit",
    "Change",
)
_DISTURBED = "Disturbed"


def together(trends: Sequence[Trend]) -> tuple[tuple[Trend, ...], ...]:
    """Group trends by machine, benchmark, size and settings, in their order."""
    groups: dict[tuple[object, ...], list[Trend]] = {}
    for trend in trends:
        series = trend.series
        key = (series.machine.identity, series.benchmark, series.parameters, series.settings)
        groups.setdefault(key, []).append(trend)
    return tuple(map(tuple, groups.values()))


def is_plotted(trend: Trend) -> bool:
    """Return whether a trend has enough points for a plot."""
    return len(trend.series.points) >= LEAST_PLOTTED


def history_plot(trends: Sequence[Trend], ident: str) -> Plot:
    """Draw a group of trends, with a panel for each of them."""
    others = sorted({trend.series.runtime for trend in trends} - _PLACES.keys())
    tones = _PLACES | {name: len(_PLACES) + place for place, name in enumerate(others)}
    rows = [_timeline(trend, tones[trend.series.runtime]) for trend in trends]
    is_disturbed = any(moment.is_disturbed for row in rows for moment in row.moments)
    rings = "A ring marks a session that other work or a CPU quota disturbed. " if is_disturbed else ""
    series = trends[0].series
    title = f"{series.subject}{series.settings_text}"
    said = "; ".join(
        ", ".join([row.key.label, row.text, *(s.text for s in row.shifts), *(m.text for m in row.marks)])
        for row in rows
    )
    caption = Caption(ident=ident, title=title, description=f"{said}. The numbers follow as a table.")
    return Plot(
        title=title,
        note="A point is the median of one session, its bar the 95 % interval. Each program has its own scale, which "
        f"does not start at zero. A triangle is a value beyond the scale. {rings}{_meaning(trends)}",
        drawing=timelines(rows, caption, time_tick),
        header=(*_HEADER, _DISTURBED) if is_disturbed else _HEADER,
        rows=tuple(row[: None if is_disturbed else -1] for trend in trends for row in _table_rows(trend)),
    )


def _meaning(trends: Sequence[Trend]) -> str:
    points = [pair for trend in trends for pair in pairwise(trend.series.points)]
    is_marked = any(point_marks(*pair) for pair in points)
    marks = " A dotted line marks a new kernel or host name, or other benchmark sources." if is_marked else ""
    return f"{_meaning_of_changes(trends)}{marks}"


def _meaning_of_changes(trends: Sequence[Trend]) -> str:
    if any(trend.changes for trend in trends):
        return "A dashed line marks a lasting change of the times; the horizontal lines are the levels."
    if all(len(trend.series.points) < LEAST_POINTS for trend in trends):
        return f"Finding changes needs {LEAST_POINTS} sessions."
    return "No change was found."


def _timeline(trend: Trend, tone: int) -> Timeline:
    series = trend.series
    last = series.points[-1]
    compiler = f", {last.tool} {last.tool_version}" if last.tool else ""
    low, high = scale(series.times_ns, trend.changes)
    return Timeline(
        key=Key(
            label=f"{series.program}{compiler}",
            tone=tone,
            is_hollow=bool(series.variant),
        ),
        moments=tuple(
            Moment(
                at=point.started_at,
                value=time,
                low=ends(point.interval)[0],
                high=ends(point.interval)[1],
                text=_point_text(point),
                is_disturbed=bool(point.interference.remark),
            )
            for point, time in zip(series.points, series.times_ns, strict=True)
        ),
        shifts=tuple(
            Shift(
                index=change.index,
                short=_short(change),
                text=f"{mark_text(series.points, change.index, change)} ({_moment_text(series.points[change.index])})",
            )
            for change in trend.changes
        ),
        marks=tuple(
            Mark(index=index, text=f"{', '.join(found)} ({_moment_text(after)})")
            for index, (before, after) in enumerate(pairwise(series.points), start=1)
            if (found := point_marks(before, after))
        ),
        low=low,
        high=high,
        text=f"last {time_text(last.elapsed_ns, last.interval)}",
    )


def _table_rows(trend: Trend) -> list[tuple[str, ...]]:
    series = trend.series
    changes = {change.index: change for change in trend.changes}
    return [
        (
            series.program,
            _moment_text(point),
            *(milliseconds_cell(value) for value in (point.elapsed_ns, *ends(point.interval))),
            str(point.rounds),
            tool_text(point),
            commit_text(point),
            mark_text(series.points, index, changes.get(index)),
            point.interference.remark,
        )
        for index, point in enumerate(series.points)
    ]


def _short(change: Change) -> str:
    """Return a short text for a change: `+11%`, or `x2.4` from a factor of 2 on."""
    return f"{100 * (change.ratio - 1):+.0f}%" if abs(log(change.ratio)) < log(2) else f"x{change.ratio:.2g}"


def _point_text(point: Point) -> str:
    remark = f", {point.interference.remark}" if point.interference.remark else ""
    return f"{_moment_text(point)}: {time_text(point.elapsed_ns, point.interval)}, {tool_text(point)}{remark}"


def _moment_text(point: Point) -> str:
    return f"{point.started_at:%Y-%m-%d %H:%M}"
