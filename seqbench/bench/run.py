"""Measure one request: for `invoke bench`, and for the parts of an experiment."""

from collections.abc import Callable, Sequence
from functools import partial

from seqbench.bench.plan import LEAST_ROUNDS, Pilot, Plan, plan_rounds
from seqbench.bench.prepare import Prepared, prepared
from seqbench.bench.programs import Side
from seqbench.bench.request import Request
from seqbench.bench.runner import MeasuringPolicy, Runner
from seqbench.events import Listener, Remark
from seqbench.sessions.session import Session
from seqbench.units import NS_PER_S, clock_duration

# A smaller overrun of the budget is within the precision of a pilot.
_OVERRUN = 1.1

SessionSaver = Callable[[Session], None]


def bench(request: Request, *, listen: Listener, save: SessionSaver) -> Session:
    """Measure the benchmarks of a request and return the session.

    `save` is called with the session so far whenever a benchmark is done. An interrupt ends the programs, saves what
    was measured as an interrupted session, and is raised again.

    Raises
    ------
    UsageError
        A benchmark or runtime is unknown, a size does not fit, or a manifest is not valid.
    ToolchainError
        A tool is missing or cannot be built.
    KeyboardInterrupt
        The user interrupted it.
    """
    with prepared(request, listen) as ready:
        chosen = ((name, size.parameters) for name, size in ready.sizes().items())
        for note in ready.setting_notes(ready.sides, chosen):
            listen(Remark(text=note))
        return measure(ready, ready.side, listen=listen, save=save)


def measure(ready: Prepared, side: Side, *, listen: Listener, save: SessionSaver) -> Session:
    """Measure one prepared side, as `bench` does.

    Raises
    ------
    UsageError
        A size does not fit.
    KeyboardInterrupt
        The user interrupted it.
    """
    runner = Runner(
        prepared=ready,
        sides=(side,),
        benchmarks=ready.benchmarks,
        policy=MeasuringPolicy(
            sizes={name: (size,) for name, size in ready.sizes().items()},
            plan=partial(_planned, request=ready.request, listen=listen),
        ),
        listen=listen,
        save=lambda sessions: save(sessions[0]),
    )
    return runner.measure()[0]


def _planned(pilots: Sequence[Pilot], _spent_ns: int, *, request: Request, listen: Listener) -> tuple[Plan, ...]:
    """Plan the rounds, and send a remark if the budget is too small for them."""
    costs_ns = [pilot.cost_ns for pilot in pilots]
    rounds = plan_rounds(costs_ns, request.budget_s * NS_PER_S, request.runs)
    whole_s = sum((1 + n) * cost for n, cost in zip(rounds, costs_ns, strict=True)) / NS_PER_S
    if request.runs is None and whole_s > request.budget_s * _OVERRUN:
        budget, whole = clock_duration(request.budget_s), clock_duration(whole_s)
        text = f"the budget of {budget} is too small for the {LEAST_ROUNDS} rounds that an interval needs"
        listen(Remark(text=f"{text}: measuring will take about {whole}"))
    return tuple(Plan(rounds=number) for number in rounds)
