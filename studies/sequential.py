"""Measure how often the verdicts of `compare` and `gate` are right when benchmarks stop at looks, and what they cost.

    python -m studies.sequential --stored            # judge studies/data/gate-*.csv.gz (about ten minutes)
    python -m studies.sequential --stored --write    # and write the tables into docs/METHOD.md
    python -m studies.sequential --fresh quiet       # ten fresh minutes of a compiler against itself, and judge them
    python -m studies.sequential --fresh busy        # the same beside two busy processes
    python -m studies.sequential --picture           # write docs/images/looks.svg

A trial resamples the rounds of a real gate of a compiler against itself in blocks of ten consecutive ones, swaps base
and head of each round at random, and slows head of one benchmark down by a factor. The three benchmarks take turns as
in `bench.turns`: one that is settled stops, and its time goes to the others. The rule of each look is that of the
library (`compare.verdict`). The same rounds are judged in three ways: all planned rounds at once (fixed), look by look
(sequential), and look by look with the full error rate each time (peeking).
"""

import argparse
import multiprocessing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil, log1p
from pathlib import Path

import numpy as np
from tabulate import tabulate

from seqbench.bench.budget import PLANNED_SHARE
from seqbench.bench.stopping import PlannedLook
from seqbench.compare.looks import PLANNED_LOOKS
from seqbench.compare.run import PROBE_BY
from seqbench.compare.verdict import FAMILY_ERROR, PLAIN_ERROR, Verdict, verdict_at
from seqbench.stats.sequential import nominal_errors
from seqbench.stats.signed_rank import SignedRanks
from seqbench.system.process import interruptible
from studies.gate_power import (
    BLOCK,
    CONDITIONS,
    DATA,
    METHOD,
    SEED,
    TRIALS,
    Floats,
    Generator,
    Rounds,
    drawn,
    gate_rounds,
    publish,
    read,
    share,
    surroundings,
    swapped,
    write,
)

PICTURE = METHOD.parent / "images" / "looks.svg"
MARGIN, NARROW = 0.02, 0.005
# Of each slowdown of each benchmark; false alarms are rarer, and have TRIALS.
POWER_TRIALS = 1_000
# Head of one benchmark is so much slower, at a margin.
CASES = ((MARGIN, (0.0, 0.01, 0.02, 0.03, 0.05, 0.10)), (NARROW, (0.0, 0.005, 0.01, 0.02)))
_NO_VERDICT = Verdict.INCONCLUSIVE


# --- one trial


