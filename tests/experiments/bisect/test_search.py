import pytest

from seqbench.experiments.bisect.search import (
    Design,
    Nearer,
    StepTimes,
    bounds,
    judge_first,
    judge_step,
    most_rounds,
    next_version,
)

DESIGN = Design(versions=32)
JITTER = [0.001 * (n * 7 % 5 - 2) for n in range(16)]


def test_at_most_eight_comparisons_of_32_versions() -> None:
    assert 1 + DESIGN.most_steps == 8


@pytest.mark.parametrize("step", [0.05, -0.05])
@pytest.mark.parametrize(("share", "nearer"), [(0.0, Nearer.GOOD), (1.0, Nearer.BAD)])
def test_a_version_is_nearer_to_the_end_that_it_is_like(step: float, share: float, nearer: Nearer) -> None:
    times = StepTimes(good=[0.0] * 16, version=[share * step + each for each in JITTER], bad=[step] * 16)
    assert judge_step(times, step, DESIGN, 64).nearer is nearer


def test_a_version_in_the_middle_stays_open_until_the_last_look() -> None:
    times = StepTimes(good=[0.0] * 16, version=[0.025 + each for each in JITTER], bad=[0.05] * 16)
    assert (judge_step(times, 0.05, DESIGN, 64).nearer, judge_step(times, 0.05, DESIGN, 64).next_look) == (None, 32)
    assert judge_step(times, 0.05, DESIGN, 16).next_look is None


def test_good_and_bad_are_different_the_same_or_open() -> None:
    assert judge_first([0.05 + each for each in JITTER], DESIGN, margin=0.02, most=64).is_different
    assert judge_first(JITTER, DESIGN, margin=0.02, most=64).is_same
    open_one = judge_first([0.1 * (-1) ** n for n in range(16)], DESIGN, margin=0.02, most=64)
    assert (open_one.is_same, open_one.is_different, open_one.next_look) == (False, False, 32)


def test_a_smaller_step_may_take_more_rounds() -> None:
    noise = [0.1 * (-1) ** n for n in range(16)]
    assert most_rounds(noise, 0.02, DESIGN) > most_rounds(noise, 0.2, DESIGN)


def test_next_version_is_the_middle_of_what_is_left() -> None:
    assert next_version(9, {}, ()) == 4
    assert next_version(9, {4: Nearer.GOOD}, ()) == 6
    assert next_version(9, {4: Nearer.BAD}, (2,)) == 3
    assert next_version(9, {4: Nearer.GOOD, 6: Nearer.BAD}, (5,)) is None
    assert bounds(9, {4: Nearer.GOOD, 6: Nearer.BAD}) == (4, 6)


@pytest.mark.parametrize("first_bad", range(1, 32))
def test_every_place_of_the_step_is_found_in_five_steps_without_noise(first_bad: int) -> None:
    nearer: dict[int, Nearer] = {}
    while (place := next_version(32, nearer, ())) is not None:
        nearer[place] = Nearer.BAD if place >= first_bad else Nearer.GOOD
    assert bounds(32, nearer) == (first_bad - 1, first_bad)
    assert len(nearer) <= 5
