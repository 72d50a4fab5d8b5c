"""How a machine asks whether a benchmark stops, and what it does without an answer."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.bench.stopping import Standing
from seqbench.compare import asking
from seqbench.compare.asking import Asking, Question, question_from_json
from seqbench.events import Asked, Event, Remark
from seqbench.sessions.design import Design, Look
from seqbench.sessions.session import Outcome, Session
from tests.support.compared import CALM, FAILED, pair, probe, slowed
from tests.support.world import until

FIRST, LAST = (Look(rounds=60, spent=spent) for spent in (0.1, 1.0))


class _Machine:
    def __init__(self, answers: Path) -> None:
        self.answers = answers
        self.events: list[Event] = []
        self.ask = Asking(answers=answers, listen=self.events.append, runtime="seq", margin=0.02)

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
