from math import log1p

import numpy as np
import pytest

from seqbench.compare.resampling import Trials
from seqbench.stats.signed_rank import has_long_tails, signed_rank_interval

_LOGS: list[float] = np.random.default_rng(3).normal(0.0, 0.05, 200).tolist()
_ERROR = 0.2


@pytest.mark.parametrize("seed", range(12))
def test_trial_finds_what_the_interval_of_the_same_rounds_finds(seed: int) -> None:
    trials = Trials(_LOGS, rounds=20, error=_ERROR, seed=seed)
    trials.run()
    generator = np.random.default_rng(seed)
    drawn = np.asarray(_LOGS)[generator.integers(len(_LOGS), size=20)] * generator.choice((-1.0, 1.0), size=20)
    _, interval = signed_rank_interval(drawn.tolist(), _ERROR, is_capped=has_long_tails(drawn))

    assert trials.count == 1
    assert trials.false_slower == (interval.low > 0)
    assert trials.false_faster == (interval.high < 0)
    smallest = trials.smallest()
    assert smallest is not None
    assert log1p(smallest - 0.001) <= max(0.0, -interval.low) < log1p(smallest)
    assert [trials.power(slowdown) for slowdown in (smallest - 0.001, smallest, 1.0)] == [0.0, 1.0, 1.0]


@pytest.mark.parametrize("number", [0, 2])
def test_ties_are_no_false_alarm(number: int) -> None:
    """A clock that counts milliseconds makes most pairs equal."""
    trials = Trials([0.0] * 30 + [0.001] * number, rounds=30, error=_ERROR, seed=1)
    for _ in range(20):
        trials.run()
    assert (trials.false_slower, trials.false_faster) == (0.0, 0.0)


def test_noise_above_all_measure_has_no_smallest_slowdown() -> None:
    trials = Trials([3.0, -3.0, 2.9, -2.8], rounds=20, error=_ERROR, seed=1)
    trials.run()
    assert (trials.smallest(), trials.power(1.0)) == (None, 0.0)
