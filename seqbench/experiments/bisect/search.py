"""Decide which version comes next, and whether one is nearer to good or to bad. Pure.

Good, a version and bad run in the same rounds. The statistic of a round is

    log(version) - (log(good) + log(bad)) / 2

which is minus half of the step for a version like good, and plus half of it for one like bad. Signed ranks tell its
centre from 0. The steps share an error of 1 %, and so does the first comparison of good and bad.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, log2, sqrt

from seqbench.bench.plan import rough_spread
from seqbench.versions.contrasts import LOOKS, Contrast, contrast, next_look, rounds_to_see

ERROR = 0.01
"""The error of the first comparison, and that of all steps together."""
SPARE_STEPS = 2
"""Steps for versions that are not nearer to one end for certain."""
_POWER = 0.999
# What the first rounds show of the noise may be a quarter of it: the first comparison ends early where they are calm.
_CAUTION = 16


class Nearer(StrEnum):
    """Which end a version is nearer to."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The errors of one search, which are fixed before its first round."""

    versions: int
    """How many there are, both ends included."""
    benchmarks: int = 1
    """How many benchmarks are searched in one bisection."""

    @property
    def most_steps(self) -> int:
        """Return how many versions are measured at most, besides both ends."""
        return ceil(log2(max(2, self.versions))) + SPARE_STEPS

    @property
    def first_error(self) -> float:
        """Return the error of each look at good and bad."""
        return ERROR / self.benchmarks / len(LOOKS)

    @property
    def step_error(self) -> float:
        """Return the error of each look at a step."""
        return self.first_error / self.most_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """What good and bad show: a difference if `found` is neither None nor within the margin."""

    found: Contrast | None
    """None before the first look."""
    is_different: bool = False
    is_same: bool = False
    next_look: int | None = None
    """The number of rounds that the next look needs; None if it is settled, or after the last look."""


def judge_first(logs: Sequence[float], design: Design, *, margin: float, most: int) -> First:
    """Judge good against bad from the log ratios bad / good of all rounds so far."""
    found = contrast(logs, design.first_error)
    is_same = found is not None and found.is_within(margin)
    is_different = found is not None and not is_same and found.sign != 0 and abs(found.centre) > margin
    look = None if is_same or is_different else next_look(len(logs), most)
    return First(found=found, is_different=is_different, is_same=is_same, next_look=look)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTimes:
    """The log times of the three sides in the rounds that all of them ran in."""

    good: Sequence[float]
    version: Sequence[float]
    bad: Sequence[float]

    def offsets(self) -> list[float]:
        """Return how far the version is from the middle of good and bad, in each round."""
        rows = zip(self.good, self.version, self.bad, strict=True)
        return [version - (good + bad) / 2 for good, version, bad in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the rounds of one version show."""

    nearer: Nearer | None
    """None while it is open, and at the end if the rounds do not decide."""
    next_look: int | None


def judge_step(times: StepTimes, step: float, design: Design, most: int) -> Step:
    """Judge which end a version is nearer to.

    Parameters
    ----------
    step : the log ratio bad / good; only its sign counts here.
    most : the rounds after which it is given up.
    """
    offsets = times.offsets()
    found = contrast(offsets, design.step_error)
    if found is not None and found.sign:
        return Step(nearer=Nearer.BAD if found.sign * step > 0 else Nearer.GOOD, next_look=None)
    return Step(nearer=None, next_look=next_look(len(offsets), most))


def most_rounds(logs: Sequence[float], step: float, design: Design) -> int:
    """Return the rounds in which half of a step is nearly certainly seen, from the log ratios of the first comparison.

    The middle of two times has half of the noise of one, so that the offset of a version has three quarters of the
    variance of a ratio.
    """
    spread = sqrt(0.75) * rough_spread(logs)
    return _CAUTION * rounds_to_see(step / 2, max(spread, 1e-9), error=design.step_error, power=_POWER)


def last_look(runs: int | None) -> int:
    """Return the last look within this many rounds; None: as many as it takes.

    Examples
    --------
    >>> last_look(40)
    32
    """
    return max((look for look in LOOKS if runs is None or look <= runs), default=LOOKS[0])


def bounds(versions: int, nearer: Mapping[int, Nearer]) -> tuple[int, int]:
    """Return the last version that is like good, and the first one that is like bad."""
    low = max((place for place, end in nearer.items() if end is Nearer.GOOD), default=0)
    return low, min((place for place, end in nearer.items() if end is Nearer.BAD), default=versions - 1)


def next_version(versions: int, nearer: Mapping[int, Nearer], unusable: Collection[int]) -> int | None:
    """Return the version in the middle of those that are left; None if none is left."""
    low, high = bounds(versions, nearer)
    left = [place for place in range(low + 1, high) if place not in unusable]
    return left[len(left) // 2] if left else None
