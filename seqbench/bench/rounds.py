"""From executables and a number of rounds to samples: every round runs every program once, in a random order.

The unit of replication is the process. A program that fails once is out, because a figure from its surviving runs
would be a figure of the runs that happened to survive; the other programs go on.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log, sqrt
from pathlib import Path

from seqbench.bench.build import Executable
from seqbench.bench.check import Expected, check, disagreement
from seqbench.sessions.session import Failed, Measured, Outcome, Sample, Stage
from seqbench.suite.benchmarks import Program
from seqbench.system import process

# With six rounds the least and the greatest sample enclose the median with 97 % certainty; with five only 94 %.
LEAST_ROUNDS = 6
MOST_ROUNDS = 30
# More would say more, but every sample is kept: here 10 MiB of JSON for each benchmark.
MOST_PAIRS = 10_000
PILOT = 0
# Short against the work of any program, so that all of it is slowed down alike, wherever in the process it lies.
_PAUSE_EVERY_NS = 10_000_000
# What a probe is slowed down by: the first that the noise lets it find in a part of the rounds.
SLOWDOWNS_OF_PROBES = (0.10, 0.20, 0.30, 0.50, 1.00)
_PROBE_SHARE = 0.15
# However quiet a benchmark is: a burst of other work is soon over, and should not meet all its rounds.
_LEAST_SHARE = 0.05


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
    is_probe: bool = False
    """It does not run in the pilot, and slowed down in every second round that it runs in."""
    every: int = 1
    """It runs in every so-many-th round."""
    slowed: float = 0.0
    """By this share of its time."""

    def takes_part(self, round_number: int) -> bool:
        """Say whether it runs in this round."""
        return not self.is_probe if round_number == PILOT else round_number % self.every == 0

    def pause(self, round_number: int) -> process.Pause | None:
        """Give what slows it down in this round; None in a plain one."""
        if not self.slowed or round_number // self.every % 2:
            return None
        return process.Pause(every_ns=_PAUSE_EVERY_NS, share=self.slowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """What the pilot of a benchmark showed, before anything is planned."""

    cost_ns: float
    """Of one round of all that ran in it."""
    spread: float = 0.0
    """Of the log ratio of its first two programs; for normal noise about its standard deviation."""
    is_calibrated: bool = False
    """The spread was measured before, on this machine, in many more rounds."""
    parameters: tuple[tuple[str, int], ...] = ()
    """The size that it ran at."""

    @property
    def effort(self) -> float:
        """Give a figure for the time that an interval of some width takes: it narrows with the root of the rounds."""
        return self.cost_ns * self.spread**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many rounds a benchmark has, fixed before the first one, and what its probe does, if it has one."""

    rounds: int
    probe_every: int = 1
    """It runs in every so-many-th round."""
    slowed: float = 0.0
    """By this share of its time, in every second of them."""


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
        command = process.Command(
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


def plan_pairs(
    pilots: Sequence[Pilot],
    budget_ns: float,
    runs: int | None,
    *,
    least: int,
    to_find: Callable[[float, float], int] | None,
) -> tuple[Plan, ...]:
    """Fix the rounds of a comparison, `least` at least; a noisier benchmark gets a larger share of the budget.

    For equally wide intervals the shares are as the efforts. A pilot tells these so roughly that shares as their
    roots come out narrower (docs/METHOD.md); where a calibration tells them they are taken as they are. `runs`
    overrides all that. `to_find` gives the rounds in which a slowdown is found in noise of some spread. Where it is
    given there is a probe, and a round that it runs in costs half as much again.
    """
    is_known = all(pilot.is_calibrated for pilot in pilots)
    weights = [pilot.effort if is_known else sqrt(pilot.effort) for pilot in pilots]
    plans = []
    for pilot, weight in zip(pilots, weights, strict=True):
        fair = weight / sum(weights) if sum(weights) else 1 / len(pilots)
        share = _LEAST_SHARE + (1 - _LEAST_SHARE * len(pilots)) * fair
        rounds = runs or int(min(MOST_PAIRS, max(least, share * budget_ns / max(1.0, pilot.cost_ns))))
        if to_find is None:
            plans.append(Plan(rounds=rounds))
            continue
        slowed, wanted = _probe(pilot.spread, rounds * _PROBE_SHARE, to_find)
        if runs is None:
            # Where the probe would run in every round, each costs half as much again.
            rounds = max(least, int(max(rounds - wanted / 2, rounds / 1.5)))
        plans.append(Plan(rounds=rounds, probe_every=max(1, rounds // wanted), slowed=slowed))
    return tuple(plans)


def _probe(spread: float, rounds: float, to_find: Callable[[float, float], int]) -> tuple[float, int]:
    """Give the smallest slowdown that a probe finds in so many rounds, or the largest, and the rounds that it takes."""
    for slowed in SLOWDOWNS_OF_PROBES:
        # As many plain ones as slowed ones.
        wanted = 2 * to_find(slowed, spread)
        # Where there is no noise at all it takes as many, whatever the slowdown is.
        if wanted <= max(rounds, 2 * to_find(slowed, 0.0)):
            break
    return slowed, wanted


def rough_spread(logs: Sequence[float]) -> float:
    """Give half the range of the middle two thirds: for normal noise 0.97 standard deviations; 0 of fewer than two.

    What lies further out is left out, because one outlier among a dozen would decide everything else.
    """
    left_out = len(logs) // 6
    middle = sorted(logs)[left_out : len(logs) - left_out]
    return (middle[-1] - middle[0]) / 2 if len(middle) > 1 else 0.0
