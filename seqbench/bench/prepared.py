"""Hold all that measuring needs once it is prepared: what is measured, with which tools, settings and sizes."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

from seqbench.bench.budget import Budget
from seqbench.bench.programs import Side, settings_of, unread_settings
from seqbench.bench.request import Request
from seqbench.bench.setting_notes import SizedBenchmark, maps_warnings, setting_notes
from seqbench.events import Listener, Remark
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.settings import environment_warnings, override_warnings, spec_warnings, without_effect
from seqbench.sessions.session import RuntimeColumn, Session, State, ToolIdentity
from seqbench.suite.benchmarks import Benchmark, Suite, select_benchmarks, select_runtimes
from seqbench.suite.sizes import Parameters, Size, choose_size, rising_sizes
from seqbench.system import git
from seqbench.system.facts import Limits, Machine
from seqbench.system.launcher import Launcher
from seqbench.toolchain.compiler_spec import Spec
from seqbench.toolchain.settings import Setting
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
        return sizes_of(self.benchmarks, self.runtimes, self.request, self.limits)

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


def _column(runtime: Runtime) -> RuntimeColumn:
    return RuntimeColumn(name=runtime.name, title=runtime.title, compiler=runtime.compiler, reads=runtime.run.settings)


def sizes_of(
    benchmarks: tuple[Benchmark, ...], runtimes: tuple[Runtime, ...], request: Request, limits: Limits
) -> dict[str, Size]:
    """Return the size of each benchmark, which fits all of these runtimes that have a program of it.

    Raises
    ------
    UsageError
        A size that does not fit.
    """
    return {b.name: choose_size(b, _runtimes_of(b, runtimes), limits, request.size) for b in benchmarks}


def _runtimes_of(benchmark: Benchmark, runtimes: tuple[Runtime, ...]) -> tuple[Runtime, ...]:
    return tuple(runtime for runtime in runtimes if any(p.runtime == runtime for p in benchmark.programs)) or runtimes
