"""What the action on GitHub does between its inputs and its outputs: measure, judge, and keep what was found.

`github` reads the inputs and writes the texts, `annotations` says what stands beside a commit; the task prints.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from seqbench.bench import run
from seqbench.bench.prepare import find_tools
from seqbench.bench.request import Request
from seqbench.ci import annotations as notes
from seqbench.ci.annotations import Annotation, Cause
from seqbench.ci.github import Inputs, Runner, cache_key, output_text, read_inputs, read_runner, summary
from seqbench.ci.record import check_record
from seqbench.compare import stored
from seqbench.compare.document import StoredComparison, Versus
from seqbench.compare.gate import judge_gate
from seqbench.compare.report import gate_text
from seqbench.config import load_config
from seqbench.errors import CheckError, ExitCode, UsageError
from seqbench.events import Listener
from seqbench.flags import make_margin, make_request
from seqbench.project import Project
from seqbench.publish.html import render
from seqbench.publish.html.contents import gather
from seqbench.runtimes.registry import COMPARED_RUNTIME, select_runtimes
from seqbench.sessions import report, store
from seqbench.sessions.session import Session
from seqbench.suite.benchmarks import Suite, select_benchmarks
from seqbench.suite.manifest import load_suite
from seqbench.system import git
from seqbench.system.files import write_atomically
from seqbench.toolchain import seqc

SESSION = "session.json"
COMPARISON = "comparison.json"
REPORT = "report.html"
_CODES = {
    Cause.FAILED: ExitCode.BENCHMARK_FAILED,
    Cause.SLOWER: ExitCode.CHECK_FAILED,
    Cause.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Cause.STALE: ExitCode.CHECK_FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a step was asked to do, with every input read."""

    project: Project
    runner: Runner
    inputs: Inputs
    request: Request
    suite: Suite
    comparison: stored.Job | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of a job: `text` for the log, `page` for the job summary."""

    annotations: tuple[Annotation, ...]
    verdict: str
    text: str
    page: str


def read_job(project: Project, environment: Mapping[str, str]) -> Job:
    """Read every input, so that a mistake in one is told before anything is built.

    Raises
    ------
    UsageError
        This is no step on GitHub, or an input makes no sense.
    """
    runner, inputs, config = read_runner(environment), read_inputs(environment), load_config(project.root)
    request = make_request(inputs.flags, config, project.root, environment)
    suite = load_suite(request.suite_folder)
    select_benchmarks(suite, request.only)
    comparison = None
    if inputs.compare_to:
        flags = replace(inputs.flags, budget=inputs.compare_budget or config.compare_budget, seed=str(request.seed))
        try:
            asked = make_request(flags, config, project.root, environment)
        except UsageError as error:
            raise UsageError(f"compare-budget: {error.message}", error.fix) from error
        versus = Versus(base=inputs.compare_to, head=request.spec, margin=make_margin(None, config))
        comparison = stored.Job(request=asked, versus=versus, has_probe=True)
    return Job(project=project, runner=runner, inputs=inputs, request=request, suite=suite, comparison=comparison)


def cache_outputs(job: Job) -> dict[str, str]:
    """Return the folder that the runner should keep between jobs, and the key that it is kept under."""
    specs = [job.request.spec.text, *([job.inputs.compare_to.text] if job.inputs.compare_to else [])]
    key = cache_key(job.request.environment, Path(seqc.__file__).read_bytes(), specs)
    return {"cache": str(job.request.cache), "key": key}


def measure(job: Job, folder: Path, listen: Listener) -> tuple[Session, StoredComparison | None]:
    """Measure all of it before any of it is judged: what judges takes memory, below which no program's peak is seen."""
    if job.comparison:
        # A compiler that cannot be had is told now, and not after minutes of measuring.
        base = replace(job.request, spec=job.comparison.versus.base)
        find_tools(select_runtimes((COMPARED_RUNTIME,)), base, listen)
    session = run.bench(job.request, listen=listen, save=partial(store.save, folder / SESSION))
    compared = stored.measure(job.comparison, folder / COMPARISON, listen=listen) if job.comparison else None
    return session, compared


def judge(job: Job, session: Session, compared: StoredComparison | None) -> Found:
    """Judge what was measured, and the project's record."""
    found = [*notes.of_session(session, _sources(job)), *_stale(job)]
    texts = [report.full_text(session)]
    if compared:
        gate = judge_gate(*compared.sessions, runtime=COMPARED_RUNTIME, margin=compared.margin)
        found += notes.of_gate(gate, compared.base_spec)
        texts.append(gate_text(gate, compared.base_spec, compared.head_spec))
    verdict = notes.verdict(found)
    return Found(
        annotations=tuple(found),
        verdict=verdict,
        text="\n\n".join([*texts, f"verdict: {verdict}"]),
        page=summary(verdict, found, report.markdown(session), "".join(texts[1:])),
    )


def exit_code(job: Job, found: Found) -> ExitCode:
    """Return what the step exits with, as `fail-on` says."""
    counted = [cause for cause in notes.causes(found.annotations) if cause in job.inputs.fail_on]
    return _CODES[counted[0]] if counted else ExitCode.OK


def write_report(folder: Path, listen: Listener) -> Path:
    """Write the page of the session and return its path."""
    material = gather(folder, (folder / SESSION,))
    page = render.render(material.sessions, material.sections, material.unread, listen=listen)
    write_atomically(folder / REPORT, page.encode())
    return folder / REPORT


def give_outputs(runner: Runner, **values: str) -> None:
    """Append outputs of the step to the runner's file for them."""
    with runner.output.open("a", encoding="utf-8") as file:
        file.writelines(output_text(name, value, secrets.token_hex()) for name, value in values.items())


def _sources(job: Job) -> dict[tuple[str, str, str], str]:
    """Return the source of every program that lies in the checkout, relative to it."""
    checkout = job.runner.workspace.resolve()
    programs = [program for benchmark in job.suite.benchmarks for program in benchmark.programs]
    return {
        (program.benchmark, program.runtime.name, program.variant): source.relative_to(checkout).as_posix()
        for program in programs
        if (source := program.source.resolve()).is_relative_to(checkout)
    }


def _stale(job: Job) -> tuple[Annotation, ...]:
    """Annotate a record that does not hold, where the project has one or is said to have one."""
    record, environment = job.project.record, job.request.environment
    if not record.exists() and Cause.STALE not in job.inputs.fail_on:
        return ()
    try:
        check_record(
            job.project, at_commit=git.commit_state(job.project.root, environment) is not None, environment=environment
        )
    except CheckError as error:
        text = f"{error.message}\nfix: {error.fix}"
        return (Annotation(cause=Cause.STALE, title="Benchmarks are not fresh", message=text, file=record.name),)
    return ()
