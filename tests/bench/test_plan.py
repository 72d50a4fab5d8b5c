from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.bench.plan import LEAST_ROUNDS, MOST_ROUNDS, plan_rounds, rough_spread

_cost_lists = st.lists(st.floats(min_value=1, max_value=1e12), max_size=6)
_budgets = st.floats(min_value=0, max_value=1e14)


def _spent(rounds: tuple[int, ...], costs: list[float]) -> float:
    """Return what a plan costs, with the pilot round that the costs come from."""
    return sum((1 + number) * cost for number, cost in zip(rounds, costs, strict=True))


@given(_cost_lists, _budgets)
def test_every_benchmark_has_enough_rounds_for_an_interval_and_no_more_than_help(
    costs: list[float], budget: float
) -> None:
    rounds = plan_rounds(costs, budget, None)
    assert len(rounds) == len(costs)
    assert all(LEAST_ROUNDS <= number <= MOST_ROUNDS for number in rounds)
    assert (LEAST_ROUNDS, MOST_ROUNDS) == (6, 30)


@given(_cost_lists, _budgets)
def test_a_plan_keeps_to_the_budget_where_every_share_pays_for_the_least(costs: list[float], budget: float) -> None:
    if all((1 + LEAST_ROUNDS) * cost <= budget / len(costs) for cost in costs):
        assert _spent(plan_rounds(costs, budget, None), costs) <= budget * (1 + 1e-9)


@given(_cost_lists, _budgets)
def test_a_plan_leaves_nothing_that_one_more_round_could_use(costs: list[float], budget: float) -> None:
    rounds = plan_rounds(costs, budget, None)
    wanting = [cost for number, cost in zip(rounds, costs, strict=True) if number < MOST_ROUNDS]
    if wanting:
        # The last of the dear ones is served with all that is left.
        assert _spent(rounds, costs) + max(wanting) >= budget * (1 - 1e-9)


@given(_cost_lists, _budgets, st.floats(min_value=1, max_value=1e3))
def test_a_dear_benchmark_takes_no_rounds_from_the_cheaper_ones(
    costs: list[float], budget: float, dearer: float
) -> None:
    costs = sorted([*costs, 1e12])
    assert plan_rounds(costs, budget, None)[:-1] == plan_rounds([*costs[:-1], costs[-1] * dearer], budget, None)[:-1]


@given(_cost_lists, _budgets, st.randoms(use_true_random=False))
def test_the_order_of_the_benchmarks_does_not_matter(costs: list[float], budget: float, shuffler: Random) -> None:
    distinct = sorted(set(costs))
    shuffled = [*distinct]
    shuffler.shuffle(shuffled)
    straight = dict(zip(distinct, plan_rounds(distinct, budget, None), strict=True))
    assert dict(zip(shuffled, plan_rounds(shuffled, budget, None), strict=True)) == straight


def test_what_a_cheap_benchmark_cannot_use_is_left_to_the_dear_one() -> None:
    # Each has 500: the first uses 31 of it, so that the second has 969 for its pilot and 18 rounds of 50.
    assert plan_rounds([50, 1], 1_000, None) == (18, 30)


def test_a_benchmark_that_cost_nothing_measurable_has_the_most_rounds() -> None:
    assert plan_rounds([0, 0.0], 1_000, None) == (MOST_ROUNDS, MOST_ROUNDS)


def test_no_benchmark_has_no_plan() -> None:
    assert plan_rounds([], 1_000, None) == ()


@pytest.mark.parametrize("runs", [1, 5, 100])
def test_a_number_of_rounds_that_was_asked_for_overrides_the_budget(runs: int) -> None:
    assert plan_rounds([1, 1e12], 0, runs) == (runs, runs)


@given(st.lists(st.floats(min_value=-3, max_value=3), max_size=30), st.floats(min_value=0.1, max_value=10))
def test_a_rough_spread_grows_with_the_noise_and_ignores_the_outliers(logs: list[float], factor: float) -> None:
    assert rough_spread([factor * value for value in logs]) == pytest.approx(factor * rough_spread(logs))
    assert rough_spread(sorted(logs)) == rough_spread(logs)
    if len(logs) >= 6:
        assert rough_spread([*sorted(logs)[:-1], 100.0]) == rough_spread(logs)
