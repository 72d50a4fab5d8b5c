"""Define the data of one sweep: the request, the values, and the result or the problem at each value. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Session, State

SWEEP_SCHEMA = "seqbench/sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """A runtime that was not run at a value, and why."""

    runtime: str
    words: str
    """The cell of the table: `too large for this machine`."""
    reason: str
    remedy: str
    """How to fix it; empty if there is no fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """The outcome at one value; `result` is None if no runtime could be run."""

    value: int
    limits: tuple[NotRun, ...]
    result: BenchmarkResult | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptBenchmark:
    """One benchmark of a sweep: its values and the points so far, in rising order."""

    name: str
    parameter: str
    unit: str
    fixed: tuple[tuple[str, int], ...]
    """The parameters that are not swept."""
    values: tuple[int, ...]
    points: tuple[SweepPoint, ...]

    def missing(self) -> tuple[int, ...]:
        """Return the values that have no point yet."""
        done = {point.value for point in self.points}
        return tuple(value for value in self.values if value not in done)

    def failure_of(self, runtime: str) -> tuple[int, Failed] | None:
        """Return the first value at which a runtime's program failed, and the failure; None if it never failed."""
        for point in self.points:
            program = point.result.program(runtime, "") if point.result else None
            if program is not None and isinstance(program.outcome, Failed):
                return point.value, program.outcome
        return None

    def is_measured(self, runtime: str) -> bool:
        """Return whether a runtime was measured at any value."""
        programs = (point.result.program(runtime, "") for point in self.points if point.result)
        return any(program is not None and isinstance(program.outcome, Measured) for program in programs)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepDocument:
    """One `invoke sweep`, with everything that resuming it needs."""

    over: str
    """The range as given: `leaves=1000:1000000`."""
    spec: str
    """The SPEC of the compiler."""
    runs: int | None
    budget_s: float
    timeout_s: float | None
    session: Session
    """The tools and settings of all points, the state of the sweep, and its duration; it has no results."""
    benchmarks: tuple[SweptBenchmark, ...]
    suite: str = ""
    """The folder of a suite that is not the project's own."""
    suite_file: str = ""
    """What describes the suite in place of the file in its folder."""

    @property
    def rounds(self) -> tuple[tuple[Session, ...], ...]:
        """Return a session for each point, alone because no other one ran in its rounds."""
        return tuple((replace(self.session, results=(result,)),) for result in self.results())

    @property
    def seed(self) -> int:
        """Return the seed of the orders within the rounds."""
        return self.session.seed

    @property
    def state(self) -> State:
        """Return whether it is complete."""
        return self.session.state

    def results(self) -> Iterator[BenchmarkResult]:
        """Return the result of every point that has one."""
        return (point.result for each in self.benchmarks for point in each.points if point.result)

    def missing(self) -> Iterator[tuple[SweptBenchmark, int]]:
        """Return every benchmark with each value that has no point yet.

        Benchmarks without a point come first: their first value tells how long the others take.
        """
        steps = [(each, value) for each in self.benchmarks for value in each.missing()]
        return iter(sorted(steps, key=lambda step: bool(step[0].points)))

    def with_point(self, name: str, point: SweepPoint) -> "SweepDocument":
        """Return this sweep with another point of a benchmark."""
        return replace(
            self,
            benchmarks=tuple(
                replace(each, points=(*each.points, point)) if each.name == name else each for each in self.benchmarks
            ),
        )

    def has_points(self) -> bool:
        """Return whether any point was measured."""
        return any(each.points for each in self.benchmarks)

    def failed_throughout(self) -> tuple[tuple[str, str, Failed], ...]:
        """Return benchmark, runtime and failure of every program that failed and was measured at no value."""
        return tuple(
            (each.name, column.name, found[1])
            for each in self.benchmarks
            for column in self.session.runtimes
            if (found := each.failure_of(column.name)) and not each.is_measured(column.name)
        )


def sweep_to_json(document: SweepDocument) -> str:
    """Return a sweep as JSON, which starts with the name and version of the schema."""
    return write_document(document, SWEEP_SCHEMA, *document.rounds)


def load_sweep(path: Path) -> SweepDocument:
    """Read a sweep from a file."""
    return read_document(read_text_file(path), str(path), SweepDocument, SWEEP_SCHEMA)
