"""Measure and judge for the action on GitHub, between its inputs and its outputs.

`github` reads the inputs and builds the texts, `annotations` the annotations of a commit, and the task prints.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.bench import run
from seqbench.bench.request import Request
from seqbench.bench.tools import find_tools
from seqbench.ci import annotations as notes
from seqbench.ci.annotations import Annotation, Cause
from seqbench.ci.github import Inputs, RunnerPaths, cache_key, output_text, read_inputs, read_runner, summary
from seqbench.ci.record import check_record
from seqbench.compare import stored
from seqbench.compare.calibration import all_warnings
from seqbench.compare.document import ComparisonRequest, StoredComparison, comparison_to_json
from seqbench.compare.gate import judge_gate
from seqbench.compare.report import gate_text
from seqbench.config import load_config
from seqbench.errors import CheckError, ExitCode, UsageError
from seqbench.events import Listener
from seqbench.flags import make_margin, make_request
from seqbench.project import Project
from seqbench.publish.html import render
from seqbench.publish.html.contents import gather
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.runtimes.settings import require_valid
from seqbench.sessions import report, store
from seqbench.sessions.result_file import ResultFile
from seqbench.sessions.session import Session
from seqbench.suite.benchmarks import Suite, select_benchmarks, select_runtimes
from seqbench.system import git
from seqbench.system.files import write_atomically
from seqbench.toolchain import seqc

REPORT = "report.html"
_CODES = {
    Cause.FAILED: ExitCode.BENCHMARK_FAILED,
    Cause.SLOWER: ExitCode.CHECK_FAILED,
    Cause.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Cause.STALE: ExitCode.CHECK_FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionJob:
    """What a step of a workflow has to do, with every input read."""

    project: Project
    runner: RunnerPaths
    inputs: Inputs
    request: Request
    suite: Suite
    comparison: stored.ComparisonJob | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """The result of a job: `text` for the log, `page` for the job summary in Markdown."""

    annotations: tuple[Annotation, ...]
    verdict: str
    text: str
    page: str


def read_job(project: Project, environment: Mapping[str, str]) -> ActionJob:
    """Read every input, so that a mistake in one is reported before anything is built.

    Raises
    ------
    UsageError
        This is not a step on GitHub, or an input is not valid.
    """
    runner, inputs, config = read_runner(environment), read_inputs(environment), load_config(project.root)
    request = make_request(inputs.flags, config, project.root, environment)
    suite = request.load_suite()
    select_benchmarks(suite, request.only)
    comparison = None
    if inputs.compare_to:
        flags = replace(inputs.flags, budget=inputs.compare_budget or config.compare_budget, seed=str(request.seed))
        try:
            asked = make_request(flags, config, project.root, environment)
        except UsageError as error:
            raise UsageError(f"compare-budget: {error.message}", error.fix) from error
        try:
            require_valid(inputs.compare_to, allow_unknown=config.allow_unknown_settings)
        except UsageError as error:
            raise UsageError(f"compare-to: {error.message}", error.fix) from error
        sides = ComparisonRequest(base=inputs.compare_to, head=request.spec, margin=make_margin(None, config))
        comparison = stored.ComparisonJob(request=asked, comparison=sides, has_probe=True)
    return ActionJob(project=project, runner=runner, inputs=inputs, request=request, suite=suite, comparison=comparison)


def cache_outputs(job: ActionJob) -> dict[str, str]:
    """Return the folder that the runner should cache between jobs, and its cache key."""
    specs = [job.request.spec.text, *([job.inputs.compare_to.text] if job.inputs.compare_to else [])]
    compilers = [*specs, job.request.target_cpu.name]
    key = cache_key(job.request.environment, Path(seqc.__file__).read_bytes(), compilers)
    return {"cache": str(job.request.cache), "key": key}


def measure(
    job: ActionJob, kept: ResultFile, compared_in: ResultFile, listen: Listener
) -> tuple[Session, StoredComparison | None]:
    """Measure everything before anything is judged, so that judging does not disturb what is measured.

    `kept` gets the session after every benchmark, `compared_in` the comparison.
    """
    if job.comparison:
        # A missing compiler is reported now, and not after minutes of measuring.
        base = replace(job.request, spec=job.comparison.comparison.base)
        find_tools(select_runtimes(job.suite, (COMPARED_RUNTIME,)), base, listen)
    session = run.bench(job.request, listen=listen, save=lambda session: kept.save(store.to_json(session)))
    if job.comparison is None:
        return session, None
    compared = stored.measure(
        job.comparison, save=lambda comparison: compared_in.save(comparison_to_json(comparison)), listen=listen
    )
    return session, compared


def judge(job: ActionJob, session: Session, compared: StoredComparison | None) -> ActionResult:
    """Judge the session, the comparison and the project's record."""
    found = [*notes.of_session(session, _sources(job)), *_stale(job)]
    texts = [report.full_text(session)]
    if compared:
        gate = judge_gate(*compared.sessions, runtime=COMPARED_RUNTIME, margin=compared.margin)
        calibration = stored.known_calibration(job.project, job.request.environment)
        warnings = all_warnings(calibration, gate.comparison)
        found += [*notes.of_gate(gate, compared.base_spec, compared.head_spec), *notes.of_warnings(warnings)]
        text = gate_text(gate, compared.base_spec, compared.head_spec)
        texts.append("\n".join([text, *(f"warning: {warning}" for warning in warnings)]))
    verdict = notes.verdict(found)
    return ActionResult(
        annotations=tuple(found),
        verdict=verdict,
        text="\n\n".join([*texts, f"verdict: {verdict}"]),
        page=summary(verdict, found, report.markdown(session), "".join(texts[1:])),
    )


