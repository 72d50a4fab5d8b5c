"""Measure one request: for `invoke bench`, and for the parts of an experiment."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf

from seqbench.bench.budget import PLANNED_SHARE, Budget, least_budget_s
from seqbench.bench.pilots import MeasuringPolicy
from seqbench.bench.plan import LEAST_ROUNDS, Pilot, Plan, plan_rounds
from seqbench.bench.prepare import prepared
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import Side
from seqbench.bench.request import Request
from seqbench.bench.runner import Runner
from seqbench.events import Estimate, Listener, Remark
from seqbench.sessions.session import Session
from seqbench.suite.sizes import Size
from seqbench.units import NS_PER_S

SessionSaver = Callable[[Session], None]


def bench(request: Request, *, listen: Listener, save: SessionSaver) -> Session:
    """Measure the benchmarks of a request and return the session.

    `save` is called with the session so far whenever a benchmark is done. An interrupt ends the programs, saves what
    was measured as an interrupted session, and is raised again.

    Raises
    ------
    UsageError
        A benchmark or runtime is unknown, a size does not fit, a manifest is not valid, or the budget holds no round.
    ToolchainError
        A tool is missing or cannot be built.
    KeyboardInterrupt
        The user interrupted it.
    """
    with prepared(request, listen) as ready:
        chosen = ((name, size.parameters) for name, size in ready.sizes().items())
        for note in (*ready.setting_notes(ready.sides, chosen), *_further_runtimes(ready)):
            listen(Remark(text=note))
        if request.keeps_budget:
            listen(Estimate(total_s=request.budget_s))
        return measure(ready, ready.side, sizes=ready.rising_sizes(), listen=listen, save=save)


def _further_runtimes(ready: Prepared) -> tuple[str, ...]:
    """Return a note that names the runtimes of somebody else's suite that do not run by default."""
    request = ready.request
    if request.runtimes or request.is_default_suite:
        return ()
    every = dict.fromkeys(program.runtime.name for each in ready.suite.benchmarks for program in each.programs)
    chosen = [runtime.name for runtime in ready.runtimes]
    further = [name for name in every if name not in chosen]
    if not further:
        return ()
    names = ",".join((*(name for name in chosen if name in every), *further))
    return (f"not run by default: {', '.join(further)}; --runtimes {names} runs them",)


def measure(
    ready: Prepared, side: Side, *, sizes: Mapping[str, Sequence[Size]], listen: Listener, save: SessionSaver
) -> Session:
    """Measure one prepared side, as `bench` does.

    Parameters
    ----------
    sizes
        The sizes of each benchmark in rising order. The last one is wanted, and the others may be run to see whether
        it fits into the budget.

    Raises
    ------
    UsageError
        A size does not fit, or the budget holds no round.
    KeyboardInterrupt
        The user interrupted it.
    """
    request = ready.request
    runner = Runner(
        prepared=ready,
        sides=(side,),
        benchmarks=ready.benchmarks,
        policy=MeasuringPolicy(sizes=sizes, plan=partial(_planned, request=request), fixed=ready.fixed_sizes()),
        budget=Budget.of(request.limit_s, time.monotonic_ns(), share=request.budget_share),
        listen=listen,
        save=lambda sessions: save(sessions[0]),
    )
    return runner.measure()[0]


def _planned(pilots: Sequence[Pilot], left_ns: float, *, request: Request) -> tuple[Plan, ...]:
    """Plan the rounds, and which budget would be enough where this one holds too few for an interval."""
    costs_ns = [pilot.cost_ns for pilot in pilots]
    if request.runs is not None:
        return (Plan(rounds=request.runs),) * len(pilots)
    if not request.keeps_budget:
        usual_ns = max(0.0, request.budget_s * NS_PER_S - sum(costs_ns))
        return tuple(Plan(rounds=number) for number in plan_rounds(costs_ns, usual_ns, least=LEAST_ROUNDS))
    spent_ns = request.budget_s * NS_PER_S - left_ns

    def rounds_in(left_ns: float) -> tuple[int, ...]:
        return plan_rounds(costs_ns, PLANNED_SHARE * left_ns, least=0)

    def least_s(rounds: int) -> float:
        """Return the budget that holds this number of rounds of every benchmark whose cost is known."""
        known = [index for index, cost in enumerate(costs_ns) if cost < inf]
        return least_budget_s(
            lambda budget_s: (
                min((rounds_in(budget_s * NS_PER_S - spent_ns)[index] for index in known), default=rounds) >= rounds
            )
        )

    found = rounds_in(left_ns)
    needs_s = (
        least_s(LEAST_ROUNDS if min(found, default=0) else 1)
        if min(found, default=LEAST_ROUNDS) < LEAST_ROUNDS
        else None
    )
    return tuple(Plan(rounds=number, needs_s=needs_s if number < LEAST_ROUNDS else None) for number in found)
