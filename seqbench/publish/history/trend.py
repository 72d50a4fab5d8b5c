"""From a program's times, session after session, to its trend: where they changed for good. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log, log1p
from statistics import median

from seqbench.publish.history.series import Point, Series

# A level holds for so many sessions at least: fewer may be a bad hour.
LEAST_SESSIONS = 3
# In a shorter series one cannot be surer than that a few sessions happened to come in this order.
LEAST_POINTS = 12
# A change by less may be as regular as it likes: it is called the same, as in a comparison.
LEAST_CHANGE = 0.02
# What a further level must explain, in variances of the ranks and times the logarithm of their number
# (studies/change_points.py): of a hundred series without a change it lets about one through.
PENALTY = 3.0
# A cut that was far off has spoiled the medians on both sides of it, so it is moved more than once.
_PASSES = 3
_DIGEST_DIGITS = 8
_COMMIT_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From the point of this index on the times are others; `ratio` is the median after it over the median before."""

    index: int
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A series and where it changed; `changes` is None where `ruptures`, which looks for them, is not installed."""

    series: Series
    changes: tuple[Change, ...] | None


def trend_of(series: Series) -> Trend:
    """Look for the changes of a series."""
    try:
        return Trend(series=series, changes=find_changes(series.times_ns))
    except ModuleNotFoundError:
        return Trend(series=series, changes=None)


def find_changes(times: Sequence[float]) -> tuple[Change, ...]:
    """Give where the level of times above zero changed for good, in their order; none in a short series.

    The ranks of the times are cut into levels so that the squares within them, and a penalty for each level, are
    least (PELT: Killick, Fearnhead and Eckley, Optimal detection of changepoints with a linear computational
    cost, JASA 107, 2012; on ranks as in Lung-Yut-Fong, Levy-Leduc and Cappe, 2015). Ranks need no guess of the
    noise, and the wildest session counts for no more than the slowest one.

    Raises
    ------
    ModuleNotFoundError : the extra `history` is not installed, and the series is long enough.
    """
    count = len(times)
    if count < LEAST_POINTS:
        return ()
    # Here because they take a second.
    import numpy as np  # noqa: PLC0415
    from ruptures import KernelCPD  # noqa: PLC0415
    from scipy.stats import rankdata  # noqa: PLC0415

    ranks = (rankdata(times) - (count + 1) / 2) / np.sqrt((count**2 - 1) / 12)
    search = KernelCPD(kernel="linear", min_size=LEAST_SESSIONS).fit(ranks.reshape(-1, 1))
    cuts = [int(cut) for cut in search.predict(pen=PENALTY * log(count))[:-1]]
    for _ in range(_PASSES):
        cuts = _moved(times, cuts)
    while cuts:
        found = _changes(times, cuts)
        least = min(found, key=lambda change: abs(log(change.ratio)))
        if abs(log(least.ratio)) >= log1p(LEAST_CHANGE):
            return found
        cuts.remove(least.index)
    return ()


def _changes(times: Sequence[float], cuts: Sequence[int]) -> tuple[Change, ...]:
    middles = [median(level) for level in levels(times, cuts)]
    ratios = [after / before for before, after in pairwise(middles)]
    return tuple(Change(index=cut, ratio=ratio) for cut, ratio in zip(cuts, ratios, strict=True))


def _moved(times: Sequence[float], cuts: Sequence[int]) -> list[int]:
    """Move each cut to where every time is nearest to its own level: ranks lean towards the middle of the series."""
    ends = [0, *cuts, len(times)]
    for number in range(1, len(ends) - 1):
        start, cut, end = ends[number - 1 : number + 2]
        before, after = median(times[start:cut]), median(times[cut:end])
        # What is saved by ending the first level here and not at its start.
        saved = list(accumulate(abs(log(time / after)) - abs(log(time / before)) for time in times[start:end]))
        places = range(start + LEAST_SESSIONS, end - LEAST_SESSIONS + 1)
        ends[number] = max(places, key=lambda place: saved[place - start - 1])
    return ends[1:-1]


def differences(before: Point, after: Point) -> tuple[str, ...]:
    """Say what was another between two points: toolchain, commit, sources of the benchmarks."""
    told = []
    if (before.tool, before.tool_version, before.tool_digest) != (after.tool, after.tool_version, after.tool_digest):
        told.append(f"{tool_text(before)} to {tool_text(after)}")
    if (before.commit, before.dirty) != (after.commit, after.dirty):
        told.append(f"commit {commit_text(before)} to {commit_text(after)}")
    if before.sources != after.sources:
        told.append("other benchmark sources")
    return tuple(told)


def tool_text(point: Point) -> str:
    """Write the compiler of a point, with the beginning of its digest: `seqc 7.7.5 (ffba28cd)`."""
    digest = point.tool_digest.removeprefix("sha256:")[:_DIGEST_DIGITS]
    return f"{point.tool} {point.tool_version} ({digest})" if point.tool else "unknown"


def commit_text(point: Point) -> str:
    """Write the commit of a point: `7e0f3d98ea07`, and `7e0f3d98ea07+` where files differed from it."""
    return f"{point.commit[:_COMMIT_DIGITS]}{'+' if point.dirty else ''}" if point.commit else "none"


def levels(times: Sequence[float], cuts: Sequence[int]) -> tuple[Sequence[float], ...]:
    """Cut the times into their levels."""
    return tuple(times[start:end] for start, end in pairwise([0, *cuts, len(times)]))
