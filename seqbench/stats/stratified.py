"""Compute the signed-rank interval for the centre that several samples have in common. Pure.

A stratum is a sample with noise of its own, such as the rounds of one machine. Values are ranked within their stratum,
so that the noise of one machine does not decide the ranks of another, and the sums of the signed ranks are added.
Where no stratum has a difference all signs are fair coins, whatever the sizes and the noise of the strata are.
Where the tails are long the ranks are capped, as in `signed_rank`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from seqbench.stats.intervals import Interval
from seqbench.stats.signed_rank import has_long_tails, scores_of, sum_outside

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_HALVINGS = 60
_Layout = tuple[tuple[int, int], ...]


def stratified_interval(strata: Sequence[Sequence[float]], error: float) -> tuple[float, Interval]:
    """Return the common centre of symmetric samples and its interval at 1 - `error`.

    Parameters
    ----------
    strata
        The values of each stratum; empty ones do not count.
    error
        The probability that the interval misses the centre.

    Raises
    ------
    ValueError
        There are too few values for an interval at this error rate.

    Examples
    --------
    >>> centre, interval = stratified_interval([[1, 2, 3, 4, 5], [3, 4, 5, 6, 7]], error=0.05)
    >>> round(centre, 2), round(interval.low, 2), round(interval.high, 2)
    (4.0, 2.5, 5.5)
    """
    samples = _samples(strata)
    layout = _layout(samples)
    least = _sum_outside(layout, error)
    if least < 0:
        count = sum(len(sample) for sample in samples)
        raise ValueError(f"{count} values are too few for an interval at {100 * (1 - error):.2f} %")

    def falls_below(level: float) -> float:
        """Return where the sum of the positive scores falls below a level."""
        low = min(float(sample.min()) for sample in samples)
        high = max(float(sample.max()) for sample in samples)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if _positive(samples, layout, middle) >= level else (low, middle)
        return (low + high) / 2

    whole = _whole(layout)
    centre = (falls_below(whole / 2) + falls_below((whole + 1) / 2)) / 2
    return centre, Interval(low=falls_below(whole - least), high=falls_below(least + 1))


def is_above(strata: Sequence[Sequence[float]], centre: float, error: float) -> bool:
    """Return whether the interval at 1 - `error` lies above a centre, without computing it.

    Examples
    --------
    >>> is_above([[1, 2, 3, 4, 5], [3, 4, 5, 6, 7]], 2.4, 0.05), is_above([[1, 2, 3, 4, 5], [3, 4, 5, 6, 7]], 2.6, 0.05)
    (True, False)
    """
    samples = _samples(strata)
    layout = _layout(samples)
    least = _sum_outside(layout, error)
    return least >= 0 and _positive(samples, layout, centre) >= _whole(layout) - least


def is_enough(strata: Sequence[Sequence[float]], error: float) -> bool:
    """Return whether there are enough values for an interval at this error rate.

    Examples
    --------
    >>> is_enough([[1, 2, 3]], 0.05), is_enough([[1, 2, 3], [1, 2, 3]], 0.05)
    (False, True)
    """
    return _sum_outside(_layout(_samples(strata)), error) >= 0


def _positive(samples: "Sequence[npt.NDArray[np.float64]]", layout: _Layout, centre: float) -> int:
    """Return the sum of the scores of the values above a centre; it falls as the centre rises."""
    import numpy as np  # noqa: PLC0415 - as in stats.signed_rank

    total = 0
    for sample, (count, cap) in zip(samples, layout, strict=True):
        distances = sample - centre
        order = np.argsort(np.abs(distances), kind="stable")
        total += int(scores_of(count, cap)[distances[order] > 0].sum())
    return total


def _whole(layout: _Layout) -> int:
    return sum(int(scores_of(count, cap).sum()) for count, cap in layout)


def _samples(strata: Sequence[Sequence[float]]) -> "list[npt.NDArray[np.float64]]":
    import numpy as np  # noqa: PLC0415 - as in stats.signed_rank

    return [np.asarray(stratum, dtype=float) for stratum in strata if len(stratum)]


def _layout(samples: "Sequence[npt.NDArray[np.float64]]") -> _Layout:
    """Return for each stratum how many values it has, and the largest rank that counts."""
    is_capped = _have_long_tails(samples)
    return tuple((len(sample), len(sample) // 3 if is_capped else len(sample)) for sample in samples)


def _have_long_tails(samples: "Sequence[npt.NDArray[np.float64]]") -> bool:
    """Return whether the tails of all strata together are long, each in units of its own spread."""
    import numpy as np  # noqa: PLC0415 - as in stats.signed_rank

    centred = [sample - np.median(sample) for sample in samples]
    scaled = [each / spread for each in centred if (spread := float(np.median(np.abs(each)))) > 0]
    return bool(scaled) and has_long_tails(np.concatenate(scaled))


@lru_cache(maxsize=1024)
def _sum_outside(layout: _Layout, error: float) -> int:
    """Return the largest sum of positive scores with a lower tail of at most error / 2; -1 where there is none."""
    import numpy as np  # noqa: PLC0415 - as in stats.signed_rank

    if not layout:
        return -1
    return sum_outside(np.concatenate([scores_of(*each) for each in layout]), error)
