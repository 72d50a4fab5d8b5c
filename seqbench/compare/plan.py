"""How many rounds each benchmark of a comparison gets, and how the probe is slowed down. Pure."""

from collections.abc import Callable, Sequence
from math import sqrt

from seqbench.bench.plan import Pilot, Plan

# More would say more, but every sample is kept: here 10 MiB of JSON for each benchmark.
MOST_PAIRS = 10_000
# What a probe is slowed down by: the first that the noise lets it find in a part of the rounds.
SLOWDOWNS_OF_PROBES = (0.10, 0.20, 0.30, 0.50, 1.00)
_PROBE_SHARE = 0.15
# However quiet a benchmark is: a burst of other work is soon over, and should not meet all its rounds.
_LEAST_SHARE = 0.05


def plan_pairs(
    pilots: Sequence[Pilot],
    budget_ns: float,
    runs: int | None,
    *,
    least: int,
    to_find: Callable[[float, float], int] | None,
) -> tuple[Plan, ...]:
    """Fix the rounds of a comparison, `least` at least; a noisier benchmark gets a larger share of the budget.

    For equally wide intervals the shares are as the efforts. A pilot tells these so roughly that shares as their
    roots come out narrower (docs/METHOD.md); where a calibration tells them they are taken as they are. `runs`
    overrides all that. `to_find` gives the rounds in which a slowdown is found in noise of some spread. Where it is
    given there is a probe, and a round that it runs in costs half as much again.
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
        slowed, wanted = _probe(pilot.spread, rounds * _PROBE_SHARE, to_find)
        if runs is None:
            # Where the probe would run in every round, each costs half as much again.
            rounds = max(least, int(max(rounds - wanted / 2, rounds / 1.5)))
        plans.append(Plan(rounds=rounds, probe_every=max(1, rounds // wanted), slowed=slowed))
    return tuple(plans)


def _probe(spread: float, rounds: float, to_find: Callable[[float, float], int]) -> tuple[float, int]:
    """Return the smallest slowdown that a probe finds in these rounds, or the largest, and the rounds for it."""
    for slowed in SLOWDOWNS_OF_PROBES:
        # As many plain ones as slowed ones.
        wanted = 2 * to_find(slowed, spread)
        # Where there is no noise at all it takes as many, whatever the slowdown is.
        if wanted <= max(rounds, 2 * to_find(slowed, 0.0)):
            break
    return slowed, wanted
