"""Draw the single runs of programs as SVG, by their distance from the median. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
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
    write_row,
    written,
)
from seqbench.stats.intervals import inner_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GUTTER = 44.0
_STRIP = 76.0
_WIDTH = svg.WIDTH - _GUTTER - 10
# Space above a panel, so that its uppermost tick does not touch its name.
_GAP = 8.0
# Space beyond the scale, as a share of it; and beyond the first and the last round.
_ROOM, _ROUND_ROOM = 0.08, 0.6
# In percent: the least range, so that smaller variation looks small.
_LEAST_WINDOW = 2.0
_MOST_ROUNDS, _MOST_DISTANCES = 8, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a program."""

    round_number: int
    elapsed_ns: float
    text: str
    is_disturbed: bool = False
    """Whether its round was disturbed by other work; it gets a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """All runs of one program, with the median and its interval in nanoseconds and as text."""

    key: Key
    runs: tuple[Run, ...]
    median: float
    low: float | None
    high: float | None
    text: str

    def distance(self, elapsed_ns: float) -> float:
        """Return the distance of a time from the median, in percent of the median."""
        return 100 * (elapsed_ns / self.median - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """A strip with its scale, in percent and rounds, and the texts of its runs above and below the scale."""

    row: Strip
    low: float
    high: float
    rounds: tuple[float, float]
    above: tuple[Label, ...]
    below: tuple[Label, ...]

    @property
    def height(self) -> float:
        return _STRIP + LANE * (lanes(self.above) + lanes(self.below))

    def clamped(self, elapsed_ns: float) -> float:
        return min(self.high, max(self.low, self.row.distance(elapsed_ns)))

    def side(self, run: Run) -> str | None:
        """Return the marker of a run beyond the scale."""
        distance = self.row.distance(run.elapsed_ns)
        return "^" if distance > self.high else "v" if distance < self.low else None


def strips(rows: Sequence[Strip], caption: Caption) -> str:
    """Draw the distance of every run from its program's median, by round: one panel per program, all on one scale.

    A run beyond the scale is a triangle at its edge, with its distance beside it.
    """
    panels = _panels(rows)
    heads = LABEL_LINE + _GAP
    tops = list(accumulate((heads + panel.height for panel in panels), initial=0.0))

    def paint(figure: "Figure") -> svg.Notes:
        notes: dict[str, list[svg.Note]] = {}
        for number, panel in enumerate(panels):
            write_row(figure, tops[number], panel.row.key, panel.row.text)
            axes = add_axes(figure, _GUTTER, tops[number] + heads, _WIDTH, panel.height)
            axes.set_xlim(*panel.rounds)
            notes |= _draw(axes, panel, number)
            axes.tick_params(labelbottom=number == len(rows) - 1)
        axes.set_xlabel("round")
        return notes

    return draw(paint, tops[-1] + AXIS_HEIGHT + 14, caption)


def _panels(rows: Sequence[Strip]) -> list[_Panel]:
    distances = [[row.distance(run.elapsed_ns) for run in row.runs] for row in rows]
    windows = [inner_range(some, least_spread=_LEAST_WINDOW / 2) for some in distances]
    low, high = min(-_LEAST_WINDOW, *(low for low, _ in windows)), max(_LEAST_WINDOW, *(high for _, high in windows))
    numbers = [run.round_number for row in rows for run in row.runs]
    first, last = min(numbers) - _ROUND_ROOM, max(numbers) + _ROUND_ROOM

    def texts(row: Strip, *, is_above: bool) -> tuple[Label, ...]:
        found = [(run.round_number, row.distance(run.elapsed_ns)) for run in row.runs]
        beyond = [
            Beyond(at=(number - first) / (last - first) * _WIDTH, distance=abs(distance), text=f"{distance:+.0f}%")
            for number, distance in found
            if (distance > high if is_above else distance < low)
        ]
        return arrange(beyond, _WIDTH)

    return [
        _Panel(
            row=row,
            low=low,
            high=high,
            rounds=(first, last),
            above=texts(row, is_above=True),
            below=texts(row, is_above=False),
        )
        for row in rows
    ]


def _draw(axes: "Axes", panel: _Panel, number: int) -> dict[str, list[svg.Note]]:
    row, low, high = panel.row, panel.low, panel.high
    room = _ROOM * (high - low)
    lane = (high - low + 2 * room) / _STRIP * LANE
    axes.set_ylim(low - room - lanes(panel.below) * lane, high + room + lanes(panel.above) * lane)
    colour = svg.tone(row.key.tone)
    if row.low is not None and row.high is not None:
        axes.axhspan(panel.clamped(row.low), panel.clamped(row.high), color=colour, alpha=0.16, linewidth=0)
    axes.axhline(0, color=colour, linewidth=1.2)
    notes: dict[str, list[svg.Note]] = {}
    for marker in ("^", "v", None):
        runs = [run for run in row.runs if panel.side(run) == marker]
        if runs:
            gid = f"runs-{number}-{marker or 'inside'}"
            places = [panel.clamped(run.elapsed_ns) for run in runs]
            points(axes, [run.round_number for run in runs], places, row.key, gid, marker=marker)
            placed = zip(runs, places, strict=True)
            rings(axes, [(run.round_number, at) for run, at in placed if run.is_disturbed])
            notes[gid] = [_note(row, run) for run in runs]
    write_labels(axes, panel.above, high + room, lane, _WIDTH)
    write_labels(axes, panel.below, low - room, -lane, _WIDTH)
    limit_ticks(axes, most_x=_MOST_ROUNDS, whole_x=True)
    set_ticks_within(axes.yaxis, low, high, most=_MOST_DISTANCES)
    axes.yaxis.set_major_formatter(written(lambda percent: f"{percent:+.3g}%" if percent else "0"))
    axes.grid(axis="y")
    return notes


def _note(row: Strip, run: Run) -> svg.Note:
    where = f"{row.key.label}, round {run.round_number}{' (disturbed)' if run.is_disturbed else ''}"
    return {
        "program": row.key.label,
        "round": run.round_number,
        "ns": f"{run.elapsed_ns:.0f}",
        "title": f"{where}: {run.text} ({row.distance(run.elapsed_ns):+.1f}%)",
    }
