"""Measure where the time goes: every program at two sizes, then with strace, and with the runtimes' own reports.

The small size is nearly all start of the process, so what the large one adds to it is work. Watching slows a program
down, so that it comes after the timed runs, in runs of its own.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from seqbench.bench.build import program_label
from seqbench.bench.prepare import Prepared, prepared
from seqbench.bench.programs import Candidate, candidates
from seqbench.bench.request import Request
from seqbench.bench.run import measure
from seqbench.events import Detail, Listener, Phase, Remark
from seqbench.experiments.explain import trace
from seqbench.experiments.explain.document import Account, Explanation, Roles
from seqbench.runtimes.registry import COMPARED_RUNTIME, DEFAULT_RUNTIMES, select_runtimes
from seqbench.sessions.session import Measured, Session
from seqbench.suite.benchmarks import Benchmark, select_benchmarks
from seqbench.suite.sizes import SizeName, SizeRequest
from seqbench.units import NS_PER_S, clock_duration

_SMALL = SizeRequest(name=SizeName.QUICK, only_scaling=True)
_SMALL_SHARE = 0.25
# Of all traces together, so that the whole takes its five minutes whatever a tracer does to a program.
_TRACES_S = 100.0
_WATCHED_TIMEOUT_S = 60.0

Parameters = tuple[tuple[str, int], ...]


def run(request: Request, *, listen: Listener) -> Explanation:
    """Measure at the size of the request and at a small one, trace, and let the runtimes report on themselves.

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
        listen(Phase(text="measuring at a small size, which is mostly start"))
        small = _measured_at(ready, _SMALL, _SMALL_SHARE, listen)
        listen(Phase(text=f"measuring at {request.size.text} size"))
        large = _measured_at(ready, request.size, 1 - _SMALL_SHARE, listen)
        with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
            watching = _Watching(ready, Path(scratch), listen)
            reports = tuple(watching.reports(large))
            calls, no_calls = watching.system_calls((small, large))
        return Explanation(
            roles=_roles(),
            small=small,
            large=large,
            calls=calls,
            no_calls=no_calls,
            reports=reports,
            wall_ns=time.monotonic_ns() - ready.started_ns,
            watched_ns=sum(account.wall_ns for account in (*calls, *reports)),
        )


def _measured_at(ready: Prepared, size: SizeRequest, share: float, listen: Listener) -> Session:
    """Measure everything at a size, with a share of the budget."""
    at_size = ready.for_request(replace(ready.request, size=size, budget_s=ready.request.budget_s * share))
    return measure(at_size, at_size.side, listen=listen, save=lambda _session: None)


def _roles() -> Roles:
    (subject,) = select_runtimes((COMPARED_RUNTIME,))
    reference = next(runtime for runtime in DEFAULT_RUNTIMES if runtime is not subject)
    return Roles(subject=subject.name, reference=reference.name, library=subject.library)


class _Watching:
    """The runs that are watched, of every program that was measured."""

    def __init__(self, ready: Prepared, scratch: Path, listen: Listener) -> None:
        self._ready = ready
        self._scratch = scratch
        self._listen = listen

    def reports(self, session: Session) -> Iterator[Account]:
        """Run every program whose runtime can report on itself; yield the report."""
        self._listen(Phase(text="asking the runtimes what they did"))
        for benchmark, candidate, parameters in self._measured(session):
            how = candidate.program.runtime.report
            if how is None:
                continue
            control = benchmark.control_messages
            yield trace.ask_runtime(
                candidate,
                parameters,
                how,
                control_messages=None if control is None else control.value(dict(parameters)),
                directory=self._scratch,
                timeout_s=_WATCHED_TIMEOUT_S,
            )

    def system_calls(self, sessions: tuple[Session, ...]) -> tuple[tuple[Account, ...], str]:
        """Return the system calls of every program, or none and why they could not be counted."""
        strace = trace.find_strace(self._ready.request.environment)
        if strace is None:
            return (), f"there is no strace on PATH; fix: {trace.INSTALL_STRACE}"
        try:
            return tuple(self._traced(strace, sessions)), ""
        except trace.TracingRefusedError as error:
            self._listen(Remark(text=f"nothing can be traced here: {error}"))
            return (), f"no rights to trace: the system says {error}; fix: {trace.ALLOW_TRACING}"

    def _traced(self, strace: Path, sessions: tuple[Session, ...]) -> Iterator[Account]:
        self._listen(Phase(text="counting system calls"))
        left_ns = round(_TRACES_S * NS_PER_S)
        for session in sessions:
            for _, candidate, parameters in self._measured(session):
                self._listen(Detail(text=f"{program_label(candidate.program)}: {_written(parameters)}"))
                if left_ns <= 0:
                    problem = f"not traced: the {clock_duration(_TRACES_S)} that all traces have were over"
                    yield replace(trace.account_of(candidate, parameters), problem=problem)
                    continue
                timeout_s = min(_WATCHED_TIMEOUT_S, left_ns / NS_PER_S)
                account = trace.count_system_calls(
                    candidate, parameters, strace, directory=self._scratch, timeout_s=timeout_s
                )
                left_ns -= account.wall_ns
                yield account

    def _measured(self, session: Session) -> Iterator[tuple[Benchmark, Candidate, Parameters]]:
        """Yield every program that was measured in a session, ready to run as it was then."""
        for result in session.results:
            (benchmark,) = select_benchmarks(self._ready.suite, (result.name,))
            measured = {(p.runtime, p.variant) for p in result.programs if isinstance(p.outcome, Measured)}
            for candidate in candidates(self._ready.side, benchmark, result.parameters, self._ready.request, {}):
                if (candidate.program.runtime.name, candidate.program.variant) in measured:
                    yield benchmark, candidate, result.parameters


def _written(parameters: Parameters) -> str:
    return " ".join(f"{key}={value:,}" for key, value in parameters)
