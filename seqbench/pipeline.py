"""The one module that knows the order: suite, sizes, tools, builds, pilot, plan, rounds, session."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

from seqbench import machine, repository, toolchain
from seqbench.build import build_all, lint
from seqbench.compare import Comparison, compare
from seqbench.comparison import least_pairs
from seqbench.conduct import Conductor, Side, settings_of
from seqbench.errors import ToolchainError, UsageError
from seqbench.events import Listener, Remark
from seqbench.lock import measuring_lock
from seqbench.measure import LEAST_ROUNDS, plan_pairs, plan_rounds
from seqbench.provision import provide_seqc
from seqbench.request import Request, Versus, select_benchmarks, select_runtimes
from seqbench.runtimes import RUNTIMES, Runtime
from seqbench.session import RuntimeColumn, Session, State, ToolIdentity
from seqbench.sizing import SizeName, SizeRequest, candidate_sizes, choose_size
from seqbench.suite import Benchmark, Program, Suite, load_suite, sources_digest
from seqbench.toolchain import Toolchain
from seqbench.units import clock_duration

RECORD_NAME = "LATEST_RUN.txt"
COMPARED_RUNTIME = "seq"
# Above this, shorter runs at a smaller size buy more certainty for the same time (docs/METHOD.md).
LONGEST_PAIRED_RUN_NS = 500_000_000
_NS = 1_000_000_000
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
    started_ns = time.monotonic_ns()
    suite = load_suite(request.suite_folder)
    benchmarks = select_benchmarks(suite, request.only)
    runtimes = select_runtimes(request.runtimes)
    limits = machine.this_machines_limits()
    sizes = {b.name: choose_size(b, _runtimes_of(b, runtimes), limits, request.size) for b in benchmarks}
    with measuring_lock(request.cache, listen):
        tools = find_tools(runtimes, request, listen)
        programs = tuple(p for b in benchmarks for p in b.programs if p.runtime in runtimes)
        executables = build_all(programs, tools, cache=request.cache, environment=request.environment, listen=listen)
        side = Side(
            name="", tools=tools, executables=executables, blank=_blank_session(request, suite, runtimes, tools)
        )
        conductor = Conductor(
            request=request,
            sides=(side,),
            benchmarks=benchmarks,
            sizes=sizes,
            plan=lambda costs_ns: _planned(costs_ns, request, listen),
            started_ns=started_ns,
            listen=listen,
            save=lambda sessions: save(sessions[0]),
        )
        return conductor.measure()[0]


def versus(
    request: Request,
    wanted: Versus,
    *,
    listen: Listener,
    save: Callable[[Session, Session], None],
    resumed: tuple[Session, Session] | None = None,
) -> Comparison:
    """Build both compilers, run their programs in the same rounds, and judge them.

    `save` gets both sessions whenever a benchmark is done, and after an interrupt; `resumed` goes on with such a pair.

    Raises
    ------
    UsageError : an unknown benchmark, or fewer rounds than a judgement needs.
    ToolchainError : a compiler cannot be had (the message says which side).
    KeyboardInterrupt : interrupted.
    """
    started_ns = time.monotonic_ns()
    suite = load_suite(request.suite_folder)
    runtimes = select_runtimes((COMPARED_RUNTIME,))
    benchmarks = tuple(
        b for b in select_benchmarks(suite, request.only) if any(p.runtime in runtimes for p in b.programs)
    )
    least = least_pairs(len(benchmarks))
    if request.runs is not None and request.runs < least:
        raise UsageError(
            f"--runs {request.runs}: {len(benchmarks)} benchmarks cannot be judged from fewer than {least} rounds",
            f"use --runs {least} or more, or leave it out",
        )
    programs = tuple(p for b in benchmarks for p in b.programs if p.runtime in runtimes and not p.variant)
    with measuring_lock(request.cache, listen):
        sides = []
        for name, spec in (("base", wanted.base), ("head", wanted.head)):
            asked = replace(request, spec=spec)
            try:
                tools = find_tools(runtimes, asked, listen)
            except ToolchainError as error:
                raise ToolchainError(f"{name} ({spec.text}): {error.message}", error.remedy) from error
            built = build_all(programs, tools, cache=request.cache, environment=request.environment, listen=listen)
            blank = _blank_session(asked, suite, runtimes, tools)
            sides.append(Side(name=name, tools=tools, executables=built, blank=blank))
        conductor = Conductor(
            request=request,
            sides=tuple(sides),
            benchmarks=benchmarks,
            sizes={},
            plan=lambda costs_ns: plan_pairs(costs_ns, request.budget_s * _NS, request.runs, least),
            started_ns=started_ns,
            listen=listen,
            save=lambda sessions: save(sessions[0], sessions[1]),
            resumed=resumed or (),
        )
        limits = machine.this_machines_limits()
        if resumed is not None:
            for result in resumed[0].results:
                benchmark = next(b for b in benchmarks if b.name == result.name)
                scaling = benchmark.scaling
                number = dict(result.parameters)[scaling.name] if scaling else None
                asked_size = SizeRequest(name=SizeName.FULL) if number is None else SizeRequest(number=number)
                conductor.sizes = {
                    **conductor.sizes,
                    benchmark.name: choose_size(benchmark, runtimes, limits, asked_size),
                }
        else:
            for benchmark in benchmarks:
                candidates = candidate_sizes(benchmark, runtimes, limits, request.size)
                size = conductor.fit_size(benchmark, candidates, LONGEST_PAIRED_RUN_NS)
                conductor.sizes = {**conductor.sizes, benchmark.name: size}
        base, head = conductor.measure()
    return compare(base, head, runtime=COMPARED_RUNTIME, paired=True, margin=wanted.margin)


def lint_suite(request: Request, tools: Toolchain) -> tuple[tuple[Program, str], ...]:
    """Run the linter of its language over every program; give those with findings."""
    programs = (program for benchmark in load_suite(request.suite_folder).benchmarks for program in benchmark.programs)
    findings = ((program, lint(program, tools, request.environment)) for program in programs)
    return tuple((program, found) for program, found in findings if found)


def find_tools(runtimes: tuple[Runtime, ...], request: Request, listen: Listener) -> Toolchain:
    """Find or build every tool that these runtimes need.

    Raises
    ------
    ToolchainError : one of them is not to be had.
    """
    finders = {
        "seqc": lambda: provide_seqc(request.spec, cache=request.cache, environment=request.environment, listen=listen),
        "clang": lambda: toolchain.find_clang(request.environment, request.cache),
        "go": lambda: toolchain.find_go(request.environment, request.cache),
    }
    names = dict.fromkeys(name for runtime in runtimes for name in runtime.tools)
    # The quick ones first: a missing clang should not be told after two minutes of building seqc.
    found = {name: finders[name]() for name in sorted(names, key=lambda name: name == "seqc")}
    return Toolchain(
        tools=tuple(found[name] for name in names), search_path=request.environment.get("PATH", os.defpath)
    )


def _blank_session(request: Request, suite: Suite, runtimes: tuple[Runtime, ...], tools: Toolchain) -> Session:
    head = repository.head(request.project, request.environment, ignore=(RECORD_NAME,))
    now = datetime.now(UTC)
    settings = {
        key: value for runtime in runtimes for key, value in settings_of(runtime, request.environment, tools).items()
    }
    return Session(
        seqbench_version=version("seqbench"),
        state=State.RUNNING,
        started_at=now,
        finished_at=now,
        seed=request.seed,
        commit=head.commit if head else "",
        dirty=head.dirty if head else False,
        machine=machine.this_machine(),
        load_before=machine.load_average(),
        suite=tuple(benchmark.name for benchmark in suite.benchmarks),
        is_default_suite=request.is_default_suite,
        sources=sources_digest(suite),
        size=request.size.name.value if request.size.name else f"{request.size.number:,}",
        runtimes=tuple(RuntimeColumn(name=runtime.name, title=runtime.title) for runtime in runtimes),
        is_every_runtime=runtimes == RUNTIMES,
        toolchain=tuple(
            ToolIdentity(name=tool.name, version=tool.version, digest=tool.digest, provenance=tool.provenance)
            for tool in tools.tools
        ),
        settings=tuple(sorted(settings.items())),
        budget_s=request.budget_s if request.runs is None else None,
        wall_ns=0,
        programs_ns=0,
        build_ns=0,
        results=(),
    )


def _planned(costs_ns: Sequence[float], request: Request, listen: Listener) -> tuple[int, ...]:
    """Plan the rounds, and say so when the budget is too small for them."""
    rounds = plan_rounds(costs_ns, request.budget_s * _NS, request.runs)
    whole_s = sum((1 + n) * cost for n, cost in zip(rounds, costs_ns, strict=True)) / _NS
    if request.runs is None and whole_s > request.budget_s * _OVERRUN:
        budget, whole = clock_duration(request.budget_s), clock_duration(whole_s)
        text = f"a budget of {budget} is too small for the {LEAST_ROUNDS} rounds that an interval needs"
        listen(Remark(text=f"{text}: measuring will take about {whole}"))
    return rounds


def _runtimes_of(benchmark: Benchmark, runtimes: tuple[Runtime, ...]) -> tuple[Runtime, ...]:
    return tuple(runtime for runtime in runtimes if any(p.runtime == runtime for p in benchmark.programs)) or runtimes
