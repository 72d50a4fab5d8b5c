from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.bench.plan import LEAST_ROUNDS, MOST_ROUNDS, plan_rounds, rough_spread

_cost_lists = st.lists(st.floats(min_value=1, max_value=1e12), max_size=6)
_budgets = st.floats(min_value=0, max_value=1e14)


def _spent(rounds: tuple[int, ...], costs: list[float]) -> float:
    """Return what a plan costs."""
    return sum(number * cost for number, cost in zip(rounds, costs, strict=True))


@given(_cost_lists, _budgets)
def test_every_benchmark_has_enough_rounds_for_an_interval_and_no_more_than_help(
    costs: list[float], left: float
) -> None:
    rounds = plan_rounds(costs, left, least=LEAST_ROUNDS)
    assert len(rounds) == len(costs)
    assert all(LEAST_ROUNDS <= number <= MOST_ROUNDS for number in rounds)
    assert (LEAST_ROUNDS, MOST_ROUNDS) == (6, 30)


@given(_cost_lists, _budgets)
def test_plan_without_a_least_number_of_rounds_never_exceeds_the_time_that_is_left(
    costs: list[float], left: float
) -> None:
    rounds = plan_rounds(costs, left, least=0)
    assert _spent(rounds, costs) <= left * (1 + 1e-9)
    assert all(0 <= number <= MOST_ROUNDS for number in rounds)


@given(_cost_lists, _budgets)
def test_plan_leaves_a_benchmark_out_only_if_the_first_rounds_of_the_cheaper_ones_leave_no_time_for_it(
    costs: list[float], left: float
) -> None:
    for cost, number in zip(costs, plan_rounds(costs, left, least=0), strict=True):
        if not number:
            assert sum(each for each in costs if each <= cost) > left * (1 - 1e-9)


@given(_cost_lists, _budgets)
def test_plan_keeps_to_the_time_where_every_share_holds_the_least(costs: list[float], left: float) -> None:
    if all(LEAST_ROUNDS * cost <= left / len(costs) for cost in costs):
        assert _spent(plan_rounds(costs, left, least=LEAST_ROUNDS), costs) <= left * (1 + 1e-9)


@given(_cost_lists, _budgets)
def test_plan_leaves_no_time_that_one_more_round_could_use(costs: list[float], left: float) -> None:
    rounds = plan_rounds(costs, left, least=LEAST_ROUNDS)
    wanting = [cost for number, cost in zip(rounds, costs, strict=True) if number < MOST_ROUNDS]
    if wanting:
        # The last of the expensive ones gets all that is left.
        assert _spent(rounds, costs) + max(wanting) >= left * (1 - 1e-9)


@given(_cost_lists, _budgets, st.floats(min_value=1, max_value=1e3))
def test_expensive_benchmark_takes_no_rounds_from_the_cheaper_ones(
    costs: list[float], left: float, dearer: float
) -> None:
    costs = sorted([*costs, 1e12])
    found = plan_rounds(costs, left, least=LEAST_ROUNDS)[:-1]
    assert found == plan_rounds([*costs[:-1], costs[-1] * dearer], left, least=LEAST_ROUNDS)[:-1]


@given(_cost_lists, _budgets, st.sampled_from([0, LEAST_ROUNDS]), st.randoms(use_true_random=False))
def test_order_of_the_benchmarks_does_not_matter(costs: list[float], left: float, least: int, shuffler: Random) -> None:
    distinct = sorted(set(costs))
    shuffled = [*distinct]
    shuffler.shuffle(shuffled)
    straight = dict(zip(distinct, plan_rounds(distinct, left, least=least), strict=True))
    assert dict(zip(shuffled, plan_rounds(shuffled, left, least=least), strict=True)) == straight


def test_time_that_a_cheap_benchmark_cannot_use_is_left_to_the_expensive_one() -> None:
    assert plan_rounds([50, 1], 1_000, least=0) == (19, 30)
    # One round of the expensive one comes before more of the cheap ones.
    assert plan_rounds([1, 1, 1, 10], 20, least=0) == (2, 3, 3, 1)
    assert plan_rounds([1, 1, 30], 20, least=0) == (10, 10, 0)


def test_cost_of_zero_divides_nothing() -> None:
    assert plan_rounds([0, 0.0], 1_000, least=0) == (MOST_ROUNDS, MOST_ROUNDS)
    assert plan_rounds([], 1_000, least=0) == ()


@given(st.lists(st.floats(min_value=-3, max_value=3), max_size=30), st.floats(min_value=0.1, max_value=10))
def test_a_rough_spread_grows_with_the_noise_and_ignores_the_outliers(logs: list[float], factor: float) -> None:
    assert rough_spread([factor * value for value in logs]) == pytest.approx(factor * rough_spread(logs))
    assert rough_spread(sorted(logs)) == rough_spread(logs)
    if len(logs) >= 6:
        assert rough_spread([*sorted(logs)[:-1], 100.0]) == rough_spread(logs)
