"""The data of one run: its request, its tools, its machine and its results. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median

import msgspec

from seqbench.sessions.design import Design
from seqbench.system.facts import Machine, Target


class Stage(StrEnum):
    """The step at which a program failed."""

    BUILD = "build"
    START = "start"
    RUN = "run"
    OUTPUT = "output"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The figures of one run of a program: its own clock and ledger, and the kernel's counts for the whole process."""

    round_number: int
    position: int
    """Its place in the order of the round, from 0."""
    result: int | str
    """Text where it is no integer; empty where the program prints none."""
    elapsed_ns: int
    """By the program's own clock, or by the wall clock where `BenchmarkResult.is_wall`."""
    ledger: tuple[tuple[str, int], ...]
    wall_ns: int
    """By the wall clock: the whole process, with its start and exit."""
    user_ns: int
    system_ns: int
    max_rss_bytes: int
    max_rss_floor_bytes: int
    """The harness's own peak. The kernel passes it on to a child, so a smaller peak of the program is not visible."""
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int
    window_ns: int = 0
    """The time over which the next fields were counted; 0 where they were not."""
    machine_busy_ns: int = 0
    """Processor time of all processes during the window, this run and the harness included."""
    machine_steal_ns: int = 0
    """Processor time that other virtual machines of the same host took during the window."""
    own_cpu_ns: int = 0
    """Processor time of this run and the harness during the window."""
    kernel_threads_ns: int = 0
    """Processor time of the kernel's threads, such as those that free a program's memory; read every 100 ms or so."""
    pressure_ns: int = 0
    """How long a task of the control group or the system waited for a processor; 0 also where this is not counted."""
    throttled_ns: int = 0
    """How long the control group's CPU quota kept the processors from running its tasks, summed over the processors."""


# The three outcomes are msgspec structs rather than dataclasses because a union needs their tag in the JSON.


class Measured(msgspec.Struct, frozen=True, kw_only=True, tag="measured", tag_field="kind"):
    """A program that did the expected work in every round; `warm_ups` are the pilot's runs, which are not scored."""

    samples: tuple[Sample, ...]
    warm_ups: tuple[Sample, ...]


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed", tag_field="kind"):
    """A program that failed, so no number of it is shown; `reason` is short, `detail` ends with its output."""

    stage: Stage
    reason: str
    detail: str


class Skipped(msgspec.Struct, frozen=True, kw_only=True, tag="skipped", tag_field="kind"):
    """A program that was not run, with the reason and a fix."""

    reason: str
    remedy: str


Outcome = Measured | Failed | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramResult:
    """The result of one program."""

    runtime: str
    variant: str
    executable: str
    """SHA-256 of the executable; empty when it was not built."""
    outcome: Outcome
    clock_remark: str = ""
    """What is doubtful about its own clock; empty if nothing is."""
    clock_step_ns: int = 1
    """What the times of its clock are rounded to."""
    size_bytes: int = 0
    """Of the executable, or of all files of the build; 0 where nothing was built, or in an earlier session."""
    builds_ns: tuple[int, ...] = ()
    """The times of builds that a comparison made only to time them, in pairs with those of the other side."""
    builds_problem: str = ""
    """Why there are none although they were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """The result of one benchmark: its size, and its programs in the order of the registry."""

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
    """For a gate's probe: the share of its time by which it was slowed down in every second one of its rounds."""
    settings: tuple[tuple[str, str], ...] = ()
    """Environment variables of this benchmark's programs only, which a comparison sets to shorten their start-up."""
    probe_every: int = 1
    """For a gate's probe: it ran in one of this many rounds; 0 once its slowdown was found."""
    reduced: tuple[str, ...] = ()
    """What the budget reduced, each with the flag that would give more; empty where it was long enough."""
    sources: str = ""
    """Digest of the sources of this benchmark; empty in an earlier session."""
    test: str = ""
    """The test of the programs that this is the result of; empty where a program is one test."""
    is_wall: bool = False
    """True when the times are those of the whole processes, which have no ratio to those of own clocks."""
    design: Design | None = None
    """None where all rounds are judged at once, as in every earlier session."""

    @property
    def benchmark(self) -> str:
        """Return the name of the benchmark; that of the result may end with a test: `fibonacci/naive-35`."""
        return self.name.partition("/")[0]

    def program(self, runtime: str, variant: str) -> ProgramResult | None:
        """Return the program of a row: the runtime's program of that variant if it has one, else the plain one."""
        for name in (variant, ""):
            for program in self.programs:
                if (program.runtime, program.variant) == (runtime, name):
                    return program
        return None


def rounding_share(program: ProgramResult) -> float:
    """Return by which share of it a time of a program may be rounded: half a step of its clock."""
    if program.clock_step_ns <= 1 or not isinstance(program.outcome, Measured) or not program.outcome.samples:
        return 0.0
    middle = median(sample.elapsed_ns for sample in program.outcome.samples)
    return min(1.0, program.clock_step_ns / 2 / middle) if middle else 1.0


def is_too_coarse(program: ProgramResult) -> bool:
    """Return whether all times of a program lie within two steps of its clock."""
    if program.clock_step_ns <= 1 or not isinstance(program.outcome, Measured) or not program.outcome.samples:
        return False
    times = [sample.elapsed_ns for sample in program.outcome.samples]
    return max(times) - min(times) <= 2 * program.clock_step_ns


