import itertools
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.bench.build import Executable
from seqbench.bench.check import Expected
from seqbench.bench.plan import LEAST_ROUNDS, MOST_ROUNDS, Pilot, Plan, plan_rounds, rough_spread
from seqbench.bench.programs import Candidate
from seqbench.bench.rounds import Rounds
from seqbench.compare.plan import MOST_PAIRS, plan_pairs
from seqbench.compare.verdict import rounds_to_find
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.session import Failed, Stage
from seqbench.suite.benchmarks import Program
from tests.support.strategies import LAW

_cost_lists = st.lists(st.floats(min_value=1, max_value=1e12), max_size=6)
_budgets = st.floats(min_value=0, max_value=1e14)


def _spent(rounds: tuple[int, ...], costs: list[float]) -> float:
    """Give what a plan costs, with the pilot round that the costs come from."""
    return sum((1 + number) * cost for number, cost in zip(rounds, costs, strict=True))


@LAW
@given(_cost_lists, _budgets)
def test_every_benchmark_has_enough_rounds_for_an_interval_and_no_more_than_help(
    costs: list[float], budget: float
) -> None:
    rounds = plan_rounds(costs, budget, None)
    assert len(rounds) == len(costs)
    assert all(LEAST_ROUNDS <= number <= MOST_ROUNDS for number in rounds)
    assert (LEAST_ROUNDS, MOST_ROUNDS) == (6, 30)


@LAW
@given(_cost_lists, _budgets)
def test_a_plan_keeps_to_the_budget_where_every_share_pays_for_the_least(costs: list[float], budget: float) -> None:
    if all((1 + LEAST_ROUNDS) * cost <= budget / len(costs) for cost in costs):
        assert _spent(plan_rounds(costs, budget, None), costs) <= budget * (1 + 1e-9)


@LAW
@given(_cost_lists, _budgets)
def test_a_plan_leaves_nothing_that_one_more_round_could_use(costs: list[float], budget: float) -> None:
    rounds = plan_rounds(costs, budget, None)
    wanting = [cost for number, cost in zip(rounds, costs, strict=True) if number < MOST_ROUNDS]
    if wanting:
        # The last of the dear ones is served with all that is left.
        assert _spent(rounds, costs) + max(wanting) >= budget * (1 - 1e-9)


@LAW
@given(_cost_lists, _budgets, st.floats(min_value=1, max_value=1e3))
def test_a_dear_benchmark_takes_no_rounds_from_the_cheaper_ones(
    costs: list[float], budget: float, dearer: float
) -> None:
    costs = sorted([*costs, 1e12])
    assert plan_rounds(costs, budget, None)[:-1] == plan_rounds([*costs[:-1], costs[-1] * dearer], budget, None)[:-1]


@LAW
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


_pilots = st.lists(
    st.builds(Pilot, cost_ns=st.floats(min_value=1, max_value=1e10), spread=st.floats(min_value=0, max_value=2)),
    max_size=6,
)


def _pairs_spent(plans: tuple[Plan, ...], pilots: list[Pilot]) -> float:
    """Give what a plan costs; a probe costs half of a round in every so-many-th of them."""
    return sum(
        pilot.cost_ns * plan.rounds * (1 + (0.5 / plan.probe_every if plan.slowed else 0))
        for plan, pilot in zip(plans, pilots, strict=True)
    )


@LAW
@given(_pilots, _budgets, st.integers(min_value=10, max_value=40), st.sampled_from([None, 3]))
def test_a_comparison_keeps_to_its_budget_where_that_pays_for_the_least(
    pilots: list[Pilot], budget: float, least: int, family: int | None
) -> None:
    to_find = partial(rounds_to_find, family=family, caution=2.5) if family else None
    plans = plan_pairs(pilots, budget, None, least=least, to_find=to_find)
    assert len(plans) == len(pilots)
    assert all(least <= plan.rounds <= MOST_PAIRS for plan in plans)
    if all(plan.rounds > least for plan in plans):
        # The rounds of a probe are spread evenly, so that there may be some more of them than were wanted.
        assert _pairs_spent(plans, pilots) <= budget * 1.25


@LAW
@given(_pilots, _budgets)
def test_where_the_noise_is_greater_there_are_no_fewer_rounds(pilots: list[Pilot], budget: float) -> None:
    cheap = [replace(pilot, cost_ns=1e6) for pilot in pilots]
    plans = plan_pairs(cheap, budget, None, least=10, to_find=None)
    by_noise = sorted(zip(cheap, plans, strict=True), key=lambda each: each[0].spread)
    rounds = [plan.rounds for _, plan in by_noise]
    assert rounds == sorted(rounds)


