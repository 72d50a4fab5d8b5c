from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.compare.calibration import (
    SLOWDOWNS,
    Calibration,
    Characteristics,
    all_warnings,
    calibration_of,
    calibration_to_json,
    characteristics,
    known_spreads,
    layout_warnings,
    load_calibration,
    noise_warnings,
    spread_of,
    with_layouts,
)
from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.gate import judge_gate
from seqbench.compare.layout_spread import LayoutSpread
from seqbench.compare.verdict import log_ratios
from seqbench.sessions.store import to_json
from tests.support.compared import CALM, pair, probe, slowed
from tests.support.laws import FEW
from tests.support.strategies import NOON, a_session, any_text, counts, measured, moments, names, several

# At the size at which nothing has a parameter.
_X = ("x", ())


def _noise(sigma: float, count: int = 300) -> list[float]:
    drawn: list[float] = np.random.default_rng(7).normal(0.0, sigma, count).tolist()
    return drawn


@cache
def _characteristics(sigma: float, rounds: int) -> Characteristics:
    """Judge resampled comparisons in normal noise; the tests share what they ask about."""
    return characteristics("x", _noise(sigma), rounds=rounds, family=3, seed=1, trials=300)


def test_identical_programs_are_seldom_told_apart() -> None:
    found = _characteristics(0.05, 50)
    assert found.false_slower <= 0.01
    assert found.false_faster <= 0.01


def test_a_larger_slowdown_is_found_more_often() -> None:
    found = _characteristics(0.05, 50)
    shares = [share for _, share in found.power]
    assert [slowdown for slowdown, _ in found.power] == list(SLOWDOWNS)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(("sigma", "rounds"), [(0.05, 50), pytest.param(0.2, 200, marks=pytest.mark.whole)])
def test_the_smallest_slowdown_is_the_one_that_the_normal_theory_gives(sigma: float, rounds: int) -> None:
    found = _characteristics(sigma, rounds)
    # Two-sided error 1 % over three, power 95 %; the signed-rank interval of normal noise is 2 % wider than z's.
    theory = (2.94 + 1.645) * sigma / rounds**0.5
    assert found.smallest == pytest.approx(theory, rel=0.25)


def test_noise_above_all_measure_has_no_smallest_slowdown() -> None:
    assert characteristics("x", _noise(3.0), rounds=10, family=3, seed=1, trials=100).smallest is None


def test_the_same_seed_gives_the_same_answer() -> None:
    first, second = (characteristics("x", _noise(0.05), rounds=20, family=1, seed=3, trials=50) for _ in range(2))
    assert first == second


def test_the_spread_is_the_median_distance_from_equal() -> None:
    assert spread_of(log_ratios([1.0, 1.0, 1.0], [1.0, 2.0, 0.25])) == pytest.approx(np.log(2))


def _calibration(*found: Characteristics) -> Calibration:
    return Calibration(machine="here", measured_at=NOON, benchmarks=found)


def test_a_calibration_tells_the_spread_of_normal_noise_again() -> None:
    found = _characteristics(0.05, 50)
    assert found.effective_spread() == pytest.approx(0.05, rel=0.25)
    assert known_spreads(_calibration(found), ("here",), "baseline", [_X]) == (found.effective_spread(),)


def test_spreads_are_known_of_the_same_machine_and_of_all_benchmarks_or_not_at_all() -> None:
    found = _characteristics(0.05, 50)
    wild = characteristics("y", _noise(3.0), rounds=10, family=3, seed=1, trials=100)
    assert known_spreads(None, ("here",), "baseline", [_X]) is None
    assert known_spreads(_calibration(found), ("here",), "native", [_X]) is None
    assert known_spreads(_calibration(found), ("there",), "baseline", [_X]) is None
    assert known_spreads(_calibration(found), ("here",), "baseline", [_X, ("z", ())]) is None
    # A shorter run has other noise.
    assert known_spreads(_calibration(found), ("here",), "baseline", [("x", (("n", 10),))]) is None
    assert wild.effective_spread() is None
    assert known_spreads(_calibration(found, wild), ("here",), "baseline", [_X, ("y", ())]) is None


def test_calibration_with_the_identity_of_before_is_this_machines() -> None:
    found = _characteristics(0.05, 50)
    assert known_spreads(_calibration(found), ("new", "here"), "baseline", [_X]) == (found.effective_spread(),)


