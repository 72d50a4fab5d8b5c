from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.stats.growth import BreakEven, Estimate, break_even, growth, settles_at, straight_line
from seqbench.stats.intervals import Interval, Ratio
from tests.support.laws import FEW

VALUES = (10, 100, 1_000, 10_000)
_values = st.lists(st.integers(1, 10**6), min_size=3, max_size=8, unique=True).map(sorted)
_amounts = st.floats(min_value=1e-3, max_value=1e6)
_exponents = st.floats(min_value=-2, max_value=3)
_samples = st.lists(
    st.lists(st.floats(min_value=1, max_value=1e9), min_size=6, max_size=9), min_size=len(VALUES), max_size=len(VALUES)
)


def still(medians: Sequence[float], rounds: int = 6) -> list[list[float]]:
    """Return samples without any noise."""
    return [[median] * rounds for median in medians]


def noisy(medians: Sequence[float], *, seed: int, rounds: int, spread: float) -> list[list[float]]:
    generator = np.random.default_rng(seed)
    return [(median * generator.lognormal(0.0, spread, rounds)).tolist() for median in medians]


def is_about(estimate: Estimate, value: float) -> bool:
    ends = (estimate.interval.low, estimate.value, estimate.interval.high) if estimate.interval else (estimate.value,)
    return all(end == pytest.approx(value, rel=1e-6, abs=1e-6) for end in ends)


def ratio(median: float, low: float | None = None, high: float | None = None) -> Ratio:
    interval = None if low is None or high is None else Interval(low=low, high=high)
    return Ratio(median=median, interval=interval, count=6)


# --- the exponent


@FEW
@given(_values, _amounts, _exponents)
def test_the_exponent_of_an_exact_power_law_is_found(values: list[int], cost: float, exponent: float) -> None:
    found = growth(values, still([cost * value**exponent for value in values]), seed=1)
    assert is_about(found.exponent, exponent)


def test_where_it_is_no_power_law_the_last_step_says_what_comes_last() -> None:
    found = growth((10, 100, 1000), still([5, 5, 500]), seed=1)
    assert is_about(found.last_step, 2)
    assert is_about(found.exponent, 1)


@FEW
@given(_samples, _amounts)
def test_exponents_do_not_depend_on_the_units(samples: list[list[float]], scale: float) -> None:
    found = growth(VALUES, samples, seed=1)
    other = growth([7 * value for value in VALUES], [[scale * time for time in each] for each in samples], seed=1)
    for one, two in ((found.exponent, other.exponent), (found.last_step, other.last_step)):
        assert two.value == pytest.approx(one.value, abs=1e-9)
        assert one.interval is not None
        assert two.interval is not None
        assert (two.interval.low, two.interval.high) == pytest.approx((one.interval.low, one.interval.high), abs=1e-9)


@FEW
@given(_samples)
def test_interval_encloses_the_estimate_and_the_same_seed_gives_it_again(
    samples: list[list[float]],
) -> None:
    found = growth(VALUES, samples, seed=3)
    assert found == growth(VALUES, samples, seed=3)
    assert found.exponent.interval is not None
    assert found.exponent.interval.low <= found.exponent.interval.high


@pytest.mark.slow
def test_the_interval_encloses_the_truth_about_as_often_as_it_says() -> None:
    trials, hits = 100, 0
    for seed in range(trials):
        medians = [3.0 * value**1.2 for value in VALUES]
        interval = growth(VALUES, noisy(medians, seed=seed, rounds=12, spread=0.2), seed=seed).exponent.interval
        assert interval is not None
        assert 0 < interval.high - interval.low < 0.1
        hits += interval.low <= 1.2 <= interval.high
    # 95 % are wanted, and of a hundred trials that may come out a few lower.
    assert hits >= 88


def test_one_value_with_fewer_than_six_rounds_takes_the_interval_away() -> None:
    samples = still([1, 2, 3])
    samples[1] = samples[1][:5]
    assert growth((1, 2, 3), samples, seed=1).exponent.interval is None
    assert straight_line((1, 2, 3), samples, seed=1).fixed.interval is None


def test_one_value_has_no_growth_and_two_have_no_line() -> None:
    with pytest.raises(ValueError, match="1 values are too few"):
        growth((10,), still([5]), seed=1)
    with pytest.raises(ValueError, match="2 values are too few"):
        straight_line((10, 20), still([5, 7]), seed=1)


# --- what is fixed


@FEW
@given(_values, _amounts, _amounts)
def test_the_parts_of_an_exact_line_are_found(values: list[int], fixed: float, unit_cost: float) -> None:
    # Where one part is a millionth of the other at all values there is nothing left of it in the sum.
    share = [fixed / (fixed + unit_cost * value) for value in values]
    found = straight_line(values, still([fixed + unit_cost * value for value in values]), seed=1)
    assert found.misfit < 1e-6
    if max(share) > 0.01 and min(share) < 0.99 and max(share) - min(share) > 0.01:
        assert found.fixed.value == pytest.approx(fixed, rel=1e-3)
        assert found.unit_cost.value == pytest.approx(unit_cost, rel=1e-3)
        assert found.half_fixed_at == pytest.approx(fixed / unit_cost, rel=1e-2)


