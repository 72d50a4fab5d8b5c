"""Run rounds: every round runs every candidate of a benchmark once, in a random order.

The unit of replication is the process. A program that fails once is out, because a figure from its surviving runs
would be a figure of the runs that happened to survive; the other programs go on.
"""

import errno
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf, log
from pathlib import Path

from seqbench.bench.check import check, clock_remark, disagreement, other_work
from seqbench.bench.limits import with_likely_limit
from seqbench.bench.of_tests import RunSample, of_test, printed_in
from seqbench.bench.placement import on_new_pages, padding
from seqbench.bench.plan import PILOT, Pilot, Plan, rough_spread
from seqbench.bench.programs import Candidate
from seqbench.sessions.session import Failed, Measured, Outcome, Sample, Stage
from seqbench.suite.output import Format, names_differ
from seqbench.system import process
from seqbench.system.activity import with_activity
from seqbench.system.facts import NO_LIMITS, Command, Ending, Limits
from seqbench.units import NS_PER_S

# On a machine that holds the harness up again and again, no run would ever count.
_MOST_HELD_UP_NS = 600_000_000_000
# A program that is started when the time is up already.
_SHORTEST_RUN_S = 0.001
_OTHER_FOLDER = "make that folder writable, or name another one by SEQBENCH_CACHE"
# What to do if an executable cannot be copied for a run.
_FIXES = {
    errno.ENOSPC: "make room there, or name another folder by SEQBENCH_CACHE",
    errno.EDQUOT: "make room there, or name another folder by SEQBENCH_CACHE",
}


