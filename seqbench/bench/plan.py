"""Plan how many rounds each benchmark of `invoke bench` gets, from the cost of its pilot. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

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
    """The probe runs in one of this many rounds; 0 once it has been found."""
    slowed: float = 0.0
    """In every second one of its rounds the probe is slowed down by this share of its time."""
    needs_s: float | None = None
    """Where the budget holds no round, or fewer than an interval needs: the budget in seconds that would be enough."""


NOT_PLANNED = Plan(rounds=0)


def plan_rounds(round_costs_ns: Sequence[float], left_ns: float, *, least: int) -> tuple[int, ...]:
    """Return the number of rounds of each benchmark, fixed before the first scored round.

    Benchmarks with cheaper rounds are planned first. Each gets an equal share of the time, and what it does not use is
    left to the others. So an expensive benchmark takes no more from the cheaper ones than its first round.

    Parameters
    ----------
    round_costs_ns
        The time of a round of each benchmark.
    left_ns
        The time that is left after the pilots.
    least
        The fewest rounds of a benchmark, whatever they take. With 0 the sum never exceeds the time that is left, and a
        benchmark of which not one round fits gets none.
    """
    costs = [max(1.0, cost) for cost in round_costs_ns]
    rounds = [least] * len(costs)
    queue = sorted(range(len(costs)), key=lambda index: costs[index])
    # The first round of each is set aside, unless `least` holds whatever it takes.
    set_aside = [0.0] * len(costs)
    if not least:
        sums = accumulate(costs[index] for index in queue)
        queue = [index for index, total in zip(queue, sums, strict=True) if total <= left_ns]
        set_aside = costs
    for planned, index in enumerate(queue):
        to_come = queue[planned:]
        free_ns = left_ns - sum(set_aside[each] for each in to_come)
        share_ns = set_aside[index] + max(0.0, free_ns) / len(to_come)
        rounds[index] = int(min(MOST_ROUNDS, max(least, 1, share_ns // costs[index])))
        left_ns = max(0.0, left_ns - rounds[index] * costs[index])
    return tuple(rounds)


def rough_spread(logs: Sequence[float]) -> float:
    """Return half the range of the middle two thirds: for normal noise 0.97 standard deviations; 0 for fewer than two.

    The outer sixths are dropped, because a single outlier among a dozen values would dominate the range.
    """
    dropped = len(logs) // 6
    middle = sorted(logs)[dropped : len(logs) - dropped]
    return (middle[-1] - middle[0]) / 2 if len(middle) > 1 else 0.0
