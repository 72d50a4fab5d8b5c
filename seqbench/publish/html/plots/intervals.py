"""Draw values with their intervals: medians, ratios to the reference, and changes near 1. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10, sqrt
from typing import TYPE_CHECKING

from seqbench.publish.html.plots import svg
from seqbench.publish.html.plots.parts import (
    AXIS_HEIGHT,
    LABEL_LINE,
    Caption,
    Key,
    add_axes,
    draw,
    limit_ticks,
    log_ticks,
    name_width,
    points,
    write_row,
    written,
)
from seqbench.stats.intervals import EXCELLENT_LIMIT, GOOD_LIMIT, Band

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 22.0
# Fewer ticks than this on each side of no change.
_MOST_STEPS = 3
# With a larger factor between two values, a linear axis from zero shows only the larger one.
_WIDE = 8.0
# The least range of the scale of ratios, so that all three bands are shown.
_LEAST_RATIO, _MOST_RATIO = 0.7, 12.0
# Ticks that are nearer than this factor would touch.
_TICK_FACTOR = 1.9
_LETTER = 8.0
# Of a dense plot: the width of a letter of a value, the gap beside the scale, and the least width of the scale.
_DIGIT, _GAP, _LEAST_SCALE = 7.2, 12.0, 100.0
# The least distance of two ticks, and of two with a unit.
_TICK, _WIDE_TICK = 34.0, 48.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One value with its interval and its text; `low` and `high` are None if there are too few rounds."""

    key: Key
    value: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """The horizontal axis: its range, its ticks (None: a few round numbers), and lines at `limits`."""

    low: float
    high: float
    is_log: bool
    tick: Callable[[float], str]
    ticks: Sequence[float] | None = None
    limits: Sequence[float] = ()
    zones: Sequence[str] = ()
    """The names of the ranges between the limits."""


def medians(marks: Sequence[Mark], caption: Caption, tick: Callable[[float], str], *, is_dense: bool = False) -> str:
    """Draw values with their intervals from zero on, or on a logarithmic scale if they are far apart.

    In a dense plot, for a place beside text, each mark has one line and not two.
    """
    low, high = _reach(marks)
    if low > 0 and max(mark.value for mark in marks) > _WIDE * min(mark.value for mark in marks):
        low, high = low / 1.5, high * 1.5
        scale = _Scale(low=low, high=high, is_log=True, tick=tick, ticks=log_ticks(low, high))
    else:
        scale = _Scale(low=0.0, high=1.06 * high or 1.0, is_log=False, tick=tick)
    return _dots(marks, caption, scale, is_dense=is_dense)


def ratios(marks: Sequence[Mark], caption: Caption, tick: Callable[[float], str], *, is_dense: bool = False) -> str:
    """Draw ratios with their intervals on a logarithmic scale, with lines between the bands, at 2x and 5x.

    `is_dense` is that of `medians`; such a plot names no band, and shows the lines that are within its range.
    """
    low, high = (end * factor for end, factor in zip(_reach(marks), (1 / 1.2, 1.2), strict=True))
    if not is_dense:
        low, high = min(_LEAST_RATIO, low), max(_MOST_RATIO, high)
    limits = tuple(limit for limit in (EXCELLENT_LIMIT, GOOD_LIMIT) if low < limit < high)
    clear = [each for each in log_ticks(low, high) if all(max(each / at, at / each) > _TICK_FACTOR for at in limits)]
    # Between two round numbers there is none: then the middle, with two digits.
    ticks = sorted({*limits, *clear}) or [float(f"{sqrt(low * high):.2g}")]
    scale = _Scale(low=low, high=high, is_log=True, tick=tick, ticks=ticks, limits=limits, zones=tuple(Band))
    return _dots(marks, caption, scale, is_dense=is_dense)


def changes(
    marks: Sequence[Mark], caption: Caption, margin: float, tick: Callable[[float], str], *, is_dense: bool = False
) -> str:
    """Draw ratios near 1 with their intervals, with lines at 1 and at both ends of the margin.

    `is_dense` is that of `medians`.
    """
    low, high = _reach(marks)
    room = 1.3 * max(2 * margin, high - 1, 1 - low)
    limits = (1 / (1 + margin), 1.0, 1 + margin)
    ticks = _ticks_around_one(room)
    scale = _Scale(low=1 - room, high=1 + room, is_log=False, tick=tick, ticks=ticks, limits=limits)
    return _dots(marks, caption, scale, is_dense=is_dense)


def _ticks_around_one(room: float) -> Sequence[float]:
    """Return 1 and one or two round numbers on both sides of it, within `room`."""
    power = 10.0 ** floor(log10(room / _MOST_STEPS))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if room / step < _MOST_STEPS)
    count = int(room / step)
    return [1 + number * step for number in range(-count, count + 1)]


