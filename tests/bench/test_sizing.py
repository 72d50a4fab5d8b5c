from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.bench.sizing import is_cut_short, next_size, predicted_cost_ns, scale_of
from seqbench.suite.sizes import Size
from tests.support.strategies import a_sample

SIZES = tuple(
    Size(parameters=(("workers", 7), ("messages", number)), is_full=False, label=f"{number}", full_label="")
    for number in (10, 100, 1_000, 10_000, 100_000)
)
# Of 130 ms 30 ms are work, and the rest is the start of the process.
SAMPLES = (replace(a_sample(), elapsed_ns=30_000_000, wall_ns=130_000_000),)


def _next(at: int, longest_round_ns: float, least_work_ns: float = inf) -> int | None:
    return next_size(SIZES, at, SAMPLES, least_work_ns=least_work_ns, longest_round_ns=longest_round_ns)


def test_work_grows_with_the_size_and_the_start_of_a_process_does_not() -> None:
    assert scale_of(SIZES[0], SIZES[2]) == 100
    assert predicted_cost_ns(SAMPLES, 1) == 130_000_000
    assert 3.1e9 < predicted_cost_ns(SAMPLES, 100) < 4.5e9


def test_largest_size_that_fits_is_next_but_no_more_than_a_hundred_times_as_large() -> None:
    assert _next(0, inf) == 2
    assert _next(1, inf) == 3
    assert _next(0, 1e9) == 1
    assert _next(0, 0.2e9) is None
    assert _next(4, inf) is None


def test_comparison_goes_up_by_one_size_until_there_is_work_enough() -> None:
    assert _next(0, inf, least_work_ns=31e6) == 1
    assert _next(0, inf, least_work_ns=30e6) is None


@given(st.integers(min_value=0, max_value=4), st.floats(min_value=1, max_value=1e13))
def test_next_size_is_never_predicted_to_take_longer_than_there_is_time(at: int, longest: float) -> None:
    found = _next(at, longest)
    if found is not None:
        assert found > at
        assert predicted_cost_ns(SAMPLES, scale_of(SIZES[at], SIZES[found])) <= longest


@pytest.mark.parametrize(
    ("at", "least", "is_short"), [(0, inf, True), (4, inf, False), (0, 1e6, False), (0, 1e9, True)]
)
def test_size_is_cut_short_where_a_larger_one_was_wanted(at: int, least: float, *, is_short: bool) -> None:
    assert is_cut_short(at, SIZES, SAMPLES, least) is is_short
