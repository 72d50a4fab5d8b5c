"""What is doubtful about the figures is said in the same words of every kind of document, on paper and in JSON."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from seqbench.compare import report as compare_report
from seqbench.compare.comparison import compare
from seqbench.compare.document import StoredComparison, comparison_to_json
from seqbench.compare.gate import judge_gate
from seqbench.experiments.explain import report as explain_report
from seqbench.experiments.explain.document import explanation_to_json
from seqbench.experiments.sweep import report as sweep_report
from seqbench.experiments.sweep.document import sweep_to_json
from seqbench.experiments.tune import report as tune_report
from seqbench.experiments.tune.document import TuneStage, tune_to_json
from seqbench.sessions import report, store
from seqbench.sessions.session import Measured, ProgramResult, Session
from tests.support.compared import CALM, probe
from tests.support.explanations import an_explanation
from tests.support.strategies import a_program, a_result, a_session, disturbed, measured
from tests.support.sweeps import a_point, a_sweep
from tests.support.tunings import SMALL_GRID, a_tuning

_CLOCK = "its own clock says 9.60 us, but the process used 14.9 ms of processor time"
_LINE = "other processes used 50 % of the CPUs in {} of {} rounds: expect wider intervals"
_Written = tuple[str, str]


def _bench(program: ProgramResult) -> _Written:
    session = a_session(a_result(program, replace(program, runtime="go")))
    return report.full_text(session), store.to_json(session)


def _sides(program: ProgramResult) -> tuple[Session, Session]:
    base, head = (a_session(a_result(program), runtimes=("seq",)) for _ in range(2))
    return base, head


def _comparison(program: ProgramResult) -> _Written:
    base, head = _sides(program)
    stored = StoredComparison(base_spec="a", head_spec="b", only=(), margin=0.02, sessions=(base, head))
    found = compare(base, head, runtime="seq", paired=True, margin=0.02)
    return compare_report.full_text(found, "a", "b"), comparison_to_json(stored)


def _gate(program: ProgramResult) -> _Written:
    sessions = (*_sides(program), probe(0.1))
    stored = StoredComparison(base_spec="a", head_spec="b", only=(), margin=0.02, sessions=sessions)
    return compare_report.gate_text(judge_gate(*sessions, runtime="seq", margin=0.02), "a", "b"), comparison_to_json(
        stored
    )


def _sweep(program: ProgramResult) -> _Written:
    document = a_sweep(a_point(10, program), a_point(100, program))
    return sweep_report.full_text(document), sweep_to_json(document)


def _tuning(program: ProgramResult) -> _Written:
    default, other, *_ = SMALL_GRID.whole()
    sessions = tuple(a_session(a_result(program), runtimes=("seq",)) for _ in range(2))
    document = a_tuning(TuneStage(variants=(default, other), sessions=sessions))
    return tune_report.full_text(document), tune_to_json(document)


def _explanation(program: ProgramResult) -> _Written:
    document = an_explanation(*(a_session(a_result(program)) for _ in range(2)))
    return explain_report.full_text(document), explanation_to_json(document)


# A sweep has two values here, and an explanation two sizes, each with rounds of its own.
_WRITERS = [(_bench, 1), (_comparison, 1), (_gate, 1), (_sweep, 2), (_tuning, 1), (_explanation, 2)]


@pytest.mark.parametrize(("write", "groups"), _WRITERS)
def test_every_document_says_what_disturbed_it(write: Callable[[ProgramResult], _Written], groups: int) -> None:
    text, document = write(a_program(disturbed(*CALM)))
    line = _LINE.format(groups, groups * len(CALM))
    assert line in text.splitlines()
    assert json.loads(document)["interference"]["lines"] == [line]

    quiet, document = write(a_program(measured(*CALM)))
    assert "of the CPUs in" not in quiet
    assert "what other processes used of the CPUs was not counted" in quiet
    assert "interference" not in json.loads(document)


@pytest.mark.parametrize("write", [write for write, _ in _WRITERS])
def test_every_document_says_that_a_clock_does_not_fit(write: Callable[[ProgramResult], _Written]) -> None:
    text, document = write(replace(a_program(measured(*CALM)), clock_remark=_CLOCK))
    assert any(line.endswith(f"g, Seq: {_CLOCK}") or line == f"skynet, Seq: {_CLOCK}" for line in text.splitlines())
    assert _CLOCK in document


@pytest.mark.parametrize("write", [write for write, _ in _WRITERS])
def test_peak_of_an_old_file_that_is_hidden_is_marked_and_explained(
    write: Callable[[ProgramResult], _Written],
) -> None:
    seen = measured(*CALM).samples
    hidden = tuple(replace(sample, max_rss_bytes=sample.max_rss_floor_bytes) for sample in seen)
    text, _ = write(a_program(Measured(samples=hidden, warm_ups=())))
    assert text.count("<: an upper bound of the peak memory") == 1
    assert "<: " not in write(a_program(measured(*CALM)))[0]
