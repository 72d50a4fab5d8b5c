"""Measure one compiler in several layouts of its code, in common rounds."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from seqbench.bench.budget import PLANNED_SHARE, Budget
from seqbench.bench.layouts import layout_sides
from seqbench.bench.pilots import MeasuringPolicy
from seqbench.bench.plan import Pilot, Plan
from seqbench.bench.prepare import prepared_to_compare
from seqbench.bench.request import Request
from seqbench.bench.runner import Runner, Saver
from seqbench.compare.compared import samples_of
from seqbench.compare.layout_spread import LayoutSpread, layout_spread, least_rounds
from seqbench.compare.plan import MOST_PAIRS, plan_pairs
from seqbench.events import Listener, without_estimates
from seqbench.sessions.session import Session
from seqbench.suite.size_request import SizeRequest
from seqbench.suite.sizes import possible_sizes
from seqbench.toolchain.compiler_spec import Spec
from seqbench.toolchain.layouts import LAYOUTS

# Enough for the spread of the noise between layouts, by which the time is shared out.
_PILOT_ROUNDS = 5
_PILOT_SHARE = 0.25


def measure_layouts(
    request: Request, spec: Spec, calibrated: Session, *, listen: Listener, save: Saver
) -> tuple[Session, ...]:
    """Return the sessions of each layout, measured at the sizes of a session.

    Parameters
    ----------
    calibrated
        The session whose benchmarks are measured again, at their sizes.
    save
        Called with the sessions after every turn of a benchmark, and after an interrupt.

    Raises
    ------
    ToolchainError
        The programs cannot be linked in other layouts, or padding does not change them.
    KeyboardInterrupt
        The user interrupted it.
    """
    parameters = {result.benchmark: result.parameters for result in calibrated.results}
    asked = replace(request, only=tuple(parameters))
    with prepared_to_compare(asked, {"base": spec}, listen) as ready:
        sides = layout_sides(ready, listen)
        runner = Runner(
            prepared=ready,
            sides=sides,
            benchmarks=ready.benchmarks,
            policy=MeasuringPolicy(
                sizes={
                    benchmark.name: possible_sizes(
                        benchmark,
                        ready.runtimes,
                        ready.limits,
                        SizeRequest(values=parameters[benchmark.name], strict=True),
                    )
                    for benchmark in ready.benchmarks
                },
                plan=_Planner(runs=asked.runs),
                scored_rounds=least_rounds(LAYOUTS),
                pilot_rounds=_PILOT_ROUNDS,
                pilot_share=_PILOT_SHARE,
                starts_quickly=True,
            ),
            budget=Budget.of(asked.limit_s, time.monotonic_ns(), share=asked.budget_share),
            listen=without_estimates(listen),
            save=save,
        )
        return runner.measure()


def spreads_of(sessions: Sequence[Session], runtime: str) -> tuple[LayoutSpread, ...]:
    """Return the spread of each benchmark that has enough rounds, from the sessions of the layouts."""
    found = (
        layout_spread(
            result.name,
            [samples_of(session, result.name, runtime) for session in sessions],
            parameters=result.parameters,
        )
        for result in (sessions[0].results if sessions else ())
    )
    return tuple(spread for spread in found if spread is not None)


def unmeasured(sessions: Sequence[Session], spreads: Sequence[LayoutSpread]) -> str:
    """Return which benchmarks have no spread although their layouts were run; empty if all have one."""
    known = {spread.name for spread in spreads}
    names = [result.name for session in sessions[:1] for result in session.results if result.name not in known]
    if not names:
        return ""
    needed = f"{least_rounds(LAYOUTS)} rounds of every layout, which a longer --budget holds"
    return f"no spread of code layouts for {', '.join(names)}: it needs {needed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planner:
    """Divides the time among the benchmarks, by the noise between their layouts."""

    runs: int | None

    def __call__(self, pilots: Sequence[Pilot], left_ns: float) -> tuple[Plan, ...]:
        least = least_rounds(LAYOUTS)
        if self.runs is not None:
            return (Plan(rounds=min(MOST_PAIRS, max(least, self.runs))),) * len(pilots)
        return plan_pairs(pilots, PLANNED_SHARE * left_ns, least=least, to_find=None)
