"""Judge pairs of times: faster, slower, the same within a margin, or inconclusive. Pure.

Two programs that run in the same round make a pair, and the log ratio of their times is judged. If the programs are
equally fast, both orders of a pair are equally likely, so the log ratios are symmetric about zero, whatever the
distribution of the noise. A signed-rank interval assumes no more than that (Hollander, Wolfe and Chicken, Nonparametric
Statistical Methods, 3rd ed., sections 3.1 to 3.3). `stats.signed_rank_interval` describes the ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, log, log1p, sqrt
from statistics import NormalDist

from seqbench.stats.intervals import Interval
from seqbench.stats.sequential import nominal_errors
from seqbench.stats.signed_rank import RankSum, SignedRanks, fewest_values, signed_rank_interval

# The share of all comparisons of identical compilers in which any benchmark is judged faster or slower.
FAMILY_ERROR = 0.01
# The same for the plain rounds of the probes of a gate, which are identical programs too.
PLAIN_ERROR = 0.003
# The probability of detecting a slowdown of the size that is called detectable.
POWER = 0.95
# The probability that the gate finds the slowdowns of all its probes.
_ALL_FOUND = 0.998
_OUTLIERS = 3
# 0.8 squared, times the sum of the squares of both quantiles, for three benchmarks.
_ROUGHNESS = 19.0
# The width of an interval is off by about this much, divided by the root of the pairs.
_ROUGH_WIDTH = 0.8
# The probability that each of three unknowns (the true ratio, the noise, the next estimate) is no worse than assumed.
_LIKELY = 0.7
# Far below what the log ratio of two times can differ by: an interval that ends at the margin lies within it.
NUDGE = 1e-12
"""Added to a limit, so that ties at it are on neither side."""


class Verdict(StrEnum):
    """The verdict of a comparison on one benchmark."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedResult:
    """The verdict on the pairs of one benchmark with its figures; ratios are head / base, above 1 if head is slower."""

    verdict: Verdict
    ratio: float
    interval: Interval
    pairs: int
    detectable: float
    """The smallest slowdown that this many pairs with this noise detect with 95 % power: 0.02 is 2 %."""
    rounds_range: tuple[int, int] | None
    """For an inconclusive verdict: how many rounds would settle it, else None; the low end settles about one in eight,
    the high end nine in ten."""


def least_pairs(family: int) -> int:
    """Return the fewest pairs with which each of `family` benchmarks can get a verdict.

    Examples
    --------
    >>> least_pairs(1), least_pairs(4)
    (8, 10)
    """
    return fewest_values(FAMILY_ERROR / family)


def reach(power: float, family: int) -> float:
    """Return how many standard errors a slowdown must have to be detected with this power in normal noise."""
    quantile = NormalDist().inv_cdf
    return quantile(1 - FAMILY_ERROR / family / 2) + quantile(power)


