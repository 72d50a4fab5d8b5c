"""Plan how many rounds each benchmark of `invoke bench` gets, from the cost of its pilot. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

# The lowest and the highest of six samples enclose the median with a probability of 97 %; of five, only 94 %.
LEAST_ROUNDS = 6
MOST_ROUNDS = 30
PILOT = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """The result of the pilot of a benchmark, from which its rounds are planned."""

    cost_ns: float
    """The time of one round."""
    spread: float = 0.0
    """The spread of the log ratio of its first two programs; for normal noise about its standard deviation."""
    is_calibrated: bool = False
    """Whether the spread comes from a calibration of this machine, with many more rounds."""
    parameters: tuple[tuple[str, int], ...] = ()
    """The size of the pilot."""

    @property
    def effort(self) -> float:
        """Return a figure proportional to the time for an interval of a given width.

        The width of an interval falls with the square root of the rounds.
        """
        return self.cost_ns * self.spread**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rounds of a benchmark, fixed before the first one, and the slowdown of its probe, if it has one."""

    rounds: int
    probe_every: int = 1
    """The probe runs in one of this many rounds."""
    slowed: float = 0.0
    """In every second one of its rounds the probe is slowed down by this share of its time."""


NOT_PLANNED = Plan(rounds=0)


def plan_rounds(round_costs_ns: Sequence[float], budget_ns: float, runs: int | None) -> tuple[int, ...]:
    """Return the number of rounds of each benchmark, fixed before the first scored round.

    Each benchmark has an equal share of the budget. Benchmarks with cheaper rounds are planned first, and the others
    share what these do not use. So an expensive benchmark never takes rounds from a cheap one.

    Parameters
    ----------
    round_costs_ns
        The time of the pilot round of each benchmark, which is part of the budget too.
    runs
        The rounds of every benchmark, in place of the budget.
    """
    if runs is not None:
        return (runs,) * len(round_costs_ns)
    rounds = [LEAST_ROUNDS] * len(round_costs_ns)
    left = budget_ns
    by_cost = sorted(range(len(round_costs_ns)), key=lambda index: round_costs_ns[index])
    for planned, index in enumerate(by_cost):
        share = left / (len(by_cost) - planned)
        cost = max(1.0, round_costs_ns[index])
        rounds[index] = int(min(MOST_ROUNDS, max(LEAST_ROUNDS, share // cost - 1)))
        left = max(0.0, left - (1 + rounds[index]) * cost)
    return tuple(rounds)


def rough_spread(logs: Sequence[float]) -> float:
    """Return half the range of the middle two thirds: for normal noise 0.97 standard deviations; 0 for fewer than two.

    The outer sixths are dropped, because a single outlier among a dozen values would dominate the range.
    """
    dropped = len(logs) // 6
    middle = sorted(logs)[dropped : len(logs) - dropped]
    return (middle[-1] - middle[0]) / 2 if len(middle) > 1 else 0.0
