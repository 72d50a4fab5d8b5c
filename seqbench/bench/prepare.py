"""Find the tools and build the programs once, under the measuring lock, for everything that one request measures."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

from seqbench.bench.budget import Budget
from seqbench.bench.build import build_all
from seqbench.bench.commands import command_executable, command_side
from seqbench.bench.programs import Side, settings_of, unread_settings
from seqbench.bench.request import Request
from seqbench.bench.setting_notes import SizedBenchmark, maps_warnings, setting_notes
from seqbench.bench.tools import find_tools
from seqbench.config import RECORD_NAME, SUITE
from seqbench.errors import ToolchainError, UsageError, require_known
from seqbench.events import Listener, Remark
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.runtimes.settings import environment_warnings, override_warnings, spec_warnings, without_effect
from seqbench.sessions.session import RuntimeColumn, Session, State, ToolIdentity
from seqbench.suite.benchmarks import Benchmark, Program, Suite, select_benchmarks, select_runtimes
from seqbench.suite.manifest import benchmark_digest, source_files, sources_digest
from seqbench.suite.sizes import Parameters, Size, choose_size, require_names, rising_sizes
from seqbench.system import git, machine
from seqbench.system.facts import NO_LIMITS, Limits, Machine
from seqbench.system.launcher import Launcher, provide_launcher
from seqbench.system.limits import this_machines_limits
from seqbench.system.lock import measuring_lock
from seqbench.toolchain.compiler_spec import Commanded, Installed, Spec
from seqbench.toolchain.settings import Setting
from seqbench.toolchain.toolchain import Toolchain
from seqbench.units import NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """All that measuring needs: made once, while the measuring lock is held."""

    request: Request
    suite: Suite
    sources: str
    """Digest of all sources of the suite."""
    runtimes: tuple[Runtime, ...]
    limits: Limits
    """As they were once the lock was held: memory that another run takes is not free while it runs."""
    machine: Machine
    load_before: float
    """The load before the builds, which are our own."""
    head: git.CommitState | git.NoCommit
    """The commit of the project, or why there is none."""
    digests: Mapping[str, str]
    """Digest of the sources of each benchmark."""
    changed: tuple[str, ...]
    """Benchmarks whose sources differ from the commit, or are not in it."""
    started_ns: int
    """The monotonic clock at the beginning: the time from here to the first run is spent on tools and builds."""
    launcher: Launcher
    sides: tuple[Side, ...]

    @property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """Return the benchmarks of the request, in the suite's order."""
        return select_benchmarks(self.suite, self.request.only)

    @property
    def side(self) -> Side:
        """Return the first side, which is the only one unless compilers are compared."""
        return self.sides[0]

    def sizes(self) -> dict[str, Size]:
        """Return the size of each benchmark that the request wants and this machine can hold.

        Raises
        ------
        UsageError
            A size that does not fit.
        """
        return _sizes(self.benchmarks, self.runtimes, self.request, self.limits)

    def rising_sizes(self) -> dict[str, tuple[Size, ...]]:
        """Return the sizes of `sizes`, each after the smaller ones of its benchmark.

        Raises
        ------
        UsageError
            A size that does not fit.
        """
        return {
            benchmark.name: rising_sizes(
                benchmark, _runtimes_of(benchmark, self.runtimes), self.limits, self.request.size
            )
            for benchmark in self.benchmarks
        }

    def fixed_sizes(self) -> frozenset[str]:
        """Return the benchmarks whose size was asked for, so that no other one will do."""
        return frozenset(each.name for each in self.benchmarks if self.request.size.of(each).strict)

    def for_request(self, request: Request) -> "Prepared":
        """Return the same for another request, such as one of another size or of fewer runtimes; its time starts now.

        Raises
        ------
        UsageError
            An unknown runtime.
        """
        runtimes = select_runtimes(self.suite, request.runtimes, request.reference)
        sides = tuple(side.only(lambda program: program.runtime in runtimes) for side in self.sides)
        return replace(self, request=request, runtimes=runtimes, sides=sides, started_ns=time.monotonic_ns())

    def with_budget(self, budget: Budget) -> "Prepared":
        """Return the same for a part of the budget; unchanged where nothing limits it."""
        if not budget.is_limited:
            return self
        budget_s = budget.length_ns / NS_PER_S
        request = replace(self.request, budget_s=budget_s, budget_share=budget.share, keeps_budget=True)
        return replace(self, request=request)

    def blank_session(self, side: Side) -> Session:
        """Return a session without results: what a side is measured with and where."""
        needed = {need.key for runtime in self.runtimes for need in runtime.tools}
        settings = self._settings(side)
        now = datetime.now(UTC)
        return Session(
            seqbench_version=version("seqbench"),
            state=State.RUNNING,
            started_at=now,
            finished_at=now,
            seed=self.request.seed,
            commit=self.head.commit if isinstance(self.head, git.CommitState) else "",
            dirty=bool(self.changed) or (isinstance(self.head, git.CommitState) and self.head.dirty),
            changed=self.changed,
            machine=self.machine,
            load_before=self.load_before,
            suite=tuple(benchmark.name for benchmark in self.suite.benchmarks),
            is_default_suite=self.request.is_default_suite,
            sources=self.sources,
            size=self.request.size.text,
            runtimes=tuple(_column(runtime) for runtime in self.runtimes),
            is_every_runtime=set(self.suite.default_runtimes) <= set(self.runtimes),
            toolchain=tuple(
                ToolIdentity(name=tool.name, version=tool.version, digest=tool.digest, provenance=tool.provenance)
                for tool in side.tools.tools
                if tool.name in needed
            ),
            settings=tuple(sorted(settings.items())),
            target_cpu=side.tools.target_cpu.choice.value if side.tools.target_cpu else "",
            budget_s=self.request.budget_s if self.request.runs is None else None,
            keeps_budget=self.request.keeps_budget,
            wall_ns=0,
            programs_ns=0,
            build_ns=0,
            results=(),
            settings_without_effect=self.settings_without_effect(side),
            reference=self.request.reference,
        )

    def settings_without_effect(self, side: Side) -> tuple[tuple[str, str], ...]:
        """Return the settings that change nothing in the programs of a side, each with the reason."""
        settings = self._settings(side)
        return without_effect(settings, self.runtimes, unread_settings(side, settings))

    def warn_of_settings(self, specs: Iterable[Spec], listen: Listener) -> None:
        """Send a remark about every setting that is unknown, invalid, overridden or without effect."""
        environment = self.request.environment
        texts = [*environment_warnings(environment, self.runtimes)]
        for spec in specs:
            texts += [*spec_warnings(spec), *override_warnings(spec, environment)]
        of_sides = [self._warnings_of(side) for side in self.sides]
        for side, warnings in zip(self.sides, of_sides, strict=True):
            # What all sides have in common needs no name of a side.
            common = all(warnings == others for others in of_sides)
            texts += warnings if common else [f"{side.name}: {warning}" for warning in warnings]
        for text in dict.fromkeys(texts):
            listen(Remark(text=f"warning: {text}"))

    def _warnings_of(self, side: Side) -> list[str]:
        settings = self._settings(side)
        return [
            *(
                f"{name}={settings[name]} has no effect: {reason}"
                for name, reason in self.settings_without_effect(side)
            ),
            *maps_warnings(settings, self._known_settings, self.limits),
        ]

    def setting_notes(self, sides: Iterable[Side], chosen: Iterable[tuple[str, Parameters]]) -> tuple[str, ...]:
        """Return the settings that can make little or no difference between sides, or to the defaults for a single one.

        Parameters
        ----------
        chosen
            The names of benchmarks, with the values of their parameters.
        """
        benchmarks = {benchmark.name: benchmark for benchmark in self.benchmarks}
        sized = [SizedBenchmark(benchmark=benchmarks[name], parameters=values) for name, values in chosen]
        effective = []
        for side in sides:
            idle = dict(self.settings_without_effect(side))
            effective.append({name: value for name, value in self._settings(side).items() if name not in idle})
        return setting_notes(sized, self._known_settings, effective)

    @property
    def _known_settings(self) -> list[Setting]:
        return [setting for runtime in self.runtimes for setting in runtime.known_settings]

    def _settings(self, side: Side) -> dict[str, str]:
        environment = self.request.environment
        return {k: v for runtime in self.runtimes for k, v in settings_of(runtime, environment, side.tools).items()}


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
    _sizes(benchmarks, runtimes, request, NO_LIMITS)
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


def _column(runtime: Runtime) -> RuntimeColumn:
    return RuntimeColumn(name=runtime.name, title=runtime.title, compiler=runtime.compiler, reads=runtime.run.settings)


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


def _sizes(
    benchmarks: tuple[Benchmark, ...], runtimes: tuple[Runtime, ...], request: Request, limits: Limits
) -> dict[str, Size]:
    return {b.name: choose_size(b, _runtimes_of(b, runtimes), limits, request.size) for b in benchmarks}


def _runtimes_of(benchmark: Benchmark, runtimes: tuple[Runtime, ...]) -> tuple[Runtime, ...]:
    return tuple(runtime for runtime in runtimes if any(p.runtime == runtime for p in benchmark.programs)) or runtimes
