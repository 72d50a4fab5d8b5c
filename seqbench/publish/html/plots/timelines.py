"""Draw values over time: a panel for each program, one below the other, over the same dates. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from statistics import median
from typing import TYPE_CHECKING

from seqbench.publish.html.plots import svg
from seqbench.publish.html.plots.labels import LANE, Beyond, Label, arrange, lanes, write_labels
from seqbench.publish.html.plots.parts import (
    AXIS_HEIGHT,
    LABEL_LINE,
    Caption,
    Key,
    add_axes,
    draw,
    limit_ticks,
    points,
    rings,
    set_ticks_within,
    shortened,
    write_row,
    written,
)
from seqbench.units import iso_utc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GUTTER = 54.0
_RIGHT = 14.0
_WIDTH = svg.WIDTH - _GUTTER - _RIGHT
_PANEL = 62.0
_PANEL_GAP = 10.0
# Space beyond the scale, as a share of its height; more above if changes are written there.
_ROOM, _HEAD_ROOM = 0.1, 0.38
# Space at the sides, as a share of the width, so that no point is on the edge.
_SIDE_ROOM = 0.03
# Matplotlib finds no ticks for some ranges with other numbers of dates.
_FEWEST_DATES, _MOST_DATES, _MOST_VALUES = 2, 5, 3
# The least width of a date axis in days, for sessions that started at the same time.
_LEAST_DAYS = 1 / 1440
# The room for the text of a change, as a share of the width; nearer texts would overlap.
_SHIFT_ROOM = 0.14
_LONGEST_SHORT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One value with its interval and its text; `low` and `high` are None if there are too few rounds."""

    at: datetime
    value: float
    low: float | None
    high: float | None
    text: str
    is_disturbed: bool = False
    """Whether it was measured beside other work; it gets a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A change of the level at the moment of this index, with a short and a long text."""

    index: int
    short: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened to the machine before the moment of this index, such as a new kernel."""

    index: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The values of one program, the oldest first, and the ends of their scale; values beyond it are outliers."""

    key: Key
    moments: tuple[Moment, ...]
    shifts: tuple[Shift, ...]
    low: float
    high: float
    text: str
    marks: tuple[Mark, ...] = ()

    def clamped(self, value: float) -> float:
        """Return the value, limited to the scale."""
        return min(self.high, max(self.low, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """A timeline with the range of its dates, in days, and the texts of its values above and below its scale."""

    row: Timeline
    dates: tuple[float, float]
    above: tuple[Label, ...]
    below: tuple[Label, ...]

    @property
    def height(self) -> float:
        return _PANEL + LANE * (lanes(self.above) + lanes(self.below))


def timelines(rows: Sequence[Timeline], caption: Caption, tick: Callable[[float], str]) -> str:
    """Draw a panel for each program: points with their intervals, levels, and a line where the level changed.

    Each panel has its own scale; all have the same dates. A value beyond the scale is a triangle at its edge, with its
    value beside it.

    Raises
    ------
    ValueError
        A date is too far in the past or the future for an axis.
    """
    dates = [moment.at.astimezone(UTC) for row in rows for moment in row.moments]
    panels = [_panel(row, _date_range(min(dates), max(dates)), tick) for row in rows]
    tops = list(accumulate((LABEL_LINE + panel.height + _PANEL_GAP for panel in panels), initial=0.0))

    def paint(figure: "Figure") -> svg.Notes:
        notes: dict[str, list[svg.Note]] = {}
        for number, panel in enumerate(panels):
            row = panel.row
            write_row(figure, tops[number], row.key, row.text)
            axes = add_axes(figure, _GUTTER, tops[number] + LABEL_LINE, _WIDTH, panel.height)
            limit_ticks(axes, most_x=_MOST_DATES)
            _set_dates(axes, *panel.dates)
            _set_values(axes, panel, tick)
            notes |= _draw_moments(axes, row, number)
            notes |= _draw_shifts(axes, row, number) | _draw_marks(axes, row, number)
            axes.tick_params(labelbottom=number == len(rows) - 1)
        days = dict.fromkeys(f"{date:%Y-%m-%d}" for date in (min(dates), max(dates)))
        axes.set_xlabel(f"{' to '.join(days)}, UTC")
        return notes

    return draw(paint, tops[-1] + AXIS_HEIGHT + 14, caption)


def _date_range(first: datetime, last: datetime) -> tuple[float, float]:
    low, high = _days(first, last)
    room = max(_SIDE_ROOM * (high - low), _LEAST_DAYS)
    return low - room, high + room


def _panel(row: Timeline, dates: tuple[float, float], tick: Callable[[float], str]) -> _Panel:
    first, last = dates

    def texts(*, is_above: bool) -> tuple[Label, ...]:
        days = _days(*(moment.at for moment in row.moments))
        beyond = [
            Beyond(
                at=(day - first) / (last - first) * _WIDTH,
                distance=abs(moment.value - row.clamped(moment.value)),
                text=tick(moment.value),
            )
            for day, moment in zip(days, row.moments, strict=True)
            if (moment.value > row.high if is_above else moment.value < row.low)
        ]
        return arrange(beyond, _WIDTH)

    return _Panel(row=row, dates=dates, above=texts(is_above=True), below=texts(is_above=False))


def _set_dates(axes: "Axes", low: float, high: float) -> None:
    from matplotlib.dates import AutoDateFormatter, AutoDateLocator  # noqa: PLC0415 - as in svg.draw

    axes.set_xlim(low, high)
    locator = AutoDateLocator(tz=UTC, minticks=_FEWEST_DATES, maxticks=_MOST_DATES)  # type: ignore[no-untyped-call]
    formatter = AutoDateFormatter(locator, tz=UTC)  # type: ignore[no-untyped-call]
    # Short, because the label of the axis has the days.
    formatter.scaled |= {1.0: "%m-%d", 1 / 24: "%H:%M", 1 / 1440: "%H:%M"}
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)


def _set_values(axes: "Axes", panel: _Panel, tick: Callable[[float], str]) -> None:
    """Set the scale, with lanes for the values beyond it, and write these."""
    row = panel.row
    height = row.high - row.low
    head_room = _HEAD_ROOM if row.shifts else _ROOM
    lane = (1 + _ROOM + head_room) * height / _PANEL * LANE
    low, high = row.low - _ROOM * height, row.high + _ROOM * height
    axes.set_ylim(low - lanes(panel.below) * lane, row.high + head_room * height + lanes(panel.above) * lane)
    write_labels(axes, panel.above, high, lane, _WIDTH)
    write_labels(axes, panel.below, low, -lane, _WIDTH)
    set_ticks_within(axes.yaxis, row.low, row.high, most=_MOST_VALUES)
    axes.yaxis.set_major_formatter(written(tick))
    axes.grid(axis="y")


def _draw_moments(axes: "Axes", row: Timeline, number: int) -> dict[str, list[svg.Note]]:
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
            rings(axes, [(day, row.clamped(moment.value)) for day, moment in some if moment.is_disturbed])
            notes[gid] = [_note(row, moment) for _, moment in some]
    return notes


def _draw_shifts(axes: "Axes", row: Timeline, number: int) -> dict[str, list[svg.Note]]:
    """Draw the levels, and a dashed line with a text at each change; if texts would overlap, only the last one."""
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


def _draw_marks(axes: "Axes", row: Timeline, number: int) -> dict[str, list[svg.Note]]:
    """Draw a dotted line at each mark."""
    notes: dict[str, list[svg.Note]] = {}
    for place, mark in enumerate(row.marks):
        at = row.moments[mark.index].at
        (day,) = _days(at)
        (line,) = axes.plot([day, day], axes.get_ylim(), color=svg.INK, linewidth=1, linestyle=":", alpha=0.6)
        line.set_gid(f"mark-{number}-{place}")
        note: svg.Note = {"program": row.key.label, "mark": mark.text, "at": iso_utc(at)}
        notes[f"mark-{number}-{place}"] = [{**note, "title": f"{row.key.label}, {mark.text}"}]
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
