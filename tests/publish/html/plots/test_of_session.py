from dataclasses import replace
from functools import cache

import pytest

from seqbench.publish.html.plots.of_session import benchmark_plots, overview
from seqbench.publish.html.plots.parts import Plot
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Session, Stage
from tests.support.page import Element, read_page
from tests.support.strategies import a_program, a_result, a_sample, a_session, disturbed, measured

_SEQ = (502, 500, 503, 502, 501, 504)
_GO = (217, 216, 218, 217, 219, 215)
_FAILED = Failed(stage=Stage.RUN, reason="timed out", detail="")


def _session(result: BenchmarkResult, runtimes: tuple[str, ...] = ("seq", "go")) -> Session:
    return a_session(result, runtimes=runtimes)


@cache
def _plots(result: BenchmarkResult, runtimes: tuple[str, ...] = ("seq", "go")) -> dict[str, Plot]:
    return {plot.title: plot for plot in benchmark_plots(_session(result, runtimes), result, "b1")}


def _svg(plot: Plot) -> Element:
    return read_page(plot.drawing).one("svg")


_BOTH = a_result(a_program(measured(*_SEQ)), a_program(measured(*_GO), "go"))


def test_a_benchmark_has_its_plots_in_order_each_under_a_name_of_its_own() -> None:
    plots = _plots(_BOTH)
    assert list(plots) == ["Every run", "Median time", "Ratio to Go", "CPU time", "Peak memory"]
    assert len({_svg(plot).attributes["aria-labelledby"] for plot in plots.values()}) == 5


def test_every_sample_is_in_the_plot_and_in_its_table() -> None:
    plot = _plots(_BOTH)["Every run"]
    drawn = {
        (dot.attributes["data-program"], int(dot.attributes["data-round"])): float(dot.attributes["data-ns"]) / 1e6
        for dot in _svg(plot).all("use")
        if "data-ns" in dot.attributes
    }
    assert drawn == {
        (name, at): time for name, times in (("Seq", _SEQ), ("Go", _GO)) for at, time in enumerate(times, start=1)
    }
    assert plot.header == ("Round", "Seq, ms", "Go, ms")
    assert plot.rows[0] == ("1", "502.000", "217.000")
    assert len(plot.rows) == 6


def test_runs_of_a_disturbed_round_have_a_ring_and_say_so() -> None:
    plot = _plots(a_result(a_program(disturbed(*_SEQ)), a_program(measured(*_GO), "go")))["Every run"]
    titles = [dot.one("title").text for dot in _svg(plot).all("use") if "data-ns" in dot.attributes]
    assert sum("(disturbed)" in title for title in titles) == 2
    assert any(title.startswith("Seq, round 6 (disturbed): 504 ms") for title in titles)
    assert "A ring marks a disturbed round: other processes used 50 % of the CPUs in 1 of 6 rounds." in plot.note
    assert plot.header[-1] == "Disturbed"
    assert [row[-1] for row in plot.rows] == [*["no"] * 5, "yes"]
    rings = [dot for dot in _svg(plot).all("use") if not any(key.startswith("data-") for key in dot.attributes)]
    assert len(rings) >= 2


def test_warm_ups_are_in_no_plot() -> None:
    warm = Measured(samples=measured(*_SEQ).samples, warm_ups=(a_sample(90_000, round_number=0),))
    plots = _plots(a_result(a_program(warm), a_program(measured(*_GO), "go")))
    assert {title: plot.rows for title, plot in plots.items()} == {t: p.rows for t, p in _plots(_BOTH).items()}


def test_medians_have_their_intervals() -> None:
    plot = _plots(_BOTH)["Median time"]
    assert plot.rows == (
        ("Seq", "502.000", "500.000", "504.000", "6"),
        ("Go", "217.000", "215.000", "219.000", "6"),
    )
    assert "502 ms [500, 504]" in [text.text for text in _svg(plot).all("text")]


def test_interval_has_the_unit_of_its_longest_time() -> None:
    result = a_result(a_program(measured(9_000, 9_500, 9_900, 9_950, 10_500, 11_000)))
    plot = _plots(result, ("seq",))["Median time"]
    assert "9.93 s [9.00, 11.0]" in [text.text for text in _svg(plot).all("text")]


