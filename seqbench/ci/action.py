"""Check the inputs of the action, and judge the files that its commands wrote.

The action itself calls `seqbench bench`, `gate` and `report`. `forge` builds the texts, `annotations` the annotations,
and the tasks print.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.bench.request import Request
from seqbench.ci import annotations as notes
from seqbench.ci.annotations import Annotation, Cause
from seqbench.ci.forge import RunnerPaths, cache_key, output_text, parse_fail_on, summary
from seqbench.ci.record import check_record
from seqbench.compare import stored
from seqbench.compare.calibration import all_warnings
from seqbench.compare.document import StoredComparison, load_comparison
from seqbench.compare.gate import judge_gate
from seqbench.compare.report import gate_text
from seqbench.errors import CheckError, ExitCode, UsageError
from seqbench.flags import Flags, make_comparison_job, request_of
from seqbench.project import Project
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions import report, store
from seqbench.sessions.session import Session, State
from seqbench.suite.benchmarks import Suite, select_benchmarks
from seqbench.system import git
from seqbench.toolchain import seqc

_CODES = {
    Cause.FAILED: ExitCode.BENCHMARK_FAILED,
    Cause.SLOWER: ExitCode.CHECK_FAILED,
    Cause.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Cause.STALE: ExitCode.CHECK_FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of the action that its commands get as flags; None for one that was left out."""

    flags: Flags
    """Those of the run."""
    compare_to: str | None
    compare_budget: str | None
    calibrate: str | None
    fail_on: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the commands of the action measured, and where it is stored."""

    session: Session
    session_path: Path
    comparison: StoredComparison | None
    comparison_path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdict on all results, the reasons for it, and both as Markdown."""

    annotations: tuple[Annotation, ...]
    verdict: str
    page: str


def check_inputs(project: Project, inputs: Inputs) -> dict[str, str]:
    """Check every input, so that a mistake is reported before anything is built.

    Returns
    -------
    dict
        The folder that the runner should cache between jobs, and its cache key.

    Raises
    ------
    UsageError
        An input is not valid.
    """
    parse_fail_on(inputs.fail_on)
    request = request_of(project, inputs.flags)
    select_benchmarks(request.load_suite(), request.only)
    specs = [request.spec.text]
    for name, budget in (("compare-budget", inputs.compare_budget), ("calibrate", inputs.calibrate)):
        with _named(name):
            request_of(project, replace(inputs.flags, budget=budget))
    if inputs.compare_to is not None:
        specs.append(inputs.compare_to)
        with _named("compare-to"):
            make_comparison_job(project, Flags(), (inputs.compare_to, request.spec.text, None), None, probe=True)
    key = cache_key(request.environment, Path(seqc.__file__).read_bytes(), [*specs, request.target_cpu.name])
    return {"cache": str(request.cache), "key": key}


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Put the name of the input before the error of a flag."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{name}: {error.message}", error.fix) from error


def load_results(folder: Path) -> Results:
    """Read the latest session and the latest gate of a folder.

    Raises
    ------
    UsageError
        There is no session, or a file cannot be read.
    """
    path, session, _ = store.load_latest(folder)
    gates = sorted(folder.glob("gate-*.json"), key=lambda each: each.stat().st_mtime)
    comparison = load_comparison(gates[-1]) if gates else None
    return Results(
        session=session,
        session_path=path,
        comparison=comparison,
        comparison_path=gates[-1] if gates else None,
    )


def judge(
    project: Project,
    results: Results,
    fail_on: tuple[Cause, ...],
    runner: RunnerPaths,
    *,
    compare_to: str | None = None,
) -> Judged:
    """Judge the session, the comparison and the project's record.

    Parameters
    ----------
    compare_to
        The compiler that a comparison was to be with; None if none was wanted.
    """
    request = request_of(project, Flags(allow_unknown_settings=True))
    sources = _sources(request.load_suite(), runner.workspace.resolve())
    found = [
        *notes.of_session(results.session, sources),
        *_unfinished(results, compare_to),
        *_stale(project, request, fail_on),
    ]
    text = ""
    if (compared := results.comparison) and _is_complete(compared):
        gate = judge_gate(
            *compared.sessions,
            runtime=compared.runtime or COMPARED_RUNTIME,
            margin=compared.margin,
            metrics=compared.metrics,
        )
        warnings = all_warnings(stored.known_calibration(project, request.environment), gate.comparison)
        found += [*notes.of_gate(gate, compared.base_spec, compared.head_spec), *notes.of_warnings(warnings)]
        text = gate_text(gate, compared.base_spec, compared.head_spec)
        text = "\n".join([text, *(f"warning: {warning}" for warning in warnings)])
    verdict = notes.verdict(found)
    return Judged(
        annotations=tuple(found),
        verdict=verdict,
        page=summary(verdict, found, report.markdown(results.session), text),
    )


def exit_code(judged: Judged, fail_on: tuple[Cause, ...]) -> ExitCode:
    """Return the exit code of the step: that of the worst cause in `fail-on`."""
    counted = [cause for cause in notes.causes(judged.annotations) if cause in fail_on]
    return _CODES[counted[0]] if counted else ExitCode.OK


def write_outputs(runner: RunnerPaths, values: Mapping[str, str]) -> None:
    """Append outputs of the step to the runner's file for outputs."""
    with runner.output.open("a", encoding="utf-8") as file:
        file.writelines(output_text(name, value, secrets.token_hex()) for name, value in values.items())


def _is_complete(compared: StoredComparison) -> bool:
    return all(session.state is State.COMPLETE for session in compared.sessions)


def _unfinished(results: Results, compare_to: str | None) -> tuple[Annotation, ...]:
    """Annotate what a command began and did not finish, so that it has no verdict."""
    found = []
    if results.session.state is not State.COMPLETE:
        found.append("the run")
    if compare_to and results.comparison is None:
        # It failed before it kept anything.
        found.append(f"the comparison with {compare_to}")
    if results.comparison and not _is_complete(results.comparison):
        found.append(f"the comparison with {results.comparison.base_spec}")
    return tuple(
        Annotation(cause=Cause.FAILED, title=f"{what} was not finished", message="the log says why") for what in found
    )


def _sources(suite: Suite, checkout: Path) -> dict[tuple[str, str, str], str]:
    """Return the source of every program in the checkout, relative to the checkout."""
    programs = [program for benchmark in suite.benchmarks for program in benchmark.programs]
    return {
        (program.benchmark, program.runtime.name, program.variant): source.relative_to(checkout).as_posix()
        for program in programs
        if (source := program.source.resolve()).is_relative_to(checkout)
    }


def _stale(project: Project, request: Request, fail_on: tuple[Cause, ...]) -> tuple[Annotation, ...]:
    """Annotate a stale record, if the project has a record or `fail-on` includes stale."""
    record, environment = project.record, request.environment
    if not record.exists() and Cause.STALE not in fail_on:
        return ()
    try:
        check_record(
            project,
            at_commit=isinstance(git.commit_state(project.root, environment), git.CommitState),
            environment=environment,
        )
    except CheckError as error:
        text = f"{error.message}\nfix: {error.fix}"
        return (Annotation(cause=Cause.STALE, title="Benchmarks are not fresh", message=text, file=record.name),)
    return ()


def summary_room(runner: RunnerPaths, limit_bytes: int) -> int:
    """Return how many bytes the job summary of this step may still get."""
    return limit_bytes - (runner.summary.stat().st_size if runner.summary.exists() else 0)
