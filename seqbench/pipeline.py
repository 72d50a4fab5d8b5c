"""The one module that knows the order: suite, sizes, tools, builds, pilot, plan, rounds, session."""

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from seqbench import machine, process, repository, toolchain
from seqbench.build import Executable, build_all, lint, program_label
from seqbench.check import Expected
from seqbench.events import Listener, Measuring, Remark
from seqbench.lock import measuring_lock
from seqbench.measure import LEAST_ROUNDS, PILOT, Contest, Entrant, plan_rounds
from seqbench.provision import provide_seqc
from seqbench.request import Request, select_benchmarks, select_runtimes
from seqbench.runtimes import RUNTIMES, Runtime
from seqbench.session import (
    BenchmarkResult,
    Failed,
    ProgramResult,
    RuntimeColumn,
    Session,
    Skipped,
    State,
    ToolIdentity,
)
from seqbench.sizing import Size, choose_size
from seqbench.suite import Benchmark, Program, Suite, load_suite, sources_digest
from seqbench.toolchain import Toolchain
from seqbench.units import clock_duration

RECORD_NAME = "LATEST_RUN.txt"
_NS = 1_000_000_000


Saver = Callable[[Session], None]


def bench(request: Request, *, listen: Listener, save: Saver) -> Session:
    """Measure what was asked for; `save` is called with the session so far whenever a benchmark is done.

    An interrupt ends the children, saves what was measured as an interrupted session, and is raised again.

    Raises
    ------
    UsageError : an unknown benchmark or runtime, a size that does not fit, a broken manifest.
    ToolchainError : a tool is missing or cannot be built.
    KeyboardInterrupt : interrupted.
    """
    started_ns = time.monotonic_ns()
    suite = load_suite(request.suite_folder)
    benchmarks = select_benchmarks(suite, request.only)
    runtimes = select_runtimes(request.runtimes)
    limits = machine.this_machines_limits()
    sizes = {b.name: choose_size(b, _runtimes_of(b, runtimes), limits, request.size) for b in benchmarks}
    with measuring_lock(request.cache, listen):
        tools = find_tools(runtimes, request, listen)
        programs = tuple(p for b in benchmarks for p in b.programs if p.runtime in runtimes)
        executables = build_all(programs, tools, cache=request.cache, environment=request.environment, listen=listen)
        run = _Run(
            request=request,
            blank=_blank_session(request, suite, runtimes, tools),
            benchmarks=benchmarks,
            sizes=sizes,
            executables=executables,
            tools=tools,
            started_ns=started_ns,
            listen=listen,
            save=save,
        )
        return run.measure()


def lint_suite(request: Request, tools: Toolchain) -> tuple[tuple[Program, str], ...]:
    """Run the linter of its language over every program; give those with findings."""
    programs = (program for benchmark in load_suite(request.suite_folder).benchmarks for program in benchmark.programs)
    findings = ((program, lint(program, tools, request.environment)) for program in programs)
    return tuple((program, found) for program, found in findings if found)


def find_tools(runtimes: tuple[Runtime, ...], request: Request, listen: Listener) -> Toolchain:
    """Find or build every tool that these runtimes need.

    Raises
    ------
    ToolchainError : one of them is not to be had.
    """
    finders = {
        "seqc": lambda: provide_seqc(request.spec, cache=request.cache, environment=request.environment, listen=listen),
        "clang": lambda: toolchain.find_clang(request.environment, request.cache),
        "go": lambda: toolchain.find_go(request.environment, request.cache),
    }
    names = dict.fromkeys(name for runtime in runtimes for name in runtime.tools)
    # The quick ones first: a missing clang should not be told after two minutes of building seqc.
    found = {name: finders[name]() for name in sorted(names, key=lambda name: name == "seqc")}
    return Toolchain(
        tools=tuple(found[name] for name in names), search_path=request.environment.get("PATH", os.defpath)
    )


