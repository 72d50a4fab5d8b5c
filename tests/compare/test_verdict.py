import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.compare.verdict import Verdict, judge, least_pairs
from tests.support.laws import FEW

_times = st.floats(min_value=1.0, max_value=1e9)
_many_pairs = st.lists(st.tuples(_times, _times), min_size=10, max_size=25)


def _noisy_pairs(ratio: float, *, count: int, noise: float = 0.01, seed: int = 1) -> tuple[list[float], list[float]]:
    """Return times of base and head that share a drift, the head slower by `ratio`."""
    draw = np.random.default_rng(seed)
    drift = draw.lognormal(sigma=0.5, size=count)
    base, head = (drift * draw.lognormal(sigma=noise, size=count) for _ in range(2))
    return base.tolist(), (ratio * head).tolist()


@given(_many_pairs, st.floats(min_value=1e-3, max_value=1e3))
@FEW
def test_the_unit_of_time_changes_nothing(pairs: list[tuple[float, float]], unit: float) -> None:
    base, head = ([pair[side] for pair in pairs] for side in (0, 1))
    plain = judge(base, head, margin=0.02, family=3)
    scaled = judge([unit * time for time in base], [unit * time for time in head], margin=0.02, family=3)
    assert scaled.ratio == pytest.approx(plain.ratio)
    assert scaled.interval.low == pytest.approx(plain.interval.low)
    assert scaled.interval.high == pytest.approx(plain.interval.high)


@given(_many_pairs)
@FEW
def test_swapping_the_sides_gives_the_reciprocal_interval_and_the_opposite_verdict(
    pairs: list[tuple[float, float]],
) -> None:
    base, head = ([pair[side] for pair in pairs] for side in (0, 1))
    there, back = judge(base, head, margin=0.02, family=1), judge(head, base, margin=0.02, family=1)
    opposite = {Verdict.FASTER: Verdict.SLOWER, Verdict.SLOWER: Verdict.FASTER}
    assert back.verdict is opposite.get(there.verdict, there.verdict)
    assert back.ratio == pytest.approx(1 / there.ratio)
    assert back.interval.low == pytest.approx(1 / there.interval.high)
    assert back.detectable == pytest.approx(there.detectable)


@given(_many_pairs)
@FEW
def test_the_estimate_lies_in_its_interval(pairs: list[tuple[float, float]]) -> None:
    base, head = ([pair[side] for pair in pairs] for side in (0, 1))
    result = judge(base, head, margin=0.02, family=3)
    assert result.interval.low <= result.ratio <= result.interval.high


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [(1.10, Verdict.SLOWER), (0.90, Verdict.FASTER), (1.0, Verdict.SAME), (1.005, Verdict.SAME)],
)
def test_with_enough_rounds_the_truth_is_told(ratio: float, verdict: Verdict) -> None:
    assert judge(*_noisy_pairs(ratio, count=80), margin=0.02, family=3).verdict is verdict


def test_a_difference_that_is_sure_but_within_the_margin_is_the_same() -> None:
    result = judge(*_noisy_pairs(1.01, count=200, noise=0.005), margin=0.02, family=3)
    assert result.interval.low > 1
    assert result.verdict is Verdict.SAME


def test_too_noisy_for_the_margin_is_inconclusive_and_says_how_many_rounds_would_settle_it() -> None:
    result = judge(*_noisy_pairs(1.0, count=20, noise=0.03), margin=0.02, family=3)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.rounds_range is not None
    settled = judge(*_noisy_pairs(1.0, count=2 * result.rounds_range[1], noise=0.03, seed=2), margin=0.02, family=3)
    assert settled.verdict is Verdict.SAME


def test_identical_executables_are_the_same_whatever_the_samples_say() -> None:
    result = judge(*_noisy_pairs(1.5, count=20), margin=0.02, family=3, identical=True)
    assert (result.verdict, result.rounds_range) == (Verdict.SAME, None)
    assert result.ratio > 1.4


def test_one_outlier_of_twenty_times_moves_no_verdict() -> None:
    base, head = _noisy_pairs(1.0, count=80)
    head[40] *= 20
    assert judge(base, head, margin=0.02, family=3).verdict is Verdict.SAME


@pytest.mark.slow
@pytest.mark.parametrize("family", [1, 3])
def test_a_family_of_identical_programs_is_told_apart_in_at_most_one_percent(family: int) -> None:
    alarms = 0
    trials = 600
    for trial in range(trials):
        judged = [
            judge(*_noisy_pairs(1.0, count=30, seed=family * trial + k), margin=1e-9, family=family)
            for k in range(family)
        ]
        alarms += any(each.verdict in {Verdict.FASTER, Verdict.SLOWER} for each in judged)
    # 1 % of 600 is 6; 15 or more come by chance once in 1,000 such studies.
    assert alarms < 15


@pytest.mark.slow
def test_what_is_called_detectable_is_found_in_about_95_percent() -> None:
    found = 0
    for seed in range(300):
        calm = judge(*_noisy_pairs(1.0, count=40, noise=0.05, seed=seed), margin=1e-9, family=3)
        slowed = _noisy_pairs(1 + calm.detectable, count=40, noise=0.05, seed=1_000 + seed)
        found += judge(*slowed, margin=1e-9, family=3).verdict is Verdict.SLOWER
    assert 0.88 < found / 300 < 0.99


@pytest.mark.parametrize(("family", "least"), [(1, 8), (2, 9), (3, 10), (10, 11)])
def test_the_fewest_pairs_are_those_at_which_all_signs_alike_are_rarer_than_the_error(family: int, least: int) -> None:
    assert least_pairs(family) == least
    times = [1.0] * least
    assert judge(times, [2.0 + n / 100 for n in range(least)], margin=0.02, family=family).verdict is Verdict.SLOWER
    with pytest.raises(ValueError, match=f"need at least {least}"):
        judge(times[1:], times[1:], margin=0.02, family=family)


@pytest.mark.parametrize(
    ("base", "head", "margin"),
    [([1.0] * 20, [1.0] * 19, 0.02), ([1.0] * 20, [1.0] * 20, 0.0), ([0.0] * 20, [1.0] * 20, 0.02)],
)
def test_what_makes_no_pairs_is_refused(base: list[float], head: list[float], margin: float) -> None:
    with pytest.raises(ValueError, match=r"pairs|above zero"):
        judge(base, head, margin=margin, family=1)
