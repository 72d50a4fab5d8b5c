"""From sides and sizes to sessions: everything is run as a pilot, the rounds are planned, and then played.

A side is a toolchain with what it built. `invoke bench` has one; a comparison has two, and its programs meet in the
same rounds. Each side gets a session of its own.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from seqbench import process
from seqbench.build import Executable, program_label
from seqbench.check import Expected
from seqbench.errors import UsageError
from seqbench.events import Listener, Measuring
from seqbench.measure import PILOT, Contest, Entrant, Pilot, Plan
from seqbench.request import Request
from seqbench.runtimes import Runtime
from seqbench.session import BenchmarkResult, Failed, Measured, ProgramResult, Session, Skipped, State
from seqbench.sizing import Size
from seqbench.suite import Benchmark, Program
from seqbench.toolchain import Toolchain

_NS = 1_000_000_000

Saver = Callable[[tuple[Session, ...]], None]
Planner = Callable[[Sequence[Pilot], int, Sequence[int] | None], tuple[Plan, ...]]
# So many tell the noise of a comparison within a quarter or so.
PILOT_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One toolchain, what it built, and the session that its results go into; `name` is empty for an only one."""

    name: str
    tools: Toolchain
    executables: Mapping[Program, Executable | Failed]
    blank: Session
    is_probe: bool = False
    """Its programs run in some of the rounds only, slowed down by a known share of their time or plain."""


