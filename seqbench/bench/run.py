"""The one module that knows the order: suite, sizes, tools, builds, pilot, plan, rounds, session."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from seqbench.bench.build import build_all
from seqbench.bench.plan import LEAST_ROUNDS, Pilot, Plan, plan_rounds
from seqbench.bench.prepare import _blank_session, find_tools
from seqbench.bench.programs import Side
from seqbench.bench.request import Request
from seqbench.bench.runner import Conductor
from seqbench.events import Listener, Remark
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.registry import select_runtimes
from seqbench.sessions.session import Session
from seqbench.suite.benchmarks import Benchmark, select_benchmarks
from seqbench.suite.manifest import load_suite
from seqbench.suite.sizes import Size, choose_size
from seqbench.system import machine
from seqbench.system.facts import NO_LIMITS, Limits
from seqbench.system.lock import measuring_lock
from seqbench.units import NS_PER_S, clock_duration

# A plan that goes over the budget by less is within what a pilot can foretell.
_OVERRUN = 1.1


Saver = Callable[[Session], None]


def bench(request: Request, *, listen: Listener, save: Saver) -> Session:
    """Measure what was asked for; `save` is called with the session so far whenever a benchmark is done.

    An interrupt ends the children, saves what was measured as an interrupted session, and is raised again.

    Raises
    ------
    UsageError : an unknown benchmark or runtime, a size that does not fit, a broken manifest.
    ToolchainError : a tool is missing or cannot be built.
    KeyboardInterrupt : interrupted.
    """
    # A size that no machine could run is told before the wait; what this one can hold is looked at after it, because
    # what another run takes is not there while it runs.
    benchmarks = select_benchmarks(load_suite(request.suite_folder), request.only)
    _sizes(benchmarks, select_runtimes(request.runtimes), request, NO_LIMITS)
    with measuring_lock(request.cache, listen):
        return bench_alone(request, listen=listen, save=save, limits=machine.this_machines_limits())


def bench_alone(request: Request, *, listen: Listener, save: Saver, limits: Limits, variants: bool = True) -> Session:
    """Do as `bench` does; the caller holds the lock, and says what the machine holds.

    Without `variants` only the plain program of each runtime is measured.
    """
    started_ns = time.monotonic_ns()
    load_before = machine.load_average()
    suite = load_suite(request.suite_folder)
    benchmarks = select_benchmarks(suite, request.only)
    runtimes = select_runtimes(request.runtimes)
    sizes = _sizes(benchmarks, runtimes, request, limits)
    tools = find_tools(runtimes, request, listen)
    programs = tuple(p for b in benchmarks for p in b.programs if p.runtime in runtimes and (variants or not p.variant))
    executables = build_all(programs, tools, cache=request.cache, environment=request.environment, listen=listen)
    # The load of before the builds, which are our own.
    blank = replace(_blank_session(request, suite, runtimes, tools), load_before=load_before)
    side = Side(name="", tools=tools, executables=executables, blank=blank)
    conductor = Conductor(
        request=request,
        sides=(side,),
        benchmarks=benchmarks,
        candidates={name: (size,) for name, size in sizes.items()},
        plan=lambda pilots, _spent_ns: _planned(pilots, request, listen),
        started_ns=started_ns,
        listen=listen,
        save=lambda sessions: save(sessions[0]),
    )
    return conductor.measure()[0]


def _planned(pilots: Sequence[Pilot], request: Request, listen: Listener) -> tuple[Plan, ...]:
    """Plan the rounds, and say so when the budget is too small for them."""
    costs_ns = [pilot.cost_ns for pilot in pilots]
    rounds = plan_rounds(costs_ns, request.budget_s * NS_PER_S, request.runs)
    whole_s = sum((1 + n) * cost for n, cost in zip(rounds, costs_ns, strict=True)) / NS_PER_S
    if request.runs is None and whole_s > request.budget_s * _OVERRUN:
        budget, whole = clock_duration(request.budget_s), clock_duration(whole_s)
        text = f"an equal share of {budget} does not pay for the {LEAST_ROUNDS} rounds that an interval needs"
        listen(Remark(text=f"{text}: measuring will take about {whole}"))
    return tuple(Plan(rounds=number) for number in rounds)


def _sizes(
    benchmarks: tuple[Benchmark, ...], runtimes: tuple[Runtime, ...], request: Request, limits: Limits
) -> dict[str, Size]:
    return {b.name: choose_size(b, _runtimes_of(b, runtimes), limits, request.size) for b in benchmarks}


def _runtimes_of(benchmark: Benchmark, runtimes: tuple[Runtime, ...]) -> tuple[Runtime, ...]:
    return tuple(runtime for runtime in runtimes if any(p.runtime == runtime for p in benchmark.programs)) or runtimes