def test_fewer_than_six_rounds_have_no_interval_and_say_so() -> None:
    plots = _plots(a_result(a_program(measured(500, 501)), a_program(measured(250, 251), "go")))
    assert plots["Median time"].rows[0] == ("Seq", "500.500", "-", "-", "2")
    assert plots["Ratio to Go"].rows == (("Seq / Go", "1.998", "-", "-", "Excellent", "2"),)


def test_ratios_are_those_of_every_runtime_to_the_second_one_and_of_each_variant() -> None:
    result = replace(
        a_result(
            a_program(measured(*_SEQ)),
            a_program(measured(*_GO), "go"),
            a_program(measured(*[50] * 6), "go", "idiomatic"),
            a_program(measured(*[434] * 6), "may"),
        ),
        variant_labels=(("idiomatic", "idiomatic Go"),),
    )
    plot = _plots(result, ("seq", "go", "may"))["Ratio to Go"]
    assert [(row[0], row[4]) for row in plot.rows] == [
        ("Seq / Go", "Good"),
        ("May / Go", "Excellent or Good"),
        ("Seq / idiomatic Go", "Investigate"),
        ("May / idiomatic Go", "Investigate"),
    ]


def test_a_variant_of_a_third_runtime_repeats_no_ratio() -> None:
    result = replace(
        a_result(
            a_program(measured(*_SEQ)),
            a_program(measured(*_GO), "go"),
            a_program(measured(*_SEQ), "may"),
            a_program(measured(*_SEQ), "may", "other"),
        ),
        variant_labels=(("other", "other May"),),
    )
    plot = _plots(result, ("seq", "go", "may"))["Ratio to Go"]
    assert [row[0] for row in plot.rows] == ["Seq / Go", "May / Go", "other May / Go"]


def test_one_runtime_alone_has_no_ratio() -> None:
    assert "Ratio to Go" not in _plots(a_result(a_program(measured(*_SEQ))), ("seq",))


def test_what_failed_is_in_no_plot_and_where_all_failed_there_is_none() -> None:
    plots = _plots(a_result(a_program(_FAILED), a_program(measured(*_GO), "go")))
    assert [row[0] for row in plots["Median time"].rows] == ["Go"]
    assert "Ratio to Go" not in plots
    assert _plots(a_result(a_program(_FAILED), a_program(_FAILED, "go"))) == {}


def test_processor_time_is_split_and_memory_below_the_harness_own_is_a_bound() -> None:
    hidden = Measured(samples=(a_sample(100, rss_mib=20),), warm_ups=())
    plots = _plots(a_result(a_program(measured(100)), a_program(hidden, "go")))
    assert plots["CPU time"].rows[0] == ("Seq", "300.000", "100.000", "25 %")
    assert plots["Peak memory"].rows == (("Seq", "197 MiB"), ("Go", "< 20.0 MiB"))


def test_each_runtime_has_its_colour_and_a_variant_is_hollow() -> None:
    result = replace(
        a_result(a_program(measured(1)), a_program(measured(1), "go"), a_program(measured(1), "go", "idiomatic")),
        variant_labels=(("idiomatic", "idiomatic Go"),),
    )
    dots = {
        dot.attributes["data-program"]: dot.attributes["style"]
        for dot in _svg(_plots(result)["Median time"]).all("use")
        if "data-value" in dot.attributes
    }
    assert "fill: var(--tone-0)" in dots["Seq"]
    assert "fill: var(--tone-1)" in dots["Go"]
    assert "fill: var(--paper); stroke: var(--tone-1)" in dots["idiomatic Go"]


@pytest.mark.parametrize("runtimes", [("seq", "go"), ("seq",), ()])
def test_the_overview_has_the_ratios_of_the_headline_table(runtimes: tuple[str, ...]) -> None:
    plot = overview(_session(_BOTH, runtimes), "o")
    assert (None if plot is None else plot.rows) == (
        (("Ping-Pong", "2.313", "2.288", "2.344", "Good", "6"),) if len(runtimes) == 2 else None
    )
