"""Signed ranks over strata: coverage, exactness, and what a single stratum gives."""

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.stats.signed_rank import SignedRanks, has_long_tails
from seqbench.stats.stratified import StratifiedRanks, have_long_tails, walk_counts


def _ranks(samples: Sequence[Sequence[float]], *, is_capped: bool = False) -> StratifiedRanks:
    return StratifiedRanks([SignedRanks(each, is_capped=is_capped) for each in samples])


def _noise(seed: int, count: int, spread: float) -> list[float]:
    generator = random.Random(seed)  # noqa: S311 - noise, not secrets
    return [generator.gauss(0, spread) for _ in range(count)]


def test_tail_is_exact_by_enumeration() -> None:
    """All signs of two small strata: the interval leaves out zero as rarely as it says."""
    error, strata = 0.06, ((0.11, 0.21, 0.31, 0.41), (1.2, 2.3, 3.4))
    missed = 0
    signs = list(itertools.product((-1, 1), repeat=7))
    for each in signs:
        signed = [s * v for s, v in zip(each, (*strata[0], *strata[1]), strict=True)]
        _, interval = _ranks((signed[:4], signed[4:])).interval(error)
        missed += not interval.low <= 0 <= interval.high
    assert 0 < missed / len(signs) <= error


@pytest.mark.parametrize("is_capped", [False, True])
def test_single_stratum_has_the_interval_of_signed_ranks(*, is_capped: bool) -> None:
    values = _noise(3, 40, 1.0)
    (centre, interval), (expected, alone) = (
        _ranks([values], is_capped=is_capped).interval(0.01),
        SignedRanks(values, is_capped=is_capped).interval(0.01),
    )
    assert (centre, interval.low, interval.high) == pytest.approx((expected, alone.low, alone.high), abs=1e-9)


def test_difference_on_all_machines_is_found_with_a_third_of_the_rounds_on_each() -> None:
    shifted = [[value + 0.02 for value in _noise(seed, 30, 0.03)] for seed in range(3)]
    _, interval = _ranks(shifted).interval(0.01)
    assert 0 < interval.low < 0.02 < interval.high


def test_noisy_machine_does_not_decide_the_ranks_of_a_quiet_one() -> None:
    quiet = [value + 0.02 for value in _noise(1, 80, 0.005)]
    noisy = _noise(2, 80, 5.0)
    centre, interval = _ranks([quiet, noisy]).interval(0.01)
    assert abs(centre - 0.02) < 0.005
    assert interval.low > 0


@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=1, max_size=40))
def test_tails_of_a_single_sample_are_its_own(values: list[float]) -> None:
    assert have_long_tails([values]) == has_long_tails(values)


def test_tails_of_all_machines_together_choose_their_ranks() -> None:
    """Normal noise of any size has none; wild rounds of one machine count for the other too."""
    assert not have_long_tails([_noise(1, 400, 0.01), _noise(2, 400, 1.0)])
    calm, wild = _noise(3, 20, 1.0), [*_noise(4, 16, 0.01), 1.0, 2.0, -3.0, -4.0, 5.0, 6.0]
    assert have_long_tails([calm, wild])
    assert not has_long_tails(calm)
    assert not have_long_tails([[], []])


def test_too_few_values_are_refused_and_empty_strata_do_not_count() -> None:
    few = _ranks([[1.0, 2.0, 3.0, 4.0, 5.0], []])
    assert few.least(0.001) < 0
    with pytest.raises(ValueError, match="5 values are too few"):
        few.interval(0.001)
    assert _ranks([]).least(0.05) < 0


def test_normal_limit_meets_the_exact_distribution() -> None:
    exact = [_noise(seed, 100, 1.0) for seed in range(3)]
    more = [*exact[:2], [*exact[2], 0.001]]
    first, second = (_ranks(each).interval(0.01)[1] for each in (exact, more))
    assert abs(first.low - second.low) < 0.01
    assert abs(first.high - second.high) < 0.01


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], ()),
        ([(0, 0), (4, 8), (4, 8)], (0, 12, 12)),
        # A machine that stopped: the others grow.
        ([(10, 10), (20, 10)], (20, 40)),
        # A machine that measured nothing up to the first look.
        ([(10, 0), (20, 20)], (10, 40)),
    ],
)
def test_counts_of_looks_are_those_of_a_walk_with_their_correlation(
    pairs: list[tuple[int, ...]], expected: tuple[int, ...]
) -> None:
    assert walk_counts(pairs) == expected


@pytest.mark.slow
def test_false_alarms_keep_the_error_with_unequal_machines() -> None:
    alarms, trials = 0, 2000
    for seed in range(trials):
        strata = [
            _noise(7 * seed + k, count, spread) for k, (count, spread) in enumerate(((12, 1.0), (30, 0.1), (9, 5)))
        ]
        _, interval = _ranks(strata).interval(0.05)
        alarms += not interval.low <= 0 <= interval.high
    assert alarms / trials < 0.065


def test_machine_with_equal_times_speaks_neither_for_a_difference_nor_against_it() -> None:
    ranks = _ranks([[0.1] * 24, [0.1] * 24, [0.0] * 24])
    assert ranks.is_above(0.0, 0.005)
    assert ranks.positive(0.0) == 2.5 / 3 * ranks.whole
