"""Plan the rounds of each benchmark of a comparison, and the slowdown of its probe. Pure."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import sqrt

from seqbench.bench.plan import NOT_PLANNED, Pilot, Plan

PILOT_ROUNDS = 20
"""Enough to estimate the noise of a comparison within about a quarter."""
# Every sample is stored: this many take 10 MiB of JSON for each benchmark.
MOST_PAIRS = 10_000
# A probe gets the first of these that can be detected in `_PROBE_SHARE` of the rounds.
SLOWDOWNS_OF_PROBES = (0.10, 0.20, 0.30, 0.50, 1.00)
_PROBE_SHARE = 0.15
# Of the budget, for the quietest benchmark too: a burst of other work must not overlap with all of its rounds.
_LEAST_SHARE = 0.05


def plan_pairs(
    pilots: Sequence[Pilot],
    left_ns: float,
    *,
    least: int,
    to_find: Callable[[float, float], int] | None,
    probe_by: float = 1.0,
) -> tuple[Plan, ...]:
    """Return the plan of each benchmark of a comparison; a noisier benchmark gets a larger share of the time.

    Intervals of equal width need shares in proportion to the efforts. The efforts of pilots are so uncertain that
    shares in proportion to their square roots result in narrower intervals (docs/METHOD.md). With a calibration the
    efforts are used as they are.

    Together the plans take no longer than the time that is left. A benchmark for which this does not hold `least`
    rounds gets none; those with the most expensive rounds are left out first.

    Parameters
    ----------
    left_ns
        The time for all rounds.
    least
        The fewest rounds that a verdict needs.
    to_find
        Returns the rounds in which a slowdown is detected, from the slowdown and the spread; None without a probe.
    probe_by
        The share of the rounds within which the probe has all of its own. It runs no more once it is found.
    """
    least_ns = [_least_ns(pilot, least, to_find) for pilot in pilots]
    queue = sorted(range(len(pilots)), key=lambda index: least_ns[index])
    kept = [
        index for index, total in zip(queue, accumulate(least_ns[i] for i in queue), strict=True) if total <= left_ns
    ]
    shares = dict(zip(kept, _shares([pilots[i] for i in kept], [least_ns[i] for i in kept], left_ns), strict=True))
    return tuple(
        _plan(pilot, shares[index], least, to_find, probe_by) if index in shares else NOT_PLANNED
        for index, pilot in enumerate(pilots)
    )


def plan_fixed(
    pilots: Sequence[Pilot], rounds: int, *, to_find: Callable[[float, float], int] | None, probe_by: float = 1.0
) -> tuple[Plan, ...]:
    """Return a plan of the given number of rounds for each benchmark; `to_find` and `probe_by` as in `plan_pairs`."""
    if to_find is None:
        return (Plan(rounds=rounds),) * len(pilots)
    found = [_probe(pilot.spread, rounds * _PROBE_SHARE, to_find) for pilot in pilots]
    return tuple(
        Plan(rounds=rounds, probe_every=max(1, int(probe_by * rounds / probe_rounds)), slowed=slowed)
        for slowed, probe_rounds in found
    )


def _shares(pilots: Sequence[Pilot], least_ns: Sequence[float], left_ns: float) -> list[float]:
    """Divide the time by the noise, but so that no benchmark gets less than it needs at least."""
    is_known = all(pilot.is_calibrated for pilot in pilots)
    weights = [pilot.effort if is_known else sqrt(pilot.effort) for pilot in pilots]
    whole = sum(weights)
    base = min(_LEAST_SHARE, 1 / len(pilots)) if pilots else 0.0
    fair = [base + (1 - base * len(pilots)) * (weight / whole if whole else 1 / len(pilots)) for weight in weights]
    at_least: set[int] = set()
    while True:
        others = [index for index in range(len(pilots)) if index not in at_least]
        time_ns = left_ns - sum(least_ns[index] for index in at_least)
        among = sum(fair[index] for index in others)
        shares = [least_ns[i] if i in at_least else time_ns * fair[i] / among for i in range(len(pilots))]
        short = [index for index in others if shares[index] < least_ns[index]]
        if not short:
            return shares
        at_least.update(short)


def _least_ns(pilot: Pilot, least: int, to_find: Callable[[float, float], int] | None) -> float:
    """Return what the fewest rounds take: with a probe the one that is slowed down most, in every round."""
    cost_ns = max(1.0, pilot.cost_ns)
    return least * cost_ns * (1.0 if to_find is None else _cost_with_probe(1, SLOWDOWNS_OF_PROBES[-1]))


def _plan(
    pilot: Pilot, share_ns: float, least: int, to_find: Callable[[float, float], int] | None, probe_by: float
) -> Plan:
    rounds = share_ns / max(1.0, pilot.cost_ns)
    if to_find is None:
        return Plan(rounds=int(min(MOST_PAIRS, max(least, rounds))))
    slowed, probe_rounds = _probe(pilot.spread, rounds * _PROBE_SHARE, to_find)
    # A probe that runs more often than is needed would take its time from the others.
    for _ in range(2):
        every = max(1, int(rounds / probe_rounds))
        rounds = share_ns / max(1.0, pilot.cost_ns) / _cost_with_probe(every, slowed)
    every = max(1, int(probe_by * every))
    return Plan(rounds=int(min(MOST_PAIRS, max(least, rounds))), probe_every=every, slowed=slowed)


def _cost_with_probe(every: int, slowed: float) -> float:
    """Return the cost of a round with a probe, relative to one without: half of the probe's rounds are slowed down."""
    return 1 + (1 + slowed / 2) / 2 / every


def _probe(spread: float, rounds: float, to_find: Callable[[float, float], int]) -> tuple[float, int]:
    """Return the smallest slowdown that can be detected in these rounds, else the largest, and the rounds it takes."""
    for slowed in SLOWDOWNS_OF_PROBES:
        # Half of the probe's rounds are plain.
        needed = 2 * to_find(slowed, spread)
        # The second term is what a slowdown takes without any noise; a larger slowdown takes no fewer rounds then.
        if needed <= max(rounds, 2 * to_find(slowed, 0.0)):
            break
    return slowed, needed