def rounds_to_find(slowdown: float, spread: float, *, family: int, caution: float) -> int:
    """Return the rounds that detect the slowdowns of all probes with 99.8 %, at least three times `least_pairs`.

    With the fewest pairs every one must agree, and a single burst of other work would reverse one of them.

    Parameters
    ----------
    slowdown
        The relative slowdown: 0.1 is 10 %.
    spread
        The spread of the log ratios, about their standard deviation.
    caution
        A factor on the rounds, because the spread from a few rounds may be too small.
    """
    rounds = ceil(caution * (reach(1 - (1 - _ALL_FOUND) / family, family) * spread / log1p(slowdown)) ** 2)
    return max(_OUTLIERS * least_pairs(family), rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The looks at one series of pairs."""

    pairs: tuple[int, ...]
    """How many pairs each look has."""
    spent: tuple[float, ...]
    """The share of the error rate that may be spent up to each look; 1 at the last one of the design."""
    is_capped: bool | None = None
    """Whether the ranks are capped, as in `stats.SignedRanks`; None if the tails at each look decide."""

    @classmethod
    def only_one(cls, pairs: int) -> "Looks":
        """Return the design with a single look at all pairs."""
        return cls(pairs=(pairs,), spent=(1.0,))

    def usable(self, error: float) -> tuple[tuple[int, float, bool], ...]:
        """Return the looks that can judge at this error rate: pairs, nominal error, whether it is the last one."""
        nominal = nominal_errors(self.pairs, self.spent, error)
        looks = zip(self.pairs, nominal, self.spent, strict=True)
        return tuple((pairs, each, spent >= 1) for pairs, each, spent in looks if each)


def judge(
    base: Sequence[float],
    head: Sequence[float],
    *,
    margin: float,
    family: int,
    identical: bool = False,
    rounding: float = 0.0,
) -> PairedResult:
    """Judge head against base from their times in the same rounds, all of them at once.

    Parameters
    ----------
    margin
        The relative difference that counts as the same: 0.01 is 1 %.
    family
        How many benchmarks are judged together. Each gets an equal share of the error rate (Bonferroni).
    identical
        Whether both executables are identical. Their verdict is the same, and their figures show the machine's noise.
    rounding
        By which share of them the times may be rounded, of both sides together. The interval is that much wider.

    Raises
    ------
    ValueError
        The lengths differ, there are too few pairs, or a time or the margin is not above zero.

    Examples
    --------
    >>> base = [100, 101, 99, 100, 102, 98, 100, 101, 99, 100]
    >>> found = judge(base, [time * 1.1 for time in base], margin=0.02, family=1)
    >>> str(found.verdict), round(found.ratio, 2), found.pairs
    ('slower', 1.1, 10)
    """
    if len(base) != len(head):
        raise ValueError(f"{len(base)} and {len(head)} times do not make pairs: expected as many of each")
    if len(base) < least_pairs(family):
        raise ValueError(f"{len(base)} pairs are too few: {family} benchmarks need at least {least_pairs(family)}")
    if margin <= 0 or min(*base, *head) <= 0:
        raise ValueError("the margin and all times must be above zero")
    logs = log_ratios(base, head)
    looks, error = Looks.only_one(len(logs)), FAMILY_ERROR / family
    return judge_looks(logs, looks, margin=margin, error=error, identical=identical, rounding=rounding)


def judge_looks(
    logs: Sequence[float], looks: Looks, *, margin: float, error: float, identical: bool = False, rounding: float = 0.0
) -> PairedResult:
    """Judge the log ratios of pairs look by look: the first look with a verdict stands, or else the last one.

    Its interval is the repeated confidence interval: those of all looks together miss the true ratio with a
    probability of `error`.

    Parameters
    ----------
    margin, identical, rounding
        As in `judge`.
    error
        The error rate of these pairs, for all looks together.

    Raises
    ------
    ValueError
        No look has enough pairs for a verdict, or the margin is not above zero.
    """
    if margin <= 0:
        raise ValueError("the margin must be above zero")
    usable = looks.usable(error)
    if not usable:
        raise ValueError(f"{max(looks.pairs, default=0)} pairs are too few for a verdict at any look")
    for pairs, nominal, is_last in usable:
        ranks = SignedRanks(logs[:pairs], is_capped=looks.is_capped)
        verdict = Verdict.SAME if identical else verdict_at(ranks, nominal, log1p(margin), rounding, is_last=is_last)
        if verdict is not Verdict.INCONCLUSIVE:
            break
    estimate, interval = signed_rank_interval(logs[:pairs], nominal, is_capped=looks.is_capped)
    interval = Interval(low=interval.low - rounding, high=interval.high + rounding)
    half = (interval.high - interval.low) / 2
    is_open = verdict is Verdict.INCONCLUSIVE
    return PairedResult(
        verdict=verdict,
        ratio=exp(estimate),
        interval=Interval(low=exp(interval.low), high=exp(interval.high)),
        pairs=pairs,
        detectable=detectable_slowdown(half, nominal, pairs),
        rounds_range=rounds_to_settle(estimate, half, log1p(margin), pairs, nominal) if is_open else None,
    )


def log_ratios(base: Sequence[float], head: Sequence[float]) -> list[float]:
    """Return the log ratio of each pair."""
    return [log(after / before) for before, after in zip(base, head, strict=True)]


def verdict_at(ranks: RankSum, error: float, margin: float, rounding: float, *, is_last: bool) -> Verdict:
    """Return the verdict of one look; before the last one a difference must probably be beyond the margin."""
    inside = margin - rounding + NUDGE
    if ranks.is_above(-inside, error) and ranks.is_below(inside, error):
        return Verdict.SAME
    outside = rounding + NUDGE
    if ranks.is_above(outside, error) and (is_last or ranks.positive(margin) > ranks.whole / 2):
        return Verdict.SLOWER
    if ranks.is_below(-outside, error) and (is_last or ranks.positive(-margin) < ranks.whole / 2):
        return Verdict.FASTER
    return Verdict.INCONCLUSIVE


def detectable_slowdown(half: float, error: float, pairs: int) -> float:
    """Return the smallest slowdown that as many pairs detect with 95 % power, from half the width of an interval."""
    quantile = NormalDist().inv_cdf
    # The width of this interval is uncertain, and so is that of the next run: each by about 0.8 / sqrt(pairs).
    roughly = sqrt(1 + _ROUGHNESS / pairs)
    return exp(half * (1 + quantile(POWER) * roughly / quantile(1 - error / 2))) - 1


def rounds_to_settle(estimate: float, half: float, margin: float, pairs: int, error: float) -> tuple[int, int]:
    """Return the range of rounds that settle it, since neither the true ratio nor the noise is known exactly.

    A ratio is far from both limits, 1 and the margin, at the ends of its likely range, and nearest to both half way
    between them. At the high end the estimate of the next run may also be unlucky.
    """
    quantile = NormalDist().inv_cdf
    # In half widths: how far the true ratio may be from the estimate, and that of the next run from the true one.
    off = quantile(_LIKELY) / quantile(1 - error / 2)
    nearest, farthest = max(0.0, abs(estimate) - off * half), abs(estimate) + off * half
    most = max(max(each, margin - each) for each in (nearest, farthest))
    middle = min(max(margin / 2, nearest), farthest)
    least = max(middle, margin - middle)
    rough = min(0.5, quantile(_LIKELY) * _ROUGH_WIDTH / sqrt(pairs))
    low = pairs * (half * (1 - rough) / most) ** 2
    high = pairs * (half * (1 + rough) * (1 + off) / least) ** 2
    return max(pairs + 1, ceil(low)), max(pairs + 2, ceil(high))