def _dots(marks: Sequence[Mark], caption: Caption, scale: _Scale, *, is_dense: bool) -> str:
    """Draw a row for each mark: its name and its value as text, and below or between them its point and interval."""
    head = LABEL_LINE if scale.zones and not is_dense else 4.0
    label = 0.0 if is_dense else LABEL_LINE
    row_height = LABEL_LINE if is_dense else label + _ROW
    tall = row_height * len(marks) + 4
    left, right = _beside(marks) if is_dense else (12.0, 24.0)
    wide = svg.WIDTH - left - right

    def paint(figure: "Figure") -> svg.Notes:
        axes = add_axes(figure, left, head, wide, tall)
        axes.set_ylim(tall, 0)
        if scale.is_log:
            axes.set_xscale("log")
        axes.set_xlim(scale.low, scale.high)
        notes: dict[str, list[svg.Note]] = {}
        for number, mark in enumerate(marks):
            top = number * row_height
            write_row(figure, head + top, mark.key, mark.text)
            for limit in scale.limits:
                ends = (top + max(0.0, label - 1), top + row_height)
                axes.plot([limit, limit], ends, color=svg.MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=0.5)
            _dot(
                axes,
                mark,
                top + label + (row_height - label) / 2,
                f"mark-{number}",
                is_from_zero=scale.low == 0,
                size=5 if is_dense else 8,
            )
            notes[f"mark-{number}"] = [_note(mark)]
        if not is_dense:
            _name_zones(axes, scale)
        _set_ticks(axes, scale, wide)
        return notes

    return draw(paint, head + tall + AXIS_HEIGHT + 2, caption)


def _beside(marks: Sequence[Mark]) -> tuple[float, float]:
    """Return the room for the names on the left and for the values on the right."""
    names = max(name_width(mark.key.label) for mark in marks)
    values = _DIGIT * max(len(mark.text) for mark in marks)
    most = (svg.WIDTH - _LEAST_SCALE) / 2
    return min(names, most) + _GAP, min(values, most) + _GAP


def _dot(axes: "Axes", mark: Mark, at: float, gid: str, *, is_from_zero: bool, size: float) -> None:
    if is_from_zero:
        axes.plot([0, mark.value], [at, at], color=svg.RULE, linewidth=3)
    if mark.low is not None and mark.high is not None:
        axes.plot([mark.low, mark.high], [at, at], color=svg.tone(mark.key.tone), linewidth=3, solid_capstyle="butt")
    points(axes, [mark.value], [at], mark.key, gid, size=size)


def _note(mark: Mark) -> svg.Note:
    ends = {key: f"{end:.9g}" for key, end in (("low", mark.low), ("high", mark.high)) if end is not None}
    return {"program": mark.key.label, "value": f"{mark.value:.9g}", **ends, "title": f"{mark.key.label}: {mark.text}"}


def _name_zones(axes: "Axes", scale: _Scale) -> None:
    """Write the names of the ranges between the limits, where there is room."""
    if not scale.zones:
        return
    width = log10(scale.high / scale.low)
    for zone, (low, high) in zip(scale.zones, pairwise((scale.low, *scale.limits, scale.high)), strict=True):
        if log10(high / low) / width * svg.WIDTH > _LETTER * len(zone):
            axes.text((low * high) ** 0.5, -8, zone, ha="center", color=svg.MUTED, fontsize=svg.FONT_SIZE - 1)


def _set_ticks(axes: "Axes", scale: _Scale, width: float) -> None:
    limit_ticks(axes, most_x=max(2, min(5, int(width / _WIDE_TICK))))
    axes.yaxis.set_ticks([])
    if scale.ticks is not None:
        axes.xaxis.set_ticks(_apart(scale, width), minor=False)
        axes.xaxis.set_ticks([], minor=True)
    axes.xaxis.set_major_formatter(written(scale.tick))


def _apart(scale: _Scale, width: float) -> list[float]:
    """Return the ticks that have room: those at the limits first, then from left to right."""
    place = log10 if scale.is_log else float
    per_unit = width / (place(scale.high) - place(scale.low))
    ticks = list(scale.ticks or ())
    kept: list[float] = []
    for tick in sorted(ticks, key=lambda each: each not in scale.limits):
        if all(abs(place(tick) - place(each)) * per_unit >= _TICK for each in kept):
            kept.append(tick)
    return sorted(kept)


def _reach(marks: Sequence[Mark]) -> tuple[float, float]:
    """Return the least and the greatest of all values and ends of intervals."""
    values = [value for mark in marks for value in (mark.value, mark.low, mark.high) if value is not None]
    return min(values), max(values)