@dataclass(slots=True, kw_only=True)
class _Run:
    """One session in the making."""

    request: Request
    blank: Session
    benchmarks: tuple[Benchmark, ...]
    sizes: Mapping[str, Size]
    executables: Mapping[Program, Executable | Failed]
    tools: Toolchain
    started_ns: int
    listen: Listener
    save: Saver

    def measure(self) -> Session:
        first_run_ns = time.monotonic_ns()
        self.blank = replace(self.blank, build_ns=first_run_ns - self.started_ns)
        contests: dict[str, Contest] = {}
        rounds: dict[str, int] = {}
        with tempfile.TemporaryDirectory(prefix="seqbench-") as scratch:
            for benchmark in self.benchmarks:
                contests[benchmark.name] = self._contest(benchmark, Path(scratch))
            try:
                rounds = self._pilot(contests)
                self._rounds(contests, rounds, first_run_ns)
            except KeyboardInterrupt:
                self.save(self._session(contests, rounds, State.INTERRUPTED))
                raise
            session = self._session(contests, rounds, State.COMPLETE)
            self.save(session)
        return session

    def _pilot(self, contests: Mapping[str, Contest]) -> dict[str, int]:
        """Run everything once: a warm-up, a first check, and the cost that the plan is made from."""
        seed = str(self.request.seed)
        costs = []
        for name, contest in contests.items():
            for entrant in contest.play(PILOT, f"{seed}/{name}"):
                self._tell(name, entrant)
            costs.append(contest.spent_ns)
        left_ns = max(0.0, self.request.budget_s * _NS - sum(costs))
        planned = plan_rounds(costs, left_ns, self.request.runs)
        rounds = dict(zip(contests, planned, strict=True))
        cost_ns = sum(n * cost for n, cost in zip(planned, costs, strict=True))
        if self.request.runs is None and cost_ns > left_ns * 1.1:
            self.listen(
                Remark(
                    text=f"the budget of {clock_duration(self.request.budget_s)} is too small for the {LEAST_ROUNDS} "
                    f"rounds that an interval needs: the rounds will take about {clock_duration(cost_ns / _NS)}"
                )
            )
        return rounds

    def _rounds(self, contests: Mapping[str, Contest], rounds: Mapping[str, int], first_run_ns: int) -> None:
        seed = str(self.request.seed)
        pilot_ns = {name: contest.spent_ns for name, contest in contests.items()}
        total_ns = sum((1 + rounds[name]) * cost for name, cost in pilot_ns.items()) or 1
        for name, contest in contests.items():
            for number in range(1, rounds[name] + 1):
                for entrant in contest.play(number, f"{seed}/{name}"):
                    spent = sum(each.spent_ns for each in contests.values())
                    fraction = min(0.99, spent / total_ns)
                    # What has been slower or faster than the pilot foretells the rest.
                    pace = (time.monotonic_ns() - first_run_ns) / max(1, spent)
                    remaining = max(0.0, total_ns - spent) * pace / _NS
                    self._tell(
                        name, entrant, number=number, rounds=rounds[name], fraction=fraction, remaining=remaining
                    )
            self.save(self._session(contests, rounds, State.RUNNING))

    def _tell(
        self,
        name: str,
        entrant: Entrant,
        *,
        number: int = PILOT,
        rounds: int = 0,
        fraction: float = 0.0,
        remaining: float | None = None,
    ) -> None:
        self.listen(
            Measuring(
                benchmark=name,
                program=program_label(entrant.program),
                round_number=number,
                rounds=rounds,
                fraction_done=fraction,
                remaining_s=remaining,
            )
        )

    def _contest(self, benchmark: Benchmark, directory: Path) -> Contest:
        size = self.sizes[benchmark.name]
        return Contest(
            entrants=tuple(
                Entrant(
                    program=program,
                    executable=executable,
                    arguments=tuple(str(value) for _, value in size.parameters),
                    environment=self._environment(program.runtime),
                    expected=self._expected(benchmark, program.runtime, size),
                )
                for program in benchmark.programs
                if isinstance(executable := self.executables.get(program), Executable)
            ),
            directory=directory,
        )

    def _expected(self, benchmark: Benchmark, runtime: Runtime, size: Size) -> Expected:
        values = dict(size.parameters)
        return Expected(
            result=benchmark.expected_result.value(values) if benchmark.expected_result else None,
            ledger=tuple((key, formula.value(values)) for key, formula in benchmark.expected_ledger),
            startup_ns=runtime.startup_ns,
            timeout_s=self.request.timeout_s or benchmark.timeout_s,
            output_limit_bytes=process.OUTPUT_LIMIT_BYTES,
        )

    def _environment(self, runtime: Runtime) -> dict[str, str]:
        basics = {key: self.request.environment[key] for key in ("PATH", "HOME") if key in self.request.environment}
        return {**basics, **_settings(runtime, self.request.environment, self.tools)}

    def _session(self, contests: Mapping[str, Contest], rounds: Mapping[str, int], state: State) -> Session:
        results = (self._result(benchmark, contests[benchmark.name], rounds) for benchmark in self.benchmarks)
        return replace(
            self.blank,
            state=state,
            finished_at=datetime.now(UTC),
            wall_ns=time.monotonic_ns() - self.started_ns,
            programs_ns=sum(contest.spent_ns for contest in contests.values()),
            results=tuple(results),
        )

    def _result(self, benchmark: Benchmark, contest: Contest, rounds: Mapping[str, int]) -> BenchmarkResult:
        size = self.sizes[benchmark.name]
        programs = []
        for program in benchmark.programs:
            built = self.executables.get(program)
            outcome = built if isinstance(built, Failed) else contest.outcome(program)
            if built is None:
                continue
            programs.append(
                ProgramResult(
                    runtime=program.runtime.name,
                    variant=program.variant,
                    executable=built.digest if isinstance(built, Executable) else "",
                    outcome=outcome or Skipped(reason="interrupted before its first run", remedy="invoke bench"),
                )
            )
        return BenchmarkResult(
            name=benchmark.name,
            title=_title(benchmark, size),
            parameters=size.parameters,
            is_full=size.is_full,
            size_label=size.label,
            size_sentence=size.sentence(),
            remedies=tuple(shortfall.remedy for shortfall in size.shortfalls),
            rate_count=benchmark.throughput.count.value(dict(size.parameters)) if benchmark.throughput else None,
            rate_unit=benchmark.throughput.unit if benchmark.throughput else "",
            rounds=rounds.get(benchmark.name, 0),
            variant_labels=benchmark.variant_labels,
            programs=tuple(programs),
        )


