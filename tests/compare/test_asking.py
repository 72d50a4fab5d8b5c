"""How a machine asks whether a benchmark stops, and what it does without an answer."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.bench.stopping import Standing
from seqbench.compare import asking
from seqbench.compare.asking import Asking, Question, question_from_json
from seqbench.compare.metrics import ONLY_TIME, Metric
from seqbench.events import Asked, Event, Remark
from seqbench.sessions.design import Design, Look
from seqbench.sessions.session import Outcome, Session
from tests.support.compared import CALM, FAILED, heavier, pair, probe, slowed
from tests.support.strategies import measured
from tests.support.world import until

FIRST, LAST = (Look(rounds=60, spent=spent) for spent in (0.1, 1.0))


class _Machine:
    def __init__(self, answers: Path, metrics: tuple[Metric, ...] = ONLY_TIME) -> None:
        self.answers = answers
        self.events: list[Event] = []
        self.ask = Asking(answers=answers, listen=self.events.append, runtime="seq", margin=0.02, metrics=metrics)

    @property
    def questions(self) -> list[Question]:
        found = [question_from_json(event.text) for event in self.events if isinstance(event, Asked)]
        return [each for each in found if each is not None]

    def answered(self, *lines: str, sessions: tuple[Session, ...] | None = None) -> Standing:
        """Return what it makes of an answer that comes when it has asked."""

        def answer() -> None:
            until(lambda: self.questions, "it asks")
            with self.answers.open("a") as file:
                file.write("".join(f"{line}\n" for line in lines))

        thread = threading.Thread(target=answer)
        thread.start()
        standing = self.ask(sessions or _sessions(FIRST), "pingpong")
        thread.join()
        return standing


@pytest.fixture
def machine(tmp_path: Path) -> _Machine:
    return _Machine(tmp_path / "answers")


def _sessions(look: Look, head: Outcome | None = None) -> tuple[Session, ...]:
    design = Design(planned=180, looks=(look,))
    sides = pair(head or slowed(CALM, 1.1))
    return tuple(replace(side, results=tuple(replace(r, design=design) for r in side.results)) for side in sides)


@pytest.mark.parametrize(("line", "is_settled"), [("1 stop", True), ("1 go-on", False)])
def test_benchmark_stops_by_the_answer_alone(machine: _Machine, line: str, *, is_settled: bool) -> None:
    standing = machine.answered("here", "7 stop", "what", line)
    assert standing.is_settled is is_settled
    assert standing.waited_ns > 0
    (question,) = machine.questions
    assert (question.number, question.benchmark, question.turn, question.family) == (1, "pingpong", (1, 0), 1)
    found = question.strata["pingpong"]
    assert found is not None
    assert (len(found.logs), found.looks.pairs) == (60, (60,))


def test_gate_asks_with_the_rounds_of_its_probe_and_ends_it_by_the_answer(machine: _Machine) -> None:
    standing = machine.answered("1 go-on-without-probe", sessions=(*_sessions(FIRST), probe(0.1)))
    assert (standing.is_settled, standing.is_probe_found) == (False, True)
    found = machine.questions[0].probes["pingpong"]
    assert (len(found.plain.logs), len(found.slowed.logs), found.injected) == (30, 30, 0.1)


def _heavier(ratio: float) -> tuple[Session, ...]:
    base, head = _sessions(FIRST)
    return heavier(base, 1.0), heavier(head, ratio)


def test_every_metric_of_the_rounds_is_asked_about(tmp_path: Path) -> None:
    """Builds are timed after the rounds, and a size needs none."""
    machine = _Machine(tmp_path / "answers", tuple(Metric))
    assert machine.answered("1 stop", sessions=_heavier(3.0)).is_settled
    (question,) = machine.questions
    assert question.family == 4
    found = {name: len(each.logs) if each else None for name, each in question.strata.items()}
    assert found == {"pingpong": 60, "pingpong by peak-memory": 60, "pingpong by cpu-time": 60}


def test_metric_that_a_machine_lacks_is_not_asked_about(tmp_path: Path) -> None:
    machine = _Machine(tmp_path / "answers", (Metric.TIME, Metric.PEAK_MEMORY))
    assert not machine.answered("1 go-on", sessions=_heavier(0.0)).is_settled
    assert list(machine.questions[0].strata) == ["pingpong"]


def test_clock_that_reads_zero_does_not_end_the_other_metrics(tmp_path: Path) -> None:
    machine = _Machine(tmp_path / "answers", (Metric.TIME, Metric.PEAK_MEMORY))
    sessions = tuple(heavier(side, 1.0) for side in _sessions(FIRST, measured(*[0.0] * 60)))
    assert not machine.answered("1 go-on", sessions=sessions).is_settled
    assert list(machine.questions[0].strata) == ["pingpong by peak-memory"]


def test_end_of_the_rounds_is_reported(machine: _Machine) -> None:
    machine.ask.end()
    (question,) = machine.questions
    assert (question.is_over, question.is_waiting) == (True, False)


def test_failed_side_ends_a_benchmark_by_any_metric(tmp_path: Path) -> None:
    machine = _Machine(tmp_path / "answers", (Metric.PEAK_MEMORY,))
    assert machine.ask(_sessions(FIRST, FAILED), "pingpong").is_settled
    assert machine.questions[0].strata == {"pingpong by peak-memory": None}


def test_question_with_impossible_rounds_of_a_probe_is_ignored(machine: _Machine) -> None:
    machine.answered("1 stop", sessions=(*_sessions(FIRST), probe(0.1)))
    (event,) = [each for each in machine.events if isinstance(each, Asked)]
    assert question_from_json(event.text.replace('"pairs":[30]', '"pairs":[31]')) is None


def test_last_look_and_a_failed_side_are_reported_without_waiting(machine: _Machine) -> None:
    assert not machine.ask(_sessions(LAST), "pingpong").is_settled
    assert machine.ask(_sessions(FIRST, FAILED), "pingpong").is_settled
    assert [each.is_waiting for each in machine.questions] == [False, False]
    assert machine.questions[1].strata == {"pingpong": None}


def test_without_an_answer_all_planned_rounds_run_and_nothing_waits_again(
    machine: _Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE_S", 0)
    assert not machine.ask(_sessions(FIRST), "pingpong").is_settled
    assert not machine.ask(_sessions(FIRST), "pingpong").is_settled
    assert [each.is_waiting for each in machine.questions] == [True, False]
    assert [each.is_alone for each in machine.questions] == [False, True]
    (remark,) = [event.text for event in machine.events if isinstance(event, Remark)]
    assert "from now on all planned rounds run here" in remark