def exit_code(job: ActionJob, found: ActionResult) -> ExitCode:
    """Return the exit code of the step: that of the worst cause in `fail-on`."""
    counted = [cause for cause in notes.causes(found.annotations) if cause in job.inputs.fail_on]
    return _CODES[counted[0]] if counted else ExitCode.OK


def write_report(session: Path, listen: Listener) -> Path:
    """Write the report of the session beside its file, as HTML, and return its path."""
    material = gather(session.parent, (session,))
    page = render.render(material.sessions, material.sections, material.unread, listen=listen)
    path = session.parent / REPORT
    write_atomically(path, page.encode())
    return path


def write_outputs(runner: RunnerPaths, **values: str) -> None:
    """Append outputs of the step to the runner's file for outputs."""
    with runner.output.open("a", encoding="utf-8") as file:
        file.writelines(output_text(name, value, secrets.token_hex()) for name, value in values.items())


def _sources(job: ActionJob) -> dict[tuple[str, str, str], str]:
    """Return the source of every program in the checkout, relative to the checkout."""
    checkout = job.runner.workspace.resolve()
    programs = [program for benchmark in job.suite.benchmarks for program in benchmark.programs]
    return {
        (program.benchmark, program.runtime.name, program.variant): source.relative_to(checkout).as_posix()
        for program in programs
        if (source := program.source.resolve()).is_relative_to(checkout)
    }


def _stale(job: ActionJob) -> tuple[Annotation, ...]:
    """Annotate a stale record, if the project has a record or `fail-on` includes stale."""
    record, environment = job.project.record, job.request.environment
    if not record.exists() and Cause.STALE not in job.inputs.fail_on:
        return ()
    try:
        check_record(
            job.project,
            at_commit=isinstance(git.commit_state(job.project.root, environment), git.CommitState),
            environment=environment,
        )
    except CheckError as error:
        text = f"{error.message}\nfix: {error.fix}"
        return (Annotation(cause=Cause.STALE, title="Benchmarks are not fresh", message=text, file=record.name),)
    return ()
