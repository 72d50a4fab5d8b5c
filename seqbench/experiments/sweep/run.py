"""From a range to a sweep: every benchmark that has the parameter is measured at each value, in rising order.

A value that a runtime cannot be run at is a value too: what the machine cannot hold, and what failed at a smaller
value, is not run and says why, while the other runtimes go on.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from seqbench.bench import run as pipeline
from seqbench.bench.prepare import prepare
from seqbench.bench.request import Request
from seqbench.errors import UsageError
from seqbench.events import Event, Listener, Measuring, Phase, ignore
from seqbench.experiments.sweep.document import Limit, Point, SweepDocument, SweptBenchmark
from seqbench.experiments.sweep.ranges import Over, plan
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.registry import select_runtimes
from seqbench.sessions.session import Session, State, changed_since
from seqbench.suite.benchmarks import Benchmark, select_benchmarks
from seqbench.suite.manifest import load_suite
from seqbench.suite.sizes import SizeRequest, choose_size
from seqbench.system.facts import Limits
from seqbench.system.lock import measuring_lock
from seqbench.system.machine import this_machines_limits
from seqbench.toolchain.compiler_spec import parse_spec
from seqbench.units import NS_PER_S

Saver = Callable[[SweepDocument], None]

_MEND = "sweep again, without --resume"


def run(
    request: Request,
    over: Over,
    *,
    steps: int | None = None,
    listen: Listener = ignore,
    save: Saver = lambda _document: None,
) -> SweepDocument:
    """Sweep over a range; `save` is called with the sweep so far after every point, and after an interrupt.

    The size of the request is not looked at: what is not swept is at full size.

    Raises
    ------
    UsageError : an unknown benchmark, runtime or parameter, or a range with no value that a benchmark can have.
    ToolchainError : a tool is missing or cannot be built.
    KeyboardInterrupt : interrupted.
    """
    benchmarks = select_benchmarks(load_suite(request.suite_folder), request.only)
    planned = plan(benchmarks, over, steps=steps, is_every=not request.only)
    asked = replace(request, only=tuple(each.name for each in planned))
    with measuring_lock(request.cache, listen):
        started_ns = time.monotonic_ns()
        document = SweepDocument(
            over=over.text,
            spec=request.spec.text,
            runs=request.runs,
            budget_s=request.budget_s,
            timeout_s=request.timeout_s,
            session=replace(prepare(asked, listen=listen), size=over.text),
            benchmarks=planned,
        )
        return _go_on(document, asked, started_ns, listen, save)


def resume(request: Request, document: SweepDocument, *, listen: Listener, save: Saver) -> SweepDocument:
    """Measure the points that an interrupted sweep is missing, at its seed and settings, whatever the request says.

    Raises
    ------
    UsageError : the machine, the sources, a tool or a setting is not what it was.
    ToolchainError : a tool is missing or cannot be built.
    KeyboardInterrupt : interrupted.
    """
    asked = replace(
        request,
        only=tuple(each.name for each in document.benchmarks),
        runtimes=tuple(column.name for column in document.session.runtimes),
        runs=document.runs,
        budget_s=document.budget_s,
        timeout_s=document.timeout_s,
        seed=document.session.seed,
        spec=parse_spec(document.spec),
    )
    with measuring_lock(request.cache, listen):
        started_ns = time.monotonic_ns()
        now = prepare(asked, listen=listen)
        if problem := changed_since(document.session, now, "a compiler or its settings"):
            raise UsageError(f"this sweep cannot be gone on with: {problem}", _MEND)
        return _go_on(document, asked, started_ns, listen, save)


def _go_on(document: SweepDocument, request: Request, started_ns: int, listen: Listener, save: Saver) -> SweepDocument:
    """Measure every point that is missing; the caller holds the lock."""
    suite = {benchmark.name: benchmark for benchmark in load_suite(request.suite_folder).benchmarks}
    prepared_ns = time.monotonic_ns() - started_ns
    # What an interrupted sweep took until then counts too.
    started_ns -= document.session.wall_ns
    document = _spent(document, State.RUNNING, started_ns, build_ns=prepared_ns)
    try:
        while step := next(document.missing(), None):
            swept, value = step
            point, session = _point(
                suite[swept.name], swept, value, _asked(request, document), _telling(document, swept, value, listen)
            )
            document = document.with_point(swept.name, point)
            if session is None:
                document = _spent(document, State.RUNNING, started_ns)
            else:
                _require_same(document.session, session)
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
    """Say how far the sweep came, and what it took more."""
    session = replace(
        document.session,
        state=state,
        finished_at=datetime.now(UTC),
        wall_ns=time.monotonic_ns() - started_ns,
        programs_ns=document.session.programs_ns + programs_ns,
        build_ns=document.session.build_ns + build_ns,
    )
    return replace(document, session=session)


def _require_same(whole: Session, point: Session) -> None:
    """Raise where the point was measured with other things than those before it."""
    # The point may have had fewer runtimes, and so fewer tools.
    if point.sources != whole.sources or not set(point.toolchain) <= set(whole.toolchain):
        raise UsageError("the benchmark sources or a compiler have changed during the sweep", _MEND)


def _asked(request: Request, document: SweepDocument) -> Request:
    """Give the request with what the next point has of the budget: an equal share of what is left."""
    left_s = max(0.0, document.budget_s - document.session.programs_ns / NS_PER_S)
    return replace(request, budget_s=left_s / len(tuple(document.missing())))


def _point(
    benchmark: Benchmark, swept: SweptBenchmark, value: int, request: Request, listen: Listener
) -> tuple[Point, Session | None]:
    """Measure one value with the runtimes that can be run at it."""
    size = SizeRequest(values=(*swept.fixed, (swept.parameter, value)), strict=True)
    runtimes = select_runtimes(request.runtimes)
    holds = this_machines_limits()
    limits = tuple(limit for runtime in runtimes if (limit := _limit(benchmark, swept, runtime, size, holds)))
    barred = {limit.runtime for limit in limits}
    able = tuple(runtime.name for runtime in runtimes if runtime.name not in barred)
    if not able:
        return Point(value=value, limits=limits, result=None), None
    session = pipeline.bench_alone(
        replace(request, only=(benchmark.name,), runtimes=able, size=size),
        listen=listen,
        # Of a point there is all or nothing.
        save=lambda _session: None,
        limits=holds,
        variants=False,
    )
    return Point(value=value, limits=limits, result=session.results[0]), session


def _limit(
    benchmark: Benchmark, swept: SweptBenchmark, runtime: Runtime, size: SizeRequest, holds: Limits
) -> Limit | None:
    """Say why a runtime cannot be run at this size; None where it can."""
    if not any(program.runtime == runtime and not program.variant for program in benchmark.programs):
        reason = f"{benchmark.name} has no program in {runtime.title}"
        remedy = f"write {benchmark.name}/{benchmark.name}{runtime.suffix}"
        return Limit(runtime=runtime.name, words="no program", reason=reason, remedy=remedy)
    if failure := swept.failure_of(runtime.name):
        reason = f"it failed at {failure[0]:,}: {failure[1].reason}"
        return Limit(runtime=runtime.name, words="not run", reason=reason, remedy="")
    shortfalls = choose_size(benchmark, (runtime,), holds, replace(size, strict=False)).shortfalls
    if shortfalls:
        return Limit(
            runtime=runtime.name,
            words="too large for this machine",
            reason="; ".join(shortfall.reason for shortfall in shortfalls),
            remedy=" and ".join(shortfall.remedy for shortfall in shortfalls),
        )
    return None


def _telling(document: SweepDocument, swept: SweptBenchmark, value: int, listen: Listener) -> Listener:
    """Tell which point comes, and give a listener that tells of its rounds as parts of the whole sweep."""
    points = sum(len(each.values) for each in document.benchmarks)
    done = sum(len(each.points) for each in document.benchmarks)
    where = f"{value:,} {swept.unit}"
    listen(Phase(text=f"{swept.name} at {where}: point {done + 1} of {points}"))

    def tell(event: Event) -> None:
        if isinstance(event, Measuring):
            # How long the points to come will take is not known: it grows.
            fraction = (done + event.fraction_done) / points
            event = replace(event, program=f"{event.program} at {where}", fraction_done=fraction, remaining_s=None)
        listen(event)

    return tell