_shares = st.floats(min_value=0, max_value=1)
_calibrations = st.builds(
    Calibration,
    machine=any_text,
    measured_at=moments,
    benchmarks=several(
        st.builds(
            Characteristics,
            name=names,
            rounds=counts,
            false_slower=_shares,
            false_faster=_shares,
            power=several(st.tuples(_shares, _shares)),
            smallest=st.none() | _shares,
            spread=_shares,
            parameters=several(st.tuples(names, counts)),
        )
    ),
    layouts=several(
        st.builds(
            LayoutSpread,
            name=names,
            spread=_shares,
            low=_shares,
            high=_shares,
            rounds=counts,
            ratios=several(_shares),
        )
    ),
    layout_problem=any_text,
    warnings=several(any_text),
)


@FEW
@given(_calibrations)
def test_every_calibration_survives_the_way_out_and_back(calibration: Calibration) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calibration.json"
        path.write_text(calibration_to_json(calibration))
        assert load_calibration(path) == calibration


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", to_json(a_session()), '{"schema": "seqbench/calibration", "schema_version": 1}']
)
def test_a_calibration_that_cannot_be_read_is_none(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "calibration.json"
    if text is not None:
        path.write_text(text)
    assert load_calibration(path) is None


def _layouts(name: str) -> LayoutSpread:
    return LayoutSpread(
        name=name, spread=0.03, low=0.02, high=0.04, rounds=50, ratios=(1.0, 1.03, 1.0, 1.01, 1.02), parameters=()
    )


def _compared(margin: float) -> Comparison:
    return compare(*pair(measured(*CALM)), runtime="seq", paired=True, margin=margin)


@pytest.mark.parametrize(("margin", "count"), [(0.02, 1), (0.03, 0), (0.05, 0)])
def test_margin_below_the_spread_of_layouts_is_warned_of(margin: float, count: int) -> None:
    found = _compared(margin)
    (name,) = (each.name for each in found.benchmarks)
    calibration = Calibration(
        machine=found.base.machine.identity,
        measured_at=NOON,
        benchmarks=(),
        layouts=(_layouts(name), _layouts("another")),
    )
    assert len(layout_warnings(calibration, found)) == count
    assert layout_warnings(replace(calibration, machine="there"), found) == ()
    assert layout_warnings(replace(calibration, target_cpu="native"), found) == ()
    assert layout_warnings(None, found) == ()


@pytest.mark.parametrize(("noise", "is_warned"), [(0.001, False), (0.1, True)])
def test_noise_well_above_that_of_the_calibration_is_warned_of(noise: float, *, is_warned: bool) -> None:
    """The noise around a real change counts, and the change itself does not."""
    times = [100 * 1.3 * (1 + noise * (n * 7 % 11 - 5) / 5) for n in range(60)]
    found = compare(*pair(measured(*times)), runtime="seq", paired=True, margin=0.02)
    calm = replace(_characteristics(0.05, 50), name="pingpong", spread=0.002)
    calibration = replace(_calibration(calm), machine=found.base.machine.identity)
    warnings = noise_warnings(calibration, found)
    assert len(warnings) == is_warned
    assert all(each.startswith("pingpong: the noise is ") for each in warnings)
    assert all_warnings(calibration, found)[: len(warnings)] == warnings
    assert noise_warnings(replace(calibration, machine="there"), found) == ()
    assert noise_warnings(replace(calibration, benchmarks=()), found) == ()
    assert noise_warnings(None, found) == ()


def test_calibration_keeps_its_layouts_and_why_it_has_none() -> None:
    found = with_layouts(_calibration(), [_layouts("x")], problem="", margin=0.02)
    assert [each.name for each in found.layouts] == ["x"]
    assert found.warnings == (_layouts("x").warning(0.02),)
    assert with_layouts(_calibration(), [_layouts("x")], problem="", margin=0.05).warnings == ()
    assert with_layouts(_calibration(), [], problem="no clang", margin=0.02).layout_problem == "no clang"


@pytest.mark.parametrize(("has_time", "trials"), [(True, 1_000), (False, 200)])
def test_trials_end_with_the_time_for_them(has_time: bool, trials: int) -> None:  # noqa: FBT001
    gate = judge_gate(*pair(slowed(CALM, 1.0)), probe(0.1), runtime="seq", margin=0.02)
    (found,) = calibration_of(gate, 1.0, has_time=lambda: has_time).benchmarks

    assert found.trials == trials
    assert found.family == 1
    assert found.smallest is not None
