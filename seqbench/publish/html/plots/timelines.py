"""From values over time to a plot of them: a panel for each program, one below the other, over the same dates. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from seqbench.publish.html.plots import svg
from seqbench.publish.html.plots.parts import (
    AXIS_FOOT,
    LABEL_LINE,
    Caption,
    Key,
    add_axes,
    draw,
    limit_ticks,
    points,
    shortened,
    write_beside,
    write_row,
    written,
)
from seqbench.units import iso_utc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GUTTER = 54.0
_RIGHT = 14.0
_PANEL = 62.0
_PANEL_GAP = 10.0
# Of the height of a panel, beyond its scale; above it there is more where changes are written there.
_ROOM, _HEAD_ROOM = 0.1, 0.38
# Of the width, so that no point is on the edge.
_SIDE_ROOM = 0.03
# Between other numbers of dates Matplotlib finds no steps for some ranges.
_FEWEST_DATES, _MOST_DATES, _MOST_VALUES = 2, 5, 3
# What a date axis is widened to where all sessions began at once, in days.
_LEAST_DAYS = 1 / 1440
# A text at a change has so much room, of the width; nearer ones would overlap.
_SHIFT_ROOM = 0.14
_LONGEST_SHORT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One value with its interval, and the same in words; the ends are None where there are too few rounds."""

    at: datetime
    value: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """From the moment of this index on the level is another one; in a few letters and in words."""

    index: int
    short: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The values of one program, the oldest first, and the ends of their scale; what is beyond is far out."""

    key: Key
    moments: tuple[Moment, ...]
    shifts: tuple[Shift, ...]
    low: float
    high: float
    text: str

    def clamped(self, value: float) -> float:
        """Return the value, or the end of the scale that it is beyond."""
        return min(self.high, max(self.low, value))


def timelines(rows: Sequence[Timeline], caption: Caption, tick: Callable[[float], str]) -> str:
    """Draw a panel for each program: points with their intervals, levels, and a line where the level changed.

    Each panel has its own scale, all have the same dates. What is too far out is a triangle at the edge.

    Raises
    ------
    ValueError
        A moment is at the end of time, where there is no room for an axis.
    """
    panel = LABEL_LINE + _PANEL + _PANEL_GAP

    def paint(figure: "Figure") -> svg.Notes:
        dates = [moment.at.astimezone(UTC) for row in rows for moment in row.moments]
        notes: dict[str, list[svg.Note]] = {}
        for number, row in enumerate(rows):
            top = number * panel
            write_row(figure, top, row.key, row.text)
            axes = add_axes(figure, _GUTTER, top + LABEL_LINE, svg.WIDTH - _GUTTER - _RIGHT, _PANEL)
            limit_ticks(axes, most_x=_MOST_DATES, most_y=_MOST_VALUES)
            _set_dates(axes, min(dates), max(dates))
            _set_values(axes, row, tick)
            notes |= _draw_moments(axes, row, number, tick)
            notes |= _draw_shifts(axes, row, number)
            axes.tick_params(labelbottom=number == len(rows) - 1)
        days = dict.fromkeys(f"{date:%Y-%m-%d}" for date in (min(dates), max(dates)))
        axes.set_xlabel(f"{' to '.join(days)}, UTC")
        return notes

    return draw(paint, len(rows) * panel + AXIS_FOOT + 14, caption)


def _set_dates(axes: "Axes", first: datetime, last: datetime) -> None:
    from matplotlib.dates import AutoDateFormatter, AutoDateLocator  # noqa: PLC0415 - as in svg.draw

    low, high = _days(first, last)
    room = max(_SIDE_ROOM * (high - low), _LEAST_DAYS)
    axes.set_xlim(low - room, high + room)
    locator = AutoDateLocator(tz=UTC, minticks=_FEWEST_DATES, maxticks=_MOST_DATES)  # type: ignore[no-untyped-call]
    formatter = AutoDateFormatter(locator, tz=UTC)  # type: ignore[no-untyped-call]
    # Short, for the days stand below.
    formatter.scaled |= {1.0: "%m-%d", 1 / 24: "%H:%M", 1 / 1440: "%H:%M"}
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)


def _set_values(axes: "Axes", row: Timeline, tick: Callable[[float], str]) -> None:
    height = row.high - row.low
    axes.set_ylim(row.low - _ROOM * height, row.high + (_HEAD_ROOM if row.shifts else _ROOM) * height)
    axes.yaxis.set_major_formatter(written(tick))
    axes.grid(axis="y")


def _draw_moments(axes: "Axes", row: Timeline, number: int, tick: Callable[[float], str]) -> dict[str, list[svg.Note]]:
    days = _days(*(moment.at for moment in row.moments))
    colour = svg.tone(row.key.tone)
    axes.plot(days, [row.clamped(moment.value) for moment in row.moments], color=colour, linewidth=1, alpha=0.5)
    for day, moment in zip(days, row.moments, strict=True):
        if moment.low is not None and moment.high is not None:
            ends = [row.clamped(end) for end in (moment.low, moment.high)]
            axes.plot([day, day], ends, color=colour, linewidth=3, alpha=0.35)
    notes: dict[str, list[svg.Note]] = {}
    sides: dict[str | None, list[tuple[float, Moment]]] = {"^": [], "v": [], None: []}
    for day, moment in zip(days, row.moments, strict=True):
        sides["^" if moment.value > row.high else "v" if moment.value < row.low else None].append((day, moment))
    for marker, some in sides.items():
        if some:
            gid = f"moments-{number}-{marker or 'inside'}"
            heights = [row.clamped(moment.value) for _, moment in some]
            points(axes, [day for day, _ in some], heights, row.key, gid, size=4, marker=marker)
            notes[gid] = [_note(row, moment) for _, moment in some]
            if marker:
                places = [(day, row.clamped(moment.value), tick(moment.value)) for day, moment in some]
                write_beside(axes, places, sum(axes.get_xlim()) / 2)
    return notes


def _draw_shifts(axes: "Axes", row: Timeline, number: int) -> dict[str, list[svg.Note]]:
    """Draw the levels, and a dashed line with a text where a new one begins; of texts that would overlap the last."""
    if not row.shifts:
        return {}
    days = _days(*(moment.at for moment in row.moments))
    for start, end in pairwise((0, *(shift.index for shift in row.shifts), len(days))):
        middle = median(moment.value for moment in row.moments[start:end])
        axes.plot([days[start], days[end - 1]], [middle, middle], color=svg.INK, linewidth=1.2)
    left, right = axes.get_xlim()
    top = axes.get_ylim()[1]
    free = 1 + _SHIFT_ROOM
    notes: dict[str, list[svg.Note]] = {}
    for place, shift in reversed(list(enumerate(row.shifts))):
        day = days[shift.index]
        gid = f"shift-{number}-{place}"
        (line,) = axes.plot([day, day], axes.get_ylim(), color=svg.INK, linewidth=1, linestyle=(0, (4, 3)))
        line.set_gid(gid)
        at = row.moments[shift.index].at
        notes[gid] = [
            {
                "program": row.key.label,
                "shift": shift.short,
                "at": iso_utc(at),
                "title": f"{row.key.label}, {shift.text}",
            }
        ]
        share = (day - left) / (right - left)
        side, begin = ("left", share) if share < 1 - _SHIFT_ROOM else ("right", share - _SHIFT_ROOM)
        if begin + _SHIFT_ROOM <= free:
            free = begin
            text = f" {shortened(shift.short, _LONGEST_SHORT)} "
            axes.text(day, top, text, ha=side, va="top", color=svg.INK, fontsize=svg.FONT_SIZE - 1)
    return notes


def _note(row: Timeline, moment: Moment) -> svg.Note:
    ends = {key: f"{end:.12g}" for key, end in (("low", moment.low), ("high", moment.high)) if end is not None}
    return {
        "program": row.key.label,
        "at": iso_utc(moment.at),
        "value": f"{moment.value:.12g}",
        **ends,
        "title": f"{row.key.label}, {moment.text}",
    }


def _days(*moments: datetime) -> list[float]:
    from matplotlib.dates import date2num  # noqa: PLC0415 - as in svg.draw

    return [float(date2num(moment)) for moment in moments]  # type: ignore[no-untyped-call]
