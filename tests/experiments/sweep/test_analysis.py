from dataclasses import replace

import pytest
from hypothesis import given

from seqbench.experiments.sweep.analysis import RuntimeAnalysis, analyze_sweep
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.experiments.sweep.report import full_text
from seqbench.sessions.session import Failed, Measured, Stage
from seqbench.stats.growth import BreakEven
from tests.support.laws import FEW
from tests.support.strategies import a_program
from tests.support.sweeps import a_limit, a_point, a_sweep, both, possible_sweeps, ran


def runtimes(document: SweepDocument) -> tuple[RuntimeAnalysis, ...]:
    (found,) = analyze_sweep(document)
    return found.runtimes


def test_there_is_a_curve_for_each_runtime_with_its_growth_and_what_is_fixed() -> None:
    document = a_sweep(both(10, 11, 10), both(100, 101, 10), both(1000, 1001, 10))
    seq, go = runtimes(document)

    assert (seq.title, go.title) == ("Seq", "Go")
    assert [figure.value for figure in seq.figures] == [10, 100, 1000]
    assert [figure.elapsed_ns for figure in seq.figures] == [11e6, 101e6, 1001e6]
    assert seq.line is not None
    assert seq.line.fixed.value == pytest.approx(1e6)
    assert seq.line.unit_cost.value == pytest.approx(1e6)
    assert seq.line.half_fixed_at == pytest.approx(1)
    assert seq.growth is not None
    assert go.growth is not None
    assert go.growth.exponent.value == pytest.approx(0, abs=1e-9)
    assert go.growth.exponent.interval is not None
    assert go.stops == ()


def test_time_of_a_strand_and_of_a_message_follows_the_ledger() -> None:
    many = ran(2000, rss_mib=2000, tasks=1_000, messages=4_000)
    few = ran(2000, tasks=999, messages=0)
    (seq,) = runtimes(a_sweep(a_point(10, a_program(many)), a_point(100, a_program(few)), runtimes=("seq",)))
    first, second = seq.figures

    assert (first.per_strand_ns, first.per_message_ns) == (2e6, 5e5)
    assert first.per_strand_bytes == 2 << 20
    assert (second.per_strand_ns, second.per_message_ns, second.per_strand_bytes) == (None, None, None)


def test_memory_below_the_floor_is_no_figure_of_a_strand_and_not_part_of_the_line() -> None:
    points = (
        a_point(value, a_program(ran(1, rss_mib=mib, tasks=1_000)))
        for value, mib in ((1, 30), (2, 40), (3, 50), (4, 60))
    )
    (seq,) = runtimes(a_sweep(*points, runtimes=("seq",)))

    assert [figure.is_hidden for figure in seq.figures] == [True, False, False, False]
    assert seq.figures[0].per_strand_bytes is None
    assert seq.memory is not None
    assert seq.memory.fixed.value == pytest.approx(20 << 20)
    assert seq.memory.unit_cost.value == pytest.approx(10 << 20)


def test_ratios_are_to_the_second_runtime_by_the_rounds_that_both_have() -> None:
    document = a_sweep(
        a_point(10, a_program(ran(90)), a_program(ran(10), "go"), a_program(ran(20), "may")),
        a_point(100, a_program(ran(18)), a_program(ran(10), "go"), a_program(ran(10), "may")),
        runtimes=("seq", "go", "may"),
    )
    seq, go, may = runtimes(document)

    assert seq.ratio_trend is not None
    assert may.ratio_trend is not None
    assert go.ratio_trend is None
    assert seq.ratio_trend.to == may.ratio_trend.to == "Go"
    assert [(value, ratio.median) for value, ratio in seq.ratio_trend.ratios] == [(10, 9.0), (100, 1.8)]
    assert seq.ratio_trend.break_even == BreakEven(value=100, is_sure=True)
    assert may.ratio_trend.break_even == BreakEven(value=10, is_sure=True)
    assert seq.ratio_trend.settles_at is None


def test_with_fewer_than_six_rounds_nothing_has_an_interval() -> None:
    seq, _ = runtimes(a_sweep(both(10, 9, 1, rounds=3), both(100, 9, 9, rounds=3), both(1000, 9, 9, rounds=3)))

    assert seq.ratio_trend is not None
    assert seq.ratio_trend.break_even == BreakEven(value=100, is_sure=False)
    assert seq.ratio_trend.settles_at == 100
    assert seq.growth is not None
    assert seq.growth.exponent.interval is None


def test_limits_and_failures_are_stops_with_a_reason_and_the_others_go_on() -> None:
    failed = Failed(stage=Stage.RUN, reason="killed by SIGABRT", detail="failed to alloc sys stack")
    document = a_sweep(
        both(10, 9, 1),
        a_point(100, a_program(failed), a_program(ran(2), "go")),
        a_point(1000, a_program(ran(3), "go"), limits=(a_limit(),)),
        a_point(10_000, limits=(a_limit(), a_limit("go"))),
    )
    seq, go = runtimes(document)

    assert [(stop.value, stop.words) for stop in seq.stops] == [
        (100, "failed: killed by SIGABRT"),
        (1000, "too large for this machine"),
        (10_000, "too large for this machine"),
    ]
    assert "failed to alloc sys stack" in seq.stops[0].reason
    assert seq.stops[1].fix.startswith("sudo sysctl")
    assert [figure.value for figure in go.figures] == [10, 100, 1000]
    assert [stop.value for stop in go.stops] == [10_000]
    # One value is no growth, and two are no line.
    assert (seq.growth, seq.line) == (None, None)
    assert go.line is not None


@FEW
@given(possible_sweeps)
def test_of_every_runtime_there_is_a_figure_or_a_stop_at_every_value(document: SweepDocument) -> None:
    (found,) = analyze_sweep(document)
    for runtime in found.runtimes:
        told = sorted([figure.value for figure in runtime.figures] + [stop.value for stop in runtime.stops])
        assert told == list(found.values)
        assert (runtime.growth is not None) == (len(runtime.figures) >= 2)
        assert (runtime.line is not None) == (len(runtime.figures) >= 3)


def test_values_with_a_time_of_zero_are_not_part_of_growth_and_line() -> None:
    document = a_sweep(both(1, 0, 0), both(10, 11, 0), both(100, 101, 0), both(1000, 1001, 7))
    seq, go = runtimes(document)

    assert [figure.elapsed_ns for figure in seq.figures] == [0, 11e6, 101e6, 1001e6]
    assert seq.growth is not None
    assert seq.line is not None
    assert seq.line.fixed.value == pytest.approx(1e6)
    assert seq.line.unit_cost.value == pytest.approx(1e6)
    assert (go.growth, go.line) == (None, None)
    assert full_text(document)


def test_one_zero_among_the_rounds_of_a_value_leaves_it_out() -> None:
    some = ran(11)
    with_zero = Measured(samples=(replace(some.samples[0], elapsed_ns=0), *some.samples[1:]), warm_ups=())
    points = [a_point(1, a_program(with_zero)), *(a_point(n, a_program(ran(n))) for n in (10, 100))]
    (seq,) = runtimes(a_sweep(*points, runtimes=("seq",)))

    assert seq.line is None
    assert seq.growth is not None
    assert seq.growth.exponent.value == pytest.approx(1)
