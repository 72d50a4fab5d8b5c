"""`github`: what the action on GitHub does."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.errors import SeqbenchError, filled
from seqbench.project import Project
from seqbench.tasks.common import guarded


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
    import secrets

    if not os.environ.get("GITHUB_ACTIONS"):
        yield
        return
    token = secrets.token_hex()
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        print(f"::{token}::", *told, sep="\n", flush=True)


@contextmanager
def _errors_told(project: Project, told: list[str]) -> Iterator[None]:
    """Let an error stand beside the commit as well as in the log."""
    from seqbench.ci.annotations import Annotation, Level, command

    try:
        yield
    except SeqbenchError as error:
        text = f"{error.message}\nfix: {error.fix}" if error.fix else error.message
        note = Annotation(cause=None, title="seqbench", message=filled(text, project.command))
        told.append(command(Level.ERROR, note))
        raise


@guarded
def _prepare(project: Project, told: list[str]) -> None:
    from seqbench.ci import action

    with _errors_told(project, told):
        job = action.read_job(project, dict(os.environ))
        action.write_outputs(job.runner, **action.cache_outputs(job))


@guarded
def _run(project: Project, told: list[str]) -> None:
    import tempfile

    from seqbench import doctor
    from seqbench.ci import action
    from seqbench.ci.annotations import commands
    from seqbench.tasks.progress import progress

    with _errors_told(project, told):
        job = action.read_job(project, dict(os.environ))
        folder = Path(tempfile.mkdtemp(prefix="seqbench-", dir=job.runner.temporary))
        # Before anything is measured: what there is of it by then is kept, whatever ends the step.
        action.write_outputs(job.runner, folder=str(folder))
        if job.inputs.raise_limits:
            print(*doctor.fix(job.suite, job.request.environment), sep="\n")
        with progress() as view:
            session, compared = action.measure(job, folder, view)
        found = action.judge(job, session, compared)
        told += [filled(line, project.command) for line in commands(found.annotations, job.inputs.fail_on)]
        print(filled(found.text, project.command))
        page = filled(found.page, project.command)
        with job.runner.summary.open("a", encoding="utf-8") as file:
            file.write(page)
        action.write_outputs(
            job.runner,
            verdict=found.verdict,
            session=str(folder / action.SESSION),
            comparison=str(folder / action.COMPARISON) if compared else "",
            summary=page,
        )
        with progress() as view:
            path = action.write_report(folder, view)
        action.write_outputs(job.runner, report=str(path))
        if code := action.exit_code(job, found):
            raise Exit(code=code)
