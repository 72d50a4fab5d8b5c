"""Percentile bootstrap for figures that combine several medians (Efron 1979). Pure.

For a single median or ratio, use `intervals`: its interval is exact, and covers the true value more often
when there are few samples.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seqbench.stats.intervals import CONFIDENCE, Interval

RESAMPLES = 10_000


def resampled_medians(values: Sequence[float], seed: int | Sequence[int]) -> npt.NDArray[np.float64]:
    """Draw samples of the same size with replacement, and return the median of each.

    Returns
    -------
    numpy.ndarray
        `RESAMPLES` medians, in the unit of `values`.
    """
    sample = np.asarray(values, dtype=float)
    draws = np.random.default_rng(seed).integers(len(sample), size=(RESAMPLES, len(sample)))
    return np.asarray(np.median(sample[draws], axis=1))


def percentile_interval(drawn: npt.NDArray[np.float64]) -> Interval:
    """Return the interval that contains the middle 95 % of the values that a bootstrap drew."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return Interval(low=float(low), high=float(high))
