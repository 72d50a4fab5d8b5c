"""Estimate how a figure grows with a parameter: its exponent, fixed part and unit cost. Pure.

docs/METHOD.md explains the statistics to engineers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from statistics import median

import numpy as np
import numpy.typing as npt

from seqbench.stats.bootstrap import percentile_interval, resampled_medians
from seqbench.stats.intervals import EXCELLENT_LIMIT, Interval, Ratio, summarize

LEAST_FOR_GROWTH = 2
# A straight line always fits two values.
LEAST_FOR_LINE = 3
SETTLED_SHARE = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval, which is None when a value has too few rounds."""

    value: float
    interval: Interval | None

    def text(self, write: Callable[[float], str]) -> str:
        """Format the figure with its interval, as `2.1us [1.9us, 2.3us]`, or as `2.1us?` without one."""
        if self.interval is None:
            return f"{write(self.value)}?"
        return f"{write(self.value)} [{write(self.interval.low)}, {write(self.interval.high)}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The exponent b of a figure that grows as value ** b."""

    exponent: Estimate
    """Over all values."""
    last_step: Estimate
    """From the second largest value to the largest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line: a fixed part and a unit cost, both in the unit of the figure and not negative."""

    fixed: Estimate
    unit_cost: Estimate
    misfit: float
    """The largest distance of a median from the line, as a share of that median."""

    @property
    def half_fixed_at(self) -> float | None:
        """Return the value at which the fixed part is half of the figure; None when either part is zero."""
        if self.fixed.value <= 0 or self.unit_cost.value <= 0:
            return None
        return self.fixed.value / self.unit_cost.value


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """The value from which a ratio stays at or below a limit."""

    value: int | None
    """None when the ratio of the last value is above the limit."""
    is_sure: bool
    """True when every ratio has an interval and the whole interval was compared with the limit.
    False when a value has too few rounds for an interval, and the medians were compared instead."""


def growth(values: Sequence[int], samples: Sequence[Sequence[float]], *, seed: int) -> Growth:
    """Fit log(median) to log(value) by least squares.

    The interval is a percentile bootstrap over the rounds of each value (Efron 1979).

    Parameters
    ----------
    values : in rising order.
    samples : for each value, the figures of its rounds, all above zero.

    Raises
    ------
    ValueError
        There are fewer than two values, or a value has no samples.
    """
    if len(values) < LEAST_FOR_GROWTH:
        raise ValueError(
            f"{len(values)} values are too few for a growth exponent: expected at least {LEAST_FOR_GROWTH}"
        )
    at = np.array([log(value) for value in values])
    from_mean = at - at.mean()

    def exponents(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(logs @ from_mean / (from_mean @ from_mean))

    def last_steps(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray((logs[..., -1] - logs[..., -2]) / (at[-1] - at[-2]))

    found = np.log(_medians(samples))
    drawn = _drawn(samples, seed)
    logs = None if drawn is None else np.log(drawn)
    return Growth(
        exponent=estimated(float(exponents(found)), None if logs is None else exponents(logs)),
        last_step=estimated(float(last_steps(found)), None if logs is None else last_steps(logs)),
    )


def straight_line(values: Sequence[int], samples: Sequence[Sequence[float]], *, seed: int) -> Line:
    """Fit median = fixed + unit_cost * value by least squares of the relative distances.

    Absolute distances would let the largest value decide alone, and that value shows the fixed part least.
    A part that would be negative is set to zero, because work and memory cannot be negative.

    Parameters
    ----------
    values : in rising order.
    samples : for each value, the figures of its rounds, all above zero.

    Raises
    ------
    ValueError
        There are fewer than three values, or a value has no samples.
    """
    if len(values) < LEAST_FOR_LINE:
        raise ValueError(f"{len(values)} values are too few for a straight line: expected at least {LEAST_FOR_LINE}")
    at = np.array(values, dtype=float)

    def parts(medians: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        # Weights of 1 / median^2 make the distances relative. Centring on the weighted means avoids cancellation.
        one, each = 1 / medians, at / medians
        weights = (one * one) / (one * one).sum(-1, keepdims=True)
        mean_at, mean = (weights * at).sum(-1, keepdims=True), (weights * medians).sum(-1, keepdims=True)
        away = at - mean_at
        unit_cost = (weights * away * (medians - mean)).sum(-1) / (weights * away * away).sum(-1)
        fixed = mean[..., 0] - unit_cost * mean_at[..., 0]
        no_fixed, no_item = fixed < 0, unit_cost < 0
        return (
            np.where(no_fixed, 0, np.where(no_item, one.sum(-1) / (one * one).sum(-1), fixed)),
            np.where(no_item, 0, np.where(no_fixed, each.sum(-1) / (each * each).sum(-1), unit_cost)),
        )

    medians = _medians(samples)
    fixed, unit_cost = (float(part) for part in parts(medians))
    drawn = _drawn(samples, seed)
    drawn_fixed, drawn_item = (None, None) if drawn is None else parts(drawn)
    return Line(
        fixed=estimated(fixed, drawn_fixed),
        unit_cost=estimated(unit_cost, drawn_item),
        misfit=float(np.abs((fixed + unit_cost * at) / medians - 1).max()),
    )


def break_even(ratios: Sequence[tuple[int, Ratio]], *, limit: float = EXCELLENT_LIMIT) -> BreakEven:
    """Find the value from which the whole interval of every ratio is at or below the limit.

    Parameters
    ----------
    ratios : pairs of a value and the ratio there, in rising order of the values.
    """
    is_sure = all(ratio.interval is not None for _, ratio in ratios)
    found = None
    for value, ratio in reversed(ratios):
        if (ratio.interval.high if is_sure and ratio.interval else ratio.median) > limit:
            break
        found = value
    return BreakEven(value=found, is_sure=is_sure)


def settles_at(ratios: Sequence[tuple[int, Ratio]], *, share: float = SETTLED_SHARE) -> int | None:
    """Find the value from which every ratio is within `share` of the last one; None when only the last one is."""
    found = None
    for value, ratio in reversed(ratios[:-1]):
        if abs(ratio.median / ratios[-1][1].median - 1) > share:
            break
        found = value
    return found


def _medians(samples: Sequence[Sequence[float]]) -> npt.NDArray[np.float64]:
    return np.array([median(each) for each in samples], dtype=float)


def _drawn(samples: Sequence[Sequence[float]], seed: int) -> "npt.NDArray[np.float64] | None":
    """Return the resampled medians, one row a draw and one column a value; None when a value has too few rounds."""
    if any(summarize(each).interval is None for each in samples):
        return None
    # Each value gets its own seed, so that the draws are independent.
    return np.stack([resampled_medians(each, (seed, index)) for index, each in enumerate(samples)], axis=1)


def estimated(value: float, drawn: "npt.NDArray[np.float64] | None") -> Estimate:
    """Return a figure with the interval of its bootstrap draws, or without an interval when `drawn` is None."""
    return Estimate(value=value, interval=None if drawn is None else percentile_interval(drawn))
