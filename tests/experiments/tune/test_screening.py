from collections.abc import Callable
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.experiments.tune.document import TuneStage
from seqbench.experiments.tune.screening import (
    affordable,
    choose,
    failure_in,
    main_effects,
    pilot_costs_ns,
    screened,
    too_coarse,
    usable,
)
from seqbench.experiments.tune.settings import LOOP_OPT, POOL, Variant, grid_around
from seqbench.sessions.session import Measured
from seqbench.toolchain.compiler_spec import parse_spec
from tests.support.strategies import a_program, a_result, a_sample, a_session
from tests.support.tunings import SMALL_GRID, a_stage

_WHOLE = SMALL_GRID.whole()
_DEFAULT, _FLAG, _POOL, _BOTH = _WHOLE
_effects = st.floats(0.5, 2.0)
_drifts = st.lists(st.floats(0.2, 5.0), min_size=6, max_size=10)


def planted(pool: float, flag: float, drift: list[float]) -> Callable[[Variant, str, int], float]:
    """Return times in which each level has one effect, and a round has a drift that all of it shares."""

    def elapsed_ms(variant: Variant, name: str, number: int) -> float:
        base = 100.0 if name == "pingpong" else 30.0
        return base * drift[number - 1] * (pool if variant[0] == "1000" else 1) * (flag if variant[1] == "on" else 1)

    return elapsed_ms


@given(_effects, _effects, _drifts)
def test_effects_that_multiply_are_found_again_whatever_the_drift(pool: float, flag: float, drift: list[float]) -> None:
    stage = a_stage(_WHOLE, planted(pool, flag, drift), benchmarks=("pingpong", "skynet"), rounds=len(drift))
    found = {(effect.factor, effect.level): effect for effect in main_effects(SMALL_GRID, stage)}

    assert found.keys() == {(POOL, "1000"), (LOOP_OPT, "on")}
    for key, truth in (((POOL, "1000"), pool), ((LOOP_OPT, "on"), flag)):
        assert found[key].pairs == 2
        for ratio in (*found[key].ratios, found[key].overall):
            assert ratio.median == pytest.approx(truth, rel=1e-4)
            assert ratio.interval is not None
            assert ratio.interval.low <= ratio.median <= ratio.interval.high
    for each in screened(stage):
        truth = (pool if each.variant[0] == "1000" else 1) * (flag if each.variant[1] == "on" else 1)
        assert each.overall == pytest.approx(truth, rel=1e-4)
        assert each.ratios == pytest.approx((truth, truth), rel=1e-4)


@given(_effects, _effects)
def test_what_is_chosen_has_every_level_that_helps_and_no_other(pool: float, flag: float) -> None:
    # A level that does nothing, within the rounding to whole nanoseconds, may be in or out.
    pool, flag = (1.0 if abs(effect - 1) < 1e-3 else effect for effect in (pool, flag))
    for is_whole in (True, False):
        variants = _WHOLE if is_whole else SMALL_GRID.one_at_a_time()
        stage = a_stage(variants, planted(pool, flag, [1.0] * 6))
        wanted = ("1000" if pool < 1 else "10000", "on" if flag < 1 else "off")
        chosen = choose(SMALL_GRID, stage, is_whole=is_whole)
        assert chosen == (None if wanted == SMALL_GRID.default else wanted)


def noisy(variant: Variant, _name: str, number: int) -> float:
    """Return times in which the pool helps, and the flag does nothing but had luck in the mean."""
    luck = (0.8 if number < 5 else 1.1) if variant[1] == "on" else 1.0
    return 100.0 * luck * (0.5 if variant[0] == "1000" else 1.0)


def test_a_level_that_may_be_in_the_best_variant_by_luck_is_taken_out_of_it() -> None:
    stage = a_stage(_WHOLE, noisy, rounds=8)

    assert screened(stage)[0].variant == _BOTH
    assert choose(SMALL_GRID, stage, is_whole=True) == _POOL


