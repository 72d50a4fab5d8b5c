from dataclasses import replace
from functools import partial
from math import log1p, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.bench.plan import Pilot, Plan
from seqbench.compare.plan import MOST_PAIRS, plan_fixed, plan_pairs
from seqbench.compare.verdict import reach, rounds_to_find

_budgets = st.floats(min_value=0, max_value=1e14)
_pilots = st.lists(
    st.builds(Pilot, cost_ns=st.floats(min_value=1, max_value=1e10), spread=st.floats(min_value=0, max_value=2)),
    max_size=6,
)


def _pairs_spent(plans: tuple[Plan, ...], pilots: list[Pilot]) -> float:
    """Return what a plan costs; half of the rounds of a probe are slowed down."""
    return sum(
        pilot.cost_ns * plan.rounds * (1 + ((1 + plan.slowed / 2) / 2 / plan.probe_every if plan.slowed else 0))
        for plan, pilot in zip(plans, pilots, strict=True)
    )


@given(_pilots, _budgets, st.integers(min_value=10, max_value=40), st.sampled_from([None, 3]))
def test_plans_of_a_comparison_never_exceed_the_time_that_is_left(
    pilots: list[Pilot], left: float, least: int, family: int | None
) -> None:
    to_find = partial(rounds_to_find, family=family, caution=2.5) if family else None
    plans = plan_pairs(pilots, left, least=least, to_find=to_find)
    assert len(plans) == len(pilots)
    assert all(not plan.rounds or least <= plan.rounds <= MOST_PAIRS for plan in plans)
    assert _pairs_spent(plans, pilots) <= left * (1 + 1e-9)


@given(_pilots, _budgets, st.integers(min_value=10, max_value=40))
def test_comparison_leaves_a_benchmark_out_only_if_the_least_rounds_of_the_cheaper_ones_leave_no_time(
    pilots: list[Pilot], left: float, least: int
) -> None:
    for pilot, plan in zip(pilots, plan_pairs(pilots, left, least=least, to_find=None), strict=True):
        if not plan.rounds:
            assert sum(least * each.cost_ns for each in pilots if each.cost_ns <= pilot.cost_ns) > left * (1 - 1e-9)


@given(_pilots, _budgets)
def test_where_the_noise_is_greater_there_are_no_fewer_rounds(pilots: list[Pilot], left: float) -> None:
    cheap = [replace(pilot, cost_ns=1e6) for pilot in pilots]
    plans = plan_pairs(cheap, left, least=10, to_find=None)
    if not all(plan.rounds for plan in plans):
        return
    by_noise = sorted(zip(cheap, plans, strict=True), key=lambda each: each[0].spread)
    rounds = [plan.rounds for _, plan in by_noise]
    assert rounds == sorted(rounds)


def test_a_noisier_or_dearer_benchmark_gets_a_larger_share_of_the_time() -> None:
    quiet, noisy, dear = (Pilot(cost_ns=cost, spread=spread) for cost, spread in ((1, 0.01), (1, 0.02), (9, 0.01)))
    first, second, third = plan_pairs([quiet, noisy, dear], 6_001, least=10, to_find=None)
    # A twentieth each, and the rest as 1 to 2 to 3.
    assert (first.rounds, second.rounds, third.rounds) == (1_150, 2_000, 316)
    # A calibration is exact, so that there the shares are those that make the intervals equally wide.
    known = [replace(pilot, is_calibrated=True) for pilot in (quiet, noisy, dear)]
    first, second, third = plan_pairs(known, 2_801, least=10, to_find=None)
    # The rest as 1 to 4 to 9.
    assert (first.rounds, second.rounds, third.rounds) == (310, 820, 185)
    # Where no noise was seen, the shares are even.
    still = [replace(pilot, spread=0.0) for pilot in (quiet, noisy)]
    assert plan_pairs(still, 1_000, least=10, to_find=None) == (Plan(rounds=500), Plan(rounds=500))


def test_a_number_of_rounds_that_was_asked_for_is_that_of_a_comparison() -> None:
    pilots = [Pilot(cost_ns=1, spread=0.1), Pilot(cost_ns=1e12, spread=0.1)]
    assert [plan.rounds for plan in plan_fixed(pilots, 3, to_find=None)] == [3, 3]
    assert plan_pairs([], 1_000, least=20, to_find=None) == ()


@pytest.mark.parametrize(
    ("rounds", "wanted", "slowed", "every"),
    [(600, {0.1: 40}, 0.1, 7), (600, {0.1: 60, 0.2: 30}, 0.2, 10), (20, {}, 1.0, 1)],
)
def test_a_probe_is_slowed_down_by_the_least_that_a_part_of_the_rounds_can_find(
    rounds: int, wanted: dict[float, int], slowed: float, every: int
) -> None:
    pilots = [Pilot(cost_ns=1, spread=0.1)]
    (plan,) = plan_fixed(pilots, rounds, to_find=lambda slowdown, spread: wanted.get(slowdown, 1_000) if spread else 4)
    assert (plan.slowed, plan.probe_every) == (slowed, every)


@pytest.mark.parametrize("family", [1, 3])
def test_slowdowns_of_all_probes_together_are_found_with_998_per_mille(family: int) -> None:
    slowdown, spread = 0.1, 0.5
    rounds = rounds_to_find(slowdown, spread, family=family, caution=1.0)
    strength = log1p(slowdown) * sqrt(rounds) / spread
    missed = NormalDist().cdf(reach(0.5, family) - strength)
    assert family * missed == pytest.approx(0.002, rel=0.05)


def test_probe_has_its_rounds_early_where_benchmarks_may_stop() -> None:
    pilot = Pilot(cost_ns=1e6, spread=0.01)
    to_find = partial(rounds_to_find, family=1, caution=1.0)
    (whole,) = plan_fixed([pilot], 1_000, to_find=to_find)
    (early,) = plan_fixed([pilot], 1_000, to_find=to_find, probe_by=0.16)
    assert early.slowed == whole.slowed
    assert early.probe_every == int(0.16 * 1_000 / (2 * to_find(early.slowed, 0.01)))
    assert early.probe_every < whole.probe_every / 5
