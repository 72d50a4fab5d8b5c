"""Says where the time goes: measures every program at two sizes, then asks strace and the runtimes themselves.

The small size is nearly all start of the process, so what the large one adds to it is work. What watches a program
slows it down, so that comes after the timed runs, in runs of its own.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from seqbench.bench.build import build_all, program_label
from seqbench.bench.prepare import find_tools
from seqbench.bench.programs import Entrant, Side, entrants
from seqbench.bench.request import Request
from seqbench.bench.run import bench_alone
from seqbench.events import Detail, Listener, Phase, Remark
from seqbench.experiments.explain import trace
from seqbench.experiments.explain.document import Account, Explanation, Roles
from seqbench.runtimes.registry import COMPARED_RUNTIME, DEFAULT_RUNTIMES, select_runtimes
from seqbench.sessions.session import Measured, Session
from seqbench.suite.benchmarks import Benchmark, select_benchmarks
from seqbench.suite.manifest import load_suite
from seqbench.suite.sizes import SizeName, SizeRequest, choose_size
from seqbench.system import machine
from seqbench.system.facts import NO_LIMITS
from seqbench.system.lock import measuring_lock
from seqbench.units import NS_PER_S, clock_duration

_SMALL = SizeRequest(name=SizeName.QUICK, only_scaling=True)
_SMALL_SHARE = 0.25
# Of all traces together, so that the whole takes its five minutes whatever a tracer does to a program.
_TRACES_S = 100.0
_WITNESS_TIMEOUT_S = 60.0

Parameters = tuple[tuple[str, int], ...]


def run(request: Request, *, listen: Listener) -> Explanation:
    """Measure at the size of the request and at a small one, trace, and let the runtimes report on themselves.

    Raises
    ------
    UsageError : an unknown benchmark or runtime, a size that does not fit, a broken manifest.
    ToolchainError : a tool of a default runtime is missing or cannot be built.
    KeyboardInterrupt : interrupted.
    """
    roles = _roles()
    # What no machine could run is told before the wait for another run.
    for benchmark in select_benchmarks(load_suite(request.suite_folder), request.only):
        choose_size(benchmark, select_runtimes(request.runtimes), NO_LIMITS, request.size)
    with measuring_lock(request.cache, listen):
        started_ns = time.monotonic_ns()
        limits = machine.this_machines_limits()

        def measure(asked: Request) -> Session:
            return bench_alone(asked, listen=listen, save=lambda _session: None, limits=limits)

        listen(Phase(text="measuring at a small size, which is mostly start"))
        small = measure(replace(request, size=_SMALL, budget_s=request.budget_s * _SMALL_SHARE))
        listen(Phase(text=f"measuring at {request.size.text} size"))
        large = measure(replace(request, budget_s=request.budget_s * (1 - _SMALL_SHARE)))
        calls, no_calls, reports = _Witnesses(request, small, large, listen).hear()
        return Explanation(
            roles=roles,
            small=small,
            large=large,
            calls=calls,
            no_calls=no_calls,
            reports=reports,
            wall_ns=time.monotonic_ns() - started_ns,
            watched_ns=sum(account.wall_ns for account in (*calls, *reports)),
        )


def _roles() -> Roles:
    (subject,) = select_runtimes((COMPARED_RUNTIME,))
    reference = next(runtime for runtime in DEFAULT_RUNTIMES if runtime is not subject)
    return Roles(subject=subject.name, reference=reference.name, library=subject.library)


class _Witnesses:
    """The runs that are watched, of every program that was measured."""

    def __init__(self, request: Request, small: Session, large: Session, listen: Listener) -> None:
        self._request = request
        self._sessions = (small, large)
        self._listen = listen
        suite = load_suite(request.suite_folder)
        self._benchmarks = {each.name: each for each in select_benchmarks(suite, request.only)}
        runtimes = select_runtimes(request.runtimes)
        tools = find_tools(runtimes, request, listen)
        programs = tuple(p for b in self._benchmarks.values() for p in b.programs if p.runtime in runtimes)
        executables = build_all(programs, tools, cache=request.cache, environment=request.environment, listen=listen)
        self._side = Side(name="", tools=tools, executables=executables, blank=large)

    def hear(self) -> tuple[tuple[Account, ...], str, tuple[Account, ...]]:
        """Give the system calls, why there are none, and what the runtimes say of themselves."""
        with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
            reports = tuple(self._reports(Path(scratch)))
            strace = trace.find_strace(self._request.environment)
            if strace is None:
                return (), f"there is no strace on PATH; mend: {trace.INSTALL_STRACE}", reports
            calls: list[Account] = []
            try:
                calls.extend(self._calls(strace, Path(scratch)))
            except trace.TracingRefusedError as error:
                self._listen(Remark(text=f"nothing can be traced here: {error}"))
                return (), f"no rights to trace: the system says {error}; mend: {trace.ALLOW_TRACING}", reports
            return tuple(calls), "", reports

    def _reports(self, scratch: Path) -> Iterator[Account]:
        self._listen(Phase(text="asking the runtimes what they did"))
        for benchmark, entrant, parameters in self._measured(self._sessions[1]):
            how = entrant.program.runtime.report
            if how is None:
                continue
            control = benchmark.control_messages
            yield trace.ask_runtime(
                entrant,
                parameters,
                how,
                control_messages=None if control is None else control.value(dict(parameters)),
                directory=scratch,
                timeout_s=_WITNESS_TIMEOUT_S,
            )

    def _calls(self, strace: Path, scratch: Path) -> Iterator[Account]:
        self._listen(Phase(text="counting system calls"))
        left_ns = round(_TRACES_S * NS_PER_S)
        for session in self._sessions:
            for _, entrant, parameters in self._measured(session):
                self._listen(Detail(text=f"{program_label(entrant.program)}: {_written(parameters)}"))
                if left_ns <= 0:
                    problem = f"not traced: the {clock_duration(_TRACES_S)} that all traces have were over"
                    yield replace(trace.account_of(entrant, parameters), problem=problem)
                    continue
                timeout_s = min(_WITNESS_TIMEOUT_S, left_ns / NS_PER_S)
                account = trace.count_system_calls(entrant, parameters, strace, directory=scratch, timeout_s=timeout_s)
                left_ns -= account.wall_ns
                yield account

    def _measured(self, session: Session) -> Iterator[tuple[Benchmark, Entrant, Parameters]]:
        """Give every program that was measured in a session, ready to run as it was then."""
        for result in session.results:
            benchmark = self._benchmarks[result.name]
            measured = {(p.runtime, p.variant) for p in result.programs if isinstance(p.outcome, Measured)}
            for entrant in entrants(self._side, benchmark, result.parameters, self._request):
                if (entrant.program.runtime.name, entrant.program.variant) in measured:
                    yield benchmark, entrant, result.parameters


def _written(parameters: Parameters) -> str:
    return " ".join(f"{key}={value:,}" for key, value in parameters)
