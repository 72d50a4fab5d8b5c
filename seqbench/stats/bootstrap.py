"""The percentile bootstrap of figures that are made from several medians (Efron 1979). Pure.

A single median or ratio has the exact interval of `intervals`, which covers more often in so few samples.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqbench.stats.intervals import CONFIDENCE, Interval

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

RESAMPLES = 10_000


def resampled_medians(values: Sequence[float], seed: int | Sequence[int]) -> "npt.NDArray[np.float64]":
    """Return the medians of as many draws with replacement as `RESAMPLES` says, each as large as the sample."""
    # Imported when everything has been measured: a program that is started inherits the harness's peak memory as
    # the least that the kernel will report for it, and numpy would add 30 MiB to that.
    import numpy as np  # noqa: PLC0415

    sample = np.asarray(values, dtype=float)
    draws = np.random.default_rng(seed).integers(len(sample), size=(RESAMPLES, len(sample)))
    return np.asarray(np.median(sample[draws], axis=1))


def percentile_interval(drawn: "npt.NDArray[np.float64]") -> Interval:
    """Return the interval that holds the middle 95 % of what a bootstrap drew."""
    import numpy as np  # noqa: PLC0415 - as in resampled_medians

    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return Interval(low=float(low), high=float(high))
