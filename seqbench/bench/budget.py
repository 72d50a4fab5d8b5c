"""The time that one request may measure in: what is left of it, shares of it, and what fits into it. Pure.

The moment is passed in, so that every decision can be tried without waiting. All tasks decide with this one object.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, inf, isfinite

from seqbench.units import NS_PER_S

# Of what is left after the pilot: the rest is for the harness, and for what a pilot cannot predict.
PLANNED_SHARE = 0.95
# How long after its end a program may still run. Starting and reporting take time too, and a budget is kept within five
# seconds or a tenth.
_GRACE_NS = 2.5 * NS_PER_S
_GRACE_SHARE = 0.05
_LONGEST_S = 1e9
_STEP_S = 5
_SHOWN_IN_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A time to measure in. Moments are readings of the monotonic clock in nanoseconds."""

    began_ns: float
    length_ns: float
    """Infinite where the time is not limited."""
    share: float = 1.0
    """Of the budget that was asked for, which the flags in hints are about."""

    @classmethod
    def of(cls, length_s: float, now_ns: float, *, share: float = 1.0) -> "Budget":
        """Return a budget of this length that begins now."""
        return cls(began_ns=now_ns, length_ns=length_s * NS_PER_S, share=share)

    @property
    def is_limited(self) -> bool:
        """Return whether it ends at all."""
        return isfinite(self.length_ns)

    @property
    def last_moment_ns(self) -> float:
        """Return the moment at which a program that still runs is ended."""
        return self.began_ns + self.length_ns + max(_GRACE_NS, _GRACE_SHARE * self.length_ns)

    def left_ns(self, now_ns: float) -> float:
        """Return the time that is left; 0 once it is used up."""
        return max(0.0, self.began_ns + self.length_ns - now_ns)

    def holds(self, cost_ns: float, now_ns: float) -> bool:
        """Return whether something that takes so long fits into what is left."""
        return cost_ns <= self.left_ns(now_ns)

    def extended(self, waited_ns: float) -> "Budget":
        """Return a budget of the same length that ends so much later."""
        return replace(self, began_ns=self.began_ns + waited_ns)

    def part(self, share: float, now_ns: float, *, reserved_ns: float = 0.0) -> "Budget":
        """Return a budget that begins now and has a share of what is left, besides what is reserved."""
        free_ns = max(0.0, self.left_ns(now_ns) - reserved_ns) if self.is_limited else inf
        part_ns = share * free_ns
        of_this = part_ns / self.length_ns if self.is_limited and part_ns else 1.0
        return Budget(began_ns=now_ns, length_ns=part_ns, share=self.share * of_this)

    def flag(self, needed_s: float) -> str:
        """Return the flag for a budget of which a part like this one is of the needed length."""
        # Without what dividing adds in the last digit.
        return budget_flag(round(needed_s / self.share, 6))

    @property
    def asked_s(self) -> float:
        """Return the length of the budget that was asked for, in seconds."""
        return self.length_ns / NS_PER_S / self.share


def least_budget_s(is_enough: Callable[[float], bool]) -> float:
    """Return about the least number of seconds that is enough, rounded up to a number that people type.

    Parameters
    ----------
    is_enough
        Whether a budget of the given seconds is enough; if one is, every longer one must be too.
    """
    low, high = 0.0, 1.0
    while not is_enough(high) and high < _LONGEST_S:
        low, high = high, 2 * high
    while high - low > max(1.0, high / 50):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return rounded_up_s(high)


def rounded_up_s(seconds: float) -> float:
    """Return the next multiple of 5 s, or above two minutes of 1 min.

    Examples
    --------
    >>> rounded_up_s(3.2), rounded_up_s(20), rounded_up_s(121)
    (5, 20, 180)
    """
    step = _STEP_S if seconds <= _SHOWN_IN_SECONDS else 60
    return step * ceil(seconds / step)


def budget_flag(seconds: float) -> str:
    """Return the flag for a budget of at least this length.

    Examples
    --------
    >>> budget_flag(41.5), budget_flag(370)
    ('--budget 45s', '--budget 7m')
    """
    whole = round(rounded_up_s(seconds))
    return f"--budget {whole}s" if whole <= _SHOWN_IN_SECONDS else f"--budget {whole // 60}m"