def test_a_level_that_helps_in_the_best_variant_alone_stays_in_it() -> None:
    def elapsed_ms(variant: Variant, _name: str, _number: int) -> float:
        return {_DEFAULT: 100.0, _FLAG: 120.0, _POOL: 100.0, _BOTH: 90.0}[variant]

    assert choose(SMALL_GRID, a_stage(_WHOLE, elapsed_ms), is_whole=True) == _BOTH


def test_where_no_level_is_sure_the_best_variant_is_confirmed_as_it_is() -> None:
    stage = a_stage(_WHOLE, lambda variant, _name, _number: 90.0 if variant == _BOTH else 100.0, rounds=5)
    assert choose(SMALL_GRID, stage, is_whole=True) == _BOTH


@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_overall_is_the_geometric_mean_of_the_benchmarks(first: float, second: float) -> None:
    def elapsed_ms(variant: Variant, name: str, _number: int) -> float:
        return 100.0 if variant == _DEFAULT else 100.0 * (first if name == "pingpong" else second)

    (found,) = screened(a_stage((_DEFAULT, _POOL), elapsed_ms, benchmarks=("pingpong", "skynet")))
    assert found.ratios == pytest.approx((first, second), rel=1e-4)
    assert found.overall == pytest.approx(sqrt(first * second), rel=1e-4)


def test_the_most_promising_comes_first_and_of_equals_the_one_that_changes_least() -> None:
    def elapsed_ms(variant: Variant, _name: str, _number: int) -> float:
        return 80.0 if variant[0] == "1000" else 100.0

    assert [each.variant for each in screened(a_stage(_WHOLE, elapsed_ms))] == [_POOL, _BOTH, _FLAG]


def test_a_variant_that_failed_anywhere_is_out_and_takes_its_pairs_with_it() -> None:
    def elapsed_ms(variant: Variant, _name: str, _number: int) -> float:
        return 50.0 if variant == _BOTH else 100.0

    failing = {(_BOTH, "skynet"): "killed by SIGABRT"}
    stage = a_stage(_WHOLE, elapsed_ms, benchmarks=("pingpong", "skynet"), failing=failing)
    last = screened(stage)[-1]

    assert (last.variant, last.failure, last.ratios) == (_BOTH, "skynet: killed by SIGABRT", ())
    assert choose(SMALL_GRID, stage, is_whole=True) is None
    for effect in main_effects(SMALL_GRID, stage):
        assert effect.pairs == 1
        assert effect.overall.median == pytest.approx(1.0)


def test_a_benchmark_that_the_default_failed_in_is_in_no_ratio() -> None:
    stage = a_stage(
        _WHOLE,
        lambda variant, name, _number: 100.0 if name == "pingpong" or variant == _DEFAULT else 1.0,
        benchmarks=("pingpong", "skynet"),
        failing={(_DEFAULT, "skynet"): "wrong result"},
    )

    assert [result.name for result in usable(stage)] == ["pingpong"]
    assert [each.ratios for each in screened(stage)] == [pytest.approx((1.0,))] * 3
    assert [len(effect.ratios) for effect in main_effects(SMALL_GRID, stage)] == [1, 1]


def test_fewer_than_six_rounds_have_no_interval_and_put_no_levels_together() -> None:
    stage = a_stage(SMALL_GRID.one_at_a_time(), planted(0.5, 0.9, [1.0] * 5), rounds=5)

    assert [effect.overall.interval for effect in main_effects(SMALL_GRID, stage)] == [None, None]
    assert choose(SMALL_GRID, stage, is_whole=False) == _POOL


def test_a_level_alone_that_may_be_luck_is_not_put_into_the_combination() -> None:
    def elapsed_ms(variant: Variant, _name: str, number: int) -> float:
        if variant == _FLAG:
            return 100.0 * (0.9 if number % 2 else 1.05)
        return 80.0 if variant == _POOL else 100.0

    stage = a_stage(SMALL_GRID.one_at_a_time(), elapsed_ms)
    assert choose(SMALL_GRID, stage, is_whole=False) == _POOL


