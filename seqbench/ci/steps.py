"""Define and run the steps of `invoke ci`."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.bench import run
from seqbench.bench.build import build_all, lint, program_label
from seqbench.bench.request import Request
from seqbench.bench.tools import find_tools
from seqbench.ci.go_tool import provide_go_program
from seqbench.compare.calibration import Calibration, all_warnings
from seqbench.compare.document import StoredComparison
from seqbench.compare.gate import GateOutcome, judge_gate
from seqbench.compare.report import gate_text
from seqbench.config import PYPROJECT
from seqbench.errors import CheckError, ExitCode, InconclusiveError, SeqbenchError
from seqbench.events import Listener, Phase
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.session import Failed, Session
from seqbench.suite.benchmarks import Program
from seqbench.system import process
from seqbench.system.facts import Command
from seqbench.system.lock import measuring_lock
from seqbench.toolchain.toolchain import Toolchain

_TIMEOUT_S = 3600.0
_OUTPUT_LIMIT_BYTES = 64 << 20
_SHOWN_LINES = 60
_PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs")
_ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
_FORGES = (".github", ".forgejo")
_WORKFLOW_FOLDERS = ("workflows", "examples")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One check; `problem` runs it and returns what is wrong, or an empty text."""

    title: str
    problem: Callable[[Listener], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """The result of a step: `problem` is empty if it passed, `code` is the exit code for this step alone."""

    problem: str
    code: ExitCode

    @property
    def mark(self) -> str:
        """Return a tick, a cross, or a question mark for an inconclusive step."""
        return {ExitCode.OK: "✓", ExitCode.INCONCLUSIVE: "?"}.get(self.code, "✗")


def steps(
    request: Request, freshness: Callable[[], object], regression: Callable[[Listener], None] | None
) -> tuple[Step, ...]:
    """Return every step in order.

    Parameters
    ----------
    freshness
        Raises a SeqbenchError if the record is stale or incomplete.
    regression
        Raises one if the current compiler is slower than the baseline or the gate is inconclusive; None without a
        baseline.
    """

    def tool(*arguments: str) -> Callable[[Listener], str]:
        return lambda _listen: _tool(request, *arguments)

    found: list[Toolchain] = []

    def tools(listen: Listener) -> Toolchain:
        if not found:
            found.append(find_tools(request.load_suite().used_runtimes, request, listen))
        return found[0]

    def fresh(_listen: Listener) -> str:
        freshness()
        return ""

    def seqc(listen: Listener) -> str:
        tools(listen)
        return ""

    def gate(listen: Listener) -> str:
        if regression is not None:
            regression(listen)
        return ""

    always = (
        Step(title="formatting", problem=tool("ruff", "format", "--check", ".")),
        Step(title="lint", problem=tool("ruff", "check", ".")),
        Step(title="spelling", problem=tool("codespell")),
        Step(title="prose", problem=tool("proselint", "check", "--config", ".proselintrc.json", *_PAGES)),
        Step(title="ladder of packages", problem=lambda _listen: _contracts(request)),
        Step(title="types", problem=tool("mypy")),
        # zizmor reads the steps of the action too; actionlint checks only the inputs that a workflow passes to it.
        Step(title="workflows: zizmor", problem=lambda _listen: _zizmor(request)),
        Step(title="workflows: actionlint", problem=lambda _listen: _actionlint(request)),
        Step(title="workflows: shellcheck", problem=lambda _listen: _shellcheck(request)),
        Step(title="tests", problem=tool("pytest", "-q", "-n", "auto", "--dist", "worksteal", "-m", "not slow")),
        Step(title="seqc built", problem=seqc),
        Step(title="programs built", problem=lambda listen: _builds(request, tools(listen), listen)),
        Step(title="linters of the languages", problem=lambda listen: _lints(request, tools(listen))),
        Step(title="every program right at a small size", problem=lambda listen: _correctness(request, listen)),
        Step(title="benchmarks fresh", problem=fresh),
    )
    # Last, because it takes minutes, and other problems should be known before.
    return always if regression is None else (*always, Step(title="no slowdown since the baseline", problem=gate))


def outcome(step: Step, listen: Listener) -> StepResult:
    """Run a step; an error of seqbench or of a file is its problem."""
    listen(Phase(text=step.title))
    try:
        problem = step.problem(listen)
    except InconclusiveError as error:
        return StepResult(problem=_error_text(error), code=error.exit_code)
    except SeqbenchError as error:
        problem = _error_text(error)
    except OSError as error:
        problem = f"{error.filename or ''}: {error.strerror}"
    return StepResult(problem=problem, code=ExitCode.CHECK_FAILED if problem else ExitCode.OK)


def require_pass(measured: StoredComparison) -> None:
    """Raise an error with the text of the gate if a comparison does not pass it."""
    gate = judge_gate(*measured.sessions, runtime=COMPARED_RUNTIME, margin=measured.margin, metrics=measured.metrics)
    if gate.outcome is not GateOutcome.PASS:
        kind = CheckError if gate.outcome is GateOutcome.FAIL else InconclusiveError
        text = gate_text(gate, measured.base_spec, measured.head_spec)
        raise kind(text, "{invoke} gate, after a fix or with more --budget")


def warnings_of(measured: StoredComparison, calibration: Calibration | None) -> tuple[str, ...]:
    """Return what a calibration warns of in the comparison of a gate."""
    gate = judge_gate(*measured.sessions, runtime=COMPARED_RUNTIME, margin=measured.margin, metrics=measured.metrics)
    return all_warnings(calibration, gate.comparison)


def _error_text(error: SeqbenchError) -> str:
    return f"{error.message}\n  fix: {error.fix}" if error.fix else error.message


def _tool(request: Request, name: str, *arguments: str) -> str:
    """Run a tool of the `dev` group, from PATH or from the folder of this Python."""
    path = f"{request.environment.get('PATH', '')}{os.pathsep}{Path(sys.executable).parent}"
    found = shutil.which(name, path=path)
    if found is None:
        return f"{name} is not installed\n  fix: nox -s ci, which installs it, or pip install {name}"
    return _run(request, (found, *arguments))


def _run(request: Request, argv: tuple[str, ...]) -> str:
    finished = process.run(
        Command(
            argv=argv,
            directory=request.project,
            environment={**request.environment, "NO_COLOR": "1"},
            timeout_s=_TIMEOUT_S,
            output_limit_bytes=_OUTPUT_LIMIT_BYTES,
        )
    )
    if finished.ok:
        return ""
    output = (finished.stdout + finished.stderr).decode("utf-8", errors="replace").strip()
    return "\n".join(output.splitlines()[-_SHOWN_LINES:]) or f"{argv}: {finished.ending} {finished.status}"


def _workflow_files(request: Request, pattern: str) -> list[str]:
    """Return the files of the workflows of each forge, relative to the project."""
    folders = (request.project / name for name in _FORGES)
    return sorted(path.relative_to(request.project).as_posix() for folder in folders for path in folder.rglob(pattern))


def _zizmor(request: Request) -> str:
    files = [name for name in _workflow_files(request, "*.yml") if "ISSUE_TEMPLATE" not in name]
    return _tool(request, "zizmor", "--offline", "--no-progress", "--strict-collection", *files) if files else ""


def _actionlint(request: Request) -> str:
    """Run actionlint, which the pinned Go builds from the Go module proxy."""
    actionlint = provide_go_program(_ACTIONLINT, cache=request.cache, environment=request.environment)
    # It would look for the workflows of GitHub only.
    files = [name for name in _workflow_files(request, "*.yml") if Path(name).parts[1] in _WORKFLOW_FOLDERS]
    return _run(request, (str(actionlint), "-color=false", "-shellcheck=", *files)) if files else ""


def _contracts(request: Request) -> str:
    """Check the imports between packages, in a project that has contracts for them."""
    has_contracts = "[tool.importlinter]" in (request.project / PYPROJECT).read_text(encoding="utf-8")
    return _tool(request, "lint-imports", "--no-cache") if has_contracts else ""


def _shellcheck(request: Request) -> str:
    """Check the shell scripts of the action, if there are any."""
    names = _workflow_files(request, "*.sh")
    return _tool(request, "shellcheck", "--external-sources", *names) if names else ""


def _builds(request: Request, tools: Toolchain, listen: Listener) -> str:
    programs = _programs(request, tools)
    with measuring_lock(request.cache, listen):
        built = build_all(programs, tools, cache=request.cache, environment=request.environment, listen=listen)
    return "\n".join(f"{program_label(p)}: {o.reason}\n{o.detail}" for p, o in built.items() if isinstance(o, Failed))


def _lints(request: Request, tools: Toolchain) -> str:
    found = lint_suite(request, tools)
    return "\n".join(f"{program_label(program)}:\n{output}" for program, output in found)


def _correctness(request: Request, listen: Listener) -> str:
    """Run only the pilot: every program once, at its quick size, with every check."""

    def keep_nothing(_session: Session) -> None:
        pass

    session = run.bench(replace(request, runs=0, keeps_budget=False), listen=listen, save=keep_nothing)
    return "\n".join(
        f"{result.name} ({program.runtime} {program.variant}): {failed.reason}\n{failed.detail}"
        for result, program, failed in session.failures()
    )


def _programs(request: Request, tools: Toolchain) -> tuple[Program, ...]:
    """Return the programs of the suite, without those of further runtimes whose tools this machine does not have."""
    missing = {key for key, _ in tools.missing}
    return tuple(
        program
        for benchmark in request.load_suite().benchmarks
        for program in benchmark.programs
        if program.runtime.is_ranked or not missing & {need.key for need in program.runtime.tools}
    )


def lint_suite(request: Request, tools: Toolchain) -> tuple[tuple[Program, str], ...]:
    """Run the linter of its language on every program; return the programs with findings and the findings."""
    findings = ((program, lint(program, tools, request.environment)) for program in _programs(request, tools))
    return tuple((program, found) for program, found in findings if found)
