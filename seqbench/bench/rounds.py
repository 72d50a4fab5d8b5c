"""From executables and a number of rounds to samples: every round runs every program once, in a random order.

The unit of replication is the process. A program that fails once is out, because a figure from its surviving runs
would be a figure of the runs that happened to survive; the other programs go on.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import log
from pathlib import Path

from seqbench.bench.check import check, disagreement
from seqbench.bench.plan import PILOT, Pilot, Plan, rough_spread
from seqbench.bench.programs import Entrant
from seqbench.sessions.session import Failed, Measured, Outcome, Sample, Stage
from seqbench.system import process
from seqbench.system.facts import Command


@dataclass(slots=True, kw_only=True)
class Contest:
    """The entrants of one benchmark and what came of them so far."""

    entrants: tuple[Entrant, ...]
    directory: Path
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    failures: dict[str, Failed] = field(default_factory=dict)
    spent_ns: int = 0
    """Sum of the outside clocks."""

    def alive(self) -> tuple[Entrant, ...]:
        """Give the entrants that have not failed."""
        return tuple(entrant for entrant in self.entrants if entrant.name not in self.failures)

    def order(self, round_number: int, seed: str) -> tuple[Entrant, ...]:
        """Give the order of a round, drawn from the seed so that it can be drawn again."""
        order = [entrant for entrant in self.alive() if entrant.takes_part(round_number)]
        random.Random(f"{seed}/{round_number}").shuffle(order)  # noqa: S311 - an order, not a secret
        return tuple(order)

    def play(self, round_number: int, seed: str) -> Iterator[Entrant]:
        """Run one round; yields each entrant before its run."""
        for position, entrant in enumerate(self.order(round_number, seed)):
            yield entrant
            outcome = self._run(entrant, round_number, position)
            if isinstance(outcome, Failed):
                self.failures[entrant.name] = outcome
            else:
                self.samples.setdefault(entrant.name, []).append(outcome)
        self._compare(round_number)

    def pilot_ns(self) -> int:
        """Give what the pilot rounds took."""
        return sum(s.wall_ns for samples in self.samples.values() for s in samples if s.round_number == PILOT)

    def least_work_ns(self) -> int:
        """Give the shortest own time so far; 0 before the first."""
        return min((sample.elapsed_ns for samples in self.samples.values() for sample in samples), default=0)

    def follow(self, plan: Plan) -> None:
        """Let the probes run as planned."""
        self.entrants = tuple(
            replace(entrant, every=plan.probe_every, slowed=plan.slowed) if entrant.is_probe else entrant
            for entrant in self.entrants
        )

    def probe_share(self) -> float:
        """Give what the probes add to the cost of a round, as a share of what the others cost."""
        probes = [entrant for entrant in self.entrants if entrant.is_probe]
        others = len(self.entrants) - len(probes)
        return sum(1 / entrant.every for entrant in probes) / others if others else 0.0

    def pilot(self) -> Pilot:
        """Give cost and spread of the pilot rounds that were played."""
        warm_ups = [[s for s in samples if s.round_number == PILOT] for samples in self.samples.values()]
        rounds = max((len(each) for each in warm_ups), default=0)
        cost_ns = self.pilot_ns() / max(1, rounds)
        pairs = zip(*warm_ups[:2], strict=False) if len(warm_ups) > 1 else ()
        return Pilot(
            cost_ns=cost_ns, spread=rough_spread([log(after.elapsed_ns / before.elapsed_ns) for before, after in pairs])
        )

    def rounds_played(self) -> int:
        """Give how many rounds were played to their end by every living entrant; 0 before the first one that counts."""
        played = {e.name: {sample.round_number for sample in self.samples.get(e.name, ())} for e in self.alive()}
        last = max((max(numbers, default=0) for numbers in played.values()), default=0)
        cut_short = any(e.takes_part(last) and last not in played[e.name] for e in self.alive())
        return max(0, last - cut_short)

    def forget_unfinished_round(self) -> None:
        """Drop the samples of a round that an interrupt cut short, so that it is played again as a whole."""
        last = self.rounds_played()
        for samples in self.samples.values():
            samples[:] = [sample for sample in samples if sample.round_number <= last]

    def outcome(self, name: str) -> Outcome | None:
        """Give what came of an entrant; None while it has not run once."""
        if failed := self.failures.get(name):
            return failed
        samples = self.samples.get(name)
        if samples is None:
            return None
        return Measured(
            samples=tuple(sample for sample in samples if sample.round_number != PILOT),
            warm_ups=tuple(sample for sample in samples if sample.round_number == PILOT),
        )

    def _run(self, entrant: Entrant, round_number: int, position: int) -> Sample | Failed:
        command = Command(
            argv=(str(entrant.executable.path), *entrant.arguments),
            directory=self.directory,
            environment=entrant.environment,
            timeout_s=entrant.expected.timeout_s,
            output_limit_bytes=entrant.expected.output_limit_bytes,
            pause=entrant.pause(round_number),
        )
        floor = process.own_peak_bytes()
        try:
            finished = process.run(command)
        except OSError as error:
            return Failed(stage=Stage.START, reason="does not start", detail=f"{command.argv[0]}: {error.strerror}")
        self.spent_ns += finished.wall_ns
        return check(
            finished, entrant.expected, round_number=round_number, position=position, max_rss_floor_bytes=floor
        )

    def _compare(self, round_number: int) -> None:
        """Fail all programs when they disagree: nobody knows which one is right."""
        said = {
            entrant.name: sample
            for entrant in self.alive()
            for sample in self.samples.get(entrant.name, ())
            if sample.round_number == round_number
        }
        failed = disagreement(said)
        if failed is not None:
            self.failures.update({entrant.name: failed for entrant in self.alive()})
