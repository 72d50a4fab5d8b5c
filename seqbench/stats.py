"""From samples to a median with its interval and to a ratio with its interval and band. Pure.

docs/METHOD.md explains the statistics to an engineer who is no statistician.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import comb, sqrt
from statistics import NormalDist, median

CONFIDENCE = 0.95
RESAMPLES = 10_000
# Up to here the distribution of the signed ranks is computed; above, its normal limit is right to a part in 1,000.
_EXACT_RANKS = 300
EXCELLENT_LIMIT = 2.0
GOOD_LIMIT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A median; `interval` is None where there are too few samples for 95 %."""

    median: float
    interval: Interval | None
    count: int


class Band(StrEnum):
    """How a ratio to the reference reads."""

    EXCELLENT = "Excellent"
    GOOD = "Good"
    INVESTIGATE = "Investigate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The median of the paired ratios of two programs."""

    median: float
    interval: Interval | None
    count: int

    def bands(self) -> tuple[Band, ...]:
        """Give every band that the interval touches: one when the ratio is sure of it."""
        ends = (self.interval.low, self.interval.high) if self.interval else (self.median, self.median)
        first, last = (list(Band).index(band_of(end)) for end in ends)
        return tuple(Band)[first : last + 1]


def band_of(ratio: float) -> Band:
    """Give the band of a ratio: Excellent up to 2x, Good up to 5x, Investigate above."""
    if ratio <= EXCELLENT_LIMIT:
        return Band.EXCELLENT
    return Band.GOOD if ratio <= GOOD_LIMIT else Band.INVESTIGATE


def summarize(values: Sequence[float]) -> Summary:
    """Give the median and its distribution-free interval (order statistics and the binomial; Conover 1999, 3.2).

    Raises
    ------
    ValueError : there are no values.
    """
    if not values:
        raise ValueError("no values to summarize")
    ordered = sorted(values)
    count = len(ordered)
    depth = _depth(count)
    interval = None if depth is None else Interval(low=ordered[depth], high=ordered[count - 1 - depth])
    return Summary(median=float(median(ordered)), interval=interval, count=count)


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float], *, seed: int) -> Ratio:
    """Give the median of the ratios of pairs from the same round, with a bootstrap interval (Efron 1979, percentile).

    The interval is never narrower than the one that order statistics give, because the percentile bootstrap of a
    median covers too rarely in small samples; with fewer than six pairs there is none.

    Raises
    ------
    ValueError : the lengths differ, there are no pairs, or a value is not above zero.
    """
    if len(numerators) != len(denominators) or not numerators:
        raise ValueError(f"{len(numerators)} and {len(denominators)} values do not make pairs")
    if min(*numerators, *denominators) <= 0:
        raise ValueError("a ratio needs values above zero")
    ratios = [numerator / denominator for numerator, denominator in zip(numerators, denominators, strict=True)]
    exact = summarize(ratios)
    interval = None
    if exact.interval is not None:
        low, high = _bootstrap(ratios, seed)
        interval = Interval(low=min(low, exact.interval.low), high=max(high, exact.interval.high))
    return Ratio(median=exact.median, interval=interval, count=exact.count)


def signed_rank_interval(values: Sequence[float], error: float) -> tuple[float, Interval]:
    """Give the Hodges-Lehmann estimate of the centre and its exact Wilcoxon signed-rank interval at 1 - `error`.

    Raises
    ------
    ValueError : too few values for an interval at this error rate.
    """
    import numpy as np  # noqa: PLC0415 - as in _bootstrap

    sample = np.asarray(values, dtype=float)
    first, second = np.triu_indices(len(sample))
    averages = np.sort((sample[first] + sample[second]) / 2)
    outside = _ranks_outside(len(sample), error)
    if outside == 0:
        raise ValueError(f"{len(sample)} values are too few for an interval at {1 - error:.2%}")
    interval = Interval(low=float(averages[outside - 1]), high=float(averages[len(averages) - outside]))
    return float(np.median(averages)), interval


@lru_cache(maxsize=64)
def _ranks_outside(count: int, error: float) -> int:
    """Give how many ordered averages lie outside the interval at each end, from the rank sum's distribution."""
    import numpy as np  # noqa: PLC0415 - as in _bootstrap

    if count > _EXACT_RANKS:
        spread = sqrt(count * (count + 1) * (2 * count + 1) / 24)
        return int(count * (count + 1) / 4 + NormalDist().inv_cdf(error / 2) * spread)
    # The distribution of the rank sum of the positive values, when each sign is a fair coin.
    chance = np.zeros(count * (count + 1) // 2 + 1)
    chance[0] = 1.0
    for rank in range(1, count + 1):
        chance[rank:] += chance[:-rank].copy()
        chance /= 2
    return int(np.searchsorted(np.cumsum(chance), error / 2, side="right"))


def _bootstrap(values: Sequence[float], seed: int) -> tuple[float, float]:
    # Imported when everything has been measured: a program that is started inherits the harness's peak memory as
    # the least that the kernel will report for it, and numpy would add 30 MiB to that.
    import numpy as np  # noqa: PLC0415

    sample = np.asarray(values, dtype=float)
    draws = np.random.default_rng(seed).integers(len(sample), size=(RESAMPLES, len(sample)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.median(sample[draws], axis=1), (tail, 1 - tail))
    return float(low), float(high)


def _depth(count: int) -> int | None:
    """Give how many samples may be left out at each end for the rest to enclose the median with 95 %; None if none."""
    tail = 0.0
    depth = None
    for left_out in range(count // 2):
        tail += comb(count, left_out) / 2**count
        if tail > (1 - CONFIDENCE) / 2:
            break
        depth = left_out
    return depth