@FEW
@given(_samples, _amounts)
def test_both_parts_are_in_the_unit_of_what_was_measured_and_never_below_zero(
    samples: list[list[float]], scale: float
) -> None:
    found = straight_line(VALUES, samples, seed=1)
    other = straight_line(VALUES, [[scale * time for time in each] for each in samples], seed=1)
    for one, two in ((found.fixed, other.fixed), (found.unit_cost, other.unit_cost)):
        assert two.value == pytest.approx(scale * one.value, rel=1e-6, abs=1e-9 * scale * max(map(max, samples)))
        assert one.value >= 0
        assert one.interval is not None
        assert 0 <= one.interval.low <= one.interval.high
    assert other.misfit == pytest.approx(found.misfit, rel=1e-3, abs=1e-6)


def test_the_line_is_the_one_with_the_least_relative_distances() -> None:
    medians = np.array([90, 150, 1_300, 9_000])
    unit_cost, fixed = np.polyfit(VALUES, medians, 1, w=1 / medians)
    found = straight_line(VALUES, still(medians.tolist()), seed=1)

    assert (found.fixed.value, found.unit_cost.value) == pytest.approx((fixed, unit_cost))
    assert found.misfit == pytest.approx(max(abs((fixed + unit_cost * np.array(VALUES)) / medians - 1)))


def test_growth_that_is_steeper_than_a_line_has_nothing_fixed_and_says_how_far_the_line_is() -> None:
    found = straight_line((10, 100, 1000), still([1, 100, 10_000]), seed=1)
    assert found.fixed.value == 0
    assert found.half_fixed_at is None
    assert found.misfit > 0.5


def test_what_does_not_grow_is_all_fixed() -> None:
    found = straight_line((10, 100, 1000), still([80, 80, 80]), seed=1)
    assert found.fixed.value == pytest.approx(80)
    assert found.misfit == pytest.approx(0, abs=1e-9)
    assert found.unit_cost.value == pytest.approx(0, abs=1e-9)
    falling = straight_line((10, 100, 1000), still([90, 80, 70]), seed=1)
    assert (falling.unit_cost.value, falling.half_fixed_at) == (0, None)
    assert 70 < falling.fixed.value < 90


# --- the break-even


@pytest.mark.parametrize(
    ("ratios", "value"),
    [
        # Only the whole interval counts.
        ([(1, ratio(9, 8, 10)), (10, ratio(1.9, 1.8, 2.1)), (100, ratio(1.2, 1.1, 1.3))], 100),
        # At the limit is within it.
        ([(1, ratio(9, 8, 10)), (10, ratio(1.9, 1.8, 2.0)), (100, ratio(1.2, 1.1, 1.3))], 10),
        # What comes back up has not crossed for good.
        ([(1, ratio(1.5, 1.4, 1.6)), (10, ratio(3, 2, 4)), (100, ratio(1.2, 1.1, 1.3))], 100),
        ([(1, ratio(1.5, 1.4, 1.6)), (10, ratio(3, 2, 4))], None),
        ([(1, ratio(1.5, 1.4, 1.6)), (10, ratio(1.2, 1.1, 1.3))], 1),
    ],
)
def test_a_ratio_has_crossed_where_its_whole_interval_is_within_the_limit_and_stays_there(
    ratios: list[tuple[int, Ratio]], value: int | None
) -> None:
    assert break_even(ratios) == BreakEven(value=value, is_sure=True)


def test_without_intervals_the_medians_are_judged_and_that_is_said() -> None:
    ratios = [(1, ratio(9)), (10, ratio(1.9)), (100, ratio(1.2))]
    assert break_even(ratios) == BreakEven(value=10, is_sure=False)
    # One value without an interval is enough.
    mixed = [(1, ratio(9, 8, 10)), (10, ratio(1.9, 1.5, 2.5)), (100, ratio(1.2))]
    assert break_even(mixed) == BreakEven(value=10, is_sure=False)


def test_a_ratio_settles_from_where_on_it_is_near_its_last_value() -> None:
    assert settles_at([(1, ratio(9)), (10, ratio(1.3)), (100, ratio(1.25)), (1000, ratio(1.2))]) == 10
    # Near, away, and near again: only the last time counts.
    assert settles_at([(1, ratio(1.2)), (10, ratio(5)), (100, ratio(1.25)), (1000, ratio(1.2))]) == 100
    assert settles_at([(1, ratio(9)), (10, ratio(3)), (100, ratio(1))]) is None
    assert settles_at([(1, ratio(9))]) is None


@given(
    st.lists(st.floats(min_value=0.1, max_value=100), min_size=1, max_size=8), st.floats(min_value=0.1, max_value=10)
)
def test_a_crossing_moves_down_when_the_limit_moves_up(medians: list[float], limit: float) -> None:
    ratios = [(10**power, ratio(median)) for power, median in enumerate(medians)]
    narrow, wide = break_even(ratios, limit=limit).value, break_even(ratios, limit=2 * limit).value
    if narrow is not None:
        assert wide is not None
        assert wide <= narrow
