"""Turn what was run so far into sessions, one for each side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from seqbench.bench.build import Executable
from seqbench.bench.plan import NOT_PLANNED, Plan
from seqbench.bench.programs import Side
from seqbench.bench.rounds import Rounds
from seqbench.sessions.session import BenchmarkResult, Failed, ProgramResult, Session, Skipped, State
from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.sizes import Size, title_of


@dataclass(slots=True, kw_only=True)
class BenchmarkRun:
    """One benchmark while it is measured: its size, its plan, and the samples of all sides."""

    benchmark: Benchmark
    size: Size
    settings: dict[str, str]
    """Variables that all sides are started with on top of their own."""
    rounds: Rounds
    plan: Plan = NOT_PLANNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What measuring has taken so far, in nanoseconds."""

    wall_ns: int
    build_ns: int
    programs_ns: int


def sessions_of(
    sides: Sequence[tuple[Side, Session]], runs: Sequence[BenchmarkRun], state: State, spent: Spent, now: datetime
) -> tuple[Session, ...]:
    """Return the session of each side; `sides` come with their sessions without results."""
    return tuple(
        replace(
            blank,
            state=state,
            finished_at=now,
            wall_ns=spent.wall_ns,
            build_ns=spent.build_ns,
            programs_ns=spent.programs_ns,
            results=tuple(_result(side, run, blank.machine.cores) for run in runs),
        )
        for side, blank in sides
    )


def _result(side: Side, run: BenchmarkRun, cores: int) -> BenchmarkResult:
    benchmark, size, plan = run.benchmark, run.size, run.plan
    throughput = benchmark.throughput
    return BenchmarkResult(
        name=benchmark.name,
        title=title_of(benchmark, size),
        parameters=size.parameters,
        is_full=size.is_full,
        size_label=size.label,
        size_sentence=size.sentence(),
        remedies=tuple(shortfall.fix for shortfall in size.shortfalls),
        rate_count=throughput.count.value(dict(size.parameters)) if throughput else None,
        rate_unit=throughput.unit if throughput else "",
        rounds=plan.rounds,
        settings=tuple(run.settings.items()),
        slowed=plan.slowed if side.is_probe else 0.0,
        probe_every=plan.probe_every if side.is_probe else 1,
        variant_labels=benchmark.variant_labels,
        programs=tuple(_programs(side, run, cores)),
    )


def _programs(side: Side, run: BenchmarkRun, cores: int) -> list[ProgramResult]:
    found = []
    for program in run.benchmark.programs:
        built = side.executables.get(program)
        if built is None:
            continue
        outcome = built if isinstance(built, Failed) else run.rounds.outcome(side.candidate_name(program))
        found.append(
            ProgramResult(
                runtime=program.runtime.name,
                variant=program.variant,
                executable=built.digest if isinstance(built, Executable) else "",
                clock_remark=run.rounds.clock_remark(side.candidate_name(program), cores),
                outcome=outcome or Skipped(reason="interrupted before its first run", remedy="run the benchmark again"),
            )
        )
    return found
