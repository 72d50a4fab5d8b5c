"""Compute the evidence for findings: unit costs, kernel shares, gap splits and system calls. Pure."""

from dataclasses import dataclass

from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.explain.gap import GapSplit, gap_split
from seqbench.experiments.explain.unit_cost import (
    SystemShare,
    Unit,
    UnitCalls,
    UnitCost,
    system_shares,
    unit_calls,
    unit_costs,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The evidence of an explanation for every program; a tuple is empty if nothing was measured."""

    costs: tuple[UnitCost, ...] = ()
    shares: tuple[SystemShare, ...] = ()
    gaps: tuple[GapSplit, ...] = ()
    calls: tuple[UnitCalls, ...] = ()

    def cost(self, benchmark: str, runtime: str, unit: Unit) -> UnitCost | None:
        """Return the unit cost of the plain program of a runtime."""
        return next(
            (each for each in self.costs if (*_program(each), each.unit) == (benchmark, runtime, "", unit)), None
        )

    def share(self, benchmark: str, runtime: str) -> SystemShare | None:
        """Return the kernel's share of the work of the plain program of a runtime."""
        return next((each for each in self.shares if _program(each) == (benchmark, runtime, "")), None)

    def call(self, benchmark: str, runtime: str, unit: Unit) -> UnitCalls | None:
        """Return the system calls per unit of the plain program of a runtime."""
        return next(
            (each for each in self.calls if (*_program(each), each.unit) == (benchmark, runtime, "", unit)), None
        )


def evidence_of(explanation: Explanation) -> Evidence:
    """Compute the evidence of an explanation."""
    roles, small, large = explanation.roles, explanation.small, explanation.large
    return Evidence(
        costs=unit_costs(small, large),
        shares=system_shares(small, large),
        gaps=tuple(split for result in large.results if (split := gap_split(result, roles, seed=large.seed))),
        calls=unit_calls(explanation.calls),
    )


def _program(each: UnitCost | UnitCalls | SystemShare) -> tuple[str, str, str]:
    return each.benchmark, each.runtime, each.variant
