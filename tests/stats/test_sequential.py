from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.stats.sequential import LOOKS, nominal_errors, spent_share
from tests.support.laws import FEW

SPENT = tuple(spent_share(fraction) for fraction in LOOKS)
COUNTS = (32, 64, 132, 264, 400)

_designs = st.lists(st.integers(1, 2_000), min_size=1, max_size=5).map(lambda counts: tuple(sorted(counts)))


def test_error_is_spent_from_nothing_to_all_of_it() -> None:
    assert (spent_share(0.0), spent_share(1.0)) == (0.0, 1.0)
    assert all(before < after for before, after in pairwise(SPENT))


@pytest.mark.parametrize("error", [0.1, 0.01, 0.0005])
@pytest.mark.parametrize("count", [13, 100, 5_000])
def test_single_look_has_the_whole_error(count: int, error: float) -> None:
    assert nominal_errors((count,), (1.0,), error) == (error,)


@pytest.mark.parametrize("counts", [COUNTS, (20, 21, 22, 390, 400), (8, 40, 40, 300, 310)])
@pytest.mark.parametrize("spent", [SPENT, (0.2, 0.4, 0.6, 0.8, 1.0)])
def test_random_walk_crosses_a_boundary_of_any_look_as_often_as_it_may(
    counts: tuple[int, ...], spent: tuple[float, ...]
) -> None:
    error, trials = 0.1, 40_000
    nominal = np.asarray(nominal_errors(counts, spent, error))
    steps = np.diff((0, *counts))
    walks = np.cumsum(np.random.default_rng(3).normal(size=(trials, len(counts))) * np.sqrt(steps), axis=1)
    heights = np.asarray([_height(each) for each in nominal])
    crossed = (np.abs(walks) / np.sqrt(counts) > heights).any(axis=1).mean()
    assert crossed == pytest.approx(error, abs=3 * (error / trials) ** 0.5)


def _height(nominal: float) -> float:
    return -NormalDist().inv_cdf(nominal / 2) if nominal else float("inf")


def test_look_with_too_few_values_leaves_its_share_to_the_next_one() -> None:
    assert nominal_errors((5, 20, 40), (0.1, 0.5, 1.0), 0.01) == (0.0, *nominal_errors((20, 40), (0.5, 1.0), 0.01))


def test_look_without_new_values_is_the_one_before_with_more_to_spend() -> None:
    twice = nominal_errors((20, 20, 40), (0.1, 0.5, 1.0), 0.1)
    assert twice[1:] == nominal_errors((20, 40), (0.5, 1.0), 0.1)
    assert twice[0] == pytest.approx(0.01)


@given(_designs, st.floats(1e-4, 0.2))
@FEW
def test_look_spends_no_less_than_its_share_and_never_the_whole_error_before_the_end(
    counts: tuple[int, ...], error: float
) -> None:
    spent = tuple((number + 1) / len(counts) for number in range(len(counts)))
    for nominal in nominal_errors(counts, spent, error):
        assert nominal == 0 or error / len(counts) * (1 - 1e-9) <= nominal <= error * (1 + 1e-9)


def test_look_soon_after_another_one_has_its_share_alone() -> None:
    """The walk between them is shorter than the distance of the nodes that describe where it may be."""
    _, soon = nominal_errors((400, 401), (0.5, 1.0), 0.01)
    assert soon == pytest.approx(0.005)
    _, later = nominal_errors((400, 500), (0.5, 1.0), 0.01)
    assert later > 0.0055


def test_spending_is_that_of_the_family_of_hwang_shih_and_decani() -> None:
    assert LOOKS == (0.08, 0.16, 0.33, 0.66, 1.0)
    assert [round(share, 3) for share in SPENT] == [0.014, 0.032, 0.089, 0.327, 1.0]
