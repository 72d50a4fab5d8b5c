"""`github`: run a step of the action on GitHub."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from invoke.context import Context
from invoke.tasks import task

from seqbench.errors import SeqbenchError, filled
from seqbench.project import Project
from seqbench.tasks.common import guarded


@task(help={"prepare": "only check the inputs, and output the folder and the key of the cache"})
def github(context: Context, prepare: bool = False) -> None:
    """Run a step of the action on GitHub.

    Its inputs are in the variable INPUTS.
    """
    pending: list[str] = []
    with _commands_stopped(pending):
        (_prepare if prepare else _run)(context, pending=pending)


@contextmanager
def _commands_stopped(pending: Sequence[str]) -> Iterator[None]:
    """Stop the runner from reading workflow commands from the log, then print the pending ones.

    Measured programs and compilers write into the log too, and their output is not trusted.
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
        print(f"::{token}::", *pending, sep="\n", flush=True)


@contextmanager
def _errors_annotated(project: Project, pending: list[str]) -> Iterator[None]:
    """Annotate the commit with an error, which is in the log too."""
    from seqbench.ci.annotations import Annotation, Level, command

    try:
        yield
    except SeqbenchError as error:
        text = f"{error.message}\nfix: {error.fix}" if error.fix else error.message
        note = Annotation(cause=None, title="seqbench", message=filled(text, project.command))
        pending.append(command(Level.ERROR, note))
        raise


@guarded
def _prepare(project: Project, pending: list[str]) -> None:
    from seqbench.ci import action

    with _errors_annotated(project, pending):
        job = action.read_job(project, dict(os.environ))
        action.write_outputs(job.runner, **action.cache_outputs(job))


@guarded
def _run(project: Project, pending: list[str]) -> None:
    import tempfile

    from seqbench import doctor
    from seqbench.ci import action
    from seqbench.ci.annotations import commands
    from seqbench.sessions.result_file import ResultFile
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.progress import progress

    with _errors_annotated(project, pending):
        job = action.read_job(project, dict(os.environ))
        folder = Path(tempfile.mkdtemp(prefix="seqbench-", dir=job.runner.temporary))
        # Before measuring, so that the files written so far are uploaded even if the step fails.
        action.write_outputs(job.runner, folder=str(folder))
        if job.inputs.raise_limits:
            print(*doctor.fix(job.suite, job.request.environment), sep="\n")
        output = TaskOutput(project, None)
        kept, compared_in = ResultFile(folder, "session"), ResultFile(folder, "comparison")
        with progress() as view:
            session, compared = action.measure(job, kept, compared_in, view)
        for file in (kept, compared_in):
            output.require_kept(file)
        found = action.judge(job, session, compared)
        pending += [filled(line, project.command) for line in commands(found.annotations, job.inputs.fail_on)]
        output.text(found.text)
        page = filled(found.page, project.command)
        with output.attempt(), job.runner.summary.open("a", encoding="utf-8") as summary:
            summary.write(page)
        with output.attempt():
            action.write_outputs(
                job.runner,
                verdict=found.verdict,
                session=str(kept.path or ""),
                comparison=str(compared_in.path or ""),
                summary=page,
            )
        if kept.path is not None:
            with output.attempt(), progress() as view:
                action.write_outputs(job.runner, report=str(action.write_report(kept.path, view)))
        output.end(action.exit_code(job, found))
