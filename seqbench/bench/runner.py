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

from seqbench.bench.build import Executable, program_label
from seqbench.bench.plan import PILOT, Pilot, Plan
from seqbench.bench.programs import Entrant, Side, _entrant_name, _name, entrants, settings_of
from seqbench.bench.request import Request
from seqbench.bench.rounds import Contest
from seqbench.errors import UsageError
from seqbench.events import Listener, Measuring
from seqbench.sessions.session import (
    BenchmarkResult,
    Failed,
    Measured,
    ProgramResult,
    Session,
    Skipped,
    State,
    changed_since,
)
from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.sizes import Size, title_of
from seqbench.units import NS_PER_S

Saver = Callable[[tuple[Session, ...]], None]
Planner = Callable[[Sequence[Pilot], int], tuple[Plan, ...]]
# So many tell the noise of a comparison within a quarter or so.
PILOT_ROUNDS = 20


@dataclass(slots=True, kw_only=True)
class Conductor:
    """The sessions in the making."""

    request: Request
    sides: tuple[Side, ...]
    benchmarks: tuple[Benchmark, ...]
    candidates: Mapping[str, Sequence[Size]]
    """The sizes of each benchmark to choose from, in rising order."""
    plan: Planner
    """The pilots of all benchmarks, and what they cost in nanoseconds, to a plan for each."""
    started_ns: int
    listen: Listener
    save: Saver
    resumed: tuple[Session, ...] = ()
    """The interrupted sessions of these sides, whose rounds are gone on with; empty for a new run."""
    pilot_rounds: int = 1
    starts_quickly: bool = False
    """Programs get the settings of their runtime's `quick_start`, where no side has such a setting of its own."""
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
                    spent_ns = self._discarded_ns + sum(contest.spent_ns for contest in contests.values())
                    pilots = [
                        replace(contest.pilot(), parameters=self._sizes[name].parameters)
                        for name, contest in contests.items()
                    ]
                    plans = dict(zip(contests, self.plan(pilots, spent_ns), strict=True))
                for name, plan in plans.items():
                    contests[name].follow(plan)
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
        # The last side is the probe, where there is one.
        plans = {
            result.name: Plan(rounds=result.rounds, probe_every=result.probe_every, slowed=result.slowed)
            for result in self.resumed[-1].results
        }
        for name, contest in contests.items():
            contest.follow(plans[name])
            contest.forget_unfinished_round()
            contest.spent_ns = sum(s.wall_ns for samples in contest.samples.values() for s in samples)
        return plans

    def _resume_problem(self, rounds: Mapping[str, int]) -> str:
        """Say why the samples of the interrupted run and those of this one may not be put together."""
        if len(self.resumed) != len(self.sides):
            return f"it has {len(self.resumed)} sides, wanted {len(self.sides)} (a gate has three, a comparison two)"
        if set(rounds) != {benchmark.name for benchmark in self.benchmarks} or not all(rounds.values()):
            return "it was interrupted before its rounds were planned"
        for benchmark in self.benchmarks:
            settings = tuple(self._quick_start(benchmark).items())
            if any(result.settings != settings for result in self.resumed[0].results if result.name == benchmark.name):
                return f"{benchmark.name} was started with other settings"
        for side, session in zip(self.sides, self.resumed, strict=True):
            if problem := changed_since(session, side.blank, side.name or "the compiler"):
                return problem
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
                    remaining = max(0.0, total_ns - spent) * pace / NS_PER_S
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
        parameters = self._sizes[benchmark.name].parameters
        more = self._quick_start(benchmark)
        return Contest(
            entrants=tuple(
                entrant for side in self.sides for entrant in entrants(side, benchmark, parameters, self.request, more)
            ),
            directory=directory,
        )

    def _quick_start(self, benchmark: Benchmark) -> dict[str, str]:
        """Give the settings that all sides start this benchmark's programs sooner with; those of the user come first.

        Where only one side has such a setting the other keeps the default, because that is what is compared.
        """
        if not self.starts_quickly or benchmark.live_strands is None:
            return {}
        live = benchmark.live_strands.value(dict(self._sizes[benchmark.name].parameters))
        found: dict[str, str] = {}
        for runtime in dict.fromkeys(program.runtime for program in benchmark.programs):
            settings = runtime.quick_start(live)
            users = [settings_of(runtime, self.request.environment, side.tools) for side in self.sides]
            if not any(settings.keys() & each.keys() for each in users):
                found |= settings
        return found

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
            title=title_of(benchmark, size),
            parameters=size.parameters,
            is_full=size.is_full,
            size_label=size.label,
            size_sentence=size.sentence(),
            remedies=tuple(shortfall.remedy for shortfall in size.shortfalls),
            rate_count=benchmark.throughput.count.value(dict(size.parameters)) if benchmark.throughput else None,
            rate_unit=benchmark.throughput.unit if benchmark.throughput else "",
            rounds=plan.rounds,
            settings=tuple(self._quick_start(benchmark).items()),
            slowed=plan.slowed if side.is_probe else 0.0,
            probe_every=plan.probe_every if side.is_probe else 1,
            variant_labels=benchmark.variant_labels,
            programs=tuple(programs),
        )
