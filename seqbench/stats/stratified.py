"""Add the signed ranks of several samples that have a centre in common. Pure.

A stratum is a sample with noise of its own, such as the rounds of one machine. Values are ranked within their stratum,
so that the noise of one machine does not decide the ranks of another, and the sums of the signed ranks are added.
Where no stratum has a difference all signs are fair coins, whatever the sizes and the noise of the strata are.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from seqbench.stats.signed_rank import RankSum, SignedRanks, has_long_tails, scores_of, sum_outside

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Values nearer to a centre than this are at it: a machine where both sides take equal times speaks for neither.
_TIE = 1e-11


class StratifiedRanks(RankSum):
    """The signed ranks of several samples about any centre, each value ranked within its own sample.

    Examples
    --------
    >>> samples = [[1, 2, 3, 4, 5], [3, 4, 5, 6, 7]]
    >>> centre, interval = StratifiedRanks([SignedRanks(each, is_capped=False) for each in samples]).interval(0.05)
    >>> round(centre, 2), round(interval.low, 2), round(interval.high, 2)
    (4.0, 2.5, 5.5)
    """

    def __init__(self, strata: Sequence[SignedRanks]) -> None:
        """Take the ranks of each sample; empty ones do not count."""
        self._strata = [each for each in strata if each.count]
        self._layout = tuple((each.count, each.cap) for each in self._strata)
        self.count = sum(each.count for each in self._strata)
        self.whole = sum(each.whole for each in self._strata)

    @property
    def ends(self) -> tuple[float, float]:
        """Return the least and the greatest value of all samples."""
        ends = [each.ends for each in self._strata]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def least(self, error: float) -> int:
        """Return the largest sum of positive scores that is too small for a centre; -1 where none is."""
        return _sum_outside(self._layout, error)

    def positive(self, centre: float) -> float:
        """Return the sum of the scores of the values above a centre; a value at the centre counts half."""
        return sum(each.positive(centre - _TIE) + each.positive(centre + _TIE) for each in self._strata) / 2


def have_long_tails(samples: "Sequence[Sequence[float] | npt.NDArray[np.float64]]") -> bool:
    """Return whether the tails of all samples together are so long that their scores should be capped.

    One sample of many says little about its tails. Each is scaled by its own noise, so that samples which are merely of
    different noise have no long tails together.
    """
    import numpy as np  # noqa: PLC0415 - as in stats.signed_rank

    distances = [np.asarray(each, dtype=float) - np.median(each) for each in samples if len(each)]
    scaled = [each / scale for each in distances if (scale := np.median(np.abs(each))) > 0]
    return has_long_tails(np.concatenate(scaled)) if scaled else any(map(has_long_tails, distances))


def walk_counts(pairs: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the counts for `nominal_errors` of looks at several growing samples.

    Two looks at one sample of m < n values have the correlation sqrt(m / n). Where all samples grow in proportion that
    holds for the numbers of all values. Otherwise the correlation of two looks is smaller: the sum of m squared times n
    over the root of the product of the sums of cubes. The counts are those of a walk with that correlation.

    Parameters
    ----------
    pairs
        How many values each sample has, for each look.

    Examples
    --------
    >>> walk_counts([(5, 10), (10, 20), (20, 40)]), walk_counts([(10, 10), (20, 10)])
    ((15, 30, 60), (20, 40))
    """
    counts = [sum(pairs[0])] if pairs else []
    for before, now in pairwise(pairs):
        common = sum(m * m * n for m, n in zip(before, now, strict=True))
        cubes = sum(m**3 for m in before) * sum(n**3 for n in now)
        counts.append(round(counts[-1] * cubes / common**2) if common else sum(now))
    return tuple(counts)


@lru_cache(maxsize=1024)
def _sum_outside(layout: tuple[tuple[int, int], ...], error: float) -> int:
    """Return the largest sum of positive scores with a lower tail of at most error / 2; -1 where there is none."""
    import numpy as np  # noqa: PLC0415 - as in stats.signed_rank

    if not layout:
        return -1
    return sum_outside(np.concatenate([scores_of(*each) for each in layout]), error)
