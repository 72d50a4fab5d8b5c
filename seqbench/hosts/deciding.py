"""Decide at which look the hosts of a comparison stop a benchmark, by the verdict over all of them."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from seqbench.compare.asking import GO_ON, STOP, WITHOUT_PROBE, Question, question_from_json
from seqbench.compare.machines import deciding_look, overall_error
from seqbench.compare.machines_gate import judge_probes
from seqbench.compare.verdict import Verdict
from seqbench.events import Listener, Remark, Settled


class CommonLooks:
    """Collects the questions of all hosts, and has the answers for each.

    A question is answered once every host has asked it or is past it: when all hosts that still measure wait, those at
    the earliest turn are answered. If a host is lost, all others run to the end, so that all have the same looks.
    Each host is followed by a thread of its own.
    """

    def __init__(self, names: Iterable[str], listen: Listener) -> None:
        self._lock = threading.Lock()
        self._listen = listen
        self._measuring = set(names)
        self._names = tuple(self._measuring)
        self._is_lost = self._is_said = False
        self._asked: dict[str, dict[str, Question]] = {name: {} for name in self._names}
        """The last question of each host about each benchmark."""
        self._waiting: dict[str, Question] = {}
        self._answered = dict.fromkeys(self._names, 0)
        self._since_s = dict.fromkeys(self._names, 0.0)
        self._waited_s = dict.fromkeys(self._names, 0.0)
        self._lines: dict[str, list[str]] = {name: [] for name in self._names}

    def asked(self, name: str, text: str) -> None:
        """Take a question of a host."""
        question = question_from_json(text)
        if question is None:
            return
        if question.is_over:
            self.ended(name)
            return
        with self._lock:
            self._asked[name][question.benchmark] = question
            if question.is_alone:
                self._is_lost = True
            if question.is_waiting and question.number > self._answered[name]:
                self._waiting[name] = question
                self._since_s[name] = time.monotonic()
            self._decide()

    def ended(self, name: str) -> None:
        """Take note that a host has run its last round."""
        with self._lock:
            self._measuring.discard(name)
            self._waiting.pop(name, None)
            self._decide()

    def lost(self, name: str) -> None:
        """Take note that a host cannot be reached; what it measures from now on is known only after its end."""
        with self._lock:
            self._measuring.discard(name)
            self._waiting.pop(name, None)
            self._is_lost = True
            self._decide()

    def is_waiting(self, name: str) -> bool:
        """Return whether a host waits for an answer that there is none for yet."""
        with self._lock:
            return name in self._waiting

    def waited_s(self, name: str) -> float:
        """Return how long a host has waited for answers, in seconds."""
        with self._lock:
            return self._waited_s[name]

    def deliver(self, name: str, send: Callable[[str], object]) -> None:
        """Send a host its answers; what could not be sent is sent the next time."""
        while True:
            with self._lock:
                line = next(iter(self._lines[name]), None)
            if line is None:
                return
            send(line)
            with self._lock:
                self._lines[name].remove(line)

    def _decide(self) -> None:
        """Answer the hosts at the earliest turn, if every host that measures waits."""
        if self._is_lost and self._waiting and not self._is_said:
            self._is_said = True
            text = "a host cannot be reached any more: the others run all planned rounds, and are judged at the end"
            self._listen(Remark(text=text))
        if self._is_lost:
            self._answer(tuple(self._waiting), GO_ON)
            return
        if not self._waiting or self._measuring - self._waiting.keys():
            return
        earliest = min(question.turn for question in self._waiting.values())
        together = [name for name, question in self._waiting.items() if question.turn == earliest]
        self._answer(together, self._answer_on(self._waiting[together[0]]))

    def _answer_on(self, question: Question) -> str:
        """Return whether the benchmark of a question stops: every verdict over all hosts stands, and on its probes."""
        questions = [asked.get(question.benchmark) for asked in self._asked.values()]
        family = max(each.family for each in questions if each)
        error = overall_error(family)
        is_found = all(_is_probe_found(name, questions, family, question.margin) for name in question.probes)
        open_answer = WITHOUT_PROBE if question.probes and is_found else GO_ON
        found: list[str] = []
        for test in question.strata:
            if any(test not in each.strata for each in questions if each):
                # A metric that a host does not have is not comparable, whatever the rounds are.
                continue
            strata = [stratum for each in questions if each and (stratum := each.strata.get(test))]
            # A host that has no rounds to compare leaves the verdict open for good.
            look = deciding_look(strata, error=error, margin=question.margin) if len(strata) == len(questions) else None
            verdict = look.verdict(question.margin) if look else Verdict.INCONCLUSIVE
            if verdict is Verdict.INCONCLUSIVE:
                return open_answer
            found.append(f"{test}: {verdict} over all hosts")
        if not is_found:
            return open_answer
        said = "; ".join(found) or f"{question.benchmark}: no verdict needs more rounds"
        self._listen(Settled(benchmark=question.benchmark, text=f"{said}, at look {question.turn[0]}"))
        return STOP

    def _answer(self, names: Sequence[str], answer: str) -> None:
        now_s = time.monotonic()
        for name in names:
            question = self._waiting.pop(name)
            self._answered[name] = question.number
            self._waited_s[name] += now_s - self._since_s[name]
            self._lines[name].append(f"{question.number} {answer}")


def _is_probe_found(name: str, questions: Sequence[Question | None], family: int, margin: float) -> bool:
    """Return whether the verdicts on the probes of a test stand over all hosts."""
    probes = [probe for each in questions if each and (probe := each.probes.get(name))]
    return len(probes) == len(questions) and judge_probes(name, probes, family=family, margin=margin).is_settled
