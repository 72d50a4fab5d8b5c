"""Draw times as a line of blocks in a table cell. Pure."""

from collections.abc import Sequence
from statistics import median

from seqbench.publish.history.trend import Change, levels
from seqbench.stats.intervals import inner_range

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = "_.-~=+*#"
_CUT = {_BLOCKS: "│", _ASCII_BLOCKS: "|"}
# Times that differ by less are drawn as level.
_LEAST_SPAN = 0.1


def sparkline(times: Sequence[float], changes: Sequence[Change], *, width: int = 40, ascii_only: bool = False) -> str:
    """Draw times above zero as blocks, with a bar at each change.

    If there are more than `width` times, a block is the median of several times of one level. A spike is drawn at the
    end of the scale, so that it does not flatten the other times. Times that differ by less than 10 % look level.
    """
    if not times:
        return ""
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    low, high = scale(times, changes)
    each = -(-len(times) // width)
    drawn = []
    for level in levels(times, [change.index for change in changes]):
        middles = [median(level[start : start + each]) for start in range(0, len(level), each)]
        places = ((middle - low) / (high - low) * len(blocks) for middle in middles)
        drawn.append("".join(blocks[min(len(blocks) - 1, max(0, int(place)))] for place in places))
    return _CUT[blocks].join(drawn)


def scale(times: Sequence[float], changes: Sequence[Change]) -> tuple[float, float]:
    """Return the ends of a scale that shows every level without its outliers."""
    ranges = [inner_range(level) for level in levels(times, [change.index for change in changes])]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    missing = max(0.0, _LEAST_SPAN * (low + high) / 2 - (high - low))
    return low - missing / 2, high + missing / 2
