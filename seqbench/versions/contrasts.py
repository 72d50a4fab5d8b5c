"""Judge the log ratios of two versions in their common rounds. Pure.

Looks are planned: the more often the rounds of one question are looked at, the smaller is the error of each look, so
that all looks together keep the error of the question (Bonferroni).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp
from statistics import NormalDist

from seqbench.stats.signed_rank import fewest_values, signed_rank_interval

LOOKS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
"""The numbers of rounds after which a question may be settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """The centre of log ratios with its interval, in logs: 0.05 is about 5 % slower."""

    centre: float
    low: float
    high: float
    rounds: int

    @property
    def ratio(self) -> float:
        """Return the centre as a ratio."""
        return exp(self.centre)

    @property
    def ends(self) -> tuple[float, float]:
        """Return both ends of the interval as ratios."""
        return exp(self.low), exp(self.high)

    @property
    def text(self) -> str:
        """Return the ratio with its interval: `1.052 [1.043, 1.061]`."""
        low, high = self.ends
        return f"{self.ratio:.3f} [{low:.3f}, {high:.3f}]"

    @property
    def sign(self) -> int:
        """Return 1 or -1 if the interval leaves out 0, else 0."""
        return (self.low > 0) - (self.high < 0)

    def is_within(self, margin: float) -> bool:
        """Return whether the whole interval lies within a margin around 0."""
        return -margin <= self.low and self.high <= margin


def contrast(logs: Sequence[float], error: float) -> Contrast | None:
    """Return the signed-rank estimate at 1 - `error`; None where there are too few rounds for it.

    Examples
    --------
    >>> found = contrast([0.04, 0.05, 0.06] * 6, 0.01)
    >>> round(found.centre, 3), found.sign
    (0.05, 1)
    >>> contrast([0.1, 0.2], 0.01) is None
    True
    """
    if len(logs) < fewest_values(error):
        return None
    centre, interval = signed_rank_interval(logs, error)
    return Contrast(centre=centre, low=interval.low, high=interval.high, rounds=len(logs))


def rounds_to_see(size: float, spread: float, *, error: float, power: float) -> int:
    """Return the rounds in which a log ratio of this size is detected with this power, in noise of this spread."""
    quantile = NormalDist().inv_cdf
    reach = quantile(1 - error / 2) + quantile(power)
    return max(fewest_values(error), ceil((reach * spread / size) ** 2))


def next_look(rounds: int, most: int) -> int | None:
    """Return the number of rounds at the next look; None after the last one, which is the first from `most` on."""
    last = next((look for look in LOOKS if look >= most), LOOKS[-1])
    return next((look for look in LOOKS if rounds < look <= last), None)
