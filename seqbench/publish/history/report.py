"""Write trends as text: a block for each machine, with its trends and their points. Pure."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from statistics import median

from seqbench.errors import INVOKE
from seqbench.publish.history.series import Point
from seqbench.publish.history.sparkline import sparkline
from seqbench.publish.history.trend import (
    LEAST_POINTS,
    Change,
    Trend,
    commit_text,
    differences,
    point_marks,
    tool_text,
)
from seqbench.system.facts import Machine
from seqbench.text import SIMPLE, fits, printable, table
from seqbench.units import durations, percent, time_writer

_MEANING = f"""\
A point is the median of a program's own clock over the rounds of one session. Machines, sizes and settings
are never mixed. Consecutive sessions with the same tools and commit share a line (+: uncommitted changes).
Disturbed: other processes used more than a tenth of the CPUs, or a CPU quota stopped the programs.
A change is a new level that lasts for several sessions, not a spike. ?: fewer than {LEAST_POINTS} sessions.
"kernel A -> B" and "host A -> B" mark an update of the kernel and another host name of the same machine.
The listed differences need not be the cause: `{INVOKE} compare` runs both versions in the same rounds."""


def full_text(trends: Sequence[Trend], *, ascii_only: bool = False, width: int | None = None) -> str:
    """Return the text of `invoke history`.

    Parameters
    ----------
    ascii_only : bool
        Use no character beyond ASCII.
    width : int or None
        Tables that are wider omit their least important columns; None means no limit.
    """
    machines: dict[str, list[Trend]] = {}
    for trend in trends:
        machines.setdefault(trend.series.machine.identity, []).append(trend)
    blocks = [_block(some[0].series.machine, some, ascii_only=ascii_only, width=width) for some in machines.values()]
    if not blocks:
        return "the history has no session of that time"
    text = "\n\n\n".join([*blocks, _MEANING])
    return printable(text.encode("ascii", "backslashreplace").decode() if ascii_only else text)


def _block(machine: Machine, trends: Sequence[Trend], *, ascii_only: bool, width: int | None) -> str:
    heading = f"machine {machine.identity}: {machine.sentence()}"
    trend_header = ["Program", "Sessions", "Trend", "First", "Last", "Changes"]
    trend_rows = [_trend_row(trend, ascii_only=ascii_only) for trend in trends]
    point_header = ["Points of", "From (UTC)", "Sessions", "Median", "Toolchain", "Commit", "Change", "Disturbed"]
    point_rows = [row for trend in trends for row in _point_rows(trend)]
    if not any(row[-1] for row in point_rows):
        point_header, point_rows = point_header[:-1], [row[:-1] for row in point_rows]
    texts, least = ("Trend", "Changes"), ("First", "Sessions")
    trend_table = table(trend_rows, trend_header, SIMPLE, width=width, texts=texts, least_important=least)
    return f"{heading}\n\n{trend_table}\n\n{_point_table(point_rows, point_header, width)}"


def _point_table(rows: Sequence[Sequence[str]], header: Sequence[str], width: int | None) -> str:
    """Lay out a row for each run of points; where they are too wide, their changes are sentences below."""
    whole = table(rows, header, SIMPLE)
    if fits(whole, width):
        return whole
    place, when = header.index("Change"), header.index("From (UTC)")
    texts, least = ("Change", "Disturbed"), ("Sessions", "Commit", "Toolchain", "From (UTC)")
    short = [[*row[:place], row[place].partition(":")[0], *row[place + 1 :]] for row in rows]
    found = table(short, header, SIMPLE, width=width, texts=texts, least_important=least)
    name, lines = "", []
    for row in rows:
        name = row[0] or name
        lines += [f"{name}, {row[when]}: {row[place]}"] if row[place] else []
    return "\n\n".join([found, *(["\n".join(lines)] if lines else [])])


def _trend_row(trend: Trend, *, ascii_only: bool) -> list[str]:
    series, times = trend.series, trend.series.times_ns
    shown = len(times)
    sessions = f"{shown} of {series.sessions:,}" if shown < series.sessions else str(shown)
    failed = f", {series.failures:,} failed" if series.failures else ""
    ends = durations([times[0], times[-1]]) if times else ["-", "-"]
    line = sparkline(times, trend.changes, ascii_only=ascii_only)
    return [series.name, f"{sessions}{failed}", line, *ends, _changes(trend)]


def _changes(trend: Trend) -> str:
    if len(trend.series.points) < LEAST_POINTS:
        return "?"
    return ", ".join(change_text(change) for change in trend.changes) or "none"


def change_text(change: Change) -> str:
    """Return a change of time as text: `slower by 11 %` for a ratio of 1.11, `faster by 50 %` for 0.5."""
    return f"{'slower' if change.ratio > 1 else 'faster'} by {percent(abs(change.ratio - 1))}"


def _point_rows(trend: Trend) -> Iterator[list[str]]:
    """Yield a row for each run of consecutive points with the same tools and commit."""
    points = trend.series.points
    write = time_writer(trend.series.times_ns)
    changes = {change.index: change for change in trend.changes}
    for first, run in _runs(points, changes):
        change = changes.get(first)
        yield [
            "" if first else trend.series.name,
            f"{run[0].started_at:%Y-%m-%d %H:%M}",
            f"{len(run):,}",
            write(median(point.elapsed_ns for point in run)),
            tool_text(run[0]),
            commit_text(run[0]),
            mark_text(points, first, change),
            _disturbed(run),
        ]


def _disturbed(run: Sequence[Point]) -> str:
    """Return how many of these sessions were disturbed, and how much; empty if none was."""
    found = [point.interference for point in run if point.interference.remark]
    if not found or len(run) == 1:
        return found[0].remark if found else ""
    worst = max(found, key=lambda each: (each.others_share, each.throttled_rounds))
    return f"{len(found)} of {len(run)} sessions, at worst: {worst.remark}"


def _runs(points: Sequence[Point], changes: Collection[int]) -> Iterator[tuple[int, list[Point]]]:
    """Yield runs of points with the same tools and kernel, with the index of their first; a change begins a run."""

    def kind(numbered: tuple[int, Point]) -> tuple[object, ...]:
        index, point = numbered
        begun = sum(start <= index for start in changes)
        tool = point.tool, point.tool_version, point.tool_digest
        return begun, tool, point.commit, point.dirty, point.sources, point.system, point.host

    for _, run in groupby(enumerate(points), key=kind):
        numbered = list(run)
        yield numbered[0][0], [point for _, point in numbered]


def mark_text(points: Sequence[Point], index: int, change: Change | None) -> str:
    """Return what happened at a point: a change with its differences, a new kernel or host name, or nothing."""
    if not index:
        return ""
    before, after = points[index - 1 : index + 1]
    if change:
        return f"{change_text(change)}: {cause_text(before, after)}"
    return ", ".join(point_marks(before, after))


def cause_text(before: Point, after: Point) -> str:
    """Return what coincides with a change: differences, and work of others; neither need be its cause."""
    found = ", ".join(differences(before, after))
    disturbed = [
        f"{which} was disturbed: {point.interference.remark}"
        for which, point in (("the session before", before), ("this session", after))
        if point.interference.remark
    ]
    if not found and not disturbed:
        return "same tools, commit and sources: check the machine"
    return "; ".join((found or "same tools, commit and sources", *disturbed))
