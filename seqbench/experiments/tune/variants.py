"""Build the sides of the variants, and leave out the levels that are unavailable."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from seqbench.bench.build import Executable
from seqbench.bench.prepare import build_side
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import Side
from seqbench.errors import ToolchainError, UsageError
from seqbench.events import Listener, Remark
from seqbench.experiments.tune.settings import POOL, Grid, LeftOut, Variant, pool_too_large
from seqbench.sessions.session import Failed
from seqbench.suite.sizes import Size
from seqbench.toolchain.compiler_spec import parse_spec


@dataclass(slots=True, kw_only=True)
class Variants:
    """The variants of one compiler. Leaving out a level makes the grid smaller."""

    prepared: Prepared
    """The programs of the compared runtime, prepared under the measuring lock."""
    grid: Grid
    listen: Listener
    left_out: tuple[LeftOut, ...] = ()
    _builds: dict[tuple[bool, tuple[str, ...]], Side] = field(default_factory=dict, init=False)

    def side(self, variant: Variant) -> Side:
        """Return the side of a variant. Variants that differ only in environment variables share one build.

        Raises
        ------
        UsageError
            This compiler does not support the setting.
        ToolchainError
            The compiler is missing or cannot be built.
        """
        spec = parse_spec(self.grid.spec_text(self.prepared.request.spec.text, variant))
        name = self.grid.label(variant)
        key = (spec.diagnostics, spec.flags)
        if key not in self._builds:
            self._builds[key] = build_side(self.prepared, name, spec, self.listen)
        built = self._builds[key]
        (runtime,) = self.prepared.runtimes
        compiler = runtime.tools[0].name
        tools = tuple(replace(t, settings=spec.settings) if t.name == compiler else t for t in built.tools.tools)
        return replace(built, name=name, tools=replace(built.tools, tools=tools))

    def leave_out(self, name: str, level: str, reason: str, remedy: str = "") -> None:
        """Remove a level from the grid, and report the reason."""
        what = self.grid.label(self.grid.with_level(self.grid.default, name, level))
        self.listen(Remark(text=f"left out: {what}: {reason}"))
        self.grid = self.grid.without(name, level)
        self.left_out = (*self.left_out, LeftOut(what=what, reason=reason, remedy=remedy))

    def leave_out_unbuildable(self) -> None:
        """Build the default and every level that needs a build, and leave out the levels that do not build.

        Raises
        ------
        UsageError, ToolchainError
            The default cannot be built.
        """
        default = self.side(self.grid.default)
        for factor in self.grid.factors:
            for level in factor.levels[1:] if factor.is_built_in else ():
                variant = self.grid.with_level(self.grid.default, factor.name, level)
                remedy = f"use --seqc with a compiler that supports {factor.name}"
                try:
                    problem = _build_problem(default, self.side(variant))
                except (UsageError, ToolchainError) as error:
                    problem, remedy = error.message, error.fix
                if problem:
                    self.leave_out(factor.name, level, problem, remedy)

    def build(self) -> None:
        """Build the programs of every combination, so that no build takes time of the budget."""
        for variant in self.grid.whole():
            self.side(variant)

    def leave_out_too_large(self, sizes: Mapping[str, Size]) -> None:
        """Leave out the pools that are too large for this machine."""
        (runtime,) = self.prepared.runtimes
        parameters = {benchmark: dict(sizes[benchmark.name].parameters) for benchmark in self.prepared.benchmarks}
        live = max((b.live_strands.value(given) for b, given in parameters.items() if b.live_strands), default=0)
        (levels,) = (factor.levels for factor in self.grid.factors if factor.name == POOL)
        for level in levels[1:]:
            if runtime.cost and (problem := pool_too_large(int(level), live, runtime.cost, self.prepared.limits)):
                self.leave_out(POOL, level, problem.reason, problem.remedy)


def _build_problem(default: Side, side: Side) -> str:
    """Return the error of the first program that builds on the default but not on this side; empty if none."""
    for program, built in side.executables.items():
        if isinstance(built, Failed) and isinstance(default.executables.get(program), Executable):
            return f"{built.reason}: {built.detail}"
    return ""
