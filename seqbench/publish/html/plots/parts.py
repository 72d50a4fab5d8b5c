"""Draw the parts that all plots share: axes, names of rows, points, ticks. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from seqbench.publish.html.plots import svg
from seqbench.stats.intervals import Interval
from seqbench.text import printable
from seqbench.units import duration, durations, trimmed_duration

_NOTHING = "-"

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import YAxis
    from matplotlib.figure import Figure

# In units of the drawing, which is svg.WIDTH wide.
MARGIN = 6.0
LABEL_LINE = 24.0
AXIS_HEIGHT = 26.0
_BASELINE = 17.5
# The width of a marker beside a name, and about that of a letter of a name.
_MARKER = 16.0
_LETTER = 8.0
# The length of a name and a value side by side, in characters.
_LONGEST_ROW = 50
_LEAST_NAME = 16
_FEWEST_TICKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The name of a row or a curve, and its column number, which determines colour and marker."""

    label: str
    tone: int
    is_hollow: bool = False
    """Whether it is a variant, drawn with hollow markers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """The names of a drawing: `ident` is its id on the page, `title` and `description` are for screen readers."""

    ident: str
    title: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing with its heading, a note on how to read it, and its numbers as a table."""

    title: str
    note: str
    drawing: str
    """The text of an SVG, which the page includes unescaped."""
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_repeated: bool = False
    """Whether another plot or a table of the page has its numbers too, so that it is left out on paper."""


def draw(paint: Callable[["Figure"], svg.Notes], height: float, caption: Caption) -> str:
    """Return the drawing of `paint` as the text of an SVG."""
    return svg.draw(paint, height=height, ident=caption.ident, title=caption.title, description=caption.description)


def add_axes(figure: "Figure", left: float, top: float, width: float, height: float) -> "Axes":
    """Add axes to a figure; `left` and `top` are distances from its upper left corner, in units of the drawing."""
    whole = figure.get_figheight() * svg.UNITS_PER_INCH
    return figure.add_axes((left / svg.WIDTH, 1 - (top + height) / whole, width / svg.WIDTH, height / whole))


def write_row(figure: "Figure", top: float, key: Key, text: str) -> None:
    """Write the marker and the name of a row on the left, and its value on the right."""
    whole = figure.get_figheight() * svg.UNITS_PER_INCH
    value = shortened(text, _LONGEST_ROW - _LEAST_NAME)
    _write_key(figure, MARGIN, top, key, _LONGEST_ROW - len(value))
    figure.text(1 - MARGIN / svg.WIDTH, 1 - (top + _BASELINE) / whole, value, ha="right", color=svg.MUTED)


def write_legend(figure: "Figure", keys: Sequence[Key]) -> None:
    """Write the names of curves at the top, as many in a line as have room; see `legend_height`."""
    for (left, line), key in zip(_legend(keys), keys, strict=True):
        _write_key(figure, left, line * LABEL_LINE, key, _LONGEST_ROW)


def legend_height(keys: Sequence[Key]) -> float:
    """Return the height of the names of curves."""
    return LABEL_LINE * (1 + max((line for _, line in _legend(keys)), default=-1))


def name_width(name: str) -> float:
    """Return about the width of a name with its marker."""
    return _MARKER + _LETTER * len(name)


def _legend(keys: Sequence[Key]) -> list[tuple[float, int]]:
    """Return the left end and the line of each name."""
    places, left, line = [], MARGIN, 0
    for key in keys:
        width = name_width(shortened(key.label, _LONGEST_ROW))
        if left > MARGIN and left + width > svg.WIDTH:
            left, line = MARGIN, line + 1
        places.append((left, line))
        left += width + _MARKER
    return places


def _write_key(figure: "Figure", left: float, top: float, key: Key, most: int) -> None:
    """Write a marker and a name of at most `most` characters."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - as in svg.draw

    whole = figure.get_figheight() * svg.UNITS_PER_INCH
    # Axes of its own for each row would take most of the time that a plot takes.
    middle, baseline = (1 - (top + distance) / whole for distance in (_BASELINE - 4.5, _BASELINE))
    figure.add_artist(Line2D([(left + 5) / svg.WIDTH], [middle], **_point_style(key, size=7)))
    figure.text((left + _MARKER) / svg.WIDTH, baseline, shortened(key.label, most), weight="bold")


def shortened(text: str, most: int) -> str:
    """Shorten a text to `most` characters; the tables have the whole text."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def points(
    axes: "Axes",
    xs: Sequence[float],
    ys: Sequence[float],
    key: Key,
    gid: str | None = None,
    *,
    size: float = 5,
    marker: str | None = None,
) -> None:
    """Draw points with the colour and the marker of a runtime; the edge of the axes does not clip them."""
    (drawn,) = axes.plot(xs, ys, clip_on=False, zorder=3, **_point_style(key, size=size, marker=marker))
    if gid is not None:
        drawn.set_gid(gid)


