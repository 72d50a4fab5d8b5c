"""A line of blocks that shows times after one another, in a cell of a table. Pure."""

from collections.abc import Sequence
from statistics import median, quantiles

from seqbench.trend import Change, levels

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = "_.-~=+*#"
_CUT = {_BLOCKS: "│", _ASCII_BLOCKS: "|"}
# What differs by less looks level.
_LEAST_SPAN = 0.1
# Values beyond so many interquartile ranges outside the quartiles are drawn as the end of the scale (Tukey's far out).
_FAR_OUT = 3.0


def sparkline(times: Sequence[float], changes: Sequence[Change], *, width: int = 40, ascii_only: bool = False) -> str:
    """Draw times above zero as blocks, the lowest and the highest as the ends of the scale, with a bar at each change.

    Where there are more than `width` times, a block is the median of several of one level. A spike is drawn as the
    end of the scale, so that it does not flatten all others, and what differs by less than a tenth looks level.
    """
    if not times:
        return ""
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    low, high = _scale(times)
    each = -(-len(times) // width)
    drawn = []
    for level in levels(times, [change.index for change in changes]):
        middles = [median(level[start : start + each]) for start in range(0, len(level), each)]
        places = ((middle - low) / (high - low) * len(blocks) for middle in middles)
        drawn.append("".join(blocks[min(len(blocks) - 1, max(0, int(place)))] for place in places))
    return _CUT[blocks].join(drawn)


def _scale(times: Sequence[float]) -> tuple[float, float]:
    """Give the ends of the scale."""
    quarter, _, three_quarters = quantiles(times, n=4, method="inclusive") if len(times) > 1 else [times[0]] * 3
    reach = _FAR_OUT * (three_quarters - quarter)
    near = [time for time in times if quarter - reach <= time <= three_quarters + reach]
    low, high = min(near), max(near)
    missing = max(0.0, _LEAST_SPAN * median(near) - (high - low))
    return low - missing / 2, high + missing / 2