def _blank_session(request: Request, suite: Suite, runtimes: tuple[Runtime, ...], tools: Toolchain) -> Session:
    head = repository.head(request.project, request.environment, ignore=(RECORD_NAME,))
    now = datetime.now(UTC)
    settings = {
        key: value for runtime in runtimes for key, value in _settings(runtime, request.environment, tools).items()
    }
    return Session(
        seqbench_version=version("seqbench"),
        state=State.RUNNING,
        started_at=now,
        finished_at=now,
        seed=request.seed,
        commit=head.commit if head else "",
        dirty=head.dirty if head else False,
        machine=machine.this_machine(),
        load_before=machine.load_average(),
        suite=tuple(benchmark.name for benchmark in suite.benchmarks),
        is_default_suite=request.is_default_suite,
        sources=sources_digest(suite),
        size=request.size.name.value if request.size.name else f"{request.size.number:,}",
        runtimes=tuple(RuntimeColumn(name=runtime.name, title=runtime.title) for runtime in runtimes),
        is_every_runtime=runtimes == RUNTIMES,
        toolchain=tuple(
            ToolIdentity(name=tool.name, version=tool.version, digest=tool.digest, provenance=tool.provenance)
            for tool in tools.tools
        ),
        settings=tuple(sorted(settings.items())),
        budget_s=request.budget_s if request.runs is None else None,
        wall_ns=0,
        programs_ns=0,
        build_ns=0,
        results=(),
    )


def _settings(runtime: Runtime, environment: Mapping[str, str], tools: Toolchain) -> dict[str, str]:
    """Give the variables that change how a runtime's programs run: the user's, then those of the SPEC."""
    passed = {key: value for key, value in environment.items() if key.startswith(runtime.settings)}
    return {**passed, **dict(runtime.compiler(tools).settings)}


def _runtimes_of(benchmark: Benchmark, runtimes: tuple[Runtime, ...]) -> tuple[Runtime, ...]:
    return tuple(runtime for runtime in runtimes if any(p.runtime == runtime for p in benchmark.programs)) or runtimes


def _title(benchmark: Benchmark, size: Size) -> str:
    title = benchmark.title
    for name, value in size.parameters:
        title = title.replace(f"{{{name}}}", f"{value:,}")
    return title
