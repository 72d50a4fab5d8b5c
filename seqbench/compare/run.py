"""Measure two compilers in the same rounds."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path

from seqbench.bench.budget import PLANNED_SHARE, Budget, least_budget_s
from seqbench.bench.build import Executable
from seqbench.bench.pilots import MeasuringPolicy
from seqbench.bench.plan import Pilot, Plan
from seqbench.bench.prepare import prepared_to_compare
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import Side
from seqbench.bench.rebuilds import build_times, built_s, with_build_times, with_kept_builds
from seqbench.bench.request import Request
from seqbench.bench.runner import Runner, Saver
from seqbench.bench.stopping import ALL_ROUNDS, Stopping
from seqbench.compare.asking import ANSWERS_VARIABLE, Asking
from seqbench.compare.calibration import Calibration, known_spreads
from seqbench.compare.compared import effective_settings
from seqbench.compare.document import ComparisonRequest
from seqbench.compare.looks import PLANNED_LOOKS
from seqbench.compare.metrics import ONLY_TIME, Metric, family_of
from seqbench.compare.plan import MOST_PAIRS, PILOT_ROUNDS, plan_fixed, plan_pairs
from seqbench.compare.stop import standing
from seqbench.compare.verdict import FAMILY_ERROR, least_pairs, rounds_to_find
from seqbench.errors import UsageError
from seqbench.events import Estimate, Listener, Remark
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.session import Session
from seqbench.stats.signed_rank import fewest_values
from seqbench.suite.benchmarks import Benchmark, select_benchmarks
from seqbench.suite.size_request import SizeRequest
from seqbench.suite.sizes import Parameters, Size, possible_sizes
from seqbench.units import NS_PER_S

# Shorter runs give narrower intervals in the same time, until start-up and clock dominate the work.
LEAST_PAIRED_WORK_NS = 15_000_000
# A pilot may see only half of the noise, and so may a calibration from a quiet hour (studies/gate_power.py). The probe
# gets this many times the rounds that its slowdown takes.
_CAUTION = 5.0
# The probe has its rounds by the second look, so that a benchmark may stop there.
PROBE_BY = PLANNED_LOOKS[1].fraction
# Of the budget, the timed builds, where they are judged.
_BUILD_SHARE = 0.3
# What an interrupted comparison has left at least: hints divide by its share of the budget.
_LEAST_LEFT_S = 1e-3
# Of the budget, all pilots together.
_PILOT_SHARE = 0.25


def compare_compilers(
    request: Request,
    comparison: ComparisonRequest,
    *,
    listen: Listener,
    save: Saver,
    resumed: tuple[Session, ...] = (),
    probe: bool = False,
    calibration: Calibration | None = None,
) -> tuple[Session, ...]:
    """Build the programs of both compilers, run them in the same rounds, and return the sessions of base and head.

    Each benchmark runs at the smallest size with enough work. The programs get the settings that shorten their start.

    Parameters
    ----------
    save
        Called with the sessions after every turn of a benchmark, after the builds of each program were timed, and after
        an interrupt.
    resumed
        The sessions of an interrupted comparison, to run their missing rounds; empty for a new comparison.
    probe
        Whether to add a third side: base again, in some of the rounds, plain or slowed down by a known share.
    calibration
        The calibration of this machine, which divides the budget better than the pilots do.

    Raises
    ------
    UsageError
        A benchmark is unknown, or the number of rounds is too small or too large for a verdict.
    ToolchainError
        A compiler is not available (the message names the side).
    KeyboardInterrupt
        The user interrupted it.
    """
    _require_rounds_to_judge(request, comparison.metrics, probe=probe)
    specs = {"base": comparison.base, "head": comparison.head}
    with prepared_to_compare(request, specs, listen) as ready:
        sides = (*ready.sides, replace(ready.side, name="probe", is_probe=True)) if probe else ready.sides
        size = partial(_resumed_size, resumed=resumed, otherwise=request.size)
        rounds_share = _rounds_share(comparison.metrics)
        rounds_s = _rounds_s(rounds_share * request.limit_s, resumed)
        builds_s = (1 - rounds_share) * request.limit_s
        stopping = _stopping(ready, comparison, resumed, listen)
        if not probe and _are_same(ready):
            listen(Remark(text="both sides are the same by definition: what follows shows the noise of this machine"))
        if rounds_s < inf:
            listen(Estimate(total_s=(rounds_s + builds_s) / request.budget_share))
        runner = Runner(
            prepared=ready,
            sides=sides,
            benchmarks=ready.benchmarks,
            policy=MeasuringPolicy(
                sizes={b.name: possible_sizes(b, ready.runtimes, ready.limits, size(b)) for b in ready.benchmarks},
                plan=_Planner(
                    prepared=ready,
                    probe=probe,
                    calibration=calibration,
                    metrics=comparison.metrics,
                    probe_by=1.0 if stopping is ALL_ROUNDS else PROBE_BY,
                ),
                stopping=stopping,
                fixed=ready.fixed_sizes(),
                scored_rounds=_least_rounds(ready.benchmarks, comparison.metrics, probe=probe),
                on_sizes=partial(_report_idle_settings, ready, listen),
                pilot_rounds=PILOT_ROUNDS,
                pilot_share=_PILOT_SHARE,
                starts_quickly=True,
                least_work_ns=LEAST_PAIRED_WORK_NS,
            ),
            budget=Budget.of(rounds_s, time.monotonic_ns(), share=_share_of_asked(rounds_s, request)),
            listen=listen,
            save=save,
        )
        sessions = runner.resume(resumed) if resumed else runner.measure()
        if isinstance(stopping.judge, Asking):
            stopping.judge.end()
        if Metric.BUILD_TIME not in comparison.metrics:
            return sessions
        sessions = with_kept_builds(sessions, resumed)
        return _with_build_times(ready, sessions, comparison.metrics, length_s=builds_s, listen=listen, save=save)


def _with_build_times(
    ready: Prepared,
    sessions: tuple[Session, ...],
    metrics: Sequence[Metric],
    *,
    length_s: float,
    listen: Listener,
    save: Saver,
) -> tuple[Session, ...]:
    """Return the sessions with the times of paired builds of base and head; `save` has them after each program."""
    error, timed = FAMILY_ERROR / _family(ready.benchmarks, metrics), len(ready.sides)
    # An interrupted comparison has timed some of them already.
    length_s = max(_LEAST_LEFT_S, length_s - built_s(sessions))
    for times in build_times(
        ready.sides,
        ready.request,
        known=sessions[:timed],
        least=fewest_values(error),
        budget=Budget.of(length_s, time.monotonic_ns(), share=_share_of_asked(length_s, ready.request)),
        listen=listen,
    ):
        sessions = (*with_build_times(sessions[:timed], times), *sessions[timed:])
        save(sessions)
    return sessions


def measure_at_sizes(
    ready: Prepared, sides: tuple[Side, Side], sizes: Mapping[str, Size], *, listen: Listener, save: Saver
) -> tuple[Session, ...]:
    """Run the programs of two prepared sides in the same rounds, at these sizes, with the user's settings only.

    Raises
    ------
    KeyboardInterrupt
        The user interrupted it.
    """
    runner = Runner(
        prepared=ready,
        sides=sides,
        benchmarks=ready.benchmarks,
        policy=MeasuringPolicy(
            sizes={benchmark.name: (sizes[benchmark.name],) for benchmark in ready.benchmarks},
            plan=_Planner(prepared=ready, probe=False, calibration=None),
            pilot_rounds=PILOT_ROUNDS,
            pilot_share=_PILOT_SHARE,
            on_sizes=partial(_report_idle_settings, ready, listen),
        ),
        budget=Budget.of(ready.request.limit_s, time.monotonic_ns(), share=ready.request.budget_share),
        listen=listen,
        save=save,
    )
    return runner.measure()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planner:
    """Divides the budget of a comparison among its benchmarks."""

    prepared: Prepared
    probe: bool
    calibration: Calibration | None
    metrics: tuple[Metric, ...] = ONLY_TIME
    probe_by: float = 1.0
    """The share of the rounds within which the probe has all of its own."""

    def __call__(self, pilots: Sequence[Pilot], left_ns: float) -> tuple[Plan, ...]:
        """Return a plan for each pilot, and the budget that a verdict on each benchmark needs where one is left out."""
        request, family = self.prepared.request, _family(self.prepared.benchmarks, self.metrics)
        pilots = self._calibrated(pilots)
        least = _least_rounds(self.prepared.benchmarks, self.metrics, probe=self.probe)
        to_find = partial(rounds_to_find, family=family, caution=_CAUTION) if self.probe else None
        if request.runs is not None:
            return plan_fixed(pilots, request.runs, to_find=to_find, probe_by=self.probe_by)
        spent_ns = _rounds_share(self.metrics) * request.budget_s * NS_PER_S - left_ns

        def plans_in(left_ns: float) -> tuple[Plan, ...]:
            return plan_pairs(pilots, PLANNED_SHARE * left_ns, least=least, to_find=to_find, probe_by=self.probe_by)

        def is_enough(budget_s: float) -> bool:
            plans = zip(plans_in(budget_s * NS_PER_S - spent_ns), pilots, strict=True)
            return all(plan.rounds for plan, pilot in plans if pilot.cost_ns < inf)

        plans = plans_in(left_ns)
        if all(plan.rounds for plan in plans):
            return plans
        needs_s = least_budget_s(is_enough)
        return tuple(plan if plan.rounds else replace(plan, needs_s=needs_s) for plan in plans)

    def _calibrated(self, pilots: Sequence[Pilot]) -> Sequence[Pilot]:
        """Return the pilots with the spreads of the calibration, if it has all of them at these sizes."""
        if self.prepared.runtimes[0].name != COMPARED_RUNTIME:
            return pilots
        names = [benchmark.name for benchmark in self.prepared.benchmarks]
        sizes = [(name, pilot.parameters) for name, pilot in zip(names, pilots, strict=True)]
        spreads = known_spreads(
            self.calibration, self.prepared.machine.identities, self.prepared.request.target_cpu.choice, sizes
        )
        if spreads is None:
            return pilots
        return [
            replace(pilot, spread=spread, is_calibrated=True) for pilot, spread in zip(pilots, spreads, strict=True)
        ]


def _stopping(
    ready: Prepared, comparison: ComparisonRequest, resumed: tuple[Session, ...], listen: Listener
) -> Stopping:
    """Return when benchmarks stop; an interrupted comparison keeps the design that it began with."""
    is_fixed = any(result.design is None for session in resumed for result in session.results)
    if comparison.is_fixed or is_fixed:
        return ALL_ROUNDS
    runtime, answers = ready.runtimes[0].name, ready.request.environment.get(ANSWERS_VARIABLE)
    if answers:
        asking = Asking(
            answers=Path(answers),
            listen=listen,
            runtime=runtime,
            margin=comparison.margin,
            metrics=comparison.metrics,
        )
        return Stopping(looks=PLANNED_LOOKS, judge=asking, most_rounds=MOST_PAIRS)
    judge = partial(standing, runtime=runtime, margin=comparison.margin, metrics=comparison.metrics)
    return Stopping(looks=PLANNED_LOOKS, judge=judge, most_rounds=MOST_PAIRS)


def _are_same(ready: Prepared) -> bool:
    """Return whether both sides run the same executables with the same settings, so that every verdict is "same"."""
    settings = [effective_settings(ready.blank_session(side)) for side in ready.sides]
    started = [
        {
            program: (each.digest, each.command, each.arguments, each.environment)
            for program, each in side.executables.items()
            if isinstance(each, Executable)
        }
        for side in ready.sides
    ]
    return bool(started[0]) and settings[0] == settings[1] and started[0] == started[1]


def _report_idle_settings(ready: Prepared, listen: Listener, chosen: Sequence[tuple[str, Parameters]]) -> None:
    """Report the settings that cannot matter at the sizes that were chosen."""
    for note in ready.setting_notes(ready.sides, chosen):
        listen(Remark(text=note))


def _rounds_share(metrics: Sequence[Metric]) -> float:
    """Return the share of the budget that the rounds have; the rest is for timed builds."""
    return 1 - _BUILD_SHARE if Metric.BUILD_TIME in metrics else 1.0


def _family(benchmarks: Sequence[Benchmark], metrics: Sequence[Metric]) -> int:
    """Return how many verdicts share the error, as far as that is known before the first run."""
    return family_of([benchmark.name for benchmark in benchmarks], metrics)


def _least_rounds(benchmarks: Sequence[Benchmark], metrics: Sequence[Metric], *, probe: bool) -> int:
    """Return the fewest rounds for a verdict: twice as many with a probe, half of them plain and half slowed."""
    return least_pairs(_family(benchmarks, metrics)) * (2 if probe else 1)


def _require_rounds_to_judge(request: Request, metrics: Sequence[Metric], *, probe: bool) -> None:
    """Raise a UsageError if `--runs` is too small or too large for a verdict."""
    runs = request.runs
    if runs is None:
        return
    benchmarks = select_benchmarks(request.load_suite(), request.only)
    least = _least_rounds(benchmarks, metrics, probe=probe)
    by = f" by {len(metrics)} metrics" if len(metrics) > 1 else ""
    if runs < least:
        raise UsageError(
            f"--runs {runs}: {len(benchmarks)} benchmarks cannot be judged{by} from fewer than {least} rounds",
            f"use --runs {least} or more, or leave it out",
        )
    if runs > MOST_PAIRS:
        raise UsageError(
            f"--runs {runs}: a comparison is judged from at most {MOST_PAIRS} rounds", f"use --runs {MOST_PAIRS}"
        )


def _rounds_s(length_s: float, resumed: tuple[Session, ...]) -> float:
    """Return the time for rounds, in seconds: of an interrupted comparison what it left of its own."""
    used_s = resumed[0].programs_ns / NS_PER_S if resumed else 0.0
    return max(_LEAST_LEFT_S, length_s - used_s)


def _share_of_asked(length_s: float, request: Request) -> float:
    """Return the share that this time is of the budget that was asked for, which hints are about."""
    return request.budget_share * (length_s / request.limit_s if length_s < inf else 1.0)


def _resumed_size(benchmark: Benchmark, *, resumed: tuple[Session, ...], otherwise: SizeRequest) -> SizeRequest:
    """Return the size that the interrupted sessions ran this benchmark at."""
    found = next(
        (result for session in resumed for result in session.results if result.benchmark == benchmark.name), None
    )
    return otherwise if found is None else SizeRequest(values=found.parameters, strict=True)
