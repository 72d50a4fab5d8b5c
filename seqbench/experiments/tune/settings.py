"""Define the settings that `invoke tune` tries: levels, variants, their SPECs and the cost of a round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import ceil, prod

from seqbench.runtimes.base import StrandCost
from seqbench.runtimes.registry import COMPARED_RUNTIME, shipped
from seqbench.system.facts import Limits
from seqbench.toolchain.compiler_spec import Spec
from seqbench.units import short_bytes

STACK = "SEQ_STACK_SIZE"
POOL = "SEQ_POOL_CAPACITY"
DIAGNOSTICS = "diagnostics"
LOOP_OPT = "--loop-opt"
# SEQ_STACK_SIZE counts words: 131072 are 1 MiB of address space for each strand.
STACK_UNIT_BYTES = 8
ON, OFF = "on", "off"
(_TUNED,) = shipped(COMPARED_RUNTIME)
_VARIABLES = {setting.name: setting for setting in _TUNED.known_settings if setting.levels}
_LEVELS = {
    **{name: (setting.default, *setting.levels) for name, setting in _VARIABLES.items()},
    DIAGNOSTICS: (ON, OFF),
    LOOP_OPT: (OFF, ON),
}
# Resident memory: 10,000 pooled stacks take 80 MiB, 100,000 take 789 MiB.
_BYTES_PER_POOLED_STACK = 8 << 10

Variant = tuple[str, ...]
"""A level of each factor, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One setting and its levels. The first level is the default: the one of the SPEC."""

    name: str
    levels: tuple[str, ...]

    @property
    def is_built_in(self) -> bool:
        """Return whether a level needs another build of the programs, not just an environment variable."""
        return self.name in (DIAGNOSTICS, LOOP_OPT)

    def part(self, level: str) -> str:
        """Return a level as a part of a SPEC; empty for a flag that is off."""
        if self.name.startswith("--"):
            return self.name if level == ON else ""
        return f"{self.name}={level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A level that cannot be tried on this machine, the reason, and how to fix it."""

    what: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """All factors with the levels that can be tried."""

    factors: tuple[Factor, ...]

    @property
    def default(self) -> Variant:
        """Return the variant of the SPEC as given."""
        return tuple(factor.levels[0] for factor in self.factors)

    def whole(self) -> tuple[Variant, ...]:
        """Return every combination, the default first."""
        return tuple(product(*(factor.levels for factor in self.factors)))

    def one_at_a_time(self) -> tuple[Variant, ...]:
        """Return the default, and every variant that differs from it in one level."""
        return tuple(variant for variant in self.whole() if len(self.changes(variant)) <= 1)

    def without(self, name: str, level: str) -> "Grid":
        """Return the grid without this level."""
        return Grid(
            factors=tuple(
                replace(factor, levels=tuple(each for each in factor.levels if each != level))
                if factor.name == name
                else factor
                for factor in self.factors
            )
        )

    def changes(self, variant: Variant) -> tuple[tuple[Factor, str], ...]:
        """Return the factors in which a variant differs from the default, with their levels."""
        pairs = zip(self.factors, variant, strict=True)
        return tuple((factor, level) for factor, level in pairs if level != factor.levels[0])

    def with_level(self, variant: Variant, name: str, level: str) -> Variant:
        """Return this variant with another level of one factor."""
        return tuple(level if factor.name == name else each for factor, each in zip(self.factors, variant, strict=True))

    def label(self, variant: Variant) -> str:
        """Return the changes to the default as the name of a variant: `SEQ_POOL_CAPACITY=1000,--loop-opt`."""
        parts = (factor.part(level) or f"no {factor.name}" for factor, level in self.changes(variant))
        return ",".join(parts) or "default"

    def spec_text(self, base: str, variant: Variant) -> str:
        """Return the SPEC of a variant, made from the SPEC of the default."""
        changes = self.changes(variant)
        names = tuple(factor.name for factor, _ in changes)
        kept = (part for part in base.split(",") if part.strip().partition("=")[0] not in names)
        return ",".join([*kept, *(part for factor, level in changes if (part := factor.part(level)))])


def grid_around(spec: Spec, environment: Mapping[str, str]) -> Grid:
    """Return the grid with this SPEC in this environment as the default."""
    factors = []
    for name, levels in _LEVELS.items():
        now = {
            DIAGNOSTICS: ON if spec.diagnostics else OFF,
            LOOP_OPT: ON if LOOP_OPT in spec.flags else OFF,
        }.get(name) or dict(spec.settings).get(name, environment.get(name, levels[0]))
        factors.append(Factor(name=name, levels=tuple(dict.fromkeys((now, *levels)))))
    return Grid(factors=tuple(factors))


def pool_too_large(pool: int, live_strands: int, cost: StrandCost, limits: Limits) -> LeftOut | None:
    """Return why a pool of this many stacks is too large for the machine, with the live strands; None if it fits."""
    what = f"{POOL}={pool}"
    # The base of the cost includes the default pool.
    extra = max(0, pool - int(_VARIABLES[POOL].default))
    maps = cost.maps_base + ceil(cost.maps_per_strand * (extra + live_strands))
    if limits.max_map_count is not None and maps > limits.max_map_count:
        return LeftOut(
            what=what,
            reason=f"needs up to {-(-maps // 1_000):,},000 memory maps (two per pooled stack); "
            f"vm.max_map_count is {limits.max_map_count:,}",
            remedy="raise the limit: invoke doctor --fix",
        )
    memory = cost.bytes_base + cost.bytes_per_strand * live_strands + _BYTES_PER_POOLED_STACK * extra
    available = limits.available_memory_bytes
    if available is not None and memory > available:
        return LeftOut(
            what=what,
            reason=f"available memory is {short_bytes(available)}, needs {short_bytes(memory)}",
            remedy="free memory or use a larger machine",
        )
    # Live strands take their stacks from the pool.
    address, ceiling = cost.address_per_strand * max(pool, live_strands), limits.address_space
    if ceiling is not None and address > ceiling.value:
        return LeftOut(
            what=what,
            reason=f"{ceiling.name} allows {short_bytes(ceiling.value)}, needs {short_bytes(address)}",
            remedy=ceiling.fix,
        )
    return None


def round_cost_ns(grid: Grid, variants: Sequence[Variant], seen_ns: Mapping[Variant, Mapping[str, float]]) -> float:
    """Predict the cost of a round of these variants, in nanoseconds, from the measured cost of each level alone.

    The model: a level multiplies the cost by the same factor, whatever the other levels are.

    Parameters
    ----------
    seen_ns : mapping
        The measured cost of a run, by variant and benchmark.
    """
    total = 0.0
    default = seen_ns[grid.default]
    for variant in variants:
        alone = [seen_ns[grid.with_level(grid.default, factor.name, level)] for factor, level in grid.changes(variant)]
        total += sum(base * prod(each[name] / base for each in alone) for name, base in default.items())
    return total
