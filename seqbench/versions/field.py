"""Build versions when they are needed, and run some of them in common rounds."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from statistics import fmean
from typing import Protocol

from seqbench.bench.budget import Budget
from seqbench.bench.pilots import MeasuringPolicy
from seqbench.bench.plan import Pilot, Plan
from seqbench.bench.prepare import build_side, prepared_to_compare, require_known_variables
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import Side
from seqbench.bench.request import Request
from seqbench.bench.resume import require_unchanged
from seqbench.bench.runner import Runner
from seqbench.compare.run import LEAST_PAIRED_WORK_NS
from seqbench.errors import ToolchainError, UsageError
from seqbench.events import Event, Listener, Measuring, Remark, without_estimates
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Session
from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.size_request import SizeRequest, parse_size
from seqbench.suite.sizes import Size, choose_size, possible_sizes
from seqbench.system import machine
from seqbench.toolchain.target_cpu import recorded_target
from seqbench.versions.listing import spec_of
from seqbench.versions.version import Gap, Version

_FREE = "free disk space; `{invoke} clean --toolchain --older-than 30d` removes compilers that were not used lately"
_CONNECT = "connect to the network, and run the command again"
# What no other version would be spared either, with its fix: no gap between versions.
_EVERYWHERE = {
    "No space left on device": _FREE,
    "Disk quota exceeded": _FREE,
    "ould not resolve host": _CONNECT,
    "ouldn't resolve host": _CONNECT,
    "Network is unreachable": _CONNECT,
    "Temporary failure in name resolution": _CONNECT,
}


@dataclass(slots=True, kw_only=True)
class Field:
    """The versions that take part, as far as they are built."""

    prepared: Prepared
    versions: tuple[Version, ...]
    runtime: str
    listen: Listener
    gaps: list[Gap] = field(default_factory=list)
    """Everything that could not be built so far."""
    starts_quickly: bool = True
    """Whether programs get the settings that shorten their start; not where the start itself is measured."""
    sizes: dict[str, Size] = field(default_factory=dict)
    """The size of each benchmark, once it is chosen."""
    costs_ns: dict[str, float] = field(default_factory=dict)
    """The time of a run of each benchmark: of the slowest side that chose its size, or the mean of stored ones."""
    _sides: dict[int, Side] = field(default_factory=dict, init=False)

    def side(self, place: int) -> Side | None:
        """Return the side of a version, which is built when it is asked for the first time; None: it cannot be built.

        Raises
        ------
        ToolchainError
            The disk is full or the network is gone, so that no version can be built.
        """
        if any(gap.version == place and not gap.benchmark for gap in self.gaps):
            return None
        if place not in self._sides:
            version = self.versions[place]
            try:
                side = self.build(version, self.runtime)
            except (ToolchainError, UsageError) as error:
                if fix := next((fix for text, fix in _EVERYWHERE.items() if text in error.message), ""):
                    raise ToolchainError(error.message, fix) from error
                self._leave_out(Gap(version=place, benchmark="", reason="does not build", detail=error.message))
                return None
            self._sides[place] = side
            for program, built in side.executables.items():
                if isinstance(built, Failed) and not self.gap(place, program.benchmark):
                    gap = Gap(version=place, benchmark=program.benchmark, reason=built.reason, detail=built.detail)
                    self._leave_out(gap)
        return self._sides[place]

    def build(self, version: Version, runtime: str) -> Side:
        """Build the programs of one runtime with a version, or with what is installed where its SPEC is empty.

        Raises
        ------
        UsageError, ToolchainError
            It cannot be built.
        """
        named = tuple(each for each in self.prepared.runtimes if each.name == runtime)
        spec = spec_of(version, runtime) if version.spec else self.prepared.request.spec
        return build_side(replace(self.prepared, runtimes=named), version.label, spec, self.listen)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the benchmarks."""
        return tuple(benchmark.name for benchmark in self.prepared.benchmarks)

    def gap(self, place: int, benchmark: str) -> Gap | None:
        """Return why a version has no program of a benchmark; None if it has, or if that is not known yet."""
        return next((gap for gap in self.gaps if gap.version == place and gap.benchmark in ("", benchmark)), None)

    def require_unchanged(self, then: Session, side: Side, compiler: str, document: str) -> None:
        """Make sure that stored rounds of a side may stand beside new ones; see `bench.resume.require_unchanged`.

        Raises
        ------
        UsageError
            The machine, the sources, a tool, a setting or a program has changed.
        """
        ready = self.prepared
        require_unchanged(then, ready.blank_session(side), side, ready.digests, compiler=compiler, document=document)

    def choose_sizes(self, sides: Sequence[Side], names: Sequence[str], known: Sequence[Session] = ()) -> None:
        """Choose the smallest sizes with enough work, by one run of each at the rising sizes.

        Parameters
        ----------
        known : earlier sessions, whose sizes are kept.
        """
        found = {result.benchmark: result for session in known for result in session.results}
        missing = [benchmark for benchmark in self._selected(names) if benchmark.name not in found]
        self.costs_ns = _costs_ns(known)
        if missing:
            sessions = self._run(sides, missing, {each.name: self._possible(each) for each in missing}, 0, seed=0)
            found |= {result.benchmark: result for result in sessions[0].results}
            # Of two ends one may be much faster, as another runtime is, and a budget must hold the slower one.
            costs = [_costs_ns((session,)) for session in sessions]
            self.costs_ns |= {name: max(each.get(name, 0.0) for each in costs) for each in costs for name in each}
        self.sizes = {each.name: self._size_of(each, found[each.name]) for each in self._selected(names)}

    def measure(self, sides: Sequence[Side], names: Sequence[str], rounds: int, *, seed: int) -> tuple[Session, ...]:
        """Run sides in common rounds at the sizes that were chosen, and return the session of each.

        Raises
        ------
        KeyboardInterrupt
            The user interrupted it; what was measured of these rounds is lost.
        """
        chosen = self._selected(names)
        return self._run(sides, chosen, {each.name: (self.sizes[each.name],) for each in chosen}, rounds, seed=seed)

    def starts(self, sides: Sequence[Side], names: Sequence[str], rounds: int) -> tuple[Session, ...]:
        """Run sides with as little work as there can be, so that their wall clock is that of the start.

        Benchmarks without a parameter that scales are left out.
        """
        ready = self.prepared
        least = SizeRequest(number=1, strict=True)
        chosen = [benchmark for benchmark in self._selected(names) if benchmark.scaling]
        sizes = {each.name: (choose_size(each, ready.runtimes, ready.limits, least),) for each in chosen}
        return self._run(sides, chosen, sizes, rounds, seed=0) if chosen else ()

    def _run(
        self,
        sides: Sequence[Side],
        benchmarks: Sequence[Benchmark],
        sizes: Mapping[str, Sequence[Size]],
        rounds: int,
        *,
        seed: int,
    ) -> tuple[Session, ...]:
        # Each part of the rounds has orders of its own.
        asked = replace(self.prepared.request, seed=self.prepared.request.seed + seed)
        runner = Runner(
            prepared=self.prepared.for_request(asked),
            sides=tuple(sides),
            benchmarks=tuple(benchmarks),
            policy=MeasuringPolicy(
                sizes=sizes,
                plan=partial(_planned, rounds=rounds),
                starts_quickly=self.starts_quickly,
                least_work_ns=LEAST_PAIRED_WORK_NS,
            ),
            budget=Budget.of(inf, time.monotonic_ns()),
            listen=_without_times(self.listen),
            save=lambda _sessions: None,
        )
        return runner.measure()

    def _selected(self, names: Sequence[str]) -> list[Benchmark]:
        return [benchmark for benchmark in self.prepared.benchmarks if benchmark.name in names]

    def _possible(self, benchmark: Benchmark) -> tuple[Size, ...]:
        ready = self.prepared
        return possible_sizes(benchmark, ready.runtimes, ready.limits, ready.request.size)

    def _size_of(self, benchmark: Benchmark, result: BenchmarkResult) -> Size:
        for size in self._possible(benchmark):
            if size.parameters == result.parameters:
                return size
        raise UsageError(f"{benchmark.name}: its sizes have changed since", "measure again, without --resume")

    def _leave_out(self, gap: Gap) -> None:
        self.gaps.append(gap)
        which = f": {gap.benchmark}" if gap.benchmark else ""
        first = next((line for line in gap.detail.splitlines() if "rror" in line), gap.detail.partition("\n")[0])
        self.listen(Remark(text=f"{self.versions[gap.version].label}{which} {gap.reason}: {first.strip()}"))