@dataclass(slots=True, kw_only=True)
class Rounds:
    """The candidates of one benchmark and their samples so far."""

    candidates: tuple[Candidate, ...]
    directory: Path
    """The folder that the programs run in."""
    copies: Path
    """The folder of the copies that are started."""
    launcher: tuple[str, ...] = ()
    limits: Limits = NO_LIMITS
    """Those of the machine, of which a failure names the likely one."""
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    failures: dict[str, Failed] = field(default_factory=dict)
    spent_ns: int = 0
    """Sum of the wall clocks."""
    held_up_ns: int = 0
    """How long the harness itself was held up; a run during which it was is repeated."""
    last_moment_ns: float = inf
    """The moment of the monotonic clock at which a run is ended because the budget is used up."""
    is_out_of_time: bool = False
    """A run was ended for that; the round that it belongs to does not count."""

    def remaining(self) -> tuple[Candidate, ...]:
        """Return the candidates that have not failed."""
        return tuple(candidate for candidate in self.candidates if candidate.name not in self.failures)

    def order(self, round_number: int, seed: str) -> tuple[Candidate, ...]:
        """Return the order of a round, drawn from the seed so that it can be drawn again."""
        order = [candidate for candidate in self.remaining() if candidate.takes_part(round_number)]
        random.Random(f"{seed}/{round_number}").shuffle(order)  # noqa: S311 - an order, not a secret
        return tuple(order)

    def run(self, round_number: int, seed: str) -> Iterator[Candidate]:
        """Run one round; yield each candidate before its run. A round for which the time ran out leaves no samples."""
        before = {name: len(samples) for name, samples in self.samples.items()}
        padded = padding(seed, round_number)
        for position, candidate in enumerate(self.order(round_number, seed)):
            yield candidate
            outcome = self._sample(candidate, round_number, position, padded)
            if outcome is None:
                self.is_out_of_time = True
                for name, samples in self.samples.items():
                    del samples[before.get(name, 0) :]
                return
            if isinstance(outcome, Failed):
                self.failures[candidate.name] = outcome
            else:
                self.samples.setdefault(candidate.name, []).append(outcome)
        self._fail_on_disagreement(round_number)
        self._fail_on_other_work(round_number)

    def pilot_ns(self) -> int:
        """Return the time that the pilot rounds took."""
        return sum(s.wall_ns for samples in self.samples.values() for s in samples if s.round_number == PILOT)

    def last_pilot(self) -> tuple[Sample, ...]:
        """Return the last pilot sample of every candidate that has not failed."""
        last = [[s for s in self.samples.get(c.name, ()) if s.round_number == PILOT][-1:] for c in self.remaining()]
        return tuple(sample for samples in last for sample in samples)

    def follow(self, plan: Plan) -> None:
        """Set when the probes run and by how much they are slowed down."""
        self.candidates = tuple(
            replace(candidate, every=plan.probe_every, slowed=plan.slowed) if candidate.is_probe else candidate
            for candidate in self.candidates
        )

    def probe_share(self) -> float:
        """Return the cost that the probes add to a round, as a share of the cost of the others."""
        probes = [candidate for candidate in self.candidates if candidate.is_probe]
        others = len(self.candidates) - len(probes)
        return sum(1 / candidate.every for candidate in probes if candidate.every) / others if others else 0.0

    def pilot(self) -> Pilot:
        """Return the cost and the spread of the pilot rounds."""
        warm_ups = [[s for s in samples if s.round_number == PILOT] for samples in self.samples.values()]
        rounds = max((len(each) for each in warm_ups), default=0)
        cost_ns = self.pilot_ns() / max(1, rounds)
        pairs = zip(*warm_ups[:2], strict=False) if len(warm_ups) > 1 else ()
        logs = [log(_work_ns(after) / _work_ns(before)) for before, after in pairs]
        return Pilot(cost_ns=cost_ns, spread=rough_spread(logs))

    def complete_rounds(self) -> int:
        """Return how many rounds every remaining candidate has run in; 0 before the first scored one."""
        run = {c.name: {sample.round_number for sample in self.samples.get(c.name, ())} for c in self.remaining()}
        last = max((max(numbers, default=0) for numbers in run.values()), default=0)
        cut_short = any(c.takes_part(last) and last not in run[c.name] for c in self.remaining())
        return max(0, last - cut_short)

    def drop_unfinished_round(self) -> None:
        """Drop the samples of a round that an interrupt cut short, so that it is run again as a whole."""
        last = self.complete_rounds()
        for samples in self.samples.values():
            samples[:] = [sample for sample in samples if sample.round_number <= last]

    def outcome(self, name: str) -> Outcome | None:
        """Return the samples or the failure of a candidate; None while it has not run once."""
        if failed := self.failures.get(name):
            return failed
        samples = self.samples.get(name)
        if samples is None:
            return None
        return Measured(
            samples=tuple(sample for sample in samples if sample.round_number != PILOT),
            warm_ups=tuple(sample for sample in samples if sample.round_number == PILOT),
        )

    def clock_remark(self, name: str, cores: int) -> str:
        """Return what is doubtful about the own clock of a candidate, on this many processors; empty if nothing is."""
        expected = next((candidate.expected for candidate in self.candidates if candidate.name == name), None)
        outcome = self.outcome(name)
        if expected is None or not isinstance(outcome, Measured):
            return ""
        return clock_remark(outcome.samples, expected, cores)

    def restore(self, name: str, outcome: Outcome) -> None:
        """Take over what an interrupted run had of a candidate."""
        if isinstance(outcome, Failed):
            self.failures[name] = outcome
        elif isinstance(outcome, Measured):
            self.samples[name] = [*outcome.warm_ups, *outcome.samples]

    def _sample(
        self, candidate: Candidate, round_number: int, position: int, padded: Mapping[str, str]
    ) -> Sample | Failed | None:
        """Run a candidate once; None if it was ended because the budget is used up."""
        left_s = max(_SHORTEST_RUN_S, (self.last_moment_ns - time.monotonic_ns()) / NS_PER_S)
        timeout_s = min(candidate.expected.timeout_s, left_s)
        folder = self._folder_of(candidate)
        try:
            executable = on_new_pages(candidate.executable, folder)
        except OSError as error:
            problem = f"{candidate.executable.path} to {folder}: {error.strerror}"
            detail = f"{problem}\n  fix: {_FIXES.get(error.errno or 0, _OTHER_FOLDER)}"
            return Failed(stage=Stage.START, reason="cannot be copied", detail=detail)
        command = Command(
            argv=(*executable.argv, *candidate.arguments),
            directory=executable.directory or self.directory,
            environment={**candidate.environment, **padded},
            timeout_s=timeout_s,
            output_limit_bytes=candidate.expected.output_limit_bytes,
            pause=candidate.pause(round_number),
            launcher=self.launcher,
        )
        try:
            finished, activity = with_activity(partial(process.run, command))
            # The program may have been held up together with the harness, and then its clocks hold that time.
            while finished.stalled_ns and self.held_up_ns < _MOST_HELD_UP_NS:
                self.held_up_ns += finished.stalled_ns
                finished, activity = with_activity(partial(process.run, command))
        except OSError as error:
            return Failed(
                stage=Stage.START, reason="does not start", detail=f"{candidate.executable.argv[0]}: {error.strerror}"
            )
        self.spent_ns += finished.wall_ns
        if finished.ending is Ending.TIMED_OUT and timeout_s < candidate.expected.timeout_s:
            return None
        outcome = check(finished, candidate.expected, round_number=round_number, position=position, activity=activity)
        if isinstance(outcome, RunSample):
            outcome = self._with_same_tests(candidate, outcome)
        if isinstance(outcome, Failed):
            return with_likely_limit(outcome, finished.stderr.decode("utf-8", errors="replace"), self.limits)
        return outcome

    def _folder_of(self, candidate: Candidate) -> Path:
        """Return the folder of its copy; all paths are equally long, because they lie above the stack."""
        names = [each.name for each in self.candidates]
        return self.copies / f"{names.index(candidate.name):02}"

    def _with_same_tests(self, candidate: Candidate, sample: RunSample) -> RunSample | Failed:
        """Return a run, or a failure where its tests are not those of the first one."""
        first = next(iter(self.samples.get(candidate.name, ())), sample)
        expected, found = ([printed.test for printed in printed_in(run)] for run in (first, sample))
        problem = names_differ(expected, found)
        if not problem:
            return sample
        detail = f"expected the same tests in every round: {', '.join(expected)}"
        return Failed(stage=Stage.OUTPUT, reason=problem, detail=detail)

    def _fail_on_disagreement(self, round_number: int) -> None:
        """Fail all candidates when their results differ: nobody knows which one is right."""
        samples = {
            candidate.name: sample
            for candidate in self.remaining()
            for sample in self.samples.get(candidate.name, ())
            if sample.round_number == round_number
        }
        # Results are compared where they are read from the output in the same way.
        for kind in {candidate.program.output.format for candidate in self.remaining()}:
            alike = [candidate.name for candidate in self.remaining() if candidate.program.output.format is kind]
            found = {name: samples[name] for name in alike if name in samples}
            for test in dict.fromkeys(printed.test for sample in found.values() for printed in printed_in(sample)):
                of_it = {name: each for name, sample in found.items() if (each := of_test(sample, test))}
                failed = disagreement(of_it)
                if failed is not None:
                    self.failures.update(dict.fromkeys(alike, failed))

    def _fail_on_other_work(self, round_number: int) -> None:
        """Fail a candidate whose result is not that of its first run at this size: its times are of different work."""
        for candidate in self.remaining():
            samples = self.samples.get(candidate.name, ())
            # The result of an output that is not read is its digest, and it may contain a time.
            if (
                candidate.program.output.format is Format.NONE
                or not samples
                or samples[-1].round_number != round_number
            ):
                continue
            for test in (printed.test for printed in printed_in(samples[-1])):
                first, last = (of_test(sample, test) for sample in (samples[0], samples[-1]))
                failed = other_work(first, last) if first and last else None
                if failed is not None:
                    self.failures[candidate.name] = failed


def _work_ns(sample: Sample) -> int:
    """Return the own time of a run, or the wall clock where its own may be zero."""
    return sample.elapsed_ns or sample.wall_ns
