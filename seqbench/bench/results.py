"""Turn what was run so far into sessions, one for each side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf

from seqbench.bench.build import Executable
from seqbench.bench.of_tests import of_test_in, printed_in, step_ns
from seqbench.bench.plan import NOT_PLANNED, Pilot, Plan
from seqbench.bench.programs import Side
from seqbench.bench.rounds import Rounds
from seqbench.sessions.design import Design, Look
from seqbench.sessions.session import (
    BenchmarkResult,
    Failed,
    Measured,
    Outcome,
    ProgramResult,
    Session,
    Skipped,
    State,
)
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
    design: Design | None = None
    """The looks at it; None where all rounds are judged at once."""
    sources: str = ""
    """Digest of its sources."""
    pilot_rounds: int = 0
    pilot_ns: int = 0
    """What the rounds of the pilot took by the clock, the harness included."""
    needs_s: float | None = None
    """The budget in seconds that would be enough, where this one holds no round of the pilot."""
    skipped: Skipped | None = None
    """Why its programs were not run, where the budget holds no scored round."""
    notes: list[str] = field(default_factory=list)
    """What the budget reduced, each with the flag that would give more."""
    round_cost_ns: float = 0.0
    """What a scored round takes by the pilot; 0 before the pilots of all benchmarks are done."""
    missing_rounds: int = 0
    scored_rounds: int = 0
    scored_ns: int = 0
    """What the scored rounds of this run took by the clock."""

    def missing_ns(self) -> float:
        """Return what the missing rounds take, by the pilot."""
        return self.missing_rounds * self.round_cost_ns if self.missing_rounds else 0.0

    def seen_cost_ns(self) -> float:
        """Return what a scored round takes: by those that were run, or else by the pilot."""
        return self.scored_ns / self.scored_rounds if self.scored_rounds else self.round_cost_ns

    @property
    def done_rounds(self) -> int:
        """Return how many of the planned rounds have run."""
        return self.plan.rounds - self.missing_rounds

    def expect_cost(self) -> None:
        """Set what a scored round takes, from the pilot and the share of rounds that the probe runs in."""
        self.round_cost_ns = self.pilot().cost_ns * (1 + self.rounds.probe_share())

    def stop(self) -> None:
        """Leave out the missing rounds."""
        self.plan = replace(self.plan, rounds=self.done_rounds)
        self.missing_rounds = 0

    def add_rounds(self, number: int) -> None:
        """Plan more rounds."""
        self.plan = replace(self.plan, rounds=self.plan.rounds + number)
        self.missing_rounds += number

    def add_look(self, look: Look) -> None:
        """Record a look of the benchmark's design."""
        if self.design is not None:
            self.design = replace(self.design, looks=(*self.design.looks, look))

    def retire_probe(self) -> None:
        """Run the probe no more."""
        self.plan = replace(self.plan, probe_every=0)
        self.rounds.follow(self.plan)
        self.expect_cost()

    def skip(self, flag: str) -> None:
        """Leave the benchmark out, because only a budget with this flag would be enough."""
        self.skipped = Skipped(reason="does not fit into the budget", remedy=flag)

    def has_pilot(self) -> bool:
        """Return whether a round of the pilot was run to its end."""
        return self.pilot_rounds > 0

    def pilot(self) -> Pilot:
        """Return the cost and the spread of the pilot rounds; the cost is infinite where the budget holds no round."""
        found = replace(self.rounds.pilot(), parameters=self.size.parameters)
        if self.needs_s is not None:
            return replace(found, cost_ns=inf)
        return replace(found, cost_ns=max(found.cost_ns, self.pilot_ns / max(1, self.pilot_rounds)))


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
            results=tuple(result for run in runs for result in _results(side, run, blank.machine.cores)),
        )
        for side, blank in sides
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One test by one kind of clock: what has a result of its own."""

    test: str
    is_wall: bool

    def name(self, benchmark: str) -> str:
        return "/".join(filter(None, (benchmark, self._shown(benchmark), "wall" if self.is_wall else "")))

    def _shown(self, benchmark: str) -> str:
        """Return the test without its category where that is the benchmark."""
        return self.test.removeprefix(f"{benchmark}/")

    def title(self, title: str, benchmark: str) -> str:
        title = " / ".join([title, *filter(None, self._shown(benchmark).split("/"))])
        return f"{title} (wall clock)" if self.is_wall else title


def _rows(run: BenchmarkRun) -> list[_Row]:
    """Return the rows of a benchmark: each test that any program reported, those by the wall clock last."""
    rows: dict[_Row, None] = {}
    for is_wall in (False, True):
        candidates = [each for each in run.rounds.candidates if each.program.output.is_wall is is_wall]
        samples = [sample for each in candidates for sample in run.rounds.samples.get(each.name, ())[:1]]
        tests = dict.fromkeys(printed.test for sample in samples for printed in printed_in(sample))
        is_there = any(program.output.is_wall is is_wall for program in run.benchmark.programs)
        rows |= dict.fromkeys(_Row(test=test, is_wall=is_wall) for test in tests or ([""] if is_there else []))
    return list(rows)


def _results(side: Side, run: BenchmarkRun, cores: int) -> Iterator[BenchmarkResult]:
    benchmark, size, plan = run.benchmark, run.size, run.plan
    throughput = benchmark.throughput
    for row in _rows(run):
        yield BenchmarkResult(
            name=row.name(benchmark.name),
            title=row.title(title_of(benchmark, size), benchmark.name),
            parameters=size.parameters,
            is_full=size.is_full,
            size_label=size.label,
            size_sentence=size.sentence(),
            remedies=tuple(shortfall.fix for shortfall in size.shortfalls),
            rate_count=throughput.count.value(dict(size.parameters)) if throughput and not row.test else None,
            rate_unit=throughput.unit if throughput and not row.test else "",
            rounds=plan.rounds,
            settings=tuple(run.settings.items()),
            slowed=plan.slowed if side.is_probe else 0.0,
            probe_every=plan.probe_every if side.is_probe else 1,
            variant_labels=benchmark.variant_labels,
            programs=tuple(_programs(side, run, row, cores)),
            test=row.test,
            is_wall=row.is_wall,
            sources=run.sources,
            reduced=tuple(run.notes),
            design=run.design,
        )


def _programs(side: Side, run: BenchmarkRun, row: _Row, cores: int) -> Iterator[ProgramResult]:
    for program in run.benchmark.programs:
        built = side.executables.get(program)
        if built is None or program.output.is_wall is not row.is_wall:
            continue
        whole = built if isinstance(built, Failed) else _outcome(run, side.candidate_name(program))
        outcome = of_test_in(whole, row.test) if isinstance(whole, Measured) else whole
        if outcome is None:
            continue
        yield ProgramResult(
            runtime=program.runtime.name,
            variant=program.variant,
            executable=built.digest if isinstance(built, Executable) else "",
            size_bytes=built.size_bytes if isinstance(built, Executable) else 0,
            clock_remark=run.rounds.clock_remark(side.candidate_name(program), cores),
            outcome=outcome,
            clock_step_ns=step_ns(whole, row.test) if isinstance(whole, Measured) else 1,
        )


def _outcome(run: BenchmarkRun, name: str) -> Outcome:
    outcome = run.rounds.outcome(name)
    if run.skipped is not None and not isinstance(outcome, Failed):
        return run.skipped
    return outcome or Skipped(reason="interrupted before its first run", remedy="run the benchmark again")
