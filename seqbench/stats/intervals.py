"""Compute medians and paired ratios with their intervals, and the band of a ratio. Pure.

docs/METHOD.md explains the statistics to engineers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb
from statistics import median, quantiles

CONFIDENCE = 0.95
# A value is far out when it is more than 3 interquartile ranges outside the quartiles (Tukey 1977).
_FAR_OUT = 3.0
EXCELLENT_LIMIT = 2.0
GOOD_LIMIT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A median; `interval` is None when there are too few samples for 95 %."""

    median: float
    interval: Interval | None
    count: int


class Band(StrEnum):
    """The rating of a ratio to the reference."""

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
        """Return every band that overlaps the interval; one band means that the rating is certain.

        Examples
        --------
        >>> ratio = Ratio(median=1.8, interval=Interval(low=1.6, high=2.2), count=12)
        >>> [str(band) for band in ratio.bands()]
        ['Excellent', 'Good']
        """
        ends = (self.interval.low, self.interval.high) if self.interval else (self.median, self.median)
        first, last = (list(Band).index(band_of(end)) for end in ends)
        return tuple(Band)[first : last + 1]


def band_of(ratio: float) -> Band:
    """Return the band of a ratio: Excellent up to 2x, Good up to 5x, Investigate above.

    Examples
    --------
    >>> [str(band_of(ratio)) for ratio in (1.4, 2.0, 5.0, 5.1)]
    ['Excellent', 'Excellent', 'Good', 'Investigate']
    """
    if ratio <= EXCELLENT_LIMIT:
        return Band.EXCELLENT
    return Band.GOOD if ratio <= GOOD_LIMIT else Band.INVESTIGATE


def summarize(values: Sequence[float]) -> Summary:
    """Return the median and its distribution-free interval.

    The ends are order statistics, chosen by the binomial distribution (Conover 1999, section 3.2).
    Fewer than six values have no interval.

    Raises
    ------
    ValueError
        There are no values.

    Examples
    --------
    >>> summarize([5, 3, 9, 4, 4, 30])
    Summary(median=4.5, interval=Interval(low=3, high=30), count=6)
    >>> summarize([5, 3, 9]).interval is None
    True
    """
    if not values:
        raise ValueError("no values to summarize")
    ordered = sorted(values)
    count = len(ordered)
    depth = _depth(count)
    interval = None if depth is None else Interval(low=ordered[depth], high=ordered[count - 1 - depth])
    return Summary(median=float(median(ordered)), interval=interval, count=count)


def inner_range(values: Sequence[float], *, least_spread: float = 0.0) -> tuple[float, float]:
    """Return the smallest and the largest value that is not far out (Tukey 1977).

    Parameters
    ----------
    least_spread : the smallest interquartile range to assume, in the unit of the values.
    """
    if len(values) == 1:
        return values[0], values[0]
    lower, _, upper = quantiles(values, n=4, method="inclusive")
    reach = _FAR_OUT * max(upper - lower, least_spread)
    inside = [each for each in values if lower - reach <= each <= upper + reach]
    return min(inside), max(inside)


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Return the median ratio of pairs from the same round, with the interval of `summarize`.

    Raises
    ------
    ValueError
        The lengths differ, there are no pairs, or a value is not above zero.

    Examples
    --------
    >>> paired_ratio([20, 22, 21, 20, 24, 21], [10, 11, 10, 11, 12, 10])
    Ratio(median=2.0, interval=Interval(low=1.81..., high=2.1), count=6)
    """
    if len(numerators) != len(denominators) or not numerators:
        raise ValueError(f"cannot pair {len(numerators)} values with {len(denominators)}")
    if min(*numerators, *denominators) <= 0:
        raise ValueError(f"cannot compute a ratio of {min(*numerators, *denominators)}: expected values above zero")
    found = summarize(
        [numerator / denominator for numerator, denominator in zip(numerators, denominators, strict=True)]
    )
    return Ratio(median=found.median, interval=found.interval, count=found.count)


def _depth(count: int) -> int | None:
    """Return how many samples to drop at each end for an interval of 95 %; None when there are too few samples."""
    tail = 0.0
    depth = None
    for left_out in range(count // 2):
        tail += comb(count, left_out) / 2**count
        if tail > (1 - CONFIDENCE) / 2:
            break
        depth = left_out
    return depth
