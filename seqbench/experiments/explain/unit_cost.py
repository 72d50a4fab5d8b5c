"""From two sessions at two sizes to what one more strand or message costs.

The small size holds the start of the process, the large one the same start and more work: the difference is work alone.
Intervals are percentile bootstraps over the rounds (Efron 1979), in which the figures of one round stay together. Pure.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

from seqbench.experiments.explain.document import Account
from seqbench.sessions.session import BenchmarkResult, Measured, ProgramResult, Sample, Session
from seqbench.stats.bootstrap import resampled_medians
from seqbench.stats.growth import Estimate, estimated
from seqbench.stats.intervals import summarize

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# The system calls that make, guard and give back a stack.
MAPPING = ("mmap", "munmap", "mprotect")

Figure = Callable[[Sample], float]


class Unit(StrEnum):
    """What more of makes a size larger."""

    STRAND = "strand"
    MESSAGE = "message"

    @property
    def key(self) -> str:
        """Return its line in a ledger."""
        return {Unit.STRAND: "tasks", Unit.MESSAGE: "messages"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCost:
    """What one more strand or message costs a program; times in nanoseconds."""

    benchmark: str
    runtime: str
    variant: str
    unit: Unit
    more: int
    """So many more there are at the larger size."""
    time: Estimate
    user: Estimate
    system: Estimate
    faults: Estimate
    switches: Estimate
    memory_bytes: Estimate
    is_memory_hidden: bool
    """The harness's own peak hides one of the two, and `memory_bytes` is the most that it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCalls:
    """What one more strand or message asks of the kernel, by name, the most frequent call first."""

    benchmark: str
    runtime: str
    variant: str
    unit: Unit
    more: int
    at_small: tuple[tuple[str, int], ...]
    each: tuple[tuple[str, float], ...]

    def each_of(self, *names: str) -> float:
        """Return the sum over these calls for each unit, over all calls where none is named; fewer calls are noise."""
        return max(0.0, sum(value for name, value in self.each if not names or name in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemShare:
    """Of the processor time that the work beyond the start takes, the kernel's share; of elapsed it may exceed 1."""

    benchmark: str
    runtime: str
    variant: str
    of_processor: Estimate
    of_elapsed: Estimate


def measured_pairs(
    small: Session, large: Session
) -> Iterator[tuple[BenchmarkResult, ProgramResult, Measured, Measured]]:
    """Return every program that was measured at both sizes: its benchmark, itself, and what was measured."""
    for result in large.results:
        before = next((each for each in small.results if each.name == result.name), None)
        if before is None or before.parameters == result.parameters:
            continue
        for program in result.programs:
            other = [p for p in before.programs if (p.runtime, p.variant) == (program.runtime, program.variant)]
            outcomes = [each.outcome for each in (*other, program)]
            both = [outcome for outcome in outcomes if isinstance(outcome, Measured) and outcome.samples]
            if len(both) == 2:  # noqa: PLR2004 - both sizes
                yield result, program, both[0], both[1]


def unit_costs(small: Session, large: Session) -> tuple[UnitCost, ...]:
    """Return what one more of each unit costs every program that was measured at both sizes."""
    return tuple(
        _unit_cost(
            (result.name, program.runtime, program.variant),
            unit,
            more,
            _Drawn(before.samples, after.samples, large.seed),
        )
        for result, program, before, after in measured_pairs(small, large)
        for unit, more in _more(before.samples[0].ledger, after.samples[0].ledger)
    )


def unit_calls(accounts: Sequence[Account]) -> tuple[UnitCalls, ...]:
    """Return what one more of each unit asks of the kernel, for every program that was traced at two sizes."""
    found = []
    by_program: dict[tuple[str, str, str], list[Account]] = {}
    for account in accounts:
        if not account.problem:
            by_program.setdefault((account.benchmark, account.runtime, account.variant), []).append(account)
    for (benchmark, runtime, variant), pair in by_program.items():
        for unit, more in _more(pair[0].ledger, pair[-1].ledger):
            names = dict.fromkeys(name for account in reversed(pair) for name, _ in account.figures)
            each = [(name, (pair[-1].figure(name) - pair[0].figure(name)) / more) for name in names]
            found.append(
                UnitCalls(
                    benchmark=benchmark,
                    runtime=runtime,
                    variant=variant,
                    unit=unit,
                    more=more,
                    at_small=pair[0].figures,
                    each=tuple(sorted(each, key=lambda item: -item[1])),
                )
            )
    return tuple(found)


def system_shares(small: Session, large: Session) -> tuple[SystemShare, ...]:
    """Return the kernel's share of the work beyond the start, where there is more of it than of nothing."""
    found = []
    for result, program, before, after in measured_pairs(small, large):
        drawn = _Drawn(before.samples, after.samples, large.seed)
        of_processor = drawn.ratio(_system_ns, lambda sample: sample.system_ns + sample.user_ns)
        of_elapsed = drawn.ratio(_system_ns, _elapsed_ns)
        if of_processor is not None and of_elapsed is not None:
            found.append(
                SystemShare(
                    benchmark=result.name,
                    runtime=program.runtime,
                    variant=program.variant,
                    of_processor=of_processor,
                    of_elapsed=of_elapsed,
                )
            )
    return tuple(found)


def excludes(estimate: Estimate, value: float) -> bool:
    """Return whether an interval leaves a value out; without an interval nothing is known."""
    interval = estimate.interval
    return interval is not None and not interval.low <= value <= interval.high


def _unit_cost(name: tuple[str, str, str], unit: Unit, more: int, drawn: "_Drawn") -> UnitCost:
    benchmark, runtime, variant = name
    hidden_at = drawn.hidden_below(_memory, _floor)
    return UnitCost(
        benchmark=benchmark,
        runtime=runtime,
        variant=variant,
        unit=unit,
        more=more,
        time=drawn.each(_elapsed_ns, more),
        user=drawn.each(_user_ns, more),
        system=drawn.each(_system_ns, more),
        faults=drawn.each(lambda sample: sample.minor_faults + sample.major_faults, more),
        switches=drawn.each(lambda sample: sample.voluntary_switches + sample.involuntary_switches, more),
        memory_bytes=drawn.each(_memory, more)
        if hidden_at is None
        else Estimate(value=hidden_at / more, interval=None),
        is_memory_hidden=hidden_at is not None,
    )


class _Drawn:
    """Differences of medians between the samples of two sizes, as they are and drawn again and again."""

    def __init__(self, small: Sequence[Sample], large: Sequence[Sample], seed: int) -> None:
        self._sides = (small, large)
        self._seed = seed

    def each(self, figure: Figure, more: int) -> Estimate:
        """Return the difference for each of so many more."""
        value, drawn = self._difference(figure)
        return estimated(value / more, None if drawn is None else drawn / more)

    def ratio(self, figure: Figure, whole: Figure) -> Estimate | None:
        """Return the ratio of two differences; None where the second one may be nothing."""
        value, drawn = self._difference(figure)
        of, drawn_of = self._difference(whole)
        if drawn is None or drawn_of is None or of <= 0 or (drawn_of <= 0).any():
            return None
        return estimated(value / of, drawn / drawn_of)

    def hidden_below(self, figure: Figure, floor: Figure) -> float | None:
        """Return the most that the larger side can be where a floor hides one of them; None where it hides none."""
        is_hidden = any(_median(side, figure) <= _median(side, floor) for side in self._sides)
        return _median(self._sides[1], figure) if is_hidden else None

    def _difference(self, figure: Figure) -> tuple[float, "npt.NDArray[np.float64] | None"]:
        small, large = ([figure(sample) for sample in side] for side in self._sides)
        value = median(large) - median(small)
        if summarize(small).interval is None or summarize(large).interval is None:
            return value, None
        # Each size draws for itself; all figures of a size draw the same rounds.
        return value, resampled_medians(large, (self._seed, 1)) - resampled_medians(small, (self._seed, 0))


def _more(small: Sequence[tuple[str, int]], large: Sequence[tuple[str, int]]) -> list[tuple[Unit, int]]:
    """Return what there is more of at the larger size; where each strand sends one message, the strands."""
    found: dict[int, Unit] = {}
    for unit in Unit:
        before, after = dict(small).get(unit.key), dict(large).get(unit.key)
        if before is not None and after is not None and after > before:
            found.setdefault(after - before, unit)
    return [(unit, more) for more, unit in found.items()]


def _median(samples: Sequence[Sample], figure: Figure) -> float:
    return median(figure(sample) for sample in samples)


def _elapsed_ns(sample: Sample) -> float:
    return sample.elapsed_ns


def _user_ns(sample: Sample) -> float:
    return sample.user_ns


def _system_ns(sample: Sample) -> float:
    return sample.system_ns


def _memory(sample: Sample) -> float:
    return sample.max_rss_bytes


def _floor(sample: Sample) -> float:
    return sample.max_rss_floor_bytes
