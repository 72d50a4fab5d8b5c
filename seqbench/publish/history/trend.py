"""Find where the times of a program changed for good. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log, log1p
from statistics import median
from typing import TYPE_CHECKING

from seqbench.publish.history.series import Point, Series
from seqbench.system.facts import kernel_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# The least length of a level: fewer sessions may be a busy hour of the machine.
LEAST_SESSIONS = 3
# In a shorter series, a random order of the sessions explains any change as well.
LEAST_POINTS = 12
# A smaller change counts as the same, as in a comparison.
LEAST_CHANGE = 0.02
# What an additional level must explain, in variances of the ranks, divided by the logarithm of their number.
# The false alarm rate is about one in a hundred series (studies/change_points.py).
PENALTY = 3.0
# A misplaced cut distorts the medians on both sides, so that moving it once is not enough.
_PASSES = 3
_DIGEST_DIGITS = 8
_COMMIT_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change at the point of this index; `ratio` is the median after it divided by the median before."""

    index: int
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A series and its changes."""

    series: Series
    changes: tuple[Change, ...]


def trend_of(series: Series) -> Trend:
    """Find the changes of a series."""
    return Trend(series=series, changes=find_changes(series.times_ns))


def find_changes(times: Sequence[float]) -> tuple[Change, ...]:
    """Return where the level of times above zero changed for good, in order; none in a short series.

    The partition of the ranks into levels minimizes the sum of squares within the levels, plus a penalty for each level
    (Jackson et al., An algorithm for optimal partitioning of data on an interval, IEEE Signal Processing Letters 12,
    2005; on ranks as in Lung-Yut-Fong, Levy-Leduc and Cappe, 2015). Ranks need no estimate of the noise, and limit the
    weight of an outlier.
    """
    count = len(times)
    if count < LEAST_POINTS:
        return ()
    cuts = _cuts(_scaled_ranks(times), PENALTY * log(count))
    for _ in range(_PASSES):
        cuts = _moved(times, cuts)
    while cuts:
        found = _changes(times, cuts)
        least = min(found, key=lambda change: abs(log(change.ratio)))
        if abs(log(least.ratio)) >= log1p(LEAST_CHANGE):
            return found
        cuts.remove(least.index)
    return ()


def _scaled_ranks(times: Sequence[float]) -> "npt.NDArray[np.float64]":
    """Return the ranks of the times, scaled to mean 0 and variance 1; equal times share a rank."""
    import numpy as np  # noqa: PLC0415 - a short history needs none

    _, places, counts = np.unique(np.asarray(times), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return np.asarray((ranks - (len(times) + 1) / 2) / np.sqrt((len(times) ** 2 - 1) / 12))


def _cuts(values: "npt.NDArray[np.float64]", penalty: float) -> list[int]:
    """Return where levels begin, without the first one, in the partition with the least squares and penalties."""
    import numpy as np  # noqa: PLC0415 - as above

    count = len(values)
    sums, squares = (np.concatenate(([0.0], np.cumsum(each))) for each in (values, values**2))
    # The cost of the best partition of the values before each place, and the start of its last level.
    best, begins = np.full(count + 1, np.inf), [0] * (count + 1)
    best[0] = -penalty
    for end in range(LEAST_SESSIONS, count + 1):
        starts = np.arange(end - LEAST_SESSIONS + 1)
        within = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / (end - starts)
        costs = best[starts] + within + penalty
        begins[end] = int(np.argmin(costs))
        best[end] = costs[begins[end]]
    cuts = []
    place = begins[count]
    while place:
        cuts.append(place)
        place = begins[place]
    return cuts[::-1]


def _changes(times: Sequence[float], cuts: Sequence[int]) -> tuple[Change, ...]:
    middles = [median(level) for level in levels(times, cuts)]
    ratios = [after / before for before, after in pairwise(middles)]
    return tuple(Change(index=cut, ratio=ratio) for cut, ratio in zip(cuts, ratios, strict=True))


def _moved(times: Sequence[float], cuts: Sequence[int]) -> list[int]:
    """Move each cut to where the times are nearest to their levels: ranks bias it to the middle of the series."""
    ends = [0, *cuts, len(times)]
    for number in range(1, len(ends) - 1):
        start, cut, end = ends[number - 1 : number + 2]
        before, after = median(times[start:cut]), median(times[cut:end])
        # The gain of ending the first level here instead of at its start.
        saved = list(accumulate(abs(log(time / after)) - abs(log(time / before)) for time in times[start:end]))
        places = range(start + LEAST_SESSIONS, end - LEAST_SESSIONS + 1)
        ends[number] = max(places, key=lambda place: saved[place - start - 1])
    return ends[1:-1]


def differences(before: Point, after: Point) -> tuple[str, ...]:
    """Return the differences between two points: compiler, commit, sources of the benchmarks, kernel, host name."""
    found = []
    if (before.tool, before.tool_version, before.tool_digest) != (after.tool, after.tool_version, after.tool_digest):
        found.append(f"{tool_text(before)} to {tool_text(after)}")
    if (before.commit, before.dirty) != (after.commit, after.dirty):
        found.append(f"commit {commit_text(before)} to {commit_text(after)}")
    if before.sources != after.sources:
        found.append("other benchmark sources")
    return (*found, *machine_marks(before, after))


def point_marks(before: Point, after: Point) -> tuple[str, ...]:
    """Return what changed between two points and is not in the table: sources under one commit, kernel, host name."""
    is_known = bool(before.sources and after.sources)
    is_hidden = commit_text(before) == commit_text(after) and before.sources != after.sources
    return (*(("other benchmark sources",) if is_known and is_hidden else ()), *machine_marks(before, after))


def machine_marks(before: Point, after: Point) -> tuple[str, ...]:
    """Return what changed of the machine between two points: `kernel 6.1.0 -> 6.2.0`, or its host name."""
    changes = (("kernel", kernel_of(before.system), kernel_of(after.system)), ("host", before.host, after.host))
    # An earlier session has no host name.
    return tuple(f"{what} {old} -> {new}" for what, old, new in changes if old and new and old != new)


def tool_text(point: Point) -> str:
    """Return the compiler of a point, with the beginning of its digest: `seqc 7.7.5 (ffba28cd)`."""
    digest = point.tool_digest.removeprefix("sha256:")[:_DIGEST_DIGITS]
    return f"{point.tool} {point.tool_version} ({digest})" if point.tool else "unknown"


def commit_text(point: Point) -> str:
    """Return the commit of a point: `7e0f3d98ea07`, or `7e0f3d98ea07+` with uncommitted changes."""
    return f"{point.commit[:_COMMIT_DIGITS]}{'+' if point.dirty else ''}" if point.commit else "none"


def levels(times: Sequence[float], cuts: Sequence[int]) -> tuple[Sequence[float], ...]:
    """Split the times into their levels."""
    return tuple(times[start:end] for start, end in pairwise([0, *cuts, len(times)]))
