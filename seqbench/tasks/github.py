"""`github`: what the action on GitHub does."""

import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task
from rich.console import Console

from seqbench import doctor
from seqbench.bench import run
from seqbench.bench.prepare import find_tools
from seqbench.bench.request import Request
from seqbench.ci import annotations as notes
from seqbench.ci.annotations import Annotation, Cause, Level
from seqbench.ci.github import Inputs, Runner, cache_key, output_text, read_inputs, read_runner, summary
from seqbench.compare import report as compare_report
from seqbench.compare.document import StoredComparison, Versus
from seqbench.compare.gate import judge_gate
from seqbench.compare.run import versus
from seqbench.config import load_config
from seqbench.errors import CheckError, ExitCode, SeqbenchError, UsageError
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
from seqbench.tasks.check_fresh import freshness
from seqbench.tasks.common import guarded
from seqbench.tasks.progress import ProgressView
from seqbench.tasks.two_compilers import comparison_of, keep_comparison
from seqbench.toolchain import seqc

_SESSION = "session.json"
_COMPARISON = "comparison.json"
_REPORT = "report.html"
_CODES = {
    Cause.FAILED: ExitCode.BENCHMARK_FAILED,
    Cause.SLOWER: ExitCode.CHECK_FAILED,
    Cause.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Cause.STALE: ExitCode.CHECK_FAILED,
}


@task(help={"prepare": "only check the inputs, and give the cache's folder and the key of what is kept in it"})
def github(context: Context, prepare: bool = False) -> None:
    """Do what the action on GitHub does, with its inputs from the variable INPUTS."""
    told: list[str] = []
    with _commands_stopped(told):
        (_prepare if prepare else _run)(context, told=told)


