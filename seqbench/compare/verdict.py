"""From pairs of times to a verdict: faster, slower, the same within a margin, or not to be told. Pure.

Two programs run in the same round make a pair; its log ratio is what is judged. Where they are equal, either order
of a pair is as likely as the other, so the log ratios are symmetric about zero, whatever the noise looks like: that is
all that a signed-rank interval assumes (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed.,
sections 3.1 to 3.3); `stats.signed_rank_interval` says with which ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, log, log1p, sqrt
from statistics import NormalDist

from seqbench.stats.intervals import Interval
from seqbench.stats.signed_rank import signed_rank_interval

# Of all comparisons of identical compilers, the share in which any benchmark is called faster or slower.
FAMILY_ERROR = 0.01
# What is called detectable is found with this probability.
POWER = 0.95
_SURE = 0.999
_OUTLIERS = 3
# 0.8 squared, times the squares of both quantiles together, for three benchmarks.
_ROUGHNESS = 19.0


class Verdict(StrEnum):
    """What a comparison says of one benchmark."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with its figures; ratios are head / base, above 1 where head is slower."""

    verdict: Verdict
    ratio: float
    interval: Interval
    pairs: int
    detectable: float
    """The smallest slowdown that so many pairs, as noisy as these, find with 95 % power: 0.02 is 2 %."""
    rounds_needed: int | None
    """For an inconclusive verdict: how many rounds would settle it if the estimate is right."""


def least_pairs(family: int) -> int:
    """Return the fewest pairs from which a family of this many benchmarks can be judged at all.

    Examples
    --------
    >>> least_pairs(1), least_pairs(4)
    (8, 10)
    """
    pairs = 1
    while 2 * 0.5**pairs > FAMILY_ERROR / family:
        pairs += 1
    return pairs


def reach(power: float, family: int) -> float:
    """Return how many standard errors away a slowdown lies that is found with this power, where the noise is normal."""
    quantile = NormalDist().inv_cdf
    return quantile(1 - FAMILY_ERROR / family / 2) + quantile(power)


def rounds_to_find(slowdown: float, spread: float, *, family: int, caution: float) -> int:
    """Return the rounds in which a slowdown would nearly always be found (99.9 %), from the spread of the log ratios.

    `caution` is by how much that is multiplied, because a spread from a few rounds may be too small. However quiet it
    is, they are three times the least: of the least none may point the other way, and a burst of other work makes one.
    """
    rounds = ceil(caution * (reach(_SURE, family) * spread / log1p(slowdown)) ** 2)
    return max(_OUTLIERS * least_pairs(family), rounds)


def judge(
    base: Sequence[float], head: Sequence[float], *, margin: float, family: int, identical: bool = False
) -> Judgement:
    """Judge head against base from their times in the same rounds.

    `margin` is what is called the same (0.01 is 1 %), `family` how many benchmarks are judged together: each gets its
    share of the error rate (Bonferroni). `identical` executables are the same by definition; their figures
    show what the machine's noise looks like.

    Raises
    ------
    ValueError
        The lengths differ, too few pairs, a time or the margin is not above zero.

    Examples
    --------
    >>> base = [100, 101, 99, 100, 102, 98, 100, 101, 99, 100]
    >>> found = judge(base, [time * 1.1 for time in base], margin=0.02, family=1)
    >>> str(found.verdict), round(found.ratio, 2), found.pairs
    ('slower', 1.1, 10)
    """
    if len(base) != len(head):
        raise ValueError(f"{len(base)} and {len(head)} times do not make pairs")
    if len(base) < least_pairs(family):
        raise ValueError(f"{len(base)} pairs are too few: {family} benchmarks need at least {least_pairs(family)}")
    if margin <= 0 or min(*base, *head) <= 0:
        raise ValueError("the margin and all times must be above zero")
    error = FAMILY_ERROR / family
    logs = [log(after / before) for before, after in zip(base, head, strict=True)]
    estimate, interval = signed_rank_interval(logs, error)
    half = (interval.high - interval.low) / 2
    quantile = NormalDist().inv_cdf
    # This width is itself known only roughly, and so is that of the next run: about 0.8 / sqrt(pairs) of it each.
    roughly = sqrt(1 + _ROUGHNESS / len(base))
    detectable = half * (1 + quantile(POWER) * roughly / quantile(1 - error / 2))
    verdict = Verdict.SAME if identical else _verdict(interval, log1p(margin))
    return Judgement(
        verdict=verdict,
        ratio=exp(estimate),
        interval=Interval(low=exp(interval.low), high=exp(interval.high)),
        pairs=len(base),
        detectable=exp(detectable) - 1,
        rounds_needed=_rounds_needed(estimate, half, log1p(margin), len(base))
        if verdict is Verdict.INCONCLUSIVE
        else None,
    )


def _verdict(interval: Interval, margin: float) -> Verdict:
    if -margin <= interval.low and interval.high <= margin:
        return Verdict.SAME
    if interval.low > 0:
        return Verdict.SLOWER
    if interval.high < 0:
        return Verdict.FASTER
    return Verdict.INCONCLUSIVE


def _rounds_needed(estimate: float, half: float, margin: float, pairs: int) -> int:
    """Return the rounds at which the interval would exclude zero or fit the margin; its width falls with their root."""
    wanted = max(abs(estimate), margin - abs(estimate))
    return max(pairs + 1, ceil(pairs * (half / wanted) ** 2))
