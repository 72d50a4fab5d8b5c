"""Draw splits of CPU time, bars and curves as SVG. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from seqbench.publish.html.plots import svg
from seqbench.publish.html.plots.intervals import Mark
from seqbench.publish.html.plots.parts import (
    AXIS_HEIGHT,
    LABEL_LINE,
    MARGIN,
    Caption,
    Key,
    add_axes,
    draw,
    legend_height,
    log_ticks,
    points,
    write_legend,
    write_row,
    written,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GUTTER = 44.0
_BAR = 11.0
_CURVES = 232.0
_MOST_TICKS = 5
# A factor around the curves, so that small differences look level.
_ROOM = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The CPU time of one program, in nanoseconds and as text."""

    key: Key
    user_ns: float
    system_ns: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points with rising `xs`, and a text for each of them."""

    key: Key
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    texts: tuple[str, ...]


_Row = TypeVar("_Row", Split, Mark)


def shares(rows: Sequence[Split], caption: Caption) -> str:
    """Draw each program's CPU time, user and system, as bars from zero on one scale."""
    most = max(row.user_ns + row.system_ns for row in rows) or 1.0

    def paint_bar(axes: "Axes", row: Split, number: int) -> svg.Notes:
        whole = row.user_ns + row.system_ns or 1.0
        user, system = row.user_ns / whole, row.system_ns / whole
        axes.set_xlim(0, most)
        solid = axes.barh([0], [row.user_ns], color=svg.USER)[0]
        hatched = axes.barh(
            [0], [row.system_ns], left=[row.user_ns], color="none", edgecolor=svg.SYSTEM, hatch="/////", linewidth=1
        )[0]
        notes: dict[str, list[svg.Note]] = {}
        for part, patch, value, share in (
            ("user", solid, row.user_ns, user),
            ("system", hatched, row.system_ns, system),
        ):
            patch.set_gid(f"{part}-{number}")
            title = f"{row.key.label}: {share:.0%} {part}"
            note = {"program": row.key.label, "part": part, "value": f"{value:.0f}", "share": f"{share:.9g}"}
            notes[f"{part}-{number}"] = [{**note, "title": title}]
        return notes

    return _bars(rows, caption, paint_bar)


def bars(rows: Sequence[Mark], caption: Caption) -> str:
    """Draw values as bars from zero; a bar is hollow if its value is an upper bound (it has no `low`)."""
    most = max(row.value for row in rows) or 1.0

    def paint_bar(axes: "Axes", row: Mark, number: int) -> svg.Notes:
        axes.set_xlim(0, most)
        colour, is_bound = svg.tone(row.key.tone), row.low is None
        face, edge = ("none", 1.5) if is_bound else (colour, 0)
        axes.barh([0], [row.value], color=face, edgecolor=colour, linewidth=edge)[0].set_gid(f"bar-{number}")
        title = f"{row.key.label}: {row.text}"
        return {f"bar-{number}": [{"program": row.key.label, "value": f"{row.value:.0f}", "title": title}]}

    return _bars(rows, caption, paint_bar)


def curves(
    lines: Sequence[Curve],
    caption: Caption,
    *,
    x_label: str,
    x_tick: Callable[[float], str],
    y_tick: Callable[[float], str],
    y_unit: float = 1.0,
) -> str:
    """Draw lines with a mark at each point, on two logarithmic scales; all values must be above zero.

    Ticks of the y axis are round multiples of `y_unit`.
    """
    keys = [line.key for line in lines]
    head = legend_height(keys) + 8

    def paint(figure: "Figure") -> svg.Notes:
        axes = add_axes(figure, _GUTTER + 14, head, svg.WIDTH - _GUTTER - 34, _CURVES)
        axes.set_xscale("log")
        axes.set_yscale("log")
        write_legend(figure, keys)
        notes: dict[str, list[svg.Note]] = {}
        for number, line in enumerate(lines):
            axes.plot(line.xs, line.ys, color=svg.tone(line.key.tone), linewidth=1.5)
            points(axes, line.xs, line.ys, line.key, f"curve-{number}")
            notes[f"curve-{number}"] = [
                {"program": line.key.label, "x": f"{x:.9g}", "value": f"{y:.9g}", "title": f"{line.key.label}, {text}"}
                for x, y, text in zip(line.xs, line.ys, line.texts, strict=True)
            ]
        xs, ys = [x for line in lines for x in line.xs], [y for line in lines for y in line.ys]
        for axis, values, unit, write, limit in (
            (axes.xaxis, xs, 1.0, x_tick, axes.set_xlim),
            (axes.yaxis, ys, y_unit, y_tick, axes.set_ylim),
        ):
            low, high = min(values) / _ROOM, max(values) * _ROOM
            limit(low, high)
            axis.set_ticks([unit * tick for tick in log_ticks(low / unit, high / unit, most=_MOST_TICKS)], minor=False)
            axis.set_ticks([], minor=True)
            axis.set_major_formatter(written(write))
        axes.grid()
        axes.set_xlabel(x_label)
        return notes

    return draw(paint, head + _CURVES + AXIS_HEIGHT + 18, caption)


def _bars(rows: Sequence[_Row], caption: Caption, paint_bar: Callable[["Axes", _Row, int], svg.Notes]) -> str:
    row_height = LABEL_LINE + _BAR + 9

    def paint(figure: "Figure") -> svg.Notes:
        notes: dict[str, Sequence[svg.Note]] = {}
        for number, row in enumerate(rows):
            top = number * row_height
            write_row(figure, top, row.key, row.text)
            axes = add_axes(figure, MARGIN, top + LABEL_LINE, svg.WIDTH - 2 * MARGIN, _BAR)
            axes.set_axis_off()
            notes |= paint_bar(axes, row, number)
            axes.set_ylim(-0.4, 0.4)
        return notes

    return draw(paint, len(rows) * row_height + 2, caption)