@dataclass(slots=True, kw_only=True)
class Conductor:
    """The sessions in the making."""

    request: Request
    sides: tuple[Side, ...]
    benchmarks: tuple[Benchmark, ...]
    candidates: Mapping[str, Sequence[Size]]
    """The sizes of each benchmark to choose from, in rising order."""
    plan: Planner
    """Of all benchmarks: their pilots, what these cost in nanoseconds, and the rounds where they are known already."""
    started_ns: int
    listen: Listener
    save: Saver
    resumed: tuple[Session, ...] = ()
    """The interrupted sessions of these sides, whose rounds are gone on with; empty for a new run."""
    pilot_rounds: int = 1
    least_work_ns: int = 0
    """A size at which the work takes less is passed over where there is a larger one."""
    _build_ns: int = field(default=0, init=False)
    _discarded_ns: int = field(default=0, init=False)
    _sizes: dict[str, Size] = field(default_factory=dict, init=False)

    def measure(self) -> tuple[Session, ...]:
        """Run it all; `save` gets the sessions so far after every benchmark, and after an interrupt.

        Raises
        ------
        KeyboardInterrupt : interrupted.
        """
        first_run_ns = time.monotonic_ns()
        self._build_ns = first_run_ns - self.started_ns
        contests: dict[str, Contest] = {}
        plans: dict[str, Plan] = {}
        with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
            try:
                for benchmark in self.benchmarks:
                    self._sizes[benchmark.name] = self.candidates[benchmark.name][0]
                    contests[benchmark.name] = self._contest(benchmark, Path(scratch))
                if self.resumed:
                    plans = self._resume(contests)
                else:
                    for benchmark in self.benchmarks:
                        contests[benchmark.name] = self._pilot(benchmark, Path(scratch))
                    plans = self._planned(contests)
                self._rounds(contests, plans, first_run_ns)
            except KeyboardInterrupt:
                self.save(self._sessions(contests, plans, State.INTERRUPTED))
                raise
            sessions = self._sessions(contests, plans, State.COMPLETE)
            self.save(sessions)
        return sessions

    def _pilot(self, benchmark: Benchmark, scratch: Path) -> Contest:
        """Run a benchmark at its smallest size at which there is work enough, or else at its largest.

        A program that fails ends the search: the failure at that size is what there is to tell.
        """
        *smaller, largest = self.candidates[benchmark.name]
        for size in smaller:
            contest = self._warmed_up(benchmark, size, scratch, least_work_ns=self.least_work_ns)
            if contest.failures or contest.least_work_ns() >= self.least_work_ns:
                return contest
            self._discarded_ns += contest.spent_ns
        return self._warmed_up(benchmark, largest, scratch, least_work_ns=0)

    def _warmed_up(self, benchmark: Benchmark, size: Size, scratch: Path, *, least_work_ns: int) -> Contest:
        """Play the rounds of a pilot at a size; none goes on after a failure or where there is too little work."""
        self._sizes[benchmark.name] = size
        contest = self._contest(benchmark, scratch)
        for number in range(self.pilot_rounds):
            # Another order in each of them.
            for entrant in contest.play(PILOT, f"{self.request.seed}/{benchmark.name}/{number}"):
                self._tell(benchmark.name, entrant)
            if contest.failures or contest.least_work_ns() < least_work_ns:
                break
        return contest

    def _planned(self, contests: Mapping[str, Contest], rounds: Sequence[int] | None = None) -> dict[str, Plan]:
        spent_ns = self._discarded_ns + sum(contest.spent_ns for contest in contests.values())
        plans = self.plan([contest.pilot() for contest in contests.values()], spent_ns, rounds)
        for contest, plan in zip(contests.values(), plans, strict=True):
            contest.follow(plan)
        return dict(zip(contests, plans, strict=True))

    def _resume(self, contests: Mapping[str, Contest]) -> dict[str, Plan]:
        """Put the samples of the interrupted run back, but for a round that was not played to its end."""
        rounds = {result.name: result.rounds for result in self.resumed[0].results}
        if problem := self._resume_problem(rounds):
            raise UsageError(f"this comparison cannot be gone on with: {problem}", "measure again, without --resume")
        for side, session in zip(self.sides, self.resumed, strict=True):
            for result in session.results:
                contest = contests[result.name]
                for program in result.programs:
                    name = _name(side.name, program.runtime, program.variant)
                    if isinstance(program.outcome, Failed):
                        contest.failures[name] = program.outcome
                    elif isinstance(program.outcome, Measured):
                        contest.samples[name] = [*program.outcome.warm_ups, *program.outcome.samples]
        # The same pilot and rounds give the same plan again.
        plans = self._planned(contests, [rounds[name] for name in contests])
        for contest in contests.values():
            contest.forget_unfinished_round()
            contest.spent_ns = sum(s.wall_ns for samples in contest.samples.values() for s in samples)
        return plans

    def _resume_problem(self, rounds: Mapping[str, int]) -> str:
        """Say why the samples of the interrupted run and those of this one may not be put together."""
        if len(self.resumed) != len(self.sides):
            return f"it has {len(self.resumed)} sides, wanted {len(self.sides)} (a gate has three, a comparison two)"
        if set(rounds) != {benchmark.name for benchmark in self.benchmarks} or not all(rounds.values()):
            return "it was interrupted before its rounds were planned"
        for side, session in zip(self.sides, self.resumed, strict=True):
            then, now = session, side.blank
            if then.machine.identity != now.machine.identity:
                return "it was measured on another machine"
            if then.sources != now.sources:
                return "the benchmark sources have changed since"
            if (then.toolchain, then.settings) != (now.toolchain, now.settings):
                return f"{side.name or 'the compiler'} is not what it was: another build, tool or setting"
        return ""

    def _rounds(self, contests: Mapping[str, Contest], plans: Mapping[str, Plan], first_run_ns: int) -> None:
        seed = str(self.request.seed)
        costs_ns = {name: contest.pilot().cost_ns * (1 + contest.probe_share()) for name, contest in contests.items()}
        before = sum(contest.spent_ns for contest in contests.values()) if self.resumed else 0
        total_ns = sum(plans[name].rounds * cost_ns + contests[name].pilot_ns() for name, cost_ns in costs_ns.items())
        for name, contest in contests.items():
            rounds = plans[name].rounds
            for number in range(contest.rounds_played() + 1, rounds + 1):
                for entrant in contest.play(number, f"{seed}/{name}"):
                    spent = sum(each.spent_ns for each in contests.values())
                    fraction = min(0.99, spent / max(1.0, total_ns))
                    # What has been slower or faster than the pilot foretells the rest.
                    pace = (time.monotonic_ns() - first_run_ns) / max(1, spent - before)
                    remaining = max(0.0, total_ns - spent) * pace / _NS
                    self._tell(name, entrant, number=number, rounds=rounds, fraction=fraction, remaining=remaining)
            self.save(self._sessions(contests, plans, State.RUNNING))

    def _tell(
        self,
        name: str,
        entrant: Entrant,
        *,
        number: int = PILOT,
        rounds: int = 0,
        fraction: float = 0.0,
        remaining: float | None = None,
    ) -> None:
        self.listen(
            Measuring(
                benchmark=name,
                program=program_label(entrant.program),
                round_number=number,
                rounds=rounds,
                fraction_done=fraction,
                remaining_s=remaining,
            )
        )

    def _contest(self, benchmark: Benchmark, directory: Path) -> Contest:
        size = self._sizes[benchmark.name]
        return Contest(
            entrants=tuple(
                Entrant(
                    name=_entrant_name(side, program),
                    program=program,
                    executable=executable,
                    arguments=tuple(str(value) for _, value in size.parameters),
                    environment=self._environment(side, program.runtime),
                    expected=self._expected(side, benchmark, program.runtime, size),
                    is_probe=side.is_probe,
                )
                for side in self.sides
                for program in benchmark.programs
                if isinstance(executable := side.executables.get(program), Executable)
            ),
            directory=directory,
        )

    def _expected(self, side: Side, benchmark: Benchmark, runtime: Runtime, size: Size) -> Expected:
        values = dict(size.parameters)
        return Expected(
            result=benchmark.expected_result.value(values) if benchmark.expected_result else None,
            ledger=tuple((key, formula.value(values)) for key, formula in benchmark.expected_ledger),
            startup_ns=runtime.startup_ns(settings_of(runtime, self.request.environment, side.tools)),
            timeout_s=self.request.timeout_s or benchmark.timeout_s,
            output_limit_bytes=process.OUTPUT_LIMIT_BYTES,
        )

    def _environment(self, side: Side, runtime: Runtime) -> dict[str, str]:
        basics = {key: self.request.environment[key] for key in ("PATH", "HOME") if key in self.request.environment}
        return {**basics, **settings_of(runtime, self.request.environment, side.tools)}

    def _sessions(
        self, contests: Mapping[str, Contest], plans: Mapping[str, Plan], state: State
    ) -> tuple[Session, ...]:
        return tuple(
            replace(
                side.blank,
                state=state,
                finished_at=datetime.now(UTC),
                wall_ns=time.monotonic_ns() - self.started_ns,
                build_ns=self._build_ns,
                programs_ns=self._discarded_ns + sum(contest.spent_ns for contest in contests.values()),
                results=tuple(self._result(side, b, contests[b.name], plans) for b in self.benchmarks),
            )
            for side in self.sides
        )

    def _result(self, side: Side, benchmark: Benchmark, contest: Contest, plans: Mapping[str, Plan]) -> BenchmarkResult:
        size = self._sizes[benchmark.name]
        plan = plans.get(benchmark.name, Plan(rounds=0))
        programs = []
        for program in benchmark.programs:
            built = side.executables.get(program)
            if built is None:
                continue
            outcome = built if isinstance(built, Failed) else contest.outcome(_entrant_name(side, program))
            programs.append(
                ProgramResult(
                    runtime=program.runtime.name,
                    variant=program.variant,
                    executable=built.digest if isinstance(built, Executable) else "",
                    outcome=outcome or Skipped(reason="interrupted before its first run", remedy="invoke bench"),
                )
            )
        return BenchmarkResult(
            name=benchmark.name,
            title=_title(benchmark, size),
            parameters=size.parameters,
            is_full=size.is_full,
            size_label=size.label,
            size_sentence=size.sentence(),
            remedies=tuple(shortfall.remedy for shortfall in size.shortfalls),
            rate_count=benchmark.throughput.count.value(dict(size.parameters)) if benchmark.throughput else None,
            rate_unit=benchmark.throughput.unit if benchmark.throughput else "",
            rounds=plan.rounds,
            slowed=plan.slowed if side.is_probe else 0.0,
            variant_labels=benchmark.variant_labels,
            programs=tuple(programs),
        )


def settings_of(runtime: Runtime, environment: Mapping[str, str], tools: Toolchain) -> dict[str, str]:
    """Give the variables that change how a runtime's programs run: the user's, then those of the SPEC."""
    passed = {key: value for key, value in environment.items() if key.startswith(runtime.settings)}
    compiler = runtime.tools[0].name
    own = next((tool.settings for tool in tools.tools if tool.name == compiler), ())
    return {**passed, **dict(own)}


def _entrant_name(side: Side, program: Program) -> str:
    return _name(side.name, program.runtime.name, program.variant)


def _name(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _title(benchmark: Benchmark, size: Size) -> str:
    title = benchmark.title
    for name, value in size.parameters:
        title = title.replace(f"{{{name}}}", f"{value:,}")
    return title
