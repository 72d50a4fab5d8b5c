"""Measure the benchmarks of one or more sides: run the pilots, plan, and run the rounds.

A side is a toolchain with what it built. `invoke bench` has one; a comparison has two, whose programs run in the
same rounds. Each side gets a session of its own.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from seqbench.bench.build import program_label
from seqbench.bench.plan import PILOT, Pilot, Plan
from seqbench.bench.prepare import Prepared
from seqbench.bench.programs import Candidate, Side, candidates, quick_start
from seqbench.bench.results import BenchmarkRun, Spent, sessions_of
from seqbench.bench.resume import restore
from seqbench.bench.rounds import Rounds
from seqbench.events import Listener, Measuring, Remark
from seqbench.sessions.session import Session, State
from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.sizes import Size
from seqbench.units import NS_PER_S, clock_duration

Saver = Callable[[tuple[Session, ...]], None]
Planner = Callable[[Sequence[Pilot], int], tuple[Plan, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuringPolicy:
    """How sizes are chosen, rounds planned and programs started."""

    sizes: Mapping[str, Sequence[Size]]
    """The sizes of each benchmark to choose from, in rising order."""
    plan: Planner
    """The pilots of all benchmarks, and what they cost in nanoseconds, to a plan for each."""
    pilot_rounds: int = 1
    starts_quickly: bool = False
    """Programs get the settings of their runtime's `quick_start`, where no side has such a setting of its own."""
    least_work_ns: int = 0
    """A size at which the work takes less is used only if there is no larger one."""


