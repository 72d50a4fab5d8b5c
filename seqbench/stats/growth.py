"""From figures at rising values to how they grow, what of them is fixed, and where a ratio settles. Pure.

docs/METHOD.md explains the statistics to an engineer who is no statistician.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from statistics import median
from typing import TYPE_CHECKING

from seqbench.stats.bootstrap import percentile_interval, resampled_medians
from seqbench.stats.intervals import EXCELLENT_LIMIT, Interval, Ratio, summarize

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LEAST_FOR_GROWTH = 2
# Through two values there is a straight line whatever the growth is.
LEAST_FOR_LINE = 3
SETTLED_SHARE = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval; None where a value has too few rounds for one."""

    value: float
    interval: Interval | None

    def text(self, write: Callable[[float], str]) -> str:
        """Write it with its interval: `2.1us [1.9us, 2.3us]`, and `2.1us?` where there is none."""
        if self.interval is None:
            return f"{write(self.value)}?"
        return f"{write(self.value)} [{write(self.interval.low)}, {write(self.interval.high)}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """By which power of the value something grows: over all values, and from the last but one to the last."""

    exponent: Estimate
    last_step: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is fixed and what one more item costs, in the unit of what was measured; neither is below zero."""

    fixed: Estimate
    per_item: Estimate
    misfit: float
    """The largest distance from the line, as a share of what was measured there."""

    @property
    def even_at(self) -> float | None:
        """Return the value at which the fixed part equals all the rest; None where one of them is nothing."""
        if self.fixed.value <= 0 or self.per_item.value <= 0:
            return None
        return self.fixed.value / self.per_item.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """From which value on a ratio stays at or below a limit; None: it does not."""

    value: int | None
    is_sure: bool
    """Judged by whole intervals; else by the medians, because a value has too few rounds for an interval."""


def growth(values: Sequence[int], samples: Sequence[Sequence[float]], *, seed: int) -> Growth:
    """Fit log(median) to log(value) by least squares; `samples` are, for each value, the figures of its rounds.

    The interval is a percentile bootstrap over the rounds within each value (Efron 1979).

    Raises
    ------
    ValueError
        Fewer than two values, or one that has no samples.
    """
    import numpy as np  # noqa: PLC0415 - as in stats: after the measuring

    if len(values) < LEAST_FOR_GROWTH:
        raise ValueError(f"{len(values)} values have no growth")
    at = np.array([log(value) for value in values])
    from_mean = at - at.mean()

    def exponents(logs: "npt.NDArray[np.float64]") -> "npt.NDArray[np.float64]":
        return np.asarray(logs @ from_mean / (from_mean @ from_mean))

    def last_steps(logs: "npt.NDArray[np.float64]") -> "npt.NDArray[np.float64]":
        return np.asarray((logs[..., -1] - logs[..., -2]) / (at[-1] - at[-2]))

    found = np.log(_medians(samples))
    drawn = _drawn(samples, seed)
    logs = None if drawn is None else np.log(drawn)
    return Growth(
        exponent=estimated(float(exponents(found)), None if logs is None else exponents(logs)),
        last_step=estimated(float(last_steps(found)), None if logs is None else last_steps(logs)),
    )


def straight_line(values: Sequence[int], samples: Sequence[Sequence[float]], *, seed: int) -> Line:
    """Fit median = fixed + per_item * value so that the squares of the relative distances are least.

    Relative, because otherwise the largest value alone would decide, and it says least about what is fixed. A part
    that would come out below zero is zero, as neither work nor memory can be.

    Raises
    ------
    ValueError
        Fewer than three values, or one that has no samples.
    """
    import numpy as np  # noqa: PLC0415 - as in stats: after the measuring

    if len(values) < LEAST_FOR_LINE:
        raise ValueError(f"{len(values)} values do not show whether they lie on a line")
    at = np.array(values, dtype=float)

    def parts(medians: "npt.NDArray[np.float64]") -> tuple["npt.NDArray[np.float64]", "npt.NDArray[np.float64]"]:
        # Least squares with the weights 1 / median^2, about the weighted means: their sums do not cancel out.
        one, each = 1 / medians, at / medians
        weights = (one * one) / (one * one).sum(-1, keepdims=True)
        mean_at, mean = (weights * at).sum(-1, keepdims=True), (weights * medians).sum(-1, keepdims=True)
        away = at - mean_at
        per_item = (weights * away * (medians - mean)).sum(-1) / (weights * away * away).sum(-1)
        fixed = mean[..., 0] - per_item * mean_at[..., 0]
        no_fixed, no_item = fixed < 0, per_item < 0
        return (
            np.where(no_fixed, 0, np.where(no_item, one.sum(-1) / (one * one).sum(-1), fixed)),
            np.where(no_item, 0, np.where(no_fixed, each.sum(-1) / (each * each).sum(-1), per_item)),
        )

    medians = _medians(samples)
    fixed, per_item = (float(part) for part in parts(medians))
    drawn = _drawn(samples, seed)
    drawn_fixed, drawn_item = (None, None) if drawn is None else parts(drawn)
    return Line(
        fixed=estimated(fixed, drawn_fixed),
        per_item=estimated(per_item, drawn_item),
        misfit=float(np.abs((fixed + per_item * at) / medians - 1).max()),
    )


def crossing(ratios: Sequence[tuple[int, Ratio]], *, limit: float = EXCELLENT_LIMIT) -> Crossing:
    """Find the value from which on every ratio, with its whole interval, is at or below the limit.

    `ratios` are those at each value, in rising order.
    """
    is_sure = all(ratio.interval is not None for _, ratio in ratios)
    found = None
    for value, ratio in reversed(ratios):
        if (ratio.interval.high if is_sure and ratio.interval else ratio.median) > limit:
            break
        found = value
    return Crossing(value=found, is_sure=is_sure)


def settles_at(ratios: Sequence[tuple[int, Ratio]], *, share: float = SETTLED_SHARE) -> int | None:
    """Find the value from which on every ratio is within a share of the last one; None where only that itself is."""
    found = None
    for value, ratio in reversed(ratios[:-1]):
        if abs(ratio.median / ratios[-1][1].median - 1) > share:
            break
        found = value
    return found


def _medians(samples: Sequence[Sequence[float]]) -> "npt.NDArray[np.float64]":
    import numpy as np  # noqa: PLC0415 - as above

    return np.array([median(each) for each in samples], dtype=float)


def _drawn(samples: Sequence[Sequence[float]], seed: int) -> "npt.NDArray[np.float64] | None":
    """Draw the medians of all values again and again, one row for each draw; None where one has too few rounds."""
    import numpy as np  # noqa: PLC0415 - as above

    if any(summarize(each).interval is None for each in samples):
        return None
    # Each value draws for itself.
    return np.stack([resampled_medians(each, (seed, index)) for index, each in enumerate(samples)], axis=1)


def estimated(value: float, drawn: "npt.NDArray[np.float64] | None") -> Estimate:
    """Return a figure with the interval of what a bootstrap drew of it; None where nothing could be drawn."""
    return Estimate(value=value, interval=None if drawn is None else percentile_interval(drawn))
