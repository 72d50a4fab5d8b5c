"""Measure the benchmarks of one or more sides: run the pilots, plan, and run the rounds.

A side is a toolchain with what it built. `invoke bench` has one; a comparison has two, whose programs run in the
same rounds. Each side gets a session of its own.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from seqbench.bench.budget import Budget
from seqbench.bench.build import program_label
from seqbench.bench.pilots import MeasuringPolicy, Pilots
from seqbench.bench.placement import copies_in
from seqbench.bench.plan import PILOT, Pilot, Plan
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import Candidate, Side, candidates, quick_start
from seqbench.bench.results import BenchmarkRun, Spent, sessions_of
from seqbench.bench.resume import restore
from seqbench.bench.rounds import Rounds
from seqbench.bench.turns import Turns
from seqbench.errors import BudgetError
from seqbench.events import Estimates, Listener, Measuring, Remark
from seqbench.sessions.design import Design
from seqbench.sessions.session import Session, State
from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.sizes import Size
from seqbench.system.interrupts import shielded
from seqbench.units import NS_PER_S, clock_duration

Saver = Callable[[tuple[Session, ...]], None]


@dataclass(slots=True, kw_only=True)
class Runner:
    """The measuring of some sides, and how far it has come."""

    prepared: Prepared
    sides: tuple[Side, ...]
    benchmarks: tuple[Benchmark, ...]
    policy: MeasuringPolicy
    budget: Budget
    listen: Listener
    save: Saver
    _scratch: Path = field(default=Path(), init=False)
    """The folder that the programs run in."""
    _copies: Path = field(default=Path(), init=False)
    """The folder of the copies that are started."""
    _sessions: tuple[tuple[Side, Session], ...] = field(init=False)
    """Each side with its session without results."""
    _runs: dict[str, BenchmarkRun] = field(default_factory=dict, init=False)
    _first_run_ns: int = field(init=False)
    _pilots: Pilots = field(init=False)
    _held_up_ns: int = field(default=0, init=False)
    _estimates: Estimates = field(init=False)
    _expected_ns: float | None = field(default=None, init=False)
    """What everything is expected to take, by the clock from the first run; None while that is unknown."""
    _fraction: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._sessions = tuple((side, self.prepared.blank_session(side)) for side in self.sides)
        self._first_run_ns = time.monotonic_ns()
        self._estimates = Estimates(self.listen)
        self._pilots = Pilots(
            policy=self.policy,
            budget=self.budget,
            seed=self.prepared.request.seed,
            start=self._run_of,
            report=self._report,
            runs=self._runs,
        )

    def measure(self) -> tuple[Session, ...]:
        """Run the pilots, plan, and run all rounds; `save` gets the sessions after every turn of a benchmark.

        Raises
        ------
        BudgetError
            The budget holds no round of any benchmark.
        KeyboardInterrupt
            Interrupted; `save` got what was measured.
        """
        return self._measured(self._pilot)

    def resume(self, resumed: Sequence[Session]) -> tuple[Session, ...]:
        """Run the rounds that the interrupted sessions of these sides are missing.

        Raises
        ------
        UsageError
            The samples of then and those of now may not be put together.
        KeyboardInterrupt
            Interrupted; `save` got what was measured.
        """

        def restored() -> None:
            for benchmark in self.benchmarks:
                self._runs[benchmark.name] = self._run_of(benchmark, self.policy.sizes[benchmark.name][0])
            restore(self._runs, self._sessions, resumed)

        return self._measured(restored)

    def _measured(self, begin: Callable[[], None]) -> tuple[Session, ...]:
        cache = self.prepared.request.cache
        with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch, copies_in(cache) as copies:
            self._scratch, self._copies = Path(scratch), copies
            try:
                begin()
                self._rounds()
            except KeyboardInterrupt:
                # A second signal must not lose what was measured.
                with shielded():
                    self.save(self._so_far(State.INTERRUPTED))
                raise
            sessions = self._so_far(State.COMPLETE)
            self.save(sessions)
        return sessions

    def _pilot(self) -> None:
        """Run the pilots, choose the sizes, and plan the rounds.

        Raises
        ------
        BudgetError
            The budget holds no round of any benchmark.
        """
        self._pilots.first_look(self.benchmarks)
        if not self.budget.is_limited:
            self._expect([self._pilots.predicted(benchmark) for benchmark in self.benchmarks])
        self._pilots.finish(self.benchmarks)
        self.policy.on_sizes([(run.benchmark.name, run.size.parameters) for run in self._in_order()])
        pilots = [run.pilot() for run in self._in_order()]
        plans = self.policy.plan(pilots, self.budget.left_ns(time.monotonic_ns()))
        for run, plan in zip(self._in_order(), plans, strict=True):
            run.plan = plan if run.needs_s is None else Plan(rounds=0, needs_s=run.needs_s)
            run.rounds.follow(run.plan)
            if len(self.policy.stopping.looks) > 1:
                run.design = Design(planned=run.plan.rounds)
            if run.plan.needs_s is None:
                continue
            if run.plan.rounds:
                run.notes.append(f"too few rounds for an interval; {self.budget.flag(run.plan.needs_s)} is enough")
            else:
                run.skip(self.budget.flag(run.plan.needs_s))
        needs_s = [run.plan.needs_s for run in self._runs.values() if run.plan.needs_s is not None]
        if needs_s and not any(plan.rounds for plan in plans):
            raise BudgetError(
                f"a budget of {self.budget.asked_s:g} s is too short for every benchmark",
                f"use {self.budget.flag(min(needs_s))} or more",
            )
        if not self.budget.is_limited:
            self._expect(pilots)

    def _expect(self, pilots: Sequence[Pilot]) -> None:
        """Report what everything will take, by these pilots; again only if it was far off."""
        plans = self.policy.plan(pilots, self.budget.left_ns(time.monotonic_ns()))
        rounds = [self.policy.pilot_rounds + plan.rounds for plan in plans]
        total_ns = sum(number * pilot.cost_ns for number, pilot in zip(rounds, pilots, strict=True))
        self._estimates.report(total_ns / NS_PER_S)
        self._expected_ns = total_ns

    def _in_order(self) -> list[BenchmarkRun]:
        return [self._runs[benchmark.name] for benchmark in self.benchmarks]

    def _run_of(self, benchmark: Benchmark, size: Size) -> BenchmarkRun:
        request = self.prepared.request
        settings = quick_start(benchmark, size, self.sides, request.environment) if self.policy.starts_quickly else {}
        ready = tuple(c for side in self.sides for c in candidates(side, benchmark, size.parameters, request, settings))
        rounds = Rounds(
            candidates=ready,
            directory=self._scratch,
            copies=self._copies / benchmark.name,
            launcher=self.prepared.launcher.argv,
            limits=self.prepared.limits,
        )
        return BenchmarkRun(
            benchmark=benchmark,
            size=size,
            settings=settings,
            rounds=rounds,
            sources=self.prepared.digests[benchmark.name],
        )

    def _rounds(self) -> None:
        Turns(
            runs=tuple(self._in_order()),
            stopping=self.policy.stopping,
            budget=self.budget,
            seed=self.prepared.request.seed,
            listen=self.listen,
            report=self._report,
            after_round=self._report_held_up,
            sessions=lambda: self._so_far(State.RUNNING),
            save=lambda: self.save(self._so_far(State.RUNNING)),
        ).play()

    def _report(self, run: BenchmarkRun, candidate: Candidate, number: int = PILOT) -> None:
        """Report which program runs next, in which round, and how much time is left as far as that is known."""
        left_s = self._left_s()
        done_s = (time.monotonic_ns() - self._first_run_ns) / NS_PER_S
        if left_s is not None:
            self._fraction = max(self._fraction, min(0.99, done_s / max(done_s + left_s, 1e-9)))
        self.listen(
            Measuring(
                benchmark=run.benchmark.name,
                program=program_label(candidate.program),
                is_pilot=number == PILOT,
                round_number=number or run.pilot_rounds + 1,
                rounds=run.plan.rounds if number else self.policy.pilot_rounds,
                fraction_done=self._fraction,
                remaining_s=left_s,
            )
        )

    def _left_s(self) -> float | None:
        """Return the time that is left in seconds; None while it is unknown."""
        now_ns = time.monotonic_ns()
        limit_ns = self.budget.left_ns(now_ns)
        runs = self._runs.values()
        if any(run.round_cost_ns for run in runs):
            planned_ns = sum(run.scored_rounds * run.round_cost_ns for run in runs)
            # What has been slower or faster than the pilot is so for the rest too.
            pace = sum(run.scored_ns for run in runs) / planned_ns if planned_ns else 1.0
            return min(limit_ns, pace * sum(run.missing_ns() for run in runs)) / NS_PER_S
        if self._expected_ns is not None:
            return max(0.0, self._expected_ns - (now_ns - self._first_run_ns)) / NS_PER_S
        return limit_ns / NS_PER_S if self.budget.is_limited else None

    def _report_held_up(self) -> None:
        """Report that runs were repeated because the harness itself was held up."""
        held_up_ns = sum(run.rounds.held_up_ns for run in self._runs.values())
        if held_up_ns > self._held_up_ns:
            took = clock_duration((held_up_ns - self._held_up_ns) / NS_PER_S)
            self.listen(Remark(text=f"seqbench itself was held up for {took}, so that a run was repeated"))
        self._held_up_ns = held_up_ns

    def _spent_ns(self) -> int:
        return self._pilots.discarded_ns + sum(run.rounds.spent_ns for run in self._runs.values())

    def _so_far(self, state: State) -> tuple[Session, ...]:
        for benchmark in self.benchmarks:
            if benchmark.name not in self._runs:
                size = self.policy.sizes[benchmark.name][0]
                self._runs[benchmark.name] = self._run_of(benchmark, size)
        spent = Spent(
            wall_ns=time.monotonic_ns() - self.prepared.started_ns,
            build_ns=self._first_run_ns - self.prepared.started_ns,
            programs_ns=self._spent_ns(),
        )
        chosen = [(name, run.size.parameters) for name, run in self._runs.items()]
        notes = self.prepared.setting_notes(self.sides, chosen)
        sides = [(side, replace(blank, setting_notes=notes)) for side, blank in self._sessions]
        return sessions_of(sides, tuple(self._runs.values()), state, spent, datetime.now(UTC))