def test_one_wild_run_in_every_round_does_not_decide() -> None:
    # Each time another variant stalls; a mean over the pairs would be pulled along.
    grid = grid_around(parse_spec("7.7.5"), {})
    variants = grid.whole()

    def elapsed_ms(variant: Variant, _name: str, number: int) -> float:
        return 2_000.0 if variant == variants[number] else 100.0

    for effect in main_effects(grid, a_stage(variants, elapsed_ms, rounds=7)):
        assert effect.overall.median == pytest.approx(1.0)


def test_one_wild_round_does_not_decide() -> None:
    def elapsed_ms(variant: Variant, _name: str, number: int) -> float:
        return 2_000.0 if (variant, number) == (_POOL, 3) else 90.0 if variant[0] == "1000" else 100.0

    stage = a_stage(_WHOLE, elapsed_ms, rounds=7)
    effect = next(effect for effect in main_effects(SMALL_GRID, stage) if effect.factor == POOL)
    assert effect.overall.median == pytest.approx(0.9)
    assert screened(stage)[0].overall == pytest.approx(0.9)


def test_a_program_that_was_not_run_is_no_success() -> None:
    assert failure_in(a_session(a_result()), ("pingpong",)) == "pingpong: did not run"
    assert failure_in(a_session(a_result()), ("skynet",)) == ""


def test_levels_that_do_not_fit_are_left_out_and_the_fastest_of_the_pilot_stay() -> None:
    times = {_DEFAULT: 100, _FLAG: 90, _POOL: 80}
    assert tuple(times) == SMALL_GRID.one_at_a_time()
    runs = [Measured(samples=(), warm_ups=(a_sample(time),)) for time in times.values()]
    pilot = TuneStage(variants=tuple(times), sessions=tuple(a_session(a_result(a_program(run))) for run in runs))

    # A run takes twice its own time.
    assert affordable(SMALL_GRID, pilot, 540e6) == (_DEFAULT, _FLAG, _POOL)
    assert affordable(SMALL_GRID, pilot, 539e6) == (_DEFAULT, _POOL)
    assert affordable(SMALL_GRID, pilot, 1) == (_DEFAULT, _POOL)


def test_what_a_pilot_cost_is_the_outside_clock_of_its_warm_ups() -> None:
    plain = a_session(a_result(a_program(Measured(samples=(), warm_ups=(a_sample(100), a_sample(300))))))

    assert pilot_costs_ns(TuneStage(variants=(_DEFAULT,), sessions=(plain,))) == {
        _DEFAULT: {"pingpong": pytest.approx(400e6)}
    }


@pytest.mark.parametrize("zero_in", _WHOLE)
def test_benchmark_whose_clock_shows_zero_is_left_out(zero_in: Variant) -> None:
    def elapsed_ms(variant: Variant, name: str, number: int) -> float:
        if name == "skynet" and variant == zero_in and number == 2:
            return 0.0
        return 80.0 if variant[0] == "1000" else 100.0

    stage = a_stage(_WHOLE, elapsed_ms, benchmarks=("pingpong", "skynet"))

    assert [result.name for result in usable(stage)] == ["pingpong"]
    assert [result.name for result in too_coarse(stage)] == ["skynet"]
    assert screened(stage)[0].ratios == pytest.approx((0.8,))
    assert choose(SMALL_GRID, stage, is_whole=True) == _POOL


def test_tuning_of_nothing_but_zeros_chooses_nothing() -> None:
    stage = a_stage(_WHOLE, lambda _variant, _name, _number: 0.0)

    assert usable(stage) == ()
    assert main_effects(SMALL_GRID, stage) == ()
    assert choose(SMALL_GRID, stage, is_whole=True) is None
