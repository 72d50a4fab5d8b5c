"""Find tools and build programs: what has to be there before the first round."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

from seqbench.bench.build import build_all
from seqbench.bench.programs import Side, settings_of
from seqbench.bench.request import Request
from seqbench.config import RECORD_NAME
from seqbench.errors import ToolchainError
from seqbench.events import Listener
from seqbench.runtimes.base import Quest, Runtime
from seqbench.runtimes.registry import COMPARED_RUNTIME, DEFAULT_RUNTIMES, select_runtimes
from seqbench.sessions.session import RuntimeColumn, Session, State, ToolIdentity
from seqbench.suite.benchmarks import Benchmark, Suite, select_benchmarks
from seqbench.suite.manifest import load_suite, sources_digest
from seqbench.system import git, machine
from seqbench.toolchain.toolchain import Toolchain


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
