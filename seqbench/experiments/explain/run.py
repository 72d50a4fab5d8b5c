"""Measure where the time goes: every program at two sizes, then under strace, then with its runtime's report.

A run at the small size spends nearly all its time on the start of the process. So the difference to the large size is
work. Instrumentation slows a program down: it has runs of its own, after the timed ones.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

from seqbench.bench.budget import Budget, budget_flag
from seqbench.bench.build import program_label
from seqbench.bench.prepare import prepared
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import Candidate, candidates
from seqbench.bench.request import Request
from seqbench.bench.run import measure
from seqbench.events import Detail, Estimate, Listener, Phase, Remark, without_estimates
from seqbench.experiments.explain import trace
from seqbench.experiments.explain.document import Explanation, InstrumentedRun, Roles
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.session import Measured, Session, State
from seqbench.suite.benchmarks import Benchmark, Suite, select_benchmarks, select_runtimes
from seqbench.suite.size_request import SizeName, SizeRequest
from seqbench.units import NS_PER_S

_SMALL = SizeRequest(name=SizeName.QUICK, only_scaling=True)
# Of the budget; what the timed runs leave is for the instrumented ones.
_SMALL_SHARE = 0.15
_LARGE_SHARE = 0.45
_INSTRUMENTED_TIMEOUT_S = 60.0

Parameters = tuple[tuple[str, int], ...]
Saver = Callable[[Explanation], None]


def run(request: Request, *, listen: Listener, save: Saver = lambda _explanation: None) -> Explanation:
    """Measure at a small size and at the size of the request, count system calls, and collect the runtimes' reports.

    `save` receives the explanation so far after every benchmark, after the reports, in the end, and after an interrupt.

    Raises
    ------
    UsageError
        An unknown benchmark or runtime, a size that does not fit, a broken manifest.
    ToolchainError
        A tool of a default runtime is missing or cannot be built.
    KeyboardInterrupt
        Interrupted.
    """
    with prepared(request, listen) as ready:
        budget = Budget.of(request.limit_s, time.monotonic_ns())
        if budget.is_limited:
            listen(Estimate(total_s=request.limit_s))
        kept = _Kept.of(ready, save)
        listen(Phase(text="measuring at a small size, where starting takes most of the time"))
        share = budget.part(_SMALL_SHARE, time.monotonic_ns())
        _measure_at(ready, _SMALL, share, listen, lambda session: kept.keep(small=session))
        listen(Phase(text=f"measuring at {request.size.text} size"))
        share = budget.part(_LARGE_SHARE / (1 - _SMALL_SHARE), time.monotonic_ns())
        large = _measure_at(ready, request.size, share, listen, lambda session: kept.keep(large=session))
        with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
            instrumented = _InstrumentedRuns(ready, Path(scratch), budget, listen)
            kept.keep(reports=tuple(instrumented.reports(large)))
            calls, no_calls = instrumented.system_calls(kept.found.sessions())
        kept.keep(calls=calls, no_calls=no_calls)
        return kept.found


@dataclass(slots=True, kw_only=True)
class _Kept:
    """What was found so far; it is saved from the first planned round on."""

    found: Explanation
    save: Saver
    started_ns: int

    @classmethod
    def of(cls, ready: Prepared, save: Saver) -> "_Kept":
        """Begin with two sessions in which nothing was measured."""
        small, large = (
            replace(ready.blank_session(ready.side), state=State.INTERRUPTED, size=size.text)
            for size in (_SMALL, ready.request.size)
        )
        found = Explanation(
            roles=_roles(ready.suite, ready.request.reference),
            small=small,
            large=large,
            calls=(),
            no_calls="interrupted before that",
            reports=(),
            wall_ns=0,
            watched_ns=0,
            budget_s=ready.request.limit_s if ready.request.limit_s < inf else None,
        )
        return cls(found=found, save=save, started_ns=ready.started_ns)

    def keep(self, **parts: Any) -> None:  # noqa: ANN401 - fields of an explanation
        """Put parts in, and save all of it."""
        found = replace(self.found, **parts, wall_ns=time.monotonic_ns() - self.started_ns)
        self.found = replace(found, watched_ns=sum(each.wall_ns for each in (*found.calls, *found.reports)))
        if self.found.small.is_planned:
            self.save(self.found)


def _measure_at(
    ready: Prepared, size: SizeRequest, share: Budget, listen: Listener, save: Callable[[Session], None]
) -> Session:
    """Measure every program at a size, or at the largest below it that fits into a share of the budget."""
    at_size = ready.for_request(replace(ready.request, size=size)).with_budget(share)
    # The smallest size is that of the other session.
    sizes = {name: rising[1:] or rising for name, rising in at_size.rising_sizes().items()}
    return measure(at_size, at_size.side, sizes=sizes, listen=without_estimates(listen), save=save)


def _roles(suite: Suite, reference: str) -> Roles:
    (subject,) = select_runtimes(suite, (COMPARED_RUNTIME,))
    others = (runtime.name for runtime in suite.runtimes if runtime.is_default and runtime is not subject)
    return Roles(subject=subject.name, reference=reference or next(others, ""), library=subject.library)


class _InstrumentedRuns:
    """The instrumented runs of every program that was measured."""

    def __init__(self, ready: Prepared, scratch: Path, budget: Budget, listen: Listener) -> None:
        self._ready = ready
        self._budget = budget
        self._scratch = scratch
        self._listen = listen

    def reports(self, session: Session) -> Iterator[InstrumentedRun]:
        """Run every program whose runtime can report on itself, and yield the reports."""
        self._listen(Phase(text="collecting the reports of the runtimes"))
        for benchmark, candidate, parameters in self._measured(session):
            how = candidate.program.runtime.report
            if how is None:
                continue
            if self._timeout_s() <= 0:
                yield self._without_time(candidate, parameters)
                continue
            control = benchmark.control_messages
            yield trace.run_with_report(
                candidate,
                parameters,
                how,
                control_messages=None if control is None else control.value(dict(parameters)),
                directory=self._scratch,
                timeout_s=self._timeout_s(),
            )

    def system_calls(self, sessions: tuple[Session, ...]) -> tuple[tuple[InstrumentedRun, ...], str]:
        """Return the system calls of every program, or nothing and the reason why they could not be counted."""
        strace = trace.find_strace(self._ready.request.environment)
        if strace is None:
            return (), f"strace is not on PATH; fix: {trace.INSTALL_STRACE}"
        try:
            return tuple(self._traced(strace, sessions)), ""
        except trace.TracingRefusedError as error:
            self._listen(Remark(text=f"no program can be traced: {error}; fix: {trace.ALLOW_TRACING}"))
            return (), f"no permission to trace: {error}; fix: {trace.ALLOW_TRACING}"

    def _traced(self, strace: Path, sessions: tuple[Session, ...]) -> Iterator[InstrumentedRun]:
        self._listen(Phase(text="counting system calls"))
        for session in sessions:
            for _, candidate, parameters in self._measured(session):
                self._listen(Detail(text=f"{program_label(candidate.program)}: {_written(parameters)}"))
                if self._timeout_s() <= 0:
                    yield self._without_time(candidate, parameters)
                    continue
                yield trace.count_system_calls(
                    candidate, parameters, strace, directory=self._scratch, timeout_s=self._timeout_s()
                )

    def _timeout_s(self) -> float:
        """Return how long the next instrumented run may take: what is left of the budget, and no more than a minute."""
        return min(_INSTRUMENTED_TIMEOUT_S, self._budget.left_ns(time.monotonic_ns()) / NS_PER_S)

    def _without_time(self, candidate: Candidate, parameters: Parameters) -> InstrumentedRun:
        more = budget_flag(2 * self._budget.length_ns / NS_PER_S)
        problem = f"not run: the budget is used up; {more} gives instrumented runs twice the time"
        return replace(trace.run_without_figures(candidate, parameters), problem=problem)

    def _measured(self, session: Session) -> Iterator[tuple[Benchmark, Candidate, Parameters]]:
        """Yield every program that a session measured, ready to run with the same arguments."""
        for result in session.results:
            (benchmark,) = select_benchmarks(self._ready.suite, (result.benchmark,))
            measured = {(p.runtime, p.variant) for p in result.programs if isinstance(p.outcome, Measured)}
            for candidate in candidates(self._ready.side, benchmark, result.parameters, self._ready.request, {}):
                if (candidate.program.runtime.name, candidate.program.variant) in measured:
                    yield benchmark, candidate, result.parameters


def _written(parameters: Parameters) -> str:
    return " ".join(f"{key}={value:,}" for key, value in parameters)