@contextmanager
def _commands_stopped(told: Sequence[str]) -> Iterator[None]:
    """Let the runner take nothing for a command of ours but what is told in the end.

    Programs and compilers that are measured write into the log too, and whoever wrote them is not trusted with it.
    """
    if not os.environ.get("GITHUB_ACTIONS"):
        yield
        return
    token = secrets.token_hex()
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        print(f"::{token}::", *told, sep="\n", flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What is to be done, with every input read."""

    project: Project
    runner: Runner
    inputs: Inputs
    request: Request
    suite: Suite
    versus: tuple[Request, Versus] | None
    """For the comparison, where there is one."""


@contextmanager
def _errors_told(project: Project, told: list[str]) -> Iterator[None]:
    """Let an error stand beside the commit as well as in the log."""
    try:
        yield
    except SeqbenchError as error:
        text = f"{error.message}\nmend: {error.remedy}" if error.remedy else error.message
        told.append(notes.command(Level.ERROR, Annotation(cause=None, title="seqbench", message=project.typed(text))))
        raise


@guarded
def _prepare(project: Project, told: list[str]) -> None:
    with _errors_told(project, told):
        job = _job(project)
        specs = [job.request.spec.text, *([job.inputs.compare_to.text] if job.inputs.compare_to else [])]
        key = cache_key(job.request.environment, Path(seqc.__file__).read_bytes(), specs)
        _give_outputs(job.runner, cache=str(job.request.cache), key=key)


@guarded
def _run(project: Project, told: list[str]) -> None:
    with _errors_told(project, told):
        job = _job(project)
        folder = Path(tempfile.mkdtemp(prefix="seqbench-", dir=job.runner.temporary))
        # Before anything is measured: what there is of it by then is kept, whatever ends the step.
        _give_outputs(job.runner, folder=str(folder))
        if job.inputs.raise_limits:
            print(*doctor.fix(job.suite, job.request.environment), sep="\n")
        with ProgressView(Console(stderr=True)) as view:
            session, compared = _measure(job, folder, view)
        found = [*notes.of_session(session, _sources(job)), *_stale(job)]
        texts = [report.full_text(session)]
        if compared:
            gate = judge_gate(*compared.sessions, runtime=COMPARED_RUNTIME, margin=compared.margin)
            found += notes.of_gate(gate, compared.base_spec)
            texts.append(compare_report.gate_text(gate, compared.base_spec, compared.head_spec))
        told += map(project.typed, notes.commands(found, job.inputs.fail_on))
        verdict = notes.verdict(found)
        print(project.typed("\n\n".join([*texts, f"verdict: {verdict}"])))
        page = project.typed(summary(verdict, found, report.markdown(session), "".join(texts[1:])))
        with job.runner.summary.open("a", encoding="utf-8") as file:
            file.write(page)
        _give_outputs(
            job.runner,
            verdict=verdict,
            session=str(folder / _SESSION),
            comparison=str(folder / _COMPARISON) if compared else "",
            summary=page,
        )
        _write_report(job, folder)
        if counted := [cause for cause in notes.causes(found) if cause in job.inputs.fail_on]:
            raise Exit(code=_CODES[counted[0]])


def _job(project: Project) -> _Job:
    """Read every input, so that a mistake in one is told before anything is built."""
    environment = dict(os.environ)
    runner, inputs, config = read_runner(environment), read_inputs(environment), load_config(project.root)
    request = make_request(inputs.flags, config, project.root, environment)
    suite = load_suite(request.suite_folder)
    select_benchmarks(suite, request.only)
    versus = None
    if inputs.compare_to:
        flags = replace(inputs.flags, budget=inputs.compare_budget or config.compare_budget)
        try:
            asked = make_request(replace(flags, seed=str(request.seed)), config, project.root, environment)
        except UsageError as error:
            raise UsageError(f"compare-budget: {error.message}", error.remedy) from error
        versus = asked, Versus(base=inputs.compare_to, head=request.spec, margin=make_margin(None, config))
    return _Job(project=project, runner=runner, inputs=inputs, request=request, suite=suite, versus=versus)


def _measure(job: _Job, folder: Path, listen: Listener) -> tuple[Session, StoredComparison | None]:
    """Measure all of it before any of it is judged: what judges takes memory, below which no program's peak is seen."""
    if job.versus:
        # A compiler that cannot be had is told now, and not after minutes of measuring.
        base = replace(job.request, spec=job.versus[1].base)
        find_tools(select_runtimes((COMPARED_RUNTIME,)), base, listen)
    session = run.bench(job.request, listen=listen, save=partial(store.save, folder / _SESSION))
    if job.versus is None:
        return session, None
    request, wanted = job.versus

    def save(sessions: tuple[Session, ...]) -> None:
        keep_comparison(folder / _COMPARISON, comparison_of(request, wanted, sessions))

    sessions = versus(request, wanted, listen=listen, save=save, probe=True)
    return session, comparison_of(request, wanted, sessions)


def _sources(job: _Job) -> dict[tuple[str, str, str], str]:
    """Give the source of every program that lies in the checkout, relative to it."""
    checkout = job.runner.workspace.resolve()
    programs = [program for benchmark in job.suite.benchmarks for program in benchmark.programs]
    return {
        (program.benchmark, program.runtime.name, program.variant): source.relative_to(checkout).as_posix()
        for program in programs
        if (source := program.source.resolve()).is_relative_to(checkout)
    }


def _stale(job: _Job) -> tuple[Annotation, ...]:
    """Annotate a record that does not hold, where the project has one or is said to have one."""
    project = job.project
    if not project.record.exists() and Cause.STALE not in job.inputs.fail_on:
        return ()
    try:
        freshness(project, at_commit=git.head(project.root, job.request.environment) is not None)
    except CheckError as error:
        text, file = project.typed(f"{error.message}\nmend: {error.remedy}"), project.record.name
        return (Annotation(cause=Cause.STALE, title="Benchmarks are not fresh", message=text, file=file),)
    return ()


def _write_report(job: _Job, folder: Path) -> None:
    with ProgressView(Console(stderr=True)) as view:
        material = gather(folder, (folder / _SESSION,))
        page = render.render(material.sessions, material.sections, material.unread, listen=view)
    write_atomically(folder / _REPORT, page.encode())
    _give_outputs(job.runner, report=str(folder / _REPORT))


def _give_outputs(runner: Runner, **values: str) -> None:
    with runner.output.open("a", encoding="utf-8") as file:
        file.writelines(output_text(name, value, secrets.token_hex()) for name, value in values.items())
