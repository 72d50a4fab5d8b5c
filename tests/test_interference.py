"""What disturbed the rounds is said in the same words of every kind of document, on paper and in JSON."""

import json
from collections.abc import Callable

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
from seqbench.sessions.session import Measured
from tests.support.compared import CALM, pair, probe
from tests.support.explanations import an_explanation
from tests.support.strategies import a_program, a_result, a_session, disturbed, measured
from tests.support.sweeps import a_point, a_sweep
from tests.support.tunings import SMALL_GRID, a_tuning

_LINE = "other processes used 50 % of the CPUs in {} of {} rounds: expect wider intervals"
_Written = tuple[str, str]


def _bench(outcome: Measured) -> _Written:
    session = a_session(a_result(a_program(outcome), a_program(outcome, "go")))
    return report.full_text(session), store.to_json(session)


def _comparison(outcome: Measured) -> _Written:
    base, head = pair(outcome, outcome)
    stored = StoredComparison(base_spec="a", head_spec="b", only=(), margin=0.02, sessions=(base, head))
    found = compare(base, head, runtime="seq", paired=True, margin=0.02)
    return compare_report.full_text(found, "a", "b"), comparison_to_json(stored)


def _gate(outcome: Measured) -> _Written:
    sessions = (*pair(outcome, outcome), probe(0.1))
    stored = StoredComparison(base_spec="a", head_spec="b", only=(), margin=0.02, sessions=sessions)
    return compare_report.gate_text(judge_gate(*sessions, runtime="seq", margin=0.02), "a", "b"), comparison_to_json(
        stored
    )


def _sweep(outcome: Measured) -> _Written:
    document = a_sweep(a_point(10, a_program(outcome)), a_point(100, a_program(outcome)))
    return sweep_report.full_text(document), sweep_to_json(document)


def _tuning(outcome: Measured) -> _Written:
    default, other, *_ = SMALL_GRID.whole()
    sessions = tuple(a_session(a_result(a_program(outcome)), runtimes=("seq",)) for _ in range(2))
    document = a_tuning(TuneStage(variants=(default, other), sessions=sessions))
    return tune_report.full_text(document), tune_to_json(document)


def _explanation(outcome: Measured) -> _Written:
    document = an_explanation(*(a_session(a_result(a_program(outcome))) for _ in range(2)))
    return explain_report.full_text(document), explanation_to_json(document)


# A sweep has two values here, and an explanation two sizes, each with rounds of its own.
@pytest.mark.parametrize(
    ("write", "groups"),
    [(_bench, 1), (_comparison, 1), (_gate, 1), (_sweep, 2), (_tuning, 1), (_explanation, 2)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_document_says_what_disturbed_it(write: Callable[[Measured], _Written], groups: int) -> None:
    text, document = write(disturbed(*CALM))
    line = _LINE.format(groups, groups * len(CALM))
    assert line in text.splitlines()
    assert json.loads(document)["interference"]["lines"] == [line]

    quiet, document = write(measured(*CALM))
    assert "of the CPUs in" not in quiet
    assert "what other processes used of the CPUs was not counted" in quiet
    assert "interference" not in json.loads(document)
