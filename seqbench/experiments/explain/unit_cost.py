"""Compute the unit cost of a strand or a message from two sessions at two sizes.

Both sizes include the start of the process, so that it cancels out in the difference. Intervals are percentile
bootstraps over the rounds (Efron 1979); the figures of one round stay together. Pure.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

from seqbench.experiments.explain.document import InstrumentedRun
from seqbench.sessions.session import BenchmarkResult, Measured, ProgramResult, Sample, Session
from seqbench.stats.bootstrap import resampled_medians
from seqbench.stats.growth import Estimate, estimated
from seqbench.stats.intervals import summarize

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# The system calls that map, guard and unmap a stack.
MAPPING = ("mmap", "munmap", "mprotect")

Figure = Callable[[Sample], float]


class Unit(StrEnum):
    """The unit of work that a larger size has more of."""

    STRAND = "strand"
    MESSAGE = "message"

    @property
    def key(self) -> str:
        """Return the name of the unit in a ledger."""
        return {Unit.STRAND: "tasks", Unit.MESSAGE: "messages"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCost:
    """The cost of each additional strand or message of a program; times in nanoseconds."""

    benchmark: str
    runtime: str
    variant: str
    unit: Unit
    extra_units: int
    """How many more units the larger size has."""
    time: Estimate
    user: Estimate
    system: Estimate
    faults: Estimate
    switches: Estimate
    memory_bytes: Estimate
    is_memory_hidden: bool
    """Whether the harness's own peak hides one of the two peaks. Then `memory_bytes` is an upper bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCalls:
    """System calls per additional strand or message, by name, the most frequent call first."""

    benchmark: str
    runtime: str
    variant: str
    unit: Unit
    extra_units: int
    at_small: tuple[tuple[str, int], ...]
    per_unit: tuple[tuple[str, float], ...]

    def per_unit_of(self, *names: str) -> float:
        """Return the calls per unit with these names, or all calls if no name is given; never below 0."""
        return max(0.0, sum(value for name, value in self.per_unit if not names or name in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemShare:
    """The kernel's share of the CPU time without the start, and its ratio to elapsed time, which may exceed 1."""

    benchmark: str
    runtime: str
    variant: str
    of_processor: Estimate
    of_elapsed: Estimate


def measured_pairs(
    small: Session, large: Session
) -> Iterator[tuple[BenchmarkResult, ProgramResult, Measured, Measured]]:
    """Return every program that was measured at both sizes: its benchmark, the program, and both outcomes."""
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
    """Return the unit costs of every program that was measured at both sizes."""
    return tuple(
        _unit_cost(
            (result.name, program.runtime, program.variant),
            unit,
            extra_units,
            _Resampled(before.samples, after.samples, large.seed),
        )
        for result, program, before, after in measured_pairs(small, large)
        for unit, extra_units in _extra_units(before.samples[0].ledger, after.samples[0].ledger)
    )


def unit_calls(runs: Sequence[InstrumentedRun]) -> tuple[UnitCalls, ...]:
    """Return the system calls per unit of every program that was traced at two sizes."""
    found = []
    by_program: dict[tuple[str, str, str], list[InstrumentedRun]] = {}
    for instrumented in runs:
        if not instrumented.problem:
            by_program.setdefault((instrumented.benchmark, instrumented.runtime, instrumented.variant), []).append(
                instrumented
            )
    for (benchmark, runtime, variant), pair in by_program.items():
        for unit, extra_units in _extra_units(pair[0].ledger, pair[-1].ledger):
            names = dict.fromkeys(name for instrumented in reversed(pair) for name, _ in instrumented.figures)
            each = [(name, (pair[-1].figure(name) - pair[0].figure(name)) / extra_units) for name in names]
            found.append(
                UnitCalls(
                    benchmark=benchmark,
                    runtime=runtime,
                    variant=variant,
                    unit=unit,
                    extra_units=extra_units,
                    at_small=pair[0].figures,
                    per_unit=tuple(sorted(each, key=lambda item: -item[1])),
                )
            )
    return tuple(found)


def system_shares(small: Session, large: Session) -> tuple[SystemShare, ...]:
    """Return the kernel's share of the work without the start, where that work takes measurable time."""
    found = []
    for result, program, before, after in measured_pairs(small, large):
        drawn = _Resampled(before.samples, after.samples, large.seed)
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
    """Return whether an interval excludes a value; False without an interval."""
    interval = estimate.interval
    return interval is not None and not interval.low <= value <= interval.high


def _unit_cost(name: tuple[str, str, str], unit: Unit, extra_units: int, drawn: "_Resampled") -> UnitCost:
    benchmark, runtime, variant = name
    hidden_at = drawn.hidden_below(_memory, _floor)
    return UnitCost(
        benchmark=benchmark,
        runtime=runtime,
        variant=variant,
        unit=unit,
        extra_units=extra_units,
        time=drawn.per_unit(_elapsed_ns, extra_units),
        user=drawn.per_unit(_user_ns, extra_units),
        system=drawn.per_unit(_system_ns, extra_units),
        faults=drawn.per_unit(lambda sample: sample.minor_faults + sample.major_faults, extra_units),
        switches=drawn.per_unit(lambda sample: sample.voluntary_switches + sample.involuntary_switches, extra_units),
        memory_bytes=drawn.per_unit(_memory, extra_units)
        if hidden_at is None
        else Estimate(value=hidden_at / extra_units, interval=None),
        is_memory_hidden=hidden_at is not None,
    )


class _Resampled:
    """Differences of medians between the samples of two sizes, as measured and resampled."""

    def __init__(self, small: Sequence[Sample], large: Sequence[Sample], seed: int) -> None:
        self._sides = (small, large)
        self._seed = seed

    def per_unit(self, figure: Figure, extra_units: int) -> Estimate:
        """Return the difference, divided by the number of additional units."""
        value, drawn = self._difference(figure)
        return estimated(value / extra_units, None if drawn is None else drawn / extra_units)

    def ratio(self, figure: Figure, whole: Figure) -> Estimate | None:
        """Return the ratio of two differences; None if the second one may be 0."""
        value, drawn = self._difference(figure)
        of, drawn_of = self._difference(whole)
        if drawn is None or drawn_of is None or of <= 0 or (drawn_of <= 0).any():
            return None
        return estimated(value / of, drawn / drawn_of)

    def hidden_below(self, figure: Figure, floor: Figure) -> float | None:
        """Return an upper bound of the larger size's figure if the floor hides one of the two; else None."""
        is_hidden = any(_median(side, figure) <= _median(side, floor) for side in self._sides)
        return _median(self._sides[1], figure) if is_hidden else None

    def _difference(self, figure: Figure) -> tuple[float, "npt.NDArray[np.float64] | None"]:
        small, large = ([figure(sample) for sample in side] for side in self._sides)
        value = median(large) - median(small)
        if summarize(small).interval is None or summarize(large).interval is None:
            return value, None
        # The two sizes are resampled independently; all figures of one size come from the same rounds.
        return value, resampled_medians(large, (self._seed, 1)) - resampled_medians(small, (self._seed, 0))


def _extra_units(small: Sequence[tuple[str, int]], large: Sequence[tuple[str, int]]) -> list[tuple[Unit, int]]:
    """Return the units that the larger size has more of; only strands if each strand sends one message."""
    found: dict[int, Unit] = {}
    for unit in Unit:
        before, after = dict(small).get(unit.key), dict(large).get(unit.key)
        if before is not None and after is not None and after > before:
            found.setdefault(after - before, unit)
    return [(unit, extra) for extra, unit in found.items()]


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