@dataclass(slots=True, kw_only=True)
class Runner:
    """The measuring of some sides, and how far it has come."""

    prepared: Prepared
    sides: tuple[Side, ...]
    benchmarks: tuple[Benchmark, ...]
    policy: MeasuringPolicy
    listen: Listener
    save: Saver
    _sessions: tuple[tuple[Side, Session], ...] = field(init=False)
    """Each side with its session without results."""
    _runs: dict[str, BenchmarkRun] = field(default_factory=dict, init=False)
    _first_run_ns: int = field(init=False)
    _discarded_ns: int = field(default=0, init=False)
    """Spent on pilots at sizes that were too small."""
    _restored_ns: int = field(default=0, init=False)
    """Spent by the interrupted run."""
    _held_up_ns: int = field(default=0, init=False)
    _planned_ns: float = field(default=1.0, init=False)
    """What all runs are expected to take."""

    def __post_init__(self) -> None:
        self._sessions = tuple((side, self.prepared.blank_session(side)) for side in self.sides)
        self._first_run_ns = time.monotonic_ns()

    def measure(self) -> tuple[Session, ...]:
        """Run the pilots, plan, and run all rounds; `save` gets the sessions after every benchmark.

        Raises
        ------
        KeyboardInterrupt
            Interrupted; `save` got what was measured.
        """
        return self._measured(self._pilots)

    def resume(self, resumed: Sequence[Session]) -> tuple[Session, ...]:
        """Run the rounds that the interrupted sessions of these sides are missing.

        Raises
        ------
        UsageError
            The samples of then and those of now may not be put together.
        KeyboardInterrupt
            Interrupted; `save` got what was measured.
        """

        def restored(scratch: Path) -> None:
            for benchmark in self.benchmarks:
                self._runs[benchmark.name] = self._run_of(benchmark, self.policy.sizes[benchmark.name][0], scratch)
            restore(self._runs, self._sessions, resumed)
            self._restored_ns = self._spent_ns()

        return self._measured(restored)

    def _measured(self, begin: Callable[[Path], None]) -> tuple[Session, ...]:
        with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
            try:
                begin(Path(scratch))
                self._rounds()
            except KeyboardInterrupt:
                self.save(self._so_far(State.INTERRUPTED, Path(scratch)))
                raise
            sessions = self._so_far(State.COMPLETE, Path(scratch))
            self.save(sessions)
        return sessions

    def _pilots(self, scratch: Path) -> None:
        for benchmark in self.benchmarks:
            self._pilot(benchmark, scratch)
        pilots = [replace(run.rounds.pilot(), parameters=run.size.parameters) for run in self._runs.values()]
        for run, plan in zip(self._runs.values(), self.policy.plan(pilots, self._spent_ns()), strict=True):
            run.plan = plan
            run.rounds.follow(plan)

    def _pilot(self, benchmark: Benchmark, scratch: Path) -> None:
        """Run a benchmark at its smallest size at which there is work enough, or else at its largest.

        A program that fails ends the search: the failure at that size is the result.
        """
        *smaller, largest = self.policy.sizes[benchmark.name]
        least_ns = self.policy.least_work_ns
        for size in smaller:
            rounds = self._warmed_up(benchmark, size, scratch, least_work_ns=least_ns)
            if rounds.failures or rounds.least_work_ns() >= least_ns:
                return
            self._discarded_ns += rounds.spent_ns
        self._warmed_up(benchmark, largest, scratch, least_work_ns=0)

    def _warmed_up(self, benchmark: Benchmark, size: Size, scratch: Path, *, least_work_ns: int) -> Rounds:
        """Run the rounds of a pilot at a size, until a program fails or does too little work."""
        run = self._runs[benchmark.name] = self._run_of(benchmark, size, scratch)
        for number in range(self.policy.pilot_rounds):
            # Another order in each of them.
            for candidate in run.rounds.run(PILOT, f"{self.prepared.request.seed}/{benchmark.name}/{number}"):
                self._report(benchmark.name, candidate)
            self._report_held_up()
            if run.rounds.failures or run.rounds.least_work_ns() < least_work_ns:
                break
        return run.rounds

    def _run_of(self, benchmark: Benchmark, size: Size, directory: Path) -> BenchmarkRun:
        request = self.prepared.request
        settings = quick_start(benchmark, size, self.sides, request.environment) if self.policy.starts_quickly else {}
        ready = tuple(c for side in self.sides for c in candidates(side, benchmark, size.parameters, request, settings))
        rounds = Rounds(
            candidates=ready,
            directory=directory,
            launcher=self.prepared.launcher.argv,
            limits=self.prepared.limits,
        )
        return BenchmarkRun(benchmark=benchmark, size=size, settings=settings, rounds=rounds)

    def _rounds(self) -> None:
        self._planned_ns = max(1.0, sum(_expected_ns(run) for run in self._runs.values()))
        for name, run in self._runs.items():
            for number in range(run.rounds.complete_rounds() + 1, run.plan.rounds + 1):
                for candidate in run.rounds.run(number, f"{self.prepared.request.seed}/{name}"):
                    self._report(name, candidate, number=number, rounds=run.plan.rounds)
                self._report_held_up()
            self.save(self._so_far(State.RUNNING, run.rounds.directory))

    def _report(self, name: str, candidate: Candidate, *, number: int = PILOT, rounds: int = 0) -> None:
        """Report which program runs next; what is left is known once the rounds are planned."""
        fraction, remaining_s = 0.0, None
        if number != PILOT:
            spent_ns = self._spent_ns() - self._discarded_ns
            fraction = min(0.99, spent_ns / self._planned_ns)
            # What has been slower or faster than the pilot holds for the rest too.
            pace = (time.monotonic_ns() - self._first_run_ns) / max(1, spent_ns - self._restored_ns)
            remaining_s = max(0.0, self._planned_ns - spent_ns) * pace / NS_PER_S
        self.listen(
            Measuring(
                benchmark=name,
                program=program_label(candidate.program),
                round_number=number,
                rounds=rounds,
                fraction_done=fraction,
                remaining_s=remaining_s,
            )
        )

    def _report_held_up(self) -> None:
        """Report that runs were repeated because the harness itself was held up."""
        held_up_ns = sum(run.rounds.held_up_ns for run in self._runs.values())
        if held_up_ns > self._held_up_ns:
            took = clock_duration((held_up_ns - self._held_up_ns) / NS_PER_S)
            self.listen(Remark(text=f"seqbench itself was held up for {took}, so that a run was repeated"))
        self._held_up_ns = held_up_ns

    def _spent_ns(self) -> int:
        return self._discarded_ns + sum(run.rounds.spent_ns for run in self._runs.values())

    def _so_far(self, state: State, scratch: Path) -> tuple[Session, ...]:
        for benchmark in self.benchmarks:
            if benchmark.name not in self._runs:
                size = self.policy.sizes[benchmark.name][0]
                self._runs[benchmark.name] = self._run_of(benchmark, size, scratch)
        spent = Spent(
            wall_ns=time.monotonic_ns() - self.prepared.started_ns,
            build_ns=self._first_run_ns - self.prepared.started_ns,
            programs_ns=self._spent_ns(),
        )
        chosen = [(name, run.size.parameters) for name, run in self._runs.items()]
        notes = self.prepared.setting_notes(self.sides, chosen)
        sides = [(side, replace(blank, setting_notes=notes)) for side, blank in self._sessions]
        return sessions_of(sides, tuple(self._runs.values()), state, spent, datetime.now(UTC))


def _expected_ns(run: BenchmarkRun) -> float:
    """Return what the pilot and all rounds of a benchmark take, by its pilot."""
    cost_ns = run.rounds.pilot().cost_ns * (1 + run.rounds.probe_share())
    return run.plan.rounds * cost_ns + run.rounds.pilot_ns()