class Stored(Protocol):
    """A document of versions that was stored, as far as it says what it was measured with."""

    @property
    def only(self) -> tuple[str, ...]:
        """Return the names of the benchmarks."""

    @property
    def size(self) -> str | None:
        """Return the flag of the size."""

    @property
    def seed(self) -> int:
        """Return the seed."""

    @property
    def runs(self) -> int | None:
        """Return the rounds that were asked for."""

    @property
    def target_cpu(self) -> str:
        """Return the CPU that programs were compiled for."""


def as_stored(request: Request, document: Stored) -> Request:
    """Return the request with what an interrupted document was measured with; the budget is that of the request."""
    return replace(
        request,
        only=document.only,
        size=parse_size(document.size),
        seed=document.seed,
        runs=document.runs,
        target_cpu=recorded_target(document.target_cpu, machine.this_processor()),
    )


@contextlib.contextmanager
def field_of(
    request: Request, versions: tuple[Version, ...], runtimes: tuple[str, ...], listen: Listener
) -> Iterator[Field]:
    """Hold the measuring lock, and return the versions without building any.

    Parameters
    ----------
    runtimes : the runtime of the versions first, then that of a reference in another language.

    Raises
    ------
    UsageError
        An unknown benchmark or runtime, a SPEC with an unknown variable, a size that does not fit.
    """
    with prepared_to_compare(replace(request, runtimes=runtimes), {}, listen) as ready:
        named = tuple(runtime for runtime in ready.runtimes if runtime.name == runtimes[0])
        for version in versions:
            require_known_variables(spec_of(version, runtimes[0]), named)
        yield Field(prepared=ready, versions=versions, runtime=runtimes[0], listen=listen)


def _planned(pilots: Sequence[Pilot], _left_ns: float, *, rounds: int) -> tuple[Plan, ...]:
    return (Plan(rounds=rounds),) * len(pilots)


def _costs_ns(sessions: Sequence[Session]) -> dict[str, float]:
    """Return the mean time of a run of each benchmark of these sessions."""
    walls: dict[str, list[int]] = {}
    for result in (result for session in sessions for result in session.results):
        for program in result.programs:
            if isinstance(program.outcome, Measured):
                runs = program.outcome.samples or program.outcome.warm_ups
                walls.setdefault(result.benchmark, []).extend(run.wall_ns for run in runs)
    return {benchmark: fmean(each) for benchmark, each in walls.items() if each}


def _without_times(listen: Listener) -> Listener:
    """Leave out how long one part of the measuring takes, which would read as that of all."""
    quiet = without_estimates(listen)

    def report(event: Event) -> None:
        quiet(replace(event, remaining_s=None) if isinstance(event, Measuring) else event)

    return report
