from dataclasses import replace

import pytest

from seqbench.compare.comparison import compare
from seqbench.experiments.sweep.analysis import analyze_sweep
from seqbench.publish.html.plots.of_documents import change_plot, growth_plots
from seqbench.sessions.session import Failed, Session, Stage
from tests.support.page import read_page
from tests.support.strategies import a_program, a_result, a_session, measured
from tests.support.sweeps import a_limit, a_point, a_sweep

_FAILED = Failed(stage=Stage.RUN, reason="timed out", detail="")
_TIMES = tuple(100 + number % 3 for number in range(12))


def _side(*times: float, executable: str = "sha256:0") -> Session:
    program = replace(a_program(measured(*times)), executable=executable)
    return a_session(a_result(program), runtimes=("seq",))


def test_a_comparison_is_drawn_with_its_verdict_and_its_interval() -> None:
    head = _side(*(1.1 * time for time in _TIMES), executable="sha256:1")
    found = compare(_side(*_TIMES), head, runtime="seq", paired=True, margin=0.02)
    (plot,) = change_plot(found, "d1")
    assert plot.rows == (("Ping-Pong [1,000,000 round trips]", "1.100", "1.100", "1.100", "slower", "12"),)
    dot = next(each for each in read_page(plot.drawing).all("use") if "data-value" in each.attributes)
    assert float(dot.attributes["data-value"]) == pytest.approx(1.1)
    assert "+10% slower" in [text.text for text in read_page(plot.drawing).all("text")]


def test_what_cannot_be_compared_is_not_drawn() -> None:
    failed = a_session(a_result(a_program(_FAILED)), runtimes=("seq",))
    assert change_plot(compare(_side(*_TIMES), failed, runtime="seq", paired=True, margin=0.02), "d1") == ()


def test_a_sweep_is_drawn_as_time_and_memory_over_its_values_and_gaps_stay_gaps() -> None:
    document = a_sweep(
        a_point(10, a_program(measured(1, 1)), a_program(measured(2, 2), "go")),
        a_point(100, a_program(measured(10, 10)), a_program(measured(4, 4), "go")),
        a_point(1000, a_program(measured(8, 8), "go"), limits=(a_limit(),)),
    )
    time, memory = growth_plots(analyze_sweep(document), "d1")
    assert (time.title, memory.title) == ("skynet: time", "skynet: peak memory")
    assert time.header == ("strands", "Seq", "Go")
    assert time.rows == (
        ("10", "1.00 ms", "2.00 ms"),
        ("100", "10.0 ms", "4.00 ms"),
        ("1,000", "-", "8.00 ms"),
    )
    assert memory.rows[2] == ("1,000", "-", "197 MiB")
    assert "200 MiB" in [text.text for text in read_page(memory.drawing).all("text")]
    dots = [each.attributes for each in read_page(time.drawing).all("use") if "data-x" in each.attributes]
    assert [(dot["data-program"], dot["data-x"], dot["data-value"]) for dot in dots] == [
        ("Seq", "10", "1000000"),
        ("Seq", "100", "10000000"),
        ("Go", "10", "2000000"),
        ("Go", "100", "4000000"),
        ("Go", "1000", "8000000"),
    ]


def test_a_sweep_without_a_figure_is_not_drawn() -> None:
    assert growth_plots(analyze_sweep(a_sweep(a_point(10, limits=(a_limit(),)))), "d1") == ()
