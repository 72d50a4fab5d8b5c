"""How well would a comparison of so many rounds do on this machine? From A/A pairs to error rates and power. Pure.

A trial draws rounds with replacement from real rounds in which one compiler ran against itself, swaps the sides of each
at random (they are the same program), slows one side down by a factor, and judges as `compare` does. A factor
moves every log ratio, and so the whole interval, by the same amount: each trial answers for all slowdowns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log, log1p, sqrt
from pathlib import Path

from seqbench.compare.comparison import Comparison, times
from seqbench.compare.gate import Gate
from seqbench.compare.plan import MOST_PAIRS
from seqbench.compare.verdict import FAMILY_ERROR, POWER, least_pairs, reach
from seqbench.errors import UsageError
from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.stats.signed_rank import signed_rank_interval
from seqbench.units import NS_PER_S

CALIBRATION_SCHEMA = "seqbench/calibration"

SLOWDOWNS = (0.01, 0.02, 0.03, 0.05, 0.10, 0.20)
TRIALS = 1_000
# The median of the noise of a few dozen rounds differs by less from one quiet hour to the next.
WORSE = 1.5
Parameters = tuple[tuple[str, int], ...]
_GRID = tuple(step / 1000 for step in range(1, 1001))


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristics:
    """What a comparison of one benchmark can do here, in so many rounds."""

    name: str
    rounds: int
    false_slower: float
    """Share of comparisons of a compiler with itself that are called slower."""
    false_faster: float
    power: tuple[tuple[float, float], ...]
    """Pairs of slowdown and the share of comparisons that find it."""
    smallest: float | None
    """The smallest slowdown found with 95 %; None above 100 %."""
    spread: float
    """Median absolute log ratio of a pair, the machine's noise in one figure."""
    family: int
    """How many benchmarks were judged together."""
    parameters: Parameters = ()
    """The size that it ran at; a shorter run has other noise."""

    def effective_spread(self) -> float | None:
        """Return the standard deviation of normal noise in which as small a slowdown is found; None where none is."""
        if self.smallest is None:
            return None
        return log1p(self.smallest) * sqrt(self.rounds) / reach(POWER, self.family)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How noisy a machine was when somebody looked."""

    machine: str
    """Its identity."""
    measured_at: datetime
    benchmarks: tuple[Characteristics, ...]


def known_spreads(
    calibration: Calibration | None, machine: str, sizes: Sequence[tuple[str, Parameters]]
) -> tuple[float, ...] | None:
    """Return the effective spread of each of these benchmarks at its size; None where one is not known here."""
    if calibration is None or calibration.machine != machine:
        return None
    known = {(each.name, each.parameters): each.effective_spread() for each in calibration.benchmarks}
    found = [known.get(size) for size in sizes]
    return tuple(spread for spread in found if spread is not None) if all(found) else None


def noise_warnings(calibration: Calibration | None, comparison: Comparison) -> tuple[str, ...]:
    """Return of which benchmarks today's noise is clearly worse than at the calibration of the same machine."""
    if calibration is None or calibration.machine != comparison.base.machine.identity:
        return ()
    known = {each.name: each.spread for each in calibration.benchmarks}
    found = []
    for each in comparison.benchmarks:
        if each.judgement is None or not known.get(each.name):
            continue
        # The centre is taken out, so that a real change of speed does not count as noise.
        centre = log(each.judgement.ratio)
        spread = spread_of([value - centre for value in log_ratios(*times(each))])
        if spread > WORSE * known[each.name]:
            found.append(
                f"{each.name}: today's noise is {spread / known[each.name]:.1f} times that of the calibration: "
                "stop what else is running, or give more time"
            )
    return tuple(found)


def log_ratios(base: Sequence[float], head: Sequence[float]) -> list[float]:
    """Return the log ratio of each pair."""
    return [log(after / before) for before, after in zip(base, head, strict=True)]


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
    """Judge many resampled comparisons of `rounds` rounds, from the log ratios of A/A pairs.

    Raises
    ------
    ValueError
        Too few rounds for a judgement.
    """
    lows, highs = resampled_intervals(logs, rounds=rounds, error=FAMILY_ERROR / family, seed=seed, trials=trials)
    needed = sorted(-low for low in lows)
    # A slowdown is found when it lifts the interval's lower end above zero.
    worst = needed[min(trials - 1, int(POWER * trials))]
    return Characteristics(
        name=name,
        rounds=rounds,
        false_slower=sum(low > 0 for low in lows) / trials,
        false_faster=sum(high < 0 for high in highs) / trials,
        power=tuple((slowdown, sum(low + log1p(slowdown) > 0 for low in lows) / trials) for slowdown in SLOWDOWNS),
        smallest=next((slowdown for slowdown in _GRID if log1p(slowdown) > worst), None),
        spread=spread_of(logs),
        family=family,
        parameters=parameters,
    )


def resampled_intervals(
    logs: Sequence[float], *, rounds: int, error: float, seed: int, trials: int
) -> tuple[list[float], list[float]]:
    """Return the lower and upper ends of the intervals of resampled A/A comparisons."""
    import numpy as np  # noqa: PLC0415 - as in stats

    generator = np.random.default_rng(seed)
    sample = np.asarray(logs, dtype=float)
    lows, highs = [], []
    for _ in range(trials):
        drawn = sample[generator.integers(len(sample), size=rounds)] * generator.choice((-1.0, 1.0), size=rounds)
        _, interval = signed_rank_interval(drawn.tolist(), error)
        lows.append(interval.low)
        highs.append(interval.high)
    return lows, highs


def calibration_of(gate: Gate, budget_s: float) -> Calibration:
    """Say from a gate of a compiler against itself what a comparison with that budget could do."""
    base = gate.comparison.base
    judged = [each for each in gate.comparison.benchmarks if each.judgement is not None]
    # Any budget is shared out as this one was.
    spent_ns = sum(sample.wall_ns for each in judged for sample in (*each.base, *each.head))
    sizes = {result.name: result.parameters for result in base.results}
    benchmarks = []
    for each in judged:
        rounds = int(len(each.base) * budget_s * NS_PER_S / max(1, spent_ns))
        rounds = min(MOST_PAIRS, max(least_pairs(len(judged)), rounds))
        logs = log_ratios(*times(each))
        benchmarks.append(
            characteristics(
                each.name, logs, rounds=rounds, family=len(judged), seed=base.seed, parameters=sizes[each.name]
            )
        )
    return Calibration(machine=base.machine.identity, measured_at=base.started_at, benchmarks=tuple(benchmarks))


def calibration_to_json(calibration: Calibration) -> str:
    """Write a calibration, with the schema's name and version first."""
    return write_document(calibration, CALIBRATION_SCHEMA)


def load_calibration(path: Path) -> Calibration | None:
    """Read a calibration; None where there is none that can be read, for it only serves a warning."""
    try:
        return read_document(read_text_file(path), str(path), Calibration, CALIBRATION_SCHEMA)
    except UsageError:
        return None