def paired_times(first: Iterable[Sample], second: Iterable[Sample]) -> dict[int, tuple[float, float]]:
    """Return both own times, in nanoseconds, for each round that both programs ran in, in order of the rounds."""
    sides = [{sample.round_number: float(sample.elapsed_ns) for sample in side} for side in (first, second)]
    # A time that its clock cannot tell from zero has no ratio.
    if not all(time for side in sides for time in side.values()):
        return {}
    return {number: (sides[0][number], sides[1][number]) for number in sorted(sides[0].keys() & sides[1].keys())}


class State(StrEnum):
    """Whether a session is still running (or its process died), complete, or was interrupted."""

    RUNNING = "running"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"


# `toolchain.seqc` writes it.
_FLAGS = ", flags "


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolIdentity:
    """A tool that a session used; without its path, because sessions are read on other machines too."""

    name: str
    version: str
    digest: str
    provenance: str
    """Where it came from and how it was built; it ends with the flags of its SPEC."""

    @property
    def flags(self) -> str:
        """Return the flags of its SPEC that the programs were built with, with commas between them; empty for none."""
        return self.provenance.partition(_FLAGS)[2]

    def sentence(self) -> str:
        """Return it as a line for the notes under a table."""
        named = f"{self.name} {self.version}" if self.version else self.name
        return f"{named} ({self.provenance}; {self.digest[:19]})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeColumn:
    """A runtime of the session, in the order of its columns."""

    name: str
    title: str
    compiler: str = ""
    """The name of its first tool in `toolchain`; empty where it was not recorded."""
    reads: tuple[str, ...] = ()
    """The settings that its programs read, or their beginnings: `SEQ_*`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run of `invoke bench`, from its request to its samples."""

    seqbench_version: str
    state: State
    started_at: datetime
    finished_at: datetime
    seed: int
    commit: str
    """Empty where there is no repository."""
    dirty: bool
    """Whether a tracked file or a benchmark differs from the commit."""
    machine: Machine
    load_before: float
    suite: tuple[str, ...]
    """Every benchmark of the suite, run or not."""
    is_default_suite: bool
    sources: str
    """Digest of all sources of the suite."""
    size: str
    """As requested: full, reduced, quick or a number."""
    runtimes: tuple[RuntimeColumn, ...]
    is_every_runtime: bool
    toolchain: tuple[ToolIdentity, ...]
    settings: tuple[tuple[str, str], ...]
    """Environment variables that were set for the programs."""
    budget_s: float | None
    wall_ns: int
    programs_ns: int
    """Sum of the wall clocks of all runs, those of the pilots included."""
    build_ns: int
    """Time for finding tools and building, before the first run."""
    results: tuple[BenchmarkResult, ...]
    target_cpu: str = ""
    """What the programs were compiled for: `baseline` or `native`; empty in a session from before it was recorded."""

    reference: str = ""
    """The runtime that `--reference` made the second one, to compare the others with; empty without the flag."""
    settings_without_effect: tuple[tuple[str, str], ...] = ()
    """The names of settings that change nothing, each with the reason."""
    setting_notes: tuple[str, ...] = ()
    """Sentences about settings that can make little or no difference at the sizes of this session."""
    keeps_budget: bool = True
    """Whether the time was limited to `budget_s`; False if nothing limited it."""

    @property
    def settings_text(self) -> str:
        """Return the settings as one line, with the reason at those that have no effect."""
        return " ".join(self.setting_texts)

    @property
    def setting_texts(self) -> tuple[str, ...]:
        """Return a text for each setting, with the reason if it has no effect."""
        idle = dict(self.settings_without_effect)
        return tuple(
            f"{name}={value}{f' (no effect: {idle[name]})' if name in idle else ''}" for name, value in self.settings
        )

    def target_lines(self) -> tuple[str, ...]:
        """Return a line on the target CPU where it is not the default one."""
        native = "target CPU: native: all programs are compiled for the CPU of this machine"
        return (native,) if self.target_cpu == Target.NATIVE else ()

    changed: tuple[str, ...] = ()
    """Benchmarks whose sources differ from the commit, or are not in it."""

    @property
    def is_planned(self) -> bool:
        """Return whether the rounds were planned, so that there is more than a pilot to keep."""
        return any(result.rounds for result in self.results)

    def failures(self) -> tuple[tuple[BenchmarkResult, ProgramResult, Failed], ...]:
        """Return every program that failed."""
        return tuple(
            (result, program, program.outcome)
            for result in self.results
            for program in result.programs
            if isinstance(program.outcome, Failed)
        )

    def left_out(self) -> tuple[str, ...]:
        """Return the benchmarks of a complete session that were not run because the budget was too short."""
        return tuple(
            result.benchmark
            for result in self.results
            if self.state is State.COMPLETE and any(isinstance(program.outcome, Skipped) for program in result.programs)
        )

    def missing(self) -> tuple[str, ...]:
        """Return the benchmarks of the suite without a result in this session."""
        present = {result.benchmark for result in self.results}
        return tuple(name for name in self.suite if name not in present)


def changed_since(then: Session, now: Session, compiler: str) -> str:
    """Return why the samples of these two sessions must not be combined; empty if they may be."""
    if not then.machine.is_same_as(now.machine):
        return "it was measured on another machine"
    if then.sources != now.sources:
        return "the benchmark sources have changed since"
    if then.target_cpu != now.target_cpu:
        return f"the target CPU has changed since: {then.target_cpu or 'not recorded'} then, {now.target_cpu} now"
    if (then.toolchain, then.settings) != (now.toolchain, now.settings):
        return f"{compiler} has changed since: another build, tool or setting"
    return ""
