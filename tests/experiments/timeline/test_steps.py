import pytest

from seqbench.bench.plan import rough_spread
from seqbench.experiments.timeline.steps import (
    MOST_ROUNDS,
    candidate_error,
    confirmed,
    is_candidate,
    rounds_of_all,
    rounds_of_candidate,
    share_of_look,
)
from seqbench.stats.signed_rank import fewest_values
from seqbench.versions.contrasts import contrast, rounds_to_see

EVEN = [0.004 * (n * 7 % 5 - 2) for n in range(40)]
STEP = [0.05 + each for each in EVEN]
NOISY = [10 * each for each in EVEN]
# Its centre is far from 0, and so few rounds in so much noise do not show that.
UNSURE = [0.2, -0.1, 0.3, -0.15, 0.25, 0.1, -0.2, 0.3, 0.2, -0.1] * 2


@pytest.mark.parametrize("sign", [1, -1])
def test_a_step_is_a_candidate_and_confirmed_by_fresh_rounds(sign: int) -> None:
    logs = [sign * each for each in STEP]
    assert is_candidate(logs, 9, 0.02)
    assert not is_candidate(EVEN, 9, 0.02)
    found = confirmed(logs, 1, 0.02)
    assert found is not None
    assert 0.04 < sign * found.centre < 0.06
    assert confirmed(EVEN, 1, 0.02) is None


def test_what_noise_may_explain_is_no_step() -> None:
    assert not is_candidate(UNSURE, 90, 0.02)
    assert confirmed(UNSURE, 1, 0.02) is None


def test_a_change_within_the_margin_is_no_step() -> None:
    small = [0.01 + each / 100 for each in EVEN]
    assert not is_candidate(small, 9, 0.02)
    assert confirmed(small, 1, 0.02) is None


def test_the_boundaries_share_the_error_of_candidates_and_these_that_of_steps() -> None:
    assert [candidate_error(boundaries) for boundaries in (0, 1, 10)] == [0.2, 0.2, 0.02]
    for candidates in (1, 5):
        assert confirmed(STEP, candidates, 0.02) == contrast(STEP, 0.01 / candidates)


def test_all_versions_run_twice_the_rounds_in_which_a_step_is_seen() -> None:
    """The noise may be larger than the first rounds show."""
    needed = rounds_to_see(0.05, rough_spread(NOISY), error=0.2 / 9, power=0.99)
    assert rounds_of_all([NOISY] * 9, 0.05) == 2 * needed > 16
    assert rounds_of_all([EVEN], 0.05) == rounds_of_all([], 0.05) == 16
    wild = [1_000 * each for each in EVEN]
    assert rounds_of_all([wild] * 9, 0.05) == MOST_ROUNDS == 1_000
    # One noisy version does not make all of them run for long.
    assert rounds_of_all([*[EVEN] * 8, wild], 0.05) == 16


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("size", "seen"), [(0.03, 0.03), (0.05, 0.05), (0.4, 0.05)])
def test_candidate_runs_twice_the_rounds_in_which_a_smaller_step_is_seen(sign: int, size: float, seen: float) -> None:
    """What seems to be a step is often smaller than it seemed, and no larger one is looked for than was asked."""
    logs = [sign * (size + each / 2) for each in NOISY]
    needed = rounds_to_see(0.7 * seen, rough_spread(logs), error=0.01 / 3, power=0.999)
    assert rounds_of_candidate(logs, 3, 0.05) == 2 * needed > 16


def test_candidate_has_a_least_and_a_most_number_of_rounds() -> None:
    calm = [0.05 + each / 100 for each in EVEN]
    assert rounds_of_candidate(calm, 1, 0.05) == rounds_of_candidate([], 1, 0.05) == 2 * fewest_values(0.01) == 16
    assert rounds_of_candidate(calm, 3, 0.05) == 2 * fewest_values(0.01 / 3)
    assert rounds_of_candidate([100 * each for each in NOISY], 3, 0.05) == MOST_ROUNDS


def test_looks_at_fresh_rounds_share_the_error() -> None:
    """Whenever a budget ends them, and however often they are continued."""
    for number in range(1, 12):
        early = [share_of_look(look, is_last=False) for look in range(1, number)]
        assert sum(early) + share_of_look(number, is_last=True) <= 1.0
    assert confirmed(STEP, 1, 0.02, share=1e-11) is None