# Any: each setting has a type of its own.
def _point_style(key: Key, *, size: float, marker: str | None = None) -> dict[str, Any]:
    colour = svg.tone(key.tone)
    return {
        "linestyle": "none",
        "marker": marker or svg.MARKERS[key.tone % len(svg.MARKERS)],
        "markersize": size,
        "markerfacecolor": svg.PAPER if key.is_hollow else colour,
        "markeredgecolor": colour,
        "markeredgewidth": 1.2,
    }


def rings(axes: "Axes", places: Sequence[tuple[float, float]]) -> None:
    """Draw a ring around points that were measured beside other work; the text of the point says so too."""
    if places:
        xs, ys = zip(*places, strict=True)
        axes.plot(
            xs,
            ys,
            linestyle="none",
            marker="o",
            markersize=10,
            markerfacecolor="none",
            markeredgecolor=svg.INK,
            markeredgewidth=1,
            clip_on=False,
            zorder=2,
        )


def limit_ticks(axes: "Axes", *, most_x: int, most_y: int = 1, whole_x: bool = False) -> None:
    """Limit the number of round ticks of the axes."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - as in svg.draw

    axes.xaxis.set_major_locator(MaxNLocator(most_x, integer=whole_x))
    axes.yaxis.set_major_locator(MaxNLocator(most_y))


def set_ticks_within(axis: "YAxis", low: float, high: float, *, most: int) -> None:
    """Set a few round ticks between two values, which may be less than the axes show."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - as in svg.draw

    axis.set_ticks([tick for tick in MaxNLocator(most).tick_values(low, high) if low <= tick <= high])


def written(write: Callable[[float], str]) -> Callable[[float, float], str]:
    """Return a tick formatter of Matplotlib that uses `write`."""
    return lambda value, _place: write(value)


def log_ticks(low: float, high: float, *, most: int = 7) -> list[float]:
    """Return at most `most` round numbers between two values: multiples of powers of ten, or only the powers."""
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)

    def ticks(*digits: float) -> list[float]:
        return [digit * 10.0**power for power in powers for digit in digits if low <= digit * 10.0**power <= high]

    inside = ticks(1, 2, 5)
    if len(inside) < _FEWEST_TICKS:
        inside = ticks(1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
    steps = count(1)
    while len(inside) > most:
        step = next(steps)
        inside = [10.0**power for power in powers if power % step == 0 and low <= 10.0**power <= high]
    return inside


def ends(interval: Interval | None) -> tuple[float | None, float | None]:
    """Return both ends of an interval; None for both if there is no interval."""
    return (interval.low, interval.high) if interval else (None, None)


def time_text(middle: float, interval: Interval | None) -> str:
    """Return a median with its interval as text: `502 ms [500, 504]`."""
    if interval is None:
        return duration(middle)
    text, *ends_of_it = durations([middle, interval.low, interval.high])
    low, high = (end.partition(" ")[0] for end in ends_of_it)
    return f"{text} [{low}, {high}]"


def time_tick(nanoseconds: float) -> str:
    """Return the text of a tick for a time."""
    return trimmed_duration(nanoseconds) if nanoseconds else "0"


def milliseconds_cell(nanoseconds: float | None) -> str:
    """Return a time in milliseconds for a table cell; a hyphen for None."""
    return _NOTHING if nanoseconds is None else f"{nanoseconds / 1e6:,.3f}"


def change_tick(ratio: float) -> str:
    """Return a ratio near 1 as a change in percent: `+2.5%`, for an axis."""
    return f"{100 * (ratio - 1):+.3g}%" if round(ratio - 1, 6) else "0%"


def ratio_cell(ratio: float) -> str:
    """Return a ratio near 1 as a cell of a table."""
    return f"{ratio:.3f}"