@dataclass(slots=True, kw_only=True)
class _Arm:
    """One benchmark of a trial while it is simulated."""

    rounds: Rounds
    generator: Generator
    slowdown: float
    margin: float
    error: float
    planned: int
    logs: Floats = field(default_factory=lambda: np.empty(0))
    counts: list[int] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    verdict: Verdict = _NO_VERDICT
    leaves_out_1: bool = False
    stopped_at: int = 0
    """The rounds at which it stopped; 0 while it is open."""

    @property
    def cost_ns(self) -> float:
        """Return what a round of base and head takes."""
        values = self.rounds.values
        return float(np.mean(values["base"]["wall_ns"] + values["head"]["wall_ns"]))

    def play(self, count: int) -> Floats:
        """Return the log ratios of this many rounds."""
        missing = count - len(self.logs)
        if missing > 0:
            index = drawn(self.generator, self.rounds.count, BLOCK * ceil(missing / BLOCK))
            base, head = swapped(self.rounds, index, self.generator)
            self.logs = np.concatenate([self.logs, head - base + log1p(self.slowdown)])
        return self.logs[:count]

    def look(self, count: int, spent: float, *, is_peeking: bool = False) -> None:
        """Judge this many rounds."""
        self.counts.append(count)
        self.spent.append(spent)
        nominal = nominal_errors(tuple(self.counts), tuple(self.spent), self.error)[-1]
        if is_peeking:
            nominal = self.error
        if not nominal:
            return
        ranks = SignedRanks(self.play(count))
        self.leaves_out_1 |= ranks.is_above(0.0, nominal)
        self.verdict = verdict_at(ranks, nominal, log1p(self.margin), 0.0, is_last=spent >= 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one way of judging made of one benchmark."""

    verdict: Verdict
    leaves_out_1: bool
    used: float
    """The rounds over those that were planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The outcomes of all benchmarks in three ways, and the share of the planned time that looks took.

    Peeking is tried with identical compilers only.
    """

    fixed: tuple[Outcome, ...]
    sequential: tuple[Outcome, ...]
    peeking: tuple[Outcome, ...]
    used: float


def _arms(found: list[Rounds], slow: int | None, slowdown: float, margin: float, seed: tuple[int, ...]) -> list[_Arm]:
    arms = []
    for place, rounds in enumerate(found):
        generator = np.random.default_rng((*seed, place))
        arms.append(
            _Arm(
                rounds=rounds,
                generator=generator,
                slowdown=slowdown if place == slow else 0.0,
                margin=margin,
                error=FAMILY_ERROR / len(found),
                planned=rounds.count,
            )
        )
    return arms


def take_turns(arms: list[_Arm], looks: tuple[PlannedLook, ...] = PLANNED_LOOKS) -> None:
    """Simulate all benchmarks look by look; the time of one that stops goes to the others, as in `bench.turns`."""
    plans = [arm.planned for arm in arms]

    def share_out(freed_ns: float) -> None:
        missing = [
            0.0 if arm.stopped_at else (plan - max([0, *arm.counts])) * arm.cost_ns
            for arm, plan in zip(arms, plans, strict=True)
        ]
        for place, arm in enumerate(arms):
            if missing[place]:
                plans[place] += int(freed_ns * missing[place] / sum(missing) / arm.cost_ns)

    for look in looks:
        if look is looks[-1]:
            # What a plan leaves of the budget.
            share_out(sum(arm.planned * arm.cost_ns for arm in arms) * (1 / PLANNED_SHARE - 1))
        for place, arm in enumerate(arms):
            if arm.stopped_at:
                continue
            count = ceil(look.fraction * plans[place] - 1e-9)
            arm.look(count, look.spent)
            if arm.verdict is not _NO_VERDICT or look.spent >= 1:
                arm.stopped_at = count
                share_out((plans[place] - count) * arm.cost_ns)


def trial(found: list[Rounds], slow: int | None, slowdown: float, margin: float, seed: tuple[int, ...]) -> Trial:
    """Judge the same rounds in three ways."""
    arms = _arms(found, slow, slowdown, margin, seed)
    take_turns(arms)
    sequential = tuple(
        Outcome(verdict=a.verdict, leaves_out_1=a.leaves_out_1, used=a.stopped_at / a.planned) for a in arms
    )
    planned_ns = sum(arm.planned * arm.cost_ns for arm in arms)
    used = sum(arm.stopped_at * arm.cost_ns for arm in arms) / planned_ns
    return Trial(
        fixed=tuple(_fixed(arm) for arm in arms),
        sequential=sequential,
        peeking=tuple(_peeking(arm) for arm in arms if slow is None),
        used=used,
    )


def _fixed(arm: _Arm) -> Outcome:
    logs = arm.play(arm.planned)
    ranks = SignedRanks(logs)
    verdict = verdict_at(ranks, arm.error, log1p(arm.margin), 0.0, is_last=True)
    return Outcome(verdict=verdict, leaves_out_1=ranks.is_above(0.0, arm.error), used=1.0)


def _peeking(arm: _Arm) -> Outcome:
    """Look as often, each time with the full error rate and the rule of the last look."""
    for look in PLANNED_LOOKS:
        ranks = SignedRanks(arm.play(ceil(look.fraction * arm.planned)))
        verdict = verdict_at(ranks, arm.error, log1p(arm.margin), 0.0, is_last=True)
        if verdict is not _NO_VERDICT:
            break
    return Outcome(verdict=verdict, leaves_out_1=ranks.is_above(0.0, arm.error), used=look.fraction)


# --- a gate


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTrial:
    """One gate of a compiler against itself."""

    is_alarm: bool
    is_fit: bool
    used: float


def gate_trial(found: list[Rounds], seed: int) -> GateTrial:
    """Simulate a gate look by look: a benchmark stops when its verdict stands and its probe is found.

    The time that others leave is not used here, so that the share of unfit gates is no less than in a real one.
    """
    arms = _arms(found, None, 0.0, MARGIN, (SEED, seed))
    alarm, fit, used_ns = False, True, 0.0
    for arm in arms:
        probe = _Probe.of(arm)
        for look in PLANNED_LOOKS:
            count = ceil(look.fraction * arm.planned - 1e-9)
            if arm.verdict is _NO_VERDICT:
                arm.look(count, look.spent)
            probe.look(count, look.spent)
            if arm.verdict is not _NO_VERDICT and probe.is_over:
                break
        used_ns += count * arm.cost_ns
        alarm |= arm.verdict is Verdict.SLOWER
        fit &= probe.slowed.verdict is Verdict.SLOWER
        fit &= probe.plain.verdict not in (Verdict.SLOWER, Verdict.FASTER)
    planned_ns = sum(arm.planned * arm.cost_ns for arm in arms)
    return GateTrial(is_alarm=alarm, is_fit=fit, used=used_ns / planned_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probe:
    """The probe of one benchmark: its plain rounds and its slowed ones."""

    plain: _Arm
    slowed: _Arm
    every: int

    @classmethod
    def of(cls, arm: _Arm) -> "_Probe":
        probed = ~np.isnan(arm.rounds.values["probe"]["elapsed_ns"])
        every = max(1, int(PROBE_BY * arm.rounds.count / probed.sum()))
        sides = []
        for which, error in ((probed & ~arm.rounds.slowed, PLAIN_ERROR), (probed & arm.rounds.slowed, FAMILY_ERROR)):
            base, probe = (
                {"elapsed_ns": arm.rounds.values[who]["elapsed_ns"][which], "wall_ns": np.zeros(which.sum())}
                for who in ("base", "probe")
            )
            rounds = Rounds(
                name="", values={"base": base, "head": probe}, slowed=np.zeros(which.sum(), bool), injected=0
            )
            sides.append((rounds, error / BENCHMARKS_OF_A_GATE))
        arms = [
            _SlowedArm(
                rounds=rounds,
                generator=arm.generator,
                slowdown=0.0,
                margin=MARGIN,
                error=error,
                planned=rounds.count,
                is_swapped=place == 0,
            )
            for place, (rounds, error) in enumerate(sides)
        ]
        return cls(plain=arms[0], slowed=arms[1], every=every)

    @property
    def is_over(self) -> bool:
        return self.slowed.verdict is not _NO_VERDICT or self.plain.verdict in (Verdict.SLOWER, Verdict.FASTER)

    def look(self, count: int, spent: float) -> None:
        if self.is_over:
            return
        probes = count // self.every
        if self.plain.verdict is _NO_VERDICT:
            self.plain.look(-(-probes // 2), spent)
        self.slowed.look(probes // 2, spent)


@dataclass(slots=True, kw_only=True)
class _SlowedArm(_Arm):
    """The plain or the slowed rounds of a probe; only the plain ones may be swapped."""

    is_swapped: bool

    def play(self, count: int) -> Floats:
        """Return the log ratios of this many rounds."""
        missing = count - len(self.logs)
        if missing > 0:
            index = drawn(self.generator, self.rounds.count, BLOCK * ceil(missing / BLOCK))
            logs = (self.rounds.logs("head") - self.rounds.logs("base"))[index]
            signs = self.generator.choice((-1.0, 1.0), size=len(logs)) if self.is_swapped else 1.0
            self.logs = np.concatenate([self.logs, signs * logs])
        return self.logs[:count]


BENCHMARKS_OF_A_GATE = 3


# --- tables


def _trials(task: tuple[list[Rounds], int | None, float, float]) -> list[Trial]:
    found, slow, slowdown, margin = task
    scale = round(1e4 * slowdown), round(1e4 * margin), -1 if slow is None else slow
    trials = range(TRIALS if slow is None else POWER_TRIALS)
    return [trial(found, slow, slowdown, margin, (SEED, *(each + 1 for each in scale), n)) for n in trials]


def _gates(task: tuple[list[Rounds], range]) -> list[GateTrial]:
    found, seeds = task
    return [gate_trial(found, seed) for seed in seeds]


def tables(found: list[Rounds]) -> str:
    """Return the tables of one condition: false alarms and cost of identical compilers, then power and cost."""
    alike = [(found, None, 0.0, margin) for margin, _ in CASES]
    slower = [
        (found, place, slowdown, margin)
        for margin, slowdowns in CASES
        for slowdown in slowdowns[1:]
        for place in range(len(found))
    ]
    halves = [(found, range(0, TRIALS, 2)), (found, range(1, TRIALS, 2))]
    with multiprocessing.Pool() as pool:
        gates = pool.map_async(_gates, halves)
        done = pool.map(_trials, [*alike, *slower], chunksize=1)
        whole = [gate for half in gates.get() for gate in half]
    first = tabulate(
        [_alike_row(margin, trials) for (_, _, _, margin), trials in zip(alike, done, strict=False)],
        ("identical, margin", "fixed", "sequential", "peeking", "same, all", "time used", *(r.name for r in found)),
        tablefmt="github",
        disable_numparse=True,
    )
    second = tabulate(
        list(_power_rows(slower, done[len(alike) :])),
        ("slower", "margin", "benchmark", "fixed", "sequential", "leaves out 1", "", "time used"),
        tablefmt="github",
        disable_numparse=True,
    )
    gate = (
        f"Gates of a compiler against itself: false alarms {share(g.is_alarm for g in whole)}, "
        f"unfit {share(not g.is_fit for g in whole)}, time used {np.mean([g.used for g in whole]):.2f}.\n\n"
        f"({TRIALS:,} trials of identical compilers and gates, {POWER_TRIALS:,} of each slowdown.)"
    )
    return f"{first}\n\n{second}\n\n{gate}"


def _alike_row(margin: float, trials: list[Trial]) -> tuple[str, ...]:
    ways = ([t.fixed for t in trials], [t.sequential for t in trials], [t.peeking for t in trials])
    alarms = [share(any(each.verdict is Verdict.SLOWER for each in one) for one in way) for way in ways]
    same = share(all(each.verdict is Verdict.SAME for each in t.sequential) for t in trials)
    used = [np.mean([t.sequential[place].used for t in trials]) for place in range(len(trials[0].fixed))]
    return (f"{margin:.1%}", *alarms, same, f"{np.mean([t.used for t in trials]):.2f}", *(f"{u:.2f}" for u in used))


def _power_rows(
    tasks: Iterable[tuple[list[Rounds], int | None, float, float]], done: Iterable[list[Trial]]
) -> Iterator[tuple[str, ...]]:
    for (found, slow, slowdown, margin), trials in zip(tasks, done, strict=True):
        place = slow or 0
        mine = [(t.fixed[place], t.sequential[place]) for t in trials]
        rates = [np.mean([which(pair[way]) for pair in mine]) for which in (_is_found, _is_outside) for way in (0, 1)]
        used = np.mean([after.used for _, after in mine])
        name = found[place].name
        yield (f"{slowdown:.1%}", f"{margin:.1%}", name, *(f"{rate:.1%}" for rate in rates), f"{used:.2f}")


def _is_found(outcome: Outcome) -> bool:
    return outcome.verdict is Verdict.SLOWER


def _is_outside(outcome: Outcome) -> bool:
    return outcome.leaves_out_1


# --- picture


def picture() -> None:
    """Draw the boundaries of the looks, the line of peeking, and the paths of three comparisons."""
    import matplotlib as mpl  # noqa: PLC0415 - only the picture needs it
    from matplotlib.figure import Figure  # noqa: PLC0415

    mpl.rcParams |= {"svg.hashsalt": "seqbench", "svg.fonttype": "none"}
    planned, error = 400, FAMILY_ERROR / BENCHMARKS_OF_A_GATE
    counts = tuple(ceil(look.fraction * planned) for look in PLANNED_LOOKS)
    nominal = nominal_errors(counts, tuple(look.spent for look in PLANNED_LOOKS), error)
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    heights = [_z(each) for each in nominal]
    for sign, label in ((1, "boundary of the looks"), (-1, None)):
        axes.plot(counts, [sign * height for height in heights], "o-", color="#b03060", label=label)
        axes.axhline(
            sign * _z(error), color="#888888", linestyle=":", label="full error at each look" if label else None
        )
    paths = (
        (8, 0.0, "#4477aa", "identical"),
        (2592, 0.0, "#ee7733", "identical, and peeking says slower"),
        (3, 0.26, "#228833", "slower, stops at the fourth look"),
    )
    for seed, drift, colour, label in paths:
        steps = np.random.default_rng(seed).normal(loc=drift, size=planned)
        at = np.arange(10, planned + 1)
        walk = np.cumsum(steps)[9:] / np.sqrt(at)
        stop = next((n for n, h in zip(counts, heights, strict=True) if abs(walk[n - 10]) > h), planned)
        axes.plot(at[: stop - 9], walk[: stop - 9], color=colour, label=label, linewidth=1.2)
        axes.plot(stop, walk[stop - 10], "s", color=colour)
    axes.set(xlabel="rounds", ylabel="standard errors from equal", ylim=(-5.5, 5.5))
    axes.legend(ncols=2, fontsize="small", frameon=False, loc="lower right")
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, format="svg", metadata={"Date": None, "Creator": None})


def _z(error: float) -> float:
    from statistics import NormalDist  # noqa: PLC0415 - beside its only use

    return -NormalDist().inv_cdf(error / 2)


def main() -> None:
    """Judge stored or fresh rounds, or draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", action="store_true", help="judge studies/data/gate-*.csv.gz as they are")
    parser.add_argument(
        "--fresh", choices=CONDITIONS, help="measure ten minutes first, into studies/data/fresh-*.csv.gz"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into docs/METHOD.md, between their marks")
    parser.add_argument("--picture", action="store_true", help="write docs/images/looks.svg")
    arguments = parser.parse_args()
    if arguments.picture:
        picture()
    files: list[tuple[str, Path]] = []
    if arguments.stored:
        files += [(f"looks, {condition}", DATA / f"gate-{condition}.csv.gz") for condition in CONDITIONS]
    if arguments.fresh:
        path = DATA / f"fresh-{arguments.fresh}.csv.gz"
        with interruptible(), surroundings(arguments.fresh):
            write(path, gate_rounds("10m", None))
        files.append((f"ten fresh minutes, {arguments.fresh}", path))
    for title, path in files:
        text = f"*{title.capitalize()}:*\n\n{tables(read(path))}"
        print(f"\n{title}\n\n{text}\n", flush=True)  # noqa: T201
        if arguments.write:
            publish(title, text)


if __name__ == "__main__":
    main()
