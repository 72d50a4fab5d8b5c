"""The one module that knows the order: suite, sizes, tools, builds, pilot, plan, rounds, session."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from seqbench.bench.build import build_all, lint
from seqbench.bench.request import Request, Versus, select_benchmarks, select_runtimes
from seqbench.bench.rounds import LEAST_ROUNDS, MOST_PAIRS, Pilot, Plan, plan_pairs, plan_rounds
from seqbench.bench.runner import PILOT_ROUNDS, Conductor, Side, settings_of
from seqbench.compare.calibration import Calibration, characteristics, known_spreads, log_ratios
from seqbench.compare.comparison import times
from seqbench.compare.gate import Gate
from seqbench.compare.verdict import least_pairs, rounds_to_find
from seqbench.errors import ToolchainError, UsageError
from seqbench.events import Listener, Remark
from seqbench.runtimes.registry import DEFAULT_RUNTIMES, Quest, Runtime
from seqbench.sessions.session import RuntimeColumn, Session, State, ToolIdentity
from seqbench.suite.benchmarks import Benchmark, Program, Suite, load_suite, sources_digest
from seqbench.suite.sizes import Size, SizeRequest, candidate_sizes, choose_size
from seqbench.system import git, machine
from seqbench.system.lock import measuring_lock
from seqbench.toolchain.tools import Toolchain
from seqbench.units import clock_duration

RECORD_NAME = "LATEST_RUN.txt"
COMPARED_RUNTIME = "seq"
# Shorter runs buy more certainty for the same time, down to where the work is lost in its start and its clock.
LEAST_PAIRED_WORK_NS = 15_000_000
# The probe's rounds, over what its slowdown takes: twenty rounds of a pilot may well show half of the noise, and a calm
# hour's calibration half of that of a noisy one (studies/gate_power.py).
_CAUTION = 5.0
# Of the budget of a comparison: twenty rounds of a pilot may find a round cheaper than it will be.
_PLANNED_SHARE = 0.95
_NS = 1_000_000_000
# A plan that goes over the budget by less is within what a pilot can foretell.
_OVERRUN = 1.1


Saver = Callable[[Session], None]


def prepare(request: Request, *, listen: Listener) -> Session:
    """Get the tools and give a session without results: what this request would be measured with.

    The caller holds the lock.

    Raises
    ------
    UsageError : an unknown benchmark or runtime, a broken manifest.
    ToolchainError : a tool is missing or cannot be built.
    """
    load_before = machine.load_average()
    suite = load_suite(request.suite_folder)
    select_benchmarks(suite, request.only)
    runtimes = select_runtimes(request.runtimes)
    tools = find_tools(runtimes, request, listen)
    return replace(_blank_session(request, suite, runtimes, tools), load_before=load_before)


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
    _sizes(benchmarks, select_runtimes(request.runtimes), request, machine.NO_LIMITS)
    with measuring_lock(request.cache, listen):
        return bench_alone(request, listen=listen, save=save, limits=machine.this_machines_limits())


def bench_alone(
    request: Request, *, listen: Listener, save: Saver, limits: machine.Limits, variants: bool = True
) -> Session:
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


def versus(
    request: Request,
    wanted: Versus,
    *,
    listen: Listener,
    save: Callable[[tuple[Session, ...]], None],
    resumed: tuple[Session, ...] = (),
    probe: bool = False,
    sizes: Mapping[str, Size] | None = None,
    calibration: Calibration | None = None,
) -> tuple[Session, ...]:
    """Build both compilers and run their programs in the same rounds; give the sessions of base and head.

    With `probe` there is a third one: base again, in some of the rounds, plain or slowed down by a known share. `save`
    gets the sessions whenever a benchmark is done, and after an interrupt; `resumed` are such sessions, to go on with.
    Where `sizes` are given for all benchmarks there is no choice, and programs start as ever. A `calibration` of this
    machine tells better than the pilot how the budget is to be shared out.

    Raises
    ------
    UsageError : an unknown benchmark, or fewer rounds than a judgement needs.
    ToolchainError : a compiler cannot be had (the message says which side).
    KeyboardInterrupt : interrupted.
    """
    load_before = machine.load_average()
    suite = load_suite(request.suite_folder)
    runtimes = select_runtimes((COMPARED_RUNTIME,))
    benchmarks = select_benchmarks(suite, request.only)
    # The probe is plain in one half of the rounds and slowed in the other, and both halves are judged.
    least = least_pairs(len(benchmarks)) * (2 if probe else 1)
    if request.runs is not None and request.runs < least:
        raise UsageError(
            f"--runs {request.runs}: {len(benchmarks)} benchmarks cannot be judged from fewer than {least} rounds",
            f"use --runs {least} or more, or leave it out",
        )
    if request.runs is not None and request.runs > MOST_PAIRS:
        raise UsageError(
            f"--runs {request.runs}: a comparison is judged from at most {MOST_PAIRS} rounds",
            f"use --runs {MOST_PAIRS}",
        )
    with measuring_lock(request.cache, listen):
        started_ns = time.monotonic_ns()
        sides = [
            side_of(name, replace(request, spec=spec), suite, benchmarks, listen)
            for name, spec in (("base", wanted.base), ("head", wanted.head))
        ]
        sides = [replace(side, blank=replace(side.blank, load_before=load_before)) for side in sides]
        if probe:
            sides.append(replace(sides[0], name="probe", is_probe=True))
        limits = machine.this_machines_limits()
        to_find = partial(rounds_to_find, family=len(benchmarks), caution=_CAUTION)
        conductor = Conductor(
            request=request,
            sides=tuple(sides),
            benchmarks=benchmarks,
            candidates={
                b.name: (sizes[b.name],)
                if sizes
                else candidate_sizes(b, runtimes, limits, _resumed_size(b, resumed) or request.size)
                for b in benchmarks
            },
            plan=lambda pilots, spent_ns: plan_pairs(
                _calibrated(pilots, benchmarks, calibration, sides[0].blank.machine.identity),
                request.budget_s * _PLANNED_SHARE * _NS - spent_ns,
                request.runs,
                least=least,
                to_find=to_find if probe else None,
            ),
            started_ns=started_ns,
            listen=listen,
            save=save,
            resumed=resumed,
            pilot_rounds=PILOT_ROUNDS,
            starts_quickly=not sizes,
            least_work_ns=0 if sizes else LEAST_PAIRED_WORK_NS,
        )
        return conductor.measure()


def _calibrated(
    pilots: Sequence[Pilot], benchmarks: Sequence[Benchmark], calibration: Calibration | None, identity: str
) -> Sequence[Pilot]:
    """Give the pilots with the spreads of the calibration, where it knows all of them here at these sizes."""
    sizes = [(benchmark.name, pilot.parameters) for benchmark, pilot in zip(benchmarks, pilots, strict=True)]
    spreads = known_spreads(calibration, identity, sizes)
    if spreads is None:
        return pilots
    return [replace(pilot, spread=spread, is_calibrated=True) for pilot, spread in zip(pilots, spreads, strict=True)]


def calibration_of(gate: Gate, budget_s: float) -> Calibration:
    """Say from a gate of a compiler against itself what a comparison with that budget could do."""
    base = gate.comparison.base
    judged = [each for each in gate.comparison.benchmarks if each.judgement is not None]
    # Any budget is shared out as this one was.
    spent_ns = sum(sample.wall_ns for each in judged for sample in (*each.base, *each.head))
    sizes = {result.name: result.parameters for result in base.results}
    benchmarks = []
    for each in judged:
        rounds = int(len(each.base) * budget_s * _NS / max(1, spent_ns))
        rounds = min(MOST_PAIRS, max(least_pairs(len(judged)), rounds))
        logs = log_ratios(*times(each))
        benchmarks.append(
            characteristics(
                each.name, logs, rounds=rounds, family=len(judged), seed=base.seed, parameters=sizes[each.name]
            )
        )
    return Calibration(machine=base.machine.identity, measured_at=base.started_at, benchmarks=tuple(benchmarks))


def side_of(name: str, request: Request, suite: Suite, benchmarks: tuple[Benchmark, ...], listen: Listener) -> Side:
    """Get the compiler of one side and build its programs; variants are left out, they are other programs.

    Raises
    ------
    ToolchainError : the compiler cannot be had (the message says which side).
    """
    runtimes = select_runtimes((COMPARED_RUNTIME,))
    try:
        tools = find_tools(runtimes, request, listen)
    except ToolchainError as error:
        raise ToolchainError(f"{name} ({request.spec.text}): {error.message}", error.remedy) from error
    programs = tuple(p for b in benchmarks for p in b.programs if p.runtime in runtimes and not p.variant)
    built = build_all(programs, tools, cache=request.cache, environment=request.environment, listen=listen)
    return Side(name=name, tools=tools, executables=built, blank=_blank_session(request, suite, runtimes, tools))


def _resumed_size(benchmark: Benchmark, resumed: tuple[Session, ...]) -> SizeRequest | None:
    """Give the size that the interrupted sessions ran this benchmark at."""
    found = next((result for session in resumed for result in session.results if result.name == benchmark.name), None)
    if found is None or benchmark.scaling is None:
        return None
    return SizeRequest(number=dict(found.parameters)[benchmark.scaling.name], strict=True)


def lint_suite(request: Request, tools: Toolchain) -> tuple[tuple[Program, str], ...]:
    """Run the linter of its language over every program; give those with findings."""
    programs = (program for benchmark in load_suite(request.suite_folder).benchmarks for program in benchmark.programs)
    findings = ((program, lint(program, tools, request.environment)) for program in programs)
    return tuple((program, found) for program, found in findings if found)


def find_tools(runtimes: tuple[Runtime, ...], request: Request, listen: Listener) -> Toolchain:
    """Find or build every tool that these runtimes need.

    Raises
    ------
    ToolchainError : one of a default runtime's is not to be had; of the others only their own programs fail.
    """
    quest = Quest(
        spec=request.spec,
        suite=request.suite_folder,
        cache=request.cache,
        environment=request.environment,
        listen=listen,
    )
    needs = {need.name: (need, runtime.is_default) for runtime in runtimes for need in runtime.tools}
    found, missing = {}, []
    # The quick ones first: a missing clang should not be told after two minutes of building seqc.
    for need, is_required in sorted(needs.values(), key=lambda each: each[0].is_slow):
        try:
            found[need.name] = need.find(quest)
        except ToolchainError as error:
            if is_required:
                raise
            missing.append((need.name, error))
    return Toolchain(
        tools=tuple(found[name] for name in needs if name in found),
        search_path=request.environment.get("PATH", os.defpath),
        missing=tuple(missing),
    )


def _blank_session(request: Request, suite: Suite, runtimes: tuple[Runtime, ...], tools: Toolchain) -> Session:
    head = git.head(request.project, request.environment, ignore=(RECORD_NAME,))
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
        size=request.size.text,
        runtimes=tuple(RuntimeColumn(name=runtime.name, title=runtime.title) for runtime in runtimes),
        is_every_runtime=set(DEFAULT_RUNTIMES) <= set(runtimes),
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


def _planned(pilots: Sequence[Pilot], request: Request, listen: Listener) -> tuple[Plan, ...]:
    """Plan the rounds, and say so when the budget is too small for them."""
    costs_ns = [pilot.cost_ns for pilot in pilots]
    rounds = plan_rounds(costs_ns, request.budget_s * _NS, request.runs)
    whole_s = sum((1 + n) * cost for n, cost in zip(rounds, costs_ns, strict=True)) / _NS
    if request.runs is None and whole_s > request.budget_s * _OVERRUN:
        budget, whole = clock_duration(request.budget_s), clock_duration(whole_s)
        text = f"an equal share of {budget} does not pay for the {LEAST_ROUNDS} rounds that an interval needs"
        listen(Remark(text=f"{text}: measuring will take about {whole}"))
    return tuple(Plan(rounds=number) for number in rounds)


def _sizes(
    benchmarks: tuple[Benchmark, ...], runtimes: tuple[Runtime, ...], request: Request, limits: machine.Limits
) -> dict[str, Size]:
    return {b.name: choose_size(b, _runtimes_of(b, runtimes), limits, request.size) for b in benchmarks}


def _runtimes_of(benchmark: Benchmark, runtimes: tuple[Runtime, ...]) -> tuple[Runtime, ...]:
    return tuple(runtime for runtime in runtimes if any(p.runtime == runtime for p in benchmark.programs)) or runtimes
