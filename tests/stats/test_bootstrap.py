import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.stats.bootstrap import RESAMPLES, percentile_interval, resampled_medians
from tests.support.laws import FEW


@FEW
@given(st.lists(st.floats(min_value=-1e12, max_value=1e12), min_size=1, max_size=15), st.integers(0, 1 << 40))
def test_resampled_medians_follow_the_seed_and_stay_within_the_sample(values: list[float], seed: int) -> None:
    drawn = resampled_medians(values, seed)

    assert drawn.shape == (RESAMPLES,)
    assert min(values) <= drawn.min() <= drawn.max() <= max(values)
    assert np.array_equal(drawn, resampled_medians(values, seed))


def test_another_seed_draws_other_medians() -> None:
    assert not np.array_equal(resampled_medians(range(9), 1), resampled_medians(range(9), 2))


def test_percentile_interval_holds_the_middle_95_percent() -> None:
    interval = percentile_interval(np.arange(1001.0))

    assert (interval.low, interval.high) == pytest.approx((25, 975))
