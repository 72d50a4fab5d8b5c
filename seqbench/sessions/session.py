"""The data of one run: what was asked, with what tools, on which machine, and what came out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from seqbench.system.facts import Machine


class Stage(StrEnum):
    """Where a program failed."""

    BUILD = "build"
    START = "start"
    RUN = "run"
    OUTPUT = "output"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of one program: its own clock and ledger, and what the kernel counted for the whole process."""

    round_number: int
    position: int
    """Its place in the order of the round, from 0."""
    result: int
    elapsed_ns: int
    ledger: tuple[tuple[str, int], ...]
    wall_ns: int
    user_ns: int
    system_ns: int
    max_rss_bytes: int
    max_rss_floor_bytes: int
    """The harness's own peak: the kernel hands it on to a child, so a smaller peak cannot be told from it."""
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int
    window_ns: int = 0
    """The time over which the next three were counted; 0 where they were not."""
    machine_busy_ns: int = 0
    """What all processes used of the usable processors meanwhile, this run and the harness too."""
    machine_steal_ns: int = 0
    """What other virtual machines of the same host took meanwhile."""
    own_cpu_ns: int = 0
    """What this run and the harness used."""


# The three outcomes are msgspec structs rather than dataclasses because a union needs their tag in the JSON.


class Measured(msgspec.Struct, frozen=True, kw_only=True, tag="measured", tag_field="kind"):
    """A program that did its work rightly in every round; `warm_ups` are the pilot's runs and count for nothing."""

    samples: tuple[Sample, ...]
    warm_ups: tuple[Sample, ...]


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed", tag_field="kind"):
    """A program of which no number may be shown; `reason` is short, `detail` ends with what it said."""

    stage: Stage
    reason: str
    detail: str


class Skipped(msgspec.Struct, frozen=True, kw_only=True, tag="skipped", tag_field="kind"):
    """A program that was not run, and why."""

    reason: str
    remedy: str


Outcome = Measured | Failed | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramResult:
    """What came of one program."""

    runtime: str
    variant: str
    executable: str
    """SHA-256 of what was run; empty when it was not built."""
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """What came of one benchmark: its size, and its programs in the order of the registry."""

    name: str
    title: str
    parameters: tuple[tuple[str, int], ...]
    is_full: bool
    size_label: str
    size_sentence: str
    remedies: tuple[str, ...]
    rate_count: int | None
    """Work items of one run, for the rate in the table."""
    rate_unit: str
    rounds: int
    variant_labels: tuple[tuple[str, str], ...]
    programs: tuple[ProgramResult, ...]
    slowed: float = 0.0
    """Of a gate's probe: the share of its time by which it was slowed down in every second round that it ran in."""
    settings: tuple[tuple[str, str], ...] = ()
    """Environment variables of this benchmark's programs alone: what a comparison starts them sooner with."""
    probe_every: int = 1
    """Of a gate's probe: it ran in every so-many-th round."""

    def program(self, runtime: str, variant: str) -> ProgramResult | None:
        """Return the program of a row: the variant's own where the runtime has it, else the plain one."""
        for wanted in (variant, ""):
            for program in self.programs:
                if (program.runtime, program.variant) == (runtime, wanted):
                    return program
        return None


def paired_times(first: Iterable[Sample], second: Iterable[Sample]) -> dict[int, tuple[float, float]]:
    """Return both own times, in nanoseconds, of every round that both programs ran in, by round in rising order."""
    sides = [{sample.round_number: float(sample.elapsed_ns) for sample in side} for side in (first, second)]
    return {number: (sides[0][number], sides[1][number]) for number in sorted(sides[0].keys() & sides[1].keys())}


class State(StrEnum):
    """How far a session came."""

    RUNNING = "running"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolIdentity:
    """What a session says of a tool that it used; no path, for sessions travel."""

    name: str
    version: str
    digest: str
    provenance: str

    def sentence(self) -> str:
        """Write it for the table's foot."""
        return f"{self.name} {self.version} ({self.provenance}; {self.digest[:19]})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeColumn:
    """A runtime of the session, in the order of its columns."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One `invoke bench`, from its request to its samples."""

    seqbench_version: str
    state: State
    started_at: datetime
    finished_at: datetime
    seed: int
    commit: str
    """Empty where there is no repository."""
    dirty: bool
    machine: Machine
    load_before: float
    suite: tuple[str, ...]
    """Every benchmark that there was, run or not."""
    is_default_suite: bool
    sources: str
    """Digest of all sources of the suite."""
    size: str
    """As asked: full, quick or a number."""
    runtimes: tuple[RuntimeColumn, ...]
    is_every_runtime: bool
    toolchain: tuple[ToolIdentity, ...]
    settings: tuple[tuple[str, str], ...]
    """Environment variables that the programs were given."""
    budget_s: float | None
    wall_ns: int
    programs_ns: int
    """Sum of the outside clocks of all runs, warm-ups too."""
    build_ns: int
    """Spent on finding tools and building, before the first run."""
    results: tuple[BenchmarkResult, ...]

    def failures(self) -> tuple[tuple[BenchmarkResult, ProgramResult, Failed], ...]:
        """Return every program that failed."""
        return tuple(
            (result, program, program.outcome)
            for result in self.results
            for program in result.programs
            if isinstance(program.outcome, Failed)
        )

    def missing(self) -> tuple[str, ...]:
        """Return the benchmarks of the suite that this session has no result of."""
        present = {result.name for result in self.results}
        return tuple(name for name in self.suite if name not in present)


def changed_since(then: Session, now: Session, compiler: str) -> str:
    """Return why samples that were taken then and now may not be put together; empty where they may."""
    if then.machine.identity != now.machine.identity:
        return "it was measured on another machine"
    if then.sources != now.sources:
        return "the benchmark sources have changed since"
    if (then.toolchain, then.settings) != (now.toolchain, now.settings):
        return f"{compiler} is not what it was: another build, tool or setting"
    return ""
