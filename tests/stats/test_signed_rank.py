import dataclasses
import itertools
from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.stats.intervals import Interval
from seqbench.stats.signed_rank import SignedRanks, has_long_tails
from seqbench.stats.signed_rank import signed_rank_interval as _interval


def signed_rank_interval(values: list[float], error: float) -> tuple[float, Interval]:
    return _interval(values, error, is_capped=has_long_tails(values))


@pytest.mark.parametrize("error", [0.2, 0.05, 0.02])
@pytest.mark.parametrize(("growth", "part"), [(1.02, 1), (3.0, 3)])
@pytest.mark.parametrize("count", [7, 9, 12, 15])
def test_the_signed_rank_interval_holds_what_a_count_of_all_signs_does_not_reject(
    count: int, growth: float, part: int, error: float
) -> None:
    # Where the tails are long, none counts more than a third of the number of values.
    scores = [min(rank, count // part) for rank in range(1, count + 1)]
    sums = [sum(chosen) for chosen in itertools.product(*((0, score) for score in scores))]

    def _positive(values: list[float], centre: float) -> int:
        """Return the sum of the scores of the values above a centre."""
        by_distance = sorted(values, key=lambda value: abs(value - centre))
        return sum(score for value, score in zip(by_distance, scores, strict=True) if value > centre)

    def is_rejected(observed: int) -> bool:
        below = sum(each <= observed for each in sums) / len(sums)
        above = sum(each >= observed for each in sums) / len(sums)
        return min(below, above) <= error / 2

    values = [growth**index for index in range(count)]
    centre, interval = signed_rank_interval(values, error)
    for end, inwards in ((interval.low, 1e-6), (interval.high, -1e-6)):
        assert not is_rejected(_positive(values, end + inwards))
        assert is_rejected(_positive(values, end - inwards))
    assert _positive(values, centre + 1e-6) <= sum(scores) / 2 <= _positive(values, centre - 1e-6)


def test_a_few_wild_values_hardly_move_the_signed_rank_interval() -> None:
    calm = [0.01 * index for index in range(-20, 21)]
    wild = [*calm[:-3], 50.0, 60.0, 70.0]
    for before, after in zip(
        dataclasses.astuple(signed_rank_interval(calm, 0.01)[1]),
        dataclasses.astuple(signed_rank_interval(wild, 0.01)[1]),
        strict=True,
    ):
        assert after == pytest.approx(before, abs=0.02)


@pytest.mark.parametrize(("count", "error"), [(1, 0.05), (5, 0.05), (7, 0.01)])
def test_too_few_values_for_an_error_rate_have_no_signed_rank_interval(count: int, error: float) -> None:
    with pytest.raises(ValueError, match=f"{count} values are too few"):
        signed_rank_interval([1.0] * count, error)


@pytest.mark.slow
@pytest.mark.parametrize("error", [0.05, 0.01])
def test_the_signed_rank_interval_covers_the_centre_as_often_as_it_says(error: float) -> None:
    trials = np.random.default_rng(20260301).laplace(loc=3, size=(2_000, 12)).tolist()
    intervals = [signed_rank_interval(trial, error)[1] for trial in trials]
    missed = sum(not interval.low <= 3 <= interval.high for interval in intervals)
    # Two standard deviations of a binomial above what is meant; and it is of use only when it misses at times.
    assert 0 < missed / len(intervals) <= error + 2 * (error / len(intervals)) ** 0.5


@pytest.mark.parametrize("error", [0.05, 0.001])
def test_signed_rank_interval_is_smooth_where_its_distribution_is_approximated(error: float) -> None:
    def width(count: int) -> float:
        values = [NormalDist().inv_cdf((index + 0.5) / count) for index in range(count)]
        interval = signed_rank_interval(values, error)[1]
        return (interval.high - interval.low) * sqrt(count)

    assert width(301) == pytest.approx(width(300), rel=0.005)


@given(st.lists(st.floats(min_value=-10, max_value=10), min_size=6, max_size=20), st.floats(-100, 100))
def test_a_shift_and_a_change_of_sign_move_the_signed_rank_interval_with_them(
    values: list[float], shift: float
) -> None:
    centre, interval = signed_rank_interval(values, 0.05)
    assert interval.low <= centre <= interval.high
    moved, shifted = signed_rank_interval([value + shift for value in values], 0.05)
    assert (moved, shifted.low, shifted.high) == pytest.approx(
        (centre + shift, interval.low + shift, interval.high + shift), abs=1e-9
    )
    turned, negated = signed_rank_interval([-value for value in values], 0.05)
    assert (turned, negated.low, negated.high) == pytest.approx((-centre, -interval.high, -interval.low), abs=1e-9)


@pytest.mark.parametrize("power", [1.0, 2.0, 3.0])
def test_choice_of_scores_by_the_tails_hardly_costs_error(power: float) -> None:
    """All signs of 11 values at a nominal 5 %: the tails are those about the median, which the signs move a little."""
    values = [(number / 11) ** power for number in range(1, 12)]
    missed = 0
    for signs in itertools.product((-1, 1), repeat=len(values)):
        ranks = SignedRanks([sign * value for sign, value in zip(signs, values, strict=True)])
        missed += ranks.is_above(0.0, 0.05) or ranks.is_below(0.0, 0.05)
    assert missed / 2 ** len(values) <= 0.06
