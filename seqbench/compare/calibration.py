"""Estimate the false-alarm rate and the power of a comparison on this machine from A/A pairs. Pure.

In an A/A pair one compiler ran against itself. A trial draws rounds from the pairs with replacement, swaps the sides
of each round at random (they are the same program), slows one side down by a factor, and judges as `compare` does.
A factor moves every log ratio, and so the whole interval, by the same amount. So one trial serves all slowdowns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log, log1p, sqrt
from pathlib import Path

from seqbench.compare.compared import times
from seqbench.compare.comparison import Comparison
from seqbench.compare.gate import Gate
from seqbench.compare.layout_spread import LayoutSpread
from seqbench.compare.plan import MOST_PAIRS
from seqbench.compare.resampling import Trials
from seqbench.compare.verdict import FAMILY_ERROR, POWER, least_pairs, log_ratios, reach
from seqbench.errors import UsageError
from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Session
from seqbench.system.facts import Target
from seqbench.units import NS_PER_S

CALIBRATION_SCHEMA = "seqbench/calibration"

SLOWDOWNS = (0.01, 0.02, 0.03, 0.05, 0.10, 0.20)
TRIALS = 1_000
_LEAST_TRIALS = 200
# The noise of a few dozen rounds varies by less than this factor from one quiet hour to the next.
WORSE = 1.5
Parameters = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristics:
    """The error rates and the power of a comparison of one benchmark on this machine, for a number of rounds."""

    name: str
    rounds: int
    false_slower: float
    """Share of comparisons of a compiler with itself that get the verdict slower: the false alarms."""
    false_faster: float
    power: tuple[tuple[float, float], ...]
    """Pairs of a slowdown and the share of comparisons that detect it."""
    smallest: float | None
    """The smallest slowdown that is detected with a probability of 95 %; None above 100 %."""
    spread: float
    """Median absolute log ratio of a pair: the machine's noise."""
    family: int
    """How many benchmarks were judged together."""
    parameters: Parameters = ()
    """The size that was measured; a shorter run has different noise."""
    trials: int = TRIALS
    """How many resampled comparisons this is from."""

    def effective_spread(self) -> float | None:
        """Return the standard deviation of normal noise with the same `smallest`; None without one."""
        if self.smallest is None:
            return None
        return log1p(self.smallest) * sqrt(self.rounds) / reach(POWER, self.family)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The noise of a machine at one time, for each benchmark."""

    machine: str
    """The identity of the machine."""
    measured_at: datetime
    benchmarks: tuple[Characteristics, ...]
    target_cpu: str = ""
    """What the programs were compiled for; empty in a calibration from before it was recorded."""
    layouts: tuple[LayoutSpread, ...] = ()
    """How far layouts of the code of one source differ; empty where that was not measured."""
    layout_problem: str = ""
    """Why it was not measured."""
    warnings: tuple[str, ...] = ()
    """What the calibration warned of."""

    def is_of(self, machine: Sequence[str], target_cpu: str) -> bool:
        """Return whether it holds for sessions of this machine (its identities) with this target CPU."""
        baseline = Target.BASELINE
        return self.machine in machine and (self.target_cpu or baseline) == (target_cpu or baseline)


def known_spreads(
    calibration: Calibration | None, machine: Sequence[str], target_cpu: str, sizes: Sequence[tuple[str, Parameters]]
) -> tuple[float, ...] | None:
    """Return the effective spread of each of these benchmarks at its size; `machine` is its identities.

    It is None if the calibration is of another machine or target CPU, or lacks one of the benchmarks.
    """
    if calibration is None or not calibration.is_of(machine, target_cpu):
        return None
    known = {(each.name, each.parameters): each.effective_spread() for each in calibration.benchmarks}
    found = [known.get(size) for size in sizes]
    return tuple(spread for spread in found if spread is not None) if all(found) else None


def noise_warnings(calibration: Calibration | None, comparison: Comparison) -> tuple[str, ...]:
    """Return a warning for each benchmark with clearly more noise than in the calibration of the same machine."""
    base = comparison.base
    if calibration is None or not calibration.is_of(base.machine.identities, base.target_cpu):
        return ()
    known = {each.name: each.spread for each in calibration.benchmarks}
    found = []
    for each in comparison.timed:
        if each.paired_result is None or not known.get(each.name):
            continue
        # Without the centre, so that a real change of speed does not count as noise.
        centre = log(each.paired_result.ratio)
        spread = spread_of([value - centre for value in log_ratios(*times(each))])
        if spread > WORSE * known[each.name]:
            found.append(
                f"{each.name}: the noise is {spread / known[each.name]:.1f} times that of the calibration: "
                "stop other programs, or give more --budget"
            )
    return tuple(found)


def layout_warnings(calibration: Calibration | None, comparison: Comparison) -> tuple[str, ...]:
    """Return a warning for each benchmark whose margin is below the spread of its code layouts on the same machine."""
    base = comparison.base
    if calibration is None or not calibration.is_of(base.machine.identities, base.target_cpu):
        return ()
    names = {each.name for each in comparison.timed if each.paired_result is not None}
    return tuple(
        spread.warning(comparison.margin)
        for spread in calibration.layouts
        if spread.name in names and spread.exceeds(comparison.margin)
    )


def all_warnings(calibration: Calibration | None, comparison: Comparison) -> tuple[str, ...]:
    """Return what a calibration warns of in a comparison: more noise, and a margin below the spread of layouts."""
    return (*noise_warnings(calibration, comparison), *layout_warnings(calibration, comparison))


def spread_of(logs: Sequence[float]) -> float:
    """Return the median absolute log ratio."""
    ordered = sorted(abs(value) for value in logs)
    return ordered[len(ordered) // 2]


def characteristics(
    name: str,
    logs: Sequence[float],
    *,
    rounds: int,
    family: int,
    seed: int,
    parameters: Parameters = (),
    trials: int = TRIALS,
) -> Characteristics:
    """Return the error rates and the power of a comparison, from many resampled ones.

    Parameters
    ----------
    logs
        The log ratios of A/A pairs.
    rounds
        The number of rounds of each resampled comparison.
    family
        How many benchmarks are judged together.
    """
    judged = Trials(logs, rounds=rounds, error=FAMILY_ERROR / family, seed=seed)
    for _ in range(trials):
        judged.run()
    return _found(name, judged, logs, rounds=rounds, family=family, parameters=parameters)


def _found(
    name: str, judged: Trials, logs: Sequence[float], *, rounds: int, family: int, parameters: Parameters
) -> Characteristics:
    return Characteristics(
        name=name,
        rounds=rounds,
        false_slower=judged.false_slower,
        false_faster=judged.false_faster,
        power=tuple((slowdown, judged.power(slowdown)) for slowdown in SLOWDOWNS),
        smallest=judged.smallest(),
        spread=spread_of(logs),
        family=family,
        parameters=parameters,
        trials=judged.count,
    )


def calibration_of(gate: Gate, budget_s: float, *, has_time: Callable[[], bool]) -> Calibration:
    """Return what a comparison with this budget, in seconds, can detect, from a gate of a compiler against itself.

    `has_time` is asked before each trial; without time there are at least 200 in place of 1,000.
    """
    base = gate.comparison.base
    judged = [each for each in gate.comparison.timed if each.paired_result is not None]
    # Every budget is divided among the benchmarks in the same proportion.
    spent_ns = sum(sample.wall_ns for each in judged for sample in (*each.base, *each.head))
    sizes = {result.name: result.parameters for result in base.results}
    logs = {each.name: log_ratios(*times(each)) for each in judged}
    fitting = {each.name: int(len(each.base) * budget_s * NS_PER_S / max(1, spent_ns)) for each in judged}
    rounds = {name: min(MOST_PAIRS, max(least_pairs(len(judged)), number)) for name, number in fitting.items()}
    error = FAMILY_ERROR / max(1, len(judged))
    trials = {name: Trials(logs[name], rounds=rounds[name], error=error, seed=base.seed) for name in rounds}
    for number in range(TRIALS):
        if number >= _LEAST_TRIALS and not has_time():
            break
        for each in trials.values():
            each.run()
    return Calibration(
        machine=base.machine.identity,
        measured_at=base.started_at,
        benchmarks=tuple(
            _found(name, found, logs[name], rounds=rounds[name], family=len(judged), parameters=sizes[name])
            for name, found in trials.items()
        ),
        target_cpu=base.target_cpu,
    )


def with_layouts(
    calibration: Calibration, spreads: Sequence[LayoutSpread], *, problem: str, margin: float
) -> Calibration:
    """Return a calibration with the spread of code layouts, or why there is none, and what it warns of at a margin."""
    warnings = tuple(spread.warning(margin) for spread in spreads if spread.exceeds(margin))
    return replace(calibration, layouts=tuple(spreads), layout_problem=problem, warnings=warnings)


def calibration_to_json(calibration: Calibration, *rounds: Sequence[Session]) -> str:
    """Return a calibration as JSON, with what disturbed the rounds that it was made from (as in `write_document`)."""
    return write_document(calibration, CALIBRATION_SCHEMA, *rounds)


def load_calibration(path: Path) -> Calibration | None:
    """Read a calibration from a file; None if it cannot be read, because measuring works without one."""
    try:
        return read_document(read_text_file(path), str(path), Calibration, CALIBRATION_SCHEMA)
    except UsageError:
        return None
