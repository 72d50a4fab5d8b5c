"""Plan the rounds of each benchmark of a comparison, and the slowdown of its probe. Pure."""

from collections.abc import Callable, Sequence
from math import sqrt

from seqbench.bench.plan import Pilot, Plan

# Every sample is stored: this many take 10 MiB of JSON for each benchmark.
MOST_PAIRS = 10_000
# A probe gets the first of these that can be detected in `_PROBE_SHARE` of the rounds.
SLOWDOWNS_OF_PROBES = (0.10, 0.20, 0.30, 0.50, 1.00)
_PROBE_SHARE = 0.15
# Of the budget, for the quietest benchmark too: a burst of other work must not overlap with all of its rounds.
_LEAST_SHARE = 0.05


def plan_pairs(
    pilots: Sequence[Pilot],
    budget_ns: float,
    runs: int | None,
    *,
    least: int,
    to_find: Callable[[float, float], int] | None,
) -> tuple[Plan, ...]:
    """Return the plan of each benchmark of a comparison; a noisier benchmark gets a larger share of the budget.

    Intervals of equal width need shares in proportion to the efforts. The efforts of pilots are so uncertain that
    shares in proportion to their square roots result in narrower intervals (docs/METHOD.md). With a calibration the
    efforts are used as they are.

    Parameters
    ----------
    runs
        The rounds of every benchmark, in place of the budget.
    least
        The fewest rounds of a benchmark.
    to_find
        Returns the rounds in which a slowdown is detected, from the slowdown and the spread; None without a probe.
        A round with the probe costs half as much again.
    """
    is_known = all(pilot.is_calibrated for pilot in pilots)
    weights = [pilot.effort if is_known else sqrt(pilot.effort) for pilot in pilots]
    plans = []
    for pilot, weight in zip(pilots, weights, strict=True):
        fair = weight / sum(weights) if sum(weights) else 1 / len(pilots)
        share = _LEAST_SHARE + (1 - _LEAST_SHARE * len(pilots)) * fair
        rounds = runs or int(min(MOST_PAIRS, max(least, share * budget_ns / max(1.0, pilot.cost_ns))))
        if to_find is None:
            plans.append(Plan(rounds=rounds))
            continue
        slowed, probe_rounds = _probe(pilot.spread, rounds * _PROBE_SHARE, to_find)
        if runs is None:
            # The second term is for a probe that runs in every round.
            rounds = max(least, int(max(rounds - probe_rounds / 2, rounds / 1.5)))
        plans.append(Plan(rounds=rounds, probe_every=max(1, rounds // probe_rounds), slowed=slowed))
    return tuple(plans)


def _probe(spread: float, rounds: float, to_find: Callable[[float, float], int]) -> tuple[float, int]:
    """Return the smallest slowdown that can be detected in these rounds, else the largest, and the rounds it takes."""
    for slowed in SLOWDOWNS_OF_PROBES:
        # Half of the probe's rounds are plain.
        needed = 2 * to_find(slowed, spread)
        # The second term is what a slowdown takes without any noise; a larger slowdown takes no fewer rounds then.
        if needed <= max(rounds, 2 * to_find(slowed, 0.0)):
            break
    return slowed, needed
