import pytest

from seqbench.stats.signed_rank import fewest_values
from seqbench.versions.contrasts import LOOKS, contrast, next_look, rounds_to_see


def test_a_step_in_every_round_is_told_from_zero_and_noise_is_not() -> None:
    found = contrast([0.05 + 0.001 * (n % 5) for n in range(16)], 0.001)
    assert found is not None
    assert (found.sign, found.rounds) == (1, 16)
    assert found.ratio == pytest.approx(1.053, abs=0.001)
    even = contrast([0.01 * (-1) ** n for n in range(16)], 0.001)
    assert even is not None
    assert even.sign == 0
    assert even.is_within(0.02)


def test_too_few_rounds_for_an_error_are_no_look() -> None:
    error = 0.01
    assert contrast([1.0] * (fewest_values(error) - 1), error) is None
    assert contrast([1.0] * fewest_values(error), error) is not None


def test_looks_end_at_the_first_one_that_holds_the_most() -> None:
    assert [next_look(rounds, 100) for rounds in (0, 16, 64, 128)] == [16, 32, 128, None]
    assert next_look(LOOKS[-1], 10**9) is None


def test_half_of_the_size_takes_four_times_the_rounds() -> None:
    wide, narrow = (rounds_to_see(size, 0.1, error=0.01, power=0.99) for size in (0.05, 0.025))
    assert narrow == pytest.approx(4 * wide, rel=0.02)
