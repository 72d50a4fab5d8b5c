from seqbench.experiments.timeline.steps import (
    FIRST_ROUNDS,
    MOST_ROUNDS,
    confirmed,
    is_candidate,
    rounds_of_all,
    rounds_of_candidate,
)

EVEN = [0.004 * (n * 7 % 5 - 2) for n in range(40)]
STEP = [0.05 + each for each in EVEN]


def test_a_step_is_a_candidate_and_confirmed_by_fresh_rounds() -> None:
    assert is_candidate(STEP, 9, 0.02)
    assert not is_candidate(EVEN, 9, 0.02)
    found = confirmed(STEP, 1, 0.02)
    assert found is not None
    assert 1.04 < found.ratio < 1.06
    assert confirmed(EVEN, 1, 0.02) is None


def test_a_change_within_the_margin_is_no_step() -> None:
    small = [0.01 + each / 100 for each in EVEN]
    assert not is_candidate(small, 9, 0.02)
    assert confirmed(small, 1, 0.02) is None


def test_more_noise_takes_more_rounds_up_to_a_limit() -> None:
    noisy, wild = ([factor * each for each in EVEN] for factor in (10, 1_000))
    assert rounds_of_all([EVEN], 0.05) == FIRST_ROUNDS
    assert FIRST_ROUNDS < rounds_of_all([noisy] * 9, 0.05) < MOST_ROUNDS
    assert rounds_of_all([wild] * 9, 0.05) == MOST_ROUNDS
    assert rounds_of_candidate([0.05 + each for each in noisy], 3, 0.05) > rounds_of_candidate(STEP, 3, 0.05)
