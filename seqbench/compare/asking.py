"""Ask at each look whether a benchmark stops, where several machines measure it and stop it at the same look.

Who follows this run from another machine reads the question among the events, and writes the answer to a file here.
While a question is open this machine measures nothing, so that neither the question nor the answer takes time from a
program. Without any line for two minutes the connection is lost: then this machine runs all planned rounds, which keeps
the error of every verdict.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from seqbench.bench.stopping import Standing
from seqbench.compare.comparable import names_of, result_of
from seqbench.compare.comparison import compare
from seqbench.compare.machines import Stratum, stratum
from seqbench.compare.machines_gate import ProbeStrata, probe_strata
from seqbench.compare.metrics import ONLY_TIME, Metric, benchmark_of, family_of
from seqbench.events import Asked, Listener, Remark
from seqbench.sessions.session import Session
from seqbench.units import clock_duration

ANSWERS_VARIABLE = "SEQBENCH_ANSWERS"
"""The environment variable with the file that gets the answers; without it a machine decides for itself."""
STOP, GO_ON = "stop", "go-on"
WITHOUT_PROBE = "go-on-without-probe"
"""The probe of a gate has been found, and need not run any more."""
_ANSWERS = (STOP, GO_ON, WITHOUT_PROBE)
STILL_FOLLOWED = "here"
PATIENCE_S = 120
"""How long a machine waits for any line in the file."""
_POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether a benchmark stops at a look, with what this machine has measured of it so far."""

    number: int
    """From 1; the answer repeats it."""
    benchmark: str
    turn: tuple[int, int]
    """The number of the look, and the place of the benchmark among all. Every machine takes its turns in this order."""
    strata: dict[str, Stratum | None]
    """The rounds of each verdict, by the name of the test, or `NAME by METRIC`; all are None where a side failed.

    What else this machine cannot compare, such as a metric that it does not have, is left out."""
    family: int
    """How many verdicts share the error."""
    margin: float
    is_waiting: bool
    """Whether this machine waits for an answer. It does not where nothing is left to decide."""
    probes: dict[str, ProbeStrata] = field(default_factory=dict)
    """In a gate the rounds of the probe of each test that can be compared."""
    is_alone: bool = False
    """Whether it had no answer before, and decides for itself from now on."""
    is_over: bool = False
    """Whether this machine has run its last round, and only times builds from now on."""


def question_to_json(question: Question) -> str:
    """Return a question as one line."""
    return msgspec.json.encode(question).decode()


def question_from_json(text: str) -> Question | None:
    """Return the question of a line; None if it is none, or its figures do not fit together."""
    try:
        question = msgspec.json.decode(text, type=Question)
    except msgspec.DecodeError:
        return None
    probes = [stratum for each in question.probes.values() for stratum in (each.plain, each.slowed)]
    return question if all(_is_sound(each) for each in (*question.strata.values(), *probes) if each) else None


def _is_sound(found: Stratum) -> bool:
    """Return whether each look has at least as many rounds as the one before, and no more than there are."""
    pairs, spent = found.looks.pairs, found.looks.spent
    in_order = list(pairs) == sorted(pairs) and list(spent) == sorted(spent)
    return in_order and len(pairs) == len(spent) and all(0 <= each <= len(found.logs) for each in pairs)


@dataclass(slots=True, kw_only=True)
class Asking:
    """What decides at a look by asking; see `bench.stopping.Stopping.judge`."""

    answers: Path
    listen: Listener
    runtime: str
    margin: float
    metrics: tuple[Metric, ...] = ONLY_TIME
    _asked: int = field(default=0, init=False)
    _is_alone: bool = field(default=False, init=False)

    def __call__(self, sessions: tuple[Session, ...], benchmark: str) -> Standing:
        """Return whether a benchmark stops on all machines, and how long that took."""
        base, head, *probes = sessions
        names = names_of(base, head)
        comparison = compare(base, head, runtime=self.runtime, paired=True, margin=self.margin, metrics=self.metrics)
        rows = {
            f"{each.name}{each.by}": stratum(comparison, each.name, each.metric)
            for each in comparison.benchmarks
            if benchmark_of(each.name) == benchmark and each.metric.is_sampled and not each.is_missing
        }
        tests = [name for name in names if benchmark_of(name) == benchmark]
        results = [result for name in tests if (result := result_of(base, name)) and result.design]
        looks = results[0].design.looks if results and results[0].design else ()
        # What cannot be compared here needs no more rounds; if that is everything, the benchmark does not either.
        has_failed = bool(rows) and not any(rows.values())
        strata = {name: found for name, found in rows.items() if has_failed or found is not None}
        is_last = not looks or looks[-1].spent >= 1
        self._asked += 1
        question = Question(
            number=self._asked,
            benchmark=benchmark,
            turn=(len(looks), list(dict.fromkeys(map(benchmark_of, names))).index(benchmark)),
            strata=strata,
            family=family_of(names, self.metrics),
            margin=self.margin,
            is_waiting=not (has_failed or is_last or self._is_alone),
            is_alone=self._is_alone,
            probes={
                name: probe_strata(name, base, probe, self.runtime)
                for probe in probes
                for name in tests
                if not has_failed and (name in strata or Metric.TIME not in self.metrics)
            },
        )
        self.listen(Asked(text=question_to_json(question)))
        if not question.is_waiting:
            # More rounds change nothing where a side failed.
            return Standing(text=f"{benchmark}: a side failed", is_settled=has_failed)
        began_ns = time.monotonic_ns()
        answer = self._answer()
        waited_ns = time.monotonic_ns() - began_ns
        text = f"{benchmark}: settled over all hosts at look {len(looks)}"
        return Standing(
            text=text, is_settled=answer == STOP, is_probe_found=answer == WITHOUT_PROBE, waited_ns=waited_ns
        )

    def end(self) -> None:
        """Report that the last round has run, so that no other machine waits for this one while it times builds."""
        over = Question(
            number=self._asked + 1,
            benchmark="",
            turn=(0, 0),
            strata={},
            family=1,
            margin=self.margin,
            is_waiting=False,
            is_over=True,
        )
        self.listen(Asked(text=question_to_json(over)))

    def _answer(self) -> str:
        """Wait for the answer to the last question; without one this machine decides for itself from now on."""
        seen, seen_s = "", time.monotonic()
        while time.monotonic() - seen_s < PATIENCE_S:
            text = self.answers.read_text(encoding="utf-8", errors="replace") if self.answers.exists() else ""
            if text != seen:
                seen, seen_s = text, time.monotonic()
            for line in text.splitlines():
                number, _, answer = line.partition(" ")
                if number == str(self._asked) and answer in _ANSWERS:
                    return answer
            time.sleep(_POLL_S)
        self._is_alone = True
        self.listen(Remark(text=f"no answer for {clock_duration(PATIENCE_S)}: from now on all planned rounds run here"))
        return GO_ON