def test_a_noisier_or_dearer_benchmark_gets_a_larger_share_of_the_time() -> None:
    quiet, noisy, dear = (Pilot(cost_ns=cost, spread=spread) for cost, spread in ((1, 0.01), (1, 0.02), (9, 0.01)))
    first, second, third = plan_pairs([quiet, noisy, dear], 6_001, None, least=10, to_find=None)
    # A twentieth each, and the rest as 1 to 2 to 3.
    assert (first.rounds, second.rounds, third.rounds) == (1_150, 2_000, 316)
    # A calibration is exact, so that there the shares are those that make the intervals equally wide.
    known = [replace(pilot, is_calibrated=True) for pilot in (quiet, noisy, dear)]
    first, second, third = plan_pairs(known, 2_801, None, least=10, to_find=None)
    # The rest as 1 to 4 to 9.
    assert (first.rounds, second.rounds, third.rounds) == (310, 820, 185)
    # Where no noise was seen, the shares are even.
    still = [replace(pilot, spread=0.0) for pilot in (quiet, noisy)]
    assert plan_pairs(still, 1_000, None, least=10, to_find=None) == (Plan(rounds=500), Plan(rounds=500))


def test_a_number_of_rounds_that_was_asked_for_is_that_of_a_comparison() -> None:
    pilots = [Pilot(cost_ns=1, spread=0.1), Pilot(cost_ns=1e12, spread=0.1)]
    assert [plan.rounds for plan in plan_pairs(pilots, 0, 3, least=20, to_find=None)] == [3, 3]
    assert plan_pairs([], 1_000, None, least=20, to_find=None) == ()


@pytest.mark.parametrize(
    ("rounds", "wanted", "slowed", "every"),
    [(600, {0.1: 40}, 0.1, 7), (600, {0.1: 60, 0.2: 30}, 0.2, 10), (20, {}, 1.0, 1)],
)
def test_a_probe_is_slowed_down_by_the_least_that_a_part_of_the_rounds_can_find(
    rounds: int, wanted: dict[float, int], slowed: float, every: int
) -> None:
    pilots = [Pilot(cost_ns=1, spread=0.1)]
    (plan,) = plan_pairs(
        pilots, 0, rounds, least=8, to_find=lambda slowdown, spread: wanted.get(slowdown, 1_000) if spread else 4
    )
    assert (plan.slowed, plan.probe_every) == (slowed, every)


@LAW
@given(st.lists(st.floats(min_value=-3, max_value=3), max_size=30), st.floats(min_value=0.1, max_value=10))
def test_a_rough_spread_grows_with_the_noise_and_ignores_the_outliers(logs: list[float], factor: float) -> None:
    assert rough_spread([factor * value for value in logs]) == pytest.approx(factor * rough_spread(logs))
    assert rough_spread(sorted(logs)) == rough_spread(logs)
    if len(logs) >= 6:
        assert rough_spread([*sorted(logs)[:-1], 100.0]) == rough_spread(logs)


def _rounds_of(*variants: str) -> Rounds:
    runtime = RUNTIMES[0]
    return Rounds(
        candidates=tuple(
            Candidate(
                name=variant,
                program=Program(
                    benchmark="one", runtime=runtime, variant=variant, source=Path(f"one.{variant}"), helpers=()
                ),
                executable=Executable(path=Path("one"), digest="sha256:0"),
                arguments=(),
                environment={},
                expected=Expected(result=None, ledger=(), startup_ns=0, timeout_s=1.0, output_limit_bytes=1),
            )
            for variant in variants
        ),
        directory=Path(),
    )


def _orders(rounds: Rounds, seed: str, count: int) -> list[str]:
    return ["".join(e.name for e in rounds.order(number, seed)) for number in range(count)]


def test_the_same_seed_draws_the_same_orders_and_another_seed_others() -> None:
    assert _orders(_rounds_of(*"abc"), "7/one", 50) == _orders(_rounds_of(*"abc"), "7/one", 50)
    assert _orders(_rounds_of(*"abc"), "7/one", 50) != _orders(_rounds_of(*"abc"), "8/one", 50)
    assert _orders(_rounds_of(*"abc"), "7/one", 50) != _orders(_rounds_of(*"abc"), "7/two", 50)


def test_a_round_can_be_drawn_again_by_itself() -> None:
    rounds = _rounds_of(*"abc")
    assert rounds.order(17, "7/one") == rounds.order(17, "7/one")


def test_every_order_occurs_about_as_often_as_every_other() -> None:
    occurring = Counter(_orders(_rounds_of(*"abc"), "7/one", 1_200))
    assert occurring.keys() == {"".join(order) for order in itertools.permutations("abc")}
    # 200 of each are meant, and the standard deviation is 13.
    assert all(140 <= count <= 260 for count in occurring.values())


def test_every_program_is_at_every_place_about_as_often() -> None:
    orders = _orders(_rounds_of(*"ab"), "7/one", 1_000)
    # 500 are meant, and the standard deviation is 16.
    assert 430 <= sum(order == "ab" for order in orders) <= 570


def test_a_round_runs_every_program_once() -> None:
    assert {"".join(sorted(order)) for order in _orders(_rounds_of(*"dcba"), "1", 50)} == {"abcd"}


def test_a_program_that_failed_is_in_no_order_any_more() -> None:
    rounds = _rounds_of(*"abc")
    rounds.failures["b"] = Failed(stage=Stage.RUN, reason="timed out", detail="")
    assert {"".join(sorted(order)) for order in _orders(rounds, "7/one", 50)} == {"ac"}
