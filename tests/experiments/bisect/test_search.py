from math import sqrt

import pytest

from seqbench.bench.plan import rough_spread
from seqbench.experiments.bisect.search import (
    Design,
    First,
    Nearer,
    StepTimes,
    bounds,
    judge_first,
    judge_step,
    last_look,
    most_rounds,
    next_version,
)
from seqbench.stats.signed_rank import fewest_values
from seqbench.versions.contrasts import rounds_to_see

DESIGN = Design(versions=32)
JITTER = [0.001 * (n * 7 % 5 - 2) for n in range(16)]


def test_at_most_eight_comparisons_of_32_versions() -> None:
    assert [1 + Design(versions=number).most_steps for number in (2, 3, 32, 33)] == [4, 5, 8, 9]


def test_looks_benchmarks_and_steps_share_an_error_of_one_percent() -> None:
    design = Design(versions=32, benchmarks=3)
    assert design.first_error * 3 * 9 == pytest.approx(0.01)
    assert design.step_error * 3 * 9 * 7 == pytest.approx(0.01)


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
    assert judge_first(JITTER, DESIGN, margin=0.02, most=64).next_look is None
    assert judge_first([], DESIGN, margin=0.02, most=64) == First(found=None, next_look=16)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "logs",
    [
        # The centre is beyond the margin, and the noise may explain that.
        [0.2, -0.1, 0.3, -0.15, 0.25, 0.1, -0.2, 0.3] * 2,
        # The interval leaves out 0 and reaches beyond the margin, within which the centre is.
        [0.002 + 0.034 * (n * 0.618034 % 1) for n in range(16)],
    ],
)
def test_difference_needs_an_interval_without_0_and_a_centre_beyond_the_margin(logs: list[float], sign: int) -> None:
    found = judge_first([sign * each for each in logs], DESIGN, margin=0.02, most=64)
    assert (found.is_same, found.is_different, found.next_look) == (False, False, 32)


@pytest.mark.parametrize("step", [0.05, -0.05])
def test_step_may_take_sixteen_times_the_rounds_in_which_its_half_is_seen(step: float) -> None:
    noise = [0.1 * (-1) ** n for n in range(16)]
    needed = rounds_to_see(0.025, sqrt(0.75) * rough_spread(noise), error=DESIGN.step_error, power=0.999)
    assert most_rounds(noise, step, DESIGN) == 16 * needed
    assert most_rounds([0.05] * 16, step, DESIGN) == 16 * fewest_values(DESIGN.step_error)


@pytest.mark.parametrize(("runs", "last"), [(None, 4096), (1, 16), (16, 16), (31, 16), (32, 32), (10_000, 4096)])
def test_last_look_is_within_the_rounds(runs: int | None, last: int) -> None:
    assert last_look(runs) == last


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
