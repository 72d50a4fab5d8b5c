"""From executables and a number of rounds to samples: every round runs every program once, in a random order.

The unit of replication is the process. A program that fails once is out, because a figure from its surviving runs
would be a figure of the runs that happened to survive; the other programs go on.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seqbench import process
from seqbench.build import Executable
from seqbench.check import Expected, check, disagreement
from seqbench.session import Failed, Measured, Outcome, Sample, Stage
from seqbench.suite import Program

# With six rounds the least and the greatest sample enclose the median with 97 % certainty; with five only 94 %.
LEAST_ROUNDS = 6
MOST_ROUNDS = 30
# The judgement looks at every pair of rounds, so its memory grows with their square: here 50 MiB.
MOST_PAIRS = 2_000
PILOT = 0
# The work ends a little before the process does, and begins at a time that varies: this is well inside it.
_PAUSE_BEFORE_END = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A program that is ready to run, with its arguments, settings and what it must print."""

    name: str
    """Tells it from the others of its contest: `go.idiomatic`."""
    program: Program
    executable: Executable
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    expected: Expected
    slowed: float = 0.0
    """In every second round it is slowed down by this share of its time: a gate's proof that it can fail."""

    def pause(self, round_number: int, pilot: Sample | None) -> process.Pause | None:
        """Give the pause of a round, set in the midst of the work as the pilot saw it; None in a plain round."""
        if not self.slowed or pilot is None or round_number % 2:
            return None
        return process.Pause(
            after_ns=pilot.wall_ns - round(_PAUSE_BEFORE_END * pilot.elapsed_ns),
            for_ns=round(self.slowed * pilot.elapsed_ns),
        )


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
        order = list(self.alive())
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

    def rounds_played(self) -> int:
        """Give how many rounds every living entrant has played; 0 before the first one that counts."""
        played = [
            max((sample.round_number for sample in self.samples.get(e.name, ())), default=0) for e in self.alive()
        ]
        return min(played, default=0)

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
        command = process.Command(
            argv=(str(entrant.executable.path), *entrant.arguments),
            directory=self.directory,
            environment=entrant.environment,
            timeout_s=entrant.expected.timeout_s,
            output_limit_bytes=entrant.expected.output_limit_bytes,
            pause=entrant.pause(round_number, next(iter(self.samples.get(entrant.name, ())), None)),
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


def plan_rounds(round_costs_ns: Sequence[float], budget_ns: float, runs: int | None) -> tuple[int, ...]:
    """Fix the number of rounds of each benchmark before the first one counts.

    `round_costs_ns` are the costs of a pilot round, which the budget pays for too; `runs` overrides the budget. Each
    benchmark has an equal share. The cheapest one is served first and what it cannot use is left to the dearer ones,
    so that a dear one never takes rounds from the others.
    """
    if runs is not None:
        return (runs,) * len(round_costs_ns)
    rounds = [LEAST_ROUNDS] * len(round_costs_ns)
    left = budget_ns
    by_cost = sorted(range(len(round_costs_ns)), key=lambda index: round_costs_ns[index])
    for served, index in enumerate(by_cost):
        share = left / (len(by_cost) - served)
        cost = max(1.0, round_costs_ns[index])
        rounds[index] = int(min(MOST_ROUNDS, max(LEAST_ROUNDS, share // cost - 1)))
        left = max(0.0, left - (1 + rounds[index]) * cost)
    return tuple(rounds)


def plan_pairs(round_costs_ns: Sequence[float], budget_ns: float, runs: int | None, least: int) -> tuple[int, ...]:
    """Fix the number of rounds of a comparison: an equal share of the budget for each benchmark, `least` at least."""
    if runs is not None:
        return (runs,) * len(round_costs_ns)
    share = budget_ns / max(1, len(round_costs_ns))
    return tuple(min(MOST_PAIRS, max(least, int(share // cost) - 1)) if cost > 0 else least for cost in round_costs_ns)
