"""The rules of bisect and timeline on the stored noise, with fewer trials than docs/METHOD.md shows."""

import numpy as np
import pytest

from studies.gate_power import CONDITIONS
from studies.version_power import Noise, bisect_row, noises, timeline_row

_TRIALS = 40


def _calmest(condition: str) -> Noise:
    """Return the noise with the fewest rounds to play."""
    return min(noises(condition), key=lambda noise: float(np.std(noise.own)))


@pytest.mark.whole
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_bisection_is_right_within_eight_comparisons(condition: str) -> None:
    found = bisect_row(_calmest(condition), _TRIALS, np.random.default_rng(1))
    assert found["right"] >= 0.97
    assert found["nothing"] >= 0.97
    assert found["comparisons"] <= 8


@pytest.mark.whole
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_timeline_marks_the_step_and_no_other(condition: str) -> None:
    found = timeline_row(_calmest(condition), _TRIALS, np.random.default_rng(1))
    assert found["found"] >= 0.95
    assert found["false beside it"] <= 0.025
    assert found["false without"] <= 0.025
