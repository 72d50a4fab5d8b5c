"""Measure a sweep: every benchmark that has the parameter, at each value, in rising order.

A runtime is not run at a value that is too large for the machine, or after it failed at a smaller value. The sweep
records why, and continues with the other runtimes.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from math import inf

from seqbench.bench.budget import Budget, budget_flag
from seqbench.bench.plan import LEAST_ROUNDS
from seqbench.bench.prepare import prepared
from seqbench.bench.prepared import Prepared
from seqbench.bench.request import Request
from seqbench.bench.resume import require_unchanged
from seqbench.bench.run import measure
from seqbench.errors import BudgetError, UsageError
from seqbench.events import Estimate, Estimates, Event, Listener, Measuring, Phase, ignore
from seqbench.experiments.sweep.document import NotRun, SweepDocument, SweepPoint, SweptBenchmark
from seqbench.experiments.sweep.expected import missing_ns, predicted_round_ns
from seqbench.experiments.sweep.ranges import Over, plan
from seqbench.runtimes.base import Runtime
from seqbench.sessions.session import Session, State
from seqbench.suite.benchmarks import Benchmark, select_benchmarks
from seqbench.suite.size_request import SizeRequest
from seqbench.suite.sizes import choose_size
from seqbench.system import machine
from seqbench.system.facts import Limits
from seqbench.toolchain.compiler_spec import parse_spec
from seqbench.toolchain.target_cpu import recorded_target
from seqbench.units import NS_PER_S

_FIX_OF_ROWS = "sweep programs of one test, with --only; or runtimes with the same kind of clock, with --runtimes"

Saver = Callable[[SweepDocument], None]
# What a point takes is reported if it takes so long.
_LONG_POINT_S = 60.0


def run(
    request: Request,
    over: Over,
    *,
    steps: int | None = None,
    listen: Listener = ignore,
    save: Saver = lambda _document: None,
) -> SweepDocument:
    """Sweep over a range; `save` receives the sweep so far after every point, and after an interrupt.

    The size of the request is ignored: parameters that are not swept have their full size.

    Raises
    ------
    UsageError
        An unknown benchmark, runtime or parameter, or a range without an allowed value.
    ToolchainError
        A tool is missing or cannot be built.
    KeyboardInterrupt
        Interrupted.
    """
    benchmarks = select_benchmarks(request.load_suite(), request.only)
    planned = plan(benchmarks, over, steps=steps, is_every=not request.only)
    asked = replace(request, only=tuple(each.name for each in planned))
    with prepared(asked, listen) as ready:
        document = SweepDocument(
            over=over.text,
            spec=request.spec.text,
            runs=request.runs,
            budget_s=request.budget_s,
            timeout_s=request.timeout_s,
            session=replace(ready.blank_session(ready.side), size=over.text),
            benchmarks=planned,
            suite=request.other_suite[0],
            suite_file=request.other_suite[1],
        )
        return _measure_missing(document, ready, listen, save)


def resume(request: Request, document: SweepDocument, *, listen: Listener, save: Saver) -> SweepDocument:
    """Measure the missing points of an interrupted sweep, with its own seed and settings instead of the request's.

    Raises
    ------
    UsageError
        The machine, the sources, a tool, a setting or a program has changed.
    ToolchainError
        A tool is missing or cannot be built.
    KeyboardInterrupt
        Interrupted.
    """
    asked = replace(
        request.with_suite(document.suite, document.suite_file),
        only=tuple(each.name for each in document.benchmarks),
        runtimes=tuple(column.name for column in document.session.runtimes),
        reference=document.session.reference,
        runs=document.runs,
        budget_s=document.budget_s,
        keeps_budget=document.runs is None,
        timeout_s=document.timeout_s,
        seed=document.session.seed,
        spec=parse_spec(document.spec),
        target_cpu=recorded_target(document.session.target_cpu, machine.this_processor()),
    )
    with prepared(asked, listen) as ready:
        then = replace(document.session, results=tuple(document.results()))
        now = ready.blank_session(ready.side)
        require_unchanged(then, now, ready.side, ready.digests, compiler="a compiler", document="sweep")
        return _measure_missing(document, ready, listen, save)


def _measure_missing(document: SweepDocument, ready: Prepared, listen: Listener, save: Saver) -> SweepDocument:
    """Measure every missing point."""
    # The time before an interrupt counts too.
    started_ns = ready.started_ns - document.session.wall_ns
    document = _spent(document, State.RUNNING, started_ns, build_ns=time.monotonic_ns() - ready.started_ns)
    began_ns, estimates = time.monotonic_ns(), Estimates(listen)
    budget = Budget.of(max(0.0, ready.request.limit_s - document.session.programs_ns / NS_PER_S), began_ns)
    rounds = ready.request.runs or LEAST_ROUNDS
    try:
        while step := next(document.missing(), None):
            swept, value = step
            now_ns = time.monotonic_ns()
            left_ns = budget.left_ns(now_ns) if budget.is_limited else missing_ns(document, rounds)
            if left_ns < inf:
                estimates.report((now_ns - began_ns + left_ns) / NS_PER_S)
            share = budget.part(1 / len(tuple(document.missing())), now_ns)
            point, session = _point(ready, swept, value, share, _with_points(document, swept, value, left_ns, listen))
            document = document.with_point(swept.name, point)
            if session is None:
                document = _spent(document, State.RUNNING, started_ns)
            else:
                document = _spent(
                    document, State.RUNNING, started_ns, programs_ns=session.programs_ns, build_ns=session.build_ns
                )
            save(document)
    except KeyboardInterrupt:
        if document.has_points():
            save(_spent(document, State.INTERRUPTED, started_ns))
        raise
    document = _spent(document, State.COMPLETE, started_ns)
    save(document)
    return document


def _spent(
    document: SweepDocument, state: State, started_ns: int, *, programs_ns: int = 0, build_ns: int = 0
) -> SweepDocument:
    """Return the sweep with its new state, and with the additional time it took."""
    session = replace(
        document.session,
        state=state,
        finished_at=datetime.now(UTC),
        wall_ns=time.monotonic_ns() - started_ns,
        programs_ns=document.session.programs_ns + programs_ns,
        build_ns=document.session.build_ns + build_ns,
    )
    return replace(document, session=session)


def _point(
    ready: Prepared, swept: SweptBenchmark, value: int, share: Budget, listen: Listener
) -> tuple[SweepPoint, Session | None]:
    """Measure one value with the plain programs of the runtimes that can be run at it, in a share of the budget."""
    size = SizeRequest(values=(*swept.fixed, (swept.parameter, value)), strict=True)
    (benchmark,) = select_benchmarks(ready.suite, (swept.name,))
    limits = tuple(
        limit for runtime in ready.runtimes if (limit := _limit(benchmark, swept, runtime, size, ready.limits))
    )
    not_run = {limit.runtime for limit in limits}
    able = tuple(runtime.name for runtime in ready.runtimes if runtime.name not in not_run)
    if not able:
        return SweepPoint(value=value, limits=limits, result=None), None
    session = None
    # A pilot and a scored round at least.
    if not share.is_limited or 2 * predicted_round_ns(swept, value) <= share.length_ns:
        asked = replace(ready.request, only=(swept.name,), runtimes=able, reference="", size=size)
        session = _measured(ready.for_request(asked), share, listen)
    if session is not None and len(session.results) > 1:
        rows = ", ".join(result.name for result in session.results)
        raise UsageError(f"a sweep shows one time of each program, and {swept.name} has several: {rows}", _FIX_OF_ROWS)
    if session is None or not session.results[0].rounds:
        limits += tuple(_without_time(runtime, ready.request.budget_s) for runtime in able)
        return SweepPoint(value=value, limits=limits, result=None), session
    return SweepPoint(value=value, limits=limits, result=session.results[0]), session


def _measured(at_value: Prepared, share: Budget, listen: Listener) -> Session | None:
    """Measure the plain programs at one value; None if the share of the budget holds no round."""
    plain = at_value.side.only(lambda program: not program.variant)
    sizes = {name: (size,) for name, size in at_value.sizes().items()}
    try:
        # Only whole points are kept.
        return measure(at_value.with_budget(share), plain, sizes=sizes, listen=listen, save=lambda _session: None)
    except BudgetError:
        return None


def _without_time(runtime: str, budget_s: float) -> NotRun:
    return NotRun(
        runtime=runtime,
        words="no time",
        reason="its share of the budget holds no round",
        remedy=f"use {budget_flag(2 * budget_s)} or more, or a smaller range",
    )


def _limit(
    benchmark: Benchmark, swept: SweptBenchmark, runtime: Runtime, size: SizeRequest, holds: Limits
) -> NotRun | None:
    """Return why a runtime cannot be run at this size; None if it can."""
    if not any(program.runtime == runtime and not program.variant for program in benchmark.programs):
        reason = f"{benchmark.name} has no program in {runtime.title}"
        remedy = f"write {benchmark.name}/{benchmark.name}{runtime.extension}"
        return NotRun(runtime=runtime.name, words="no program", reason=reason, remedy=remedy)
    if failure := swept.failure_of(runtime.name):
        reason = f"failed at {failure[0]:,}: {failure[1].reason}"
        return NotRun(runtime=runtime.name, words="not run", reason=reason, remedy="")
    shortfalls = choose_size(benchmark, (runtime,), holds, replace(size, strict=False)).shortfalls
    if shortfalls:
        return NotRun(
            runtime=runtime.name,
            words="too large for this machine",
            reason="; ".join(shortfall.reason for shortfall in shortfalls),
            remedy=" and ".join(shortfall.fix for shortfall in shortfalls),
        )
    return None


def _with_points(
    document: SweepDocument, swept: SweptBenchmark, value: int, left_ns: float, listen: Listener
) -> Listener:
    """Report the next point, and return a listener that reports its rounds as parts of the whole sweep.

    `left_ns` is what all missing points take; infinite while that is unknown.
    """
    ends_ns = time.monotonic_ns() + left_ns
    points = sum(len(each.values) for each in document.benchmarks)
    done = sum(len(each.points) for each in document.benchmarks)
    where = f"{value:,} {swept.unit}"
    listen(Phase(text=f"{swept.name} at {where}: point {done + 1} of {points}"))

    def report(event: Event) -> None:
        if isinstance(event, Estimate):
            if event.total_s >= _LONG_POINT_S:
                listen(replace(event, of=f"{swept.name} at {where}"))
            return
        if isinstance(event, Measuring):
            left_s = max(0.0, ends_ns - time.monotonic_ns()) / NS_PER_S if left_ns < inf else None
            fraction = (done + event.fraction_done) / points
            program = f"{event.program} at {where}, point {done + 1} of {points}"
            event = replace(event, program=program, fraction_done=fraction, remaining_s=left_s)
        listen(event)

    return report
