"""Find the tools and build the programs once, under the measuring lock, for everything that one request measures."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from seqbench.bench.build import build_all
from seqbench.bench.commands import command_executable, command_side
from seqbench.bench.prepared import Prepared, sizes_of
from seqbench.bench.programs import Side
from seqbench.bench.request import Request
from seqbench.bench.tools import find_tools
from seqbench.config import RECORD_NAME, SUITE
from seqbench.errors import ToolchainError, UsageError, require_known
from seqbench.events import Listener, Remark
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.suite.benchmarks import Program, Suite, select_benchmarks, select_runtimes
from seqbench.suite.manifest import benchmark_digest, source_files, sources_digest
from seqbench.suite.size_request import require_names
from seqbench.system import git, machine
from seqbench.system.facts import NO_LIMITS
from seqbench.system.launcher import provide_launcher
from seqbench.system.limits import this_machines_limits
from seqbench.system.lock import measuring_lock
from seqbench.toolchain.compiler_spec import Commanded, Installed, Spec
from seqbench.toolchain.toolchain import Toolchain


@contextlib.contextmanager
def prepared(request: Request, listen: Listener) -> Iterator[Prepared]:
    """Hold the measuring lock, and build all programs of the request, variants too.

    Raises
    ------
    UsageError
        An unknown benchmark or runtime, a size that does not fit, a broken manifest.
    ToolchainError
        A tool is missing or cannot be built.
    """
    with _ground(request, listen) as ground:
        # What this machine cannot hold is reported before minutes of building.
        ground.sizes()
        tools = find_tools(ground.runtimes, request, listen)
        programs = tuple(p for b in ground.benchmarks for p in b.programs if p.runtime in ground.runtimes)
        ready = replace(ground, sides=(_built("", tools, programs, request, listen),))
        ready.warn_of_settings((request.spec,), listen)
        yield ready


@contextlib.contextmanager
def prepared_to_compare(request: Request, specs: Mapping[str, Spec], listen: Listener) -> Iterator[Prepared]:
    """Hold the measuring lock, and build the plain programs of the compared runtime with each compiler.

    `specs` are the names of the sides with their compilers; variants of programs are other programs, and left out.

    Raises
    ------
    UsageError
        An unknown benchmark, a size that no machine could run, a broken manifest.
    ToolchainError
        A compiler is not available (the message says which side).
    """
    with _ground(replace(request, runtimes=request.runtimes or (COMPARED_RUNTIME,), reference=""), listen) as ground:
        _require_programs(ground)
        for spec in specs.values():
            require_known_variables(spec, ground.runtimes)
        ready = replace(ground, sides=tuple(build_side(ground, name, spec, listen) for name, spec in specs.items()))
        ready.warn_of_settings(specs.values() or (request.spec,), listen)
        yield ready


def build_side(ground: Prepared, name: str, spec: Spec, listen: Listener) -> Side:
    """Get the compiler of one more side, and build the plain programs with it.

    Raises
    ------
    ToolchainError
        The compiler is not available (the message says which side).
    """
    if isinstance(spec.source, Commanded):
        return command_side(name, spec.source, ground.benchmarks, ground.request.environment)
    request = replace(ground.request, spec=spec)
    try:
        tools = find_tools(ground.runtimes, request, listen)
    except ToolchainError as error:
        raise ToolchainError(f"{name} ({spec.text}): {error.message}", error.fix) from error
    for _, missing in tools.missing:
        raise ToolchainError(f"{name} ({spec.text}): {missing.message}", missing.fix)
    programs = tuple(p for b in ground.benchmarks for p in b.programs if p.runtime in ground.runtimes and not p.variant)
    return _built(name, tools, programs, request, listen)


def _require_programs(ground: Prepared) -> None:
    """Raise an error where no benchmark of a foreign suite has a plain program of the compared runtime."""
    if ground.request.is_default_suite:
        return
    plain = [p for b in ground.benchmarks for p in b.programs if not p.variant]
    if any(program.runtime in ground.runtimes for program in plain):
        return
    names = ", ".join(dict.fromkeys(program.runtime.name for program in plain))
    where = ", ".join(benchmark.name for benchmark in ground.benchmarks)
    raise UsageError(
        f"no {ground.runtimes[0].title} program to compare in {where}", f"use --runtime with one of: {names}"
    )


def require_known_variables(spec: Spec, runtimes: Sequence[Runtime]) -> None:
    """Raise an error where a SPEC has a variable that names no tool of these runtimes and is none of their settings."""
    if not isinstance(spec.source, Installed):
        return
    places = [place for runtime in runtimes for need in runtime.tools for place in need.places]
    known = [place.removeprefix("env:") for place in places if place.startswith("env:")]
    readable = [name for runtime in runtimes for name in runtime.run.settings]
    for name, _ in spec.settings:
        if name not in known and not any(runtime.run.reads(name) for runtime in runtimes):
            require_known(name, (*known, *readable), f"variable of {runtimes[0].title}", spec.text)


@contextlib.contextmanager
def _ground(request: Request, listen: Listener) -> Iterator[Prepared]:
    """Hold the measuring lock, with all but the sides."""
    load_before = machine.load_average()
    suite = request.load_suite()
    for remark in suite.remarks:
        listen(Remark(text=remark))
    runtimes = select_runtimes(suite, request.runtimes, request.reference)
    # A size that no machine could run is reported before the wait for another run.
    benchmarks = select_benchmarks(suite, request.only)
    require_names(benchmarks, request.size)
    sizes_of(benchmarks, runtimes, request, NO_LIMITS)
    with measuring_lock(request.cache, listen):
        launcher = provide_launcher(request.cache, request.environment)
        if launcher.problem:
            found = f"programs are started by a Python script, because {launcher.problem}"
            listen(Remark(text=f"{found}: peaks below its own memory, some 10 MiB, are only known as an upper bound"))
        head = git.commit_state(request.project, request.environment, ignore=(RECORD_NAME,))
        if isinstance(head, git.NoCommit) and head.fix:
            listen(Remark(text=f"the commit is not recorded: {head.reason}\n  fix: {head.fix}"))
        yield Prepared(
            request=request,
            suite=suite,
            sources=sources_digest(suite),
            runtimes=runtimes,
            limits=this_machines_limits(),
            machine=machine.this_machine(),
            load_before=load_before,
            head=head,
            digests={benchmark.name: benchmark_digest(benchmark) for benchmark in suite.benchmarks},
            changed=changed_benchmarks(suite, head, request),
            started_ns=time.monotonic_ns(),
            launcher=launcher,
            sides=(),
        )


def changed_benchmarks(suite: Suite, head: git.CommitState | git.NoCommit, request: Request) -> tuple[str, ...]:
    """Return the benchmarks that the commit of the project does not have as they are."""
    is_installed = request.suite_folder == SUITE and SUITE.parent != request.project
    if isinstance(head, git.NoCommit) or is_installed:
        return ()
    return tuple(
        benchmark.name
        for benchmark in suite.benchmarks
        if git.has_changes(source_files(benchmark), request.environment)
    )


def _built(name: str, tools: Toolchain, programs: tuple[Program, ...], request: Request, listen: Listener) -> Side:
    sources = {program: _for_compiler(program, tools) for program in programs if not program.command}
    built = build_all(
        tuple(sources.values()), tools, cache=request.cache, environment=request.environment, listen=listen
    )
    made = {program: built[each] for program, each in sources.items()}
    made |= {p: command_executable(p.command, p.suite, request.environment) for p in programs if p.command}
    return Side(name=name, tools=tools, executables={program: made[program] for program in programs})


def _for_compiler(program: Program, tools: Toolchain) -> Program:
    """Return a program in the dialect of the compiler that builds it."""
    versions = [tool.version for tool in tools.tools if tool.name == program.runtime.compiler]
    return program.for_version(versions[0]) if versions else program
