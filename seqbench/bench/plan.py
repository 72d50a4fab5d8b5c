"""How many rounds each benchmark of a bench gets, from the cost of its pilot. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

# With six rounds the least and the greatest sample enclose the median with 97 % certainty; with five only 94 %.
LEAST_ROUNDS = 6
MOST_ROUNDS = 30
PILOT = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """What the pilot of a benchmark showed, before anything is planned."""

    cost_ns: float
    """Of one round of all that ran in it."""
    spread: float = 0.0
    """Of the log ratio of its first two programs; for normal noise about its standard deviation."""
    is_calibrated: bool = False
    """The spread was measured before, on this machine, in many more rounds."""
    parameters: tuple[tuple[str, int], ...] = ()
    """The size that it ran at."""

    @property
    def effort(self) -> float:
        """Return a figure for the time that an interval of some width takes: it narrows with the root of the rounds."""
        return self.cost_ns * self.spread**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many rounds a benchmark has, fixed before the first one, and what its probe does, if it has one."""

    rounds: int
    probe_every: int = 1
    """It runs in every so-many-th round."""
    slowed: float = 0.0
    """By this share of its time, in every second of them."""


NOT_PLANNED = Plan(rounds=0)


def plan_rounds(round_costs_ns: Sequence[float], budget_ns: float, runs: int | None) -> tuple[int, ...]:
    """Fix the number of rounds of each benchmark before the first one counts.

    `round_costs_ns` are the costs of a pilot round, which the budget pays for too; `runs` overrides the budget. Each
    benchmark has an equal share. The cheapest one is served first and what it cannot use is left to the dearer ones,
    so that a dear one never takes rounds from the others.
    """
    if runs is not None:
        return (runs,) * len(round_costs_ns)
    rounds = [LEAST_ROUNDS] * len(round_costs_ns)
    left = budget_ns
    by_cost = sorted(range(len(round_costs_ns)), key=lambda index: round_costs_ns[index])
    for served, index in enumerate(by_cost):
        share = left / (len(by_cost) - served)
        cost = max(1.0, round_costs_ns[index])
        rounds[index] = int(min(MOST_ROUNDS, max(LEAST_ROUNDS, share // cost - 1)))
        left = max(0.0, left - (1 + rounds[index]) * cost)
    return tuple(rounds)


def rough_spread(logs: Sequence[float]) -> float:
    """Return half the range of the middle two thirds: for normal noise 0.97 standard deviations; 0 of fewer than two.

    What lies further out is left out, because one outlier among a dozen would decide everything else.
    """
    left_out = len(logs) // 6
    middle = sorted(logs)[left_out : len(logs) - left_out]
    return (middle[-1] - middle[0]) / 2 if len(middle) > 1 else 0.0
