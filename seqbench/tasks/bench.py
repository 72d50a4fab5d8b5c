"""`bench`, and `bench-NAME` for each benchmark."""

from typing import TYPE_CHECKING, Any

from invoke.context import Context
from invoke.tasks import Task, task

from seqbench.errors import ExitCode, UsageError
from seqbench.project import Project
from seqbench.tasks.common import (
    ALLOW_UNKNOWN_HELP,
    RUNTIME_LIST,
    SEED_HELP,
    SUITE_HELP,
    TARGET_HELP,
    WIDE_HELP,
    flags_of,
    guarded,
    say,
    shown,
)
from seqbench.tasks.on_hosts import FETCH_HELP, HOSTS_HELP, on_hosts

if TYPE_CHECKING:
    from seqbench.bench.request import Request
    from seqbench.sessions.result_file import ResultFile
    from seqbench.sessions.session import Session
    from seqbench.tasks.output import TaskOutput

BENCH_HELP = {
    "only": "benchmarks to run, separated by commas: --only skynet,fanout (default: all)",
    "runtimes": f"runtimes to run, separated by commas, of {RUNTIME_LIST}; the ratio is of the first two "
    "(default: those of the suite, which are seq,go in that of seqbench)",
    "reference": "the runtime that the others are compared with (default: the second one)",
    "size": "full (an error if it does not fit this machine), reduced (a tenth), quick, or a NUMBER for the parameter "
    "that scales, or NAME=NUMBER for one benchmark or parameter (default: full, or the largest size that fits)",
    "runs": "scored rounds of each benchmark (default: 6 to 30, as many as fit in about 100 s)",
    "budget": "the time that measuring may take, such as 90s; fewer rounds and smaller sizes keep it "
    "(default: budget in pyproject.toml, or no limit)",
    "timeout": "time limit for one run of a program (default: timeout in benchmark.toml)",
    "seqc": "the Seq compiler: a version, a path or checkout:DIR, then settings, such as 7.7.5,runtime=cargo-install "
    "(default: SEQC, or seqc in pyproject.toml)",
    "target-cpu": TARGET_HELP,
    **SUITE_HELP,
    "suite": "a folder of benchmarks in place of the project's; LATEST_RUN.txt is then not written",
    "json": "also write the session to this file; - writes only the session to standard output",
    "record": "write LATEST_RUN.txt even if flags made this run smaller than the one in it",
    "no-record": "write neither LATEST_RUN.txt nor the history",
    "seed": SEED_HELP,
    "allow-unknown-settings": ALLOW_UNKNOWN_HELP,
    "wide": WIDE_HELP,
    "verbose": "show all notes under the tables, with tools, machine and seed",
    **HOSTS_HELP,
    **FETCH_HELP,
}
# Flags of bench that select benchmarks, which `bench-NAME` has no use for.
_SELECTING = ("only", "suite")


@task(help=BENCH_HELP)
@guarded
@on_hosts("bench")
def bench(
    project: Project,
    only: str | None = None,
    runtimes: str | None = None,
    reference: str | None = None,
    size: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    timeout: str | None = None,
    seqc: str | None = None,
    target_cpu: str | None = None,
    suite: str | None = None,
    suite_file: str | None = None,
    json: str | None = None,
    record: bool = False,
    no_record: bool = False,
    seed: str | None = None,
    allow_unknown_settings: bool = False,
    wide: bool = False,
    verbose: bool = False,
) -> None:
    """Build, run and check all benchmarks, and compare the runtimes."""
    from seqbench.flags import Flags, request_of
    from seqbench.sessions import report, store
    from seqbench.tasks.output import TaskOutput

    flags = Flags(
        only=only,
        runtimes=runtimes,
        reference=reference,
        size=size,
        runs=runs,
        budget=budget,
        timeout=timeout,
        seqc=seqc,
        target_cpu=target_cpu,
        suite=suite,
        suite_file=suite_file,
        seed=seed,
        allow_unknown_settings=allow_unknown_settings,
    )
    request = request_of(project, flags)
    _require_recordable(request, record=record, no_record=no_record)
    output = TaskOutput(project, json, wide=wide)
    output.require_places(request.cache)
    session, file = _measure(request, output)
    kept = _keep(project, session, file, output, recorded=not no_record and request.is_default_suite, asked=record)
    forgotten = "" if no_record else _remember(project, session, file)
    text = report.full_text if verbose else report.brief_text
    output.text(text(session, width=output.width))
    output.document(store.to_json(session))
    if kept:
        say(project, "\n".join(["", *kept]))
    if forgotten:
        say(project, forgotten)
    output.end(ExitCode.BENCHMARK_FAILED if session.failures() or session.left_out() else ExitCode.OK)


def _require_recordable(request: "Request", *, record: bool, no_record: bool) -> None:
    """Raise a UsageError if --record contradicts another flag."""
    if record and no_record:
        raise UsageError("--record and --no-record contradict each other", "remove one of them")
    if record and not request.is_default_suite:
        raise UsageError(
            "--record cannot be combined with --suite or --suite-file: the record is of the project's own suite",
            "remove one of them",
        )


def _measure(request: "Request", output: "TaskOutput") -> tuple["Session", "ResultFile"]:
    """Measure with progress on standard error; an interrupted session is printed before the interrupt goes on."""
    from seqbench.bench import run
    from seqbench.sessions import report, store
    from seqbench.sessions.session import Session, State
    from seqbench.tasks.progress import progress

    last: list[Session] = []
    file: list[ResultFile] = []

    def save(session: Session) -> None:
        last[:] = [session]
        if not file:
            file.append(output.result_file(store.result_stem(session)))
        file[0].save(store.to_json(session))

    try:
        with progress() as view:
            session = run.bench(request, listen=view, save=save)
    except KeyboardInterrupt:
        if last and last[0].state is State.INTERRUPTED:
            output.text(report.full_text(last[0], width=output.width))
            output.require_kept(file[0])
            if file[0].problem is None and file[0].path is not None:
                output.text(f"kept in {shown(file[0].path)}")
        raise
    return session, file[0]


def _keep(
    project: Project, session: "Session", file: "ResultFile", output: "TaskOutput", *, recorded: bool, asked: bool
) -> list[str]:
    """Write the record, and return a line for each file that was written, or why one was not."""
    from seqbench.ci.reduced import reduced_by
    from seqbench.sessions import latest_run, recording
    from seqbench.system.files import write_atomically

    lines = []
    output.require_kept(file)
    if file.problem is None and file.path is not None:
        lines.append(f"session: {shown(file.path)}")
    reason = "" if asked or not recorded else reduced_by(project, session)
    if reason:
        lines.append(f"record: {shown(project.record)} is unchanged, because {reason}; --record replaces it")
    elif recorded and recording.is_worth_recording(session):
        with output.attempt():
            write_atomically(project.record, latest_run.render(recording.record_of(session)).encode())
            lines.append(f"record: {shown(project.record)}")
    return lines


def _remember(project: Project, session: "Session", file: "ResultFile") -> str:
    """Add a session to the history; an error is only a warning to print, because the session has its own file."""
    from seqbench.flags import history_path
    from seqbench.publish.history import database
    from seqbench.tasks.progress import progress

    try:
        with progress() as view:
            database.record(history_path(project), session, view)
    except UsageError as error:
        again = f"\n  then: {{invoke}} history --import {shown(file.path)}" if file.path else ""
        return f"warning: not in the history: {error.message}\n  fix: {error.fix}{again}"
    return ""


def bench_task(name: str) -> Task[Any]:
    """Return the task `bench-NAME`, with the flags of `bench` except those that select benchmarks."""

    @flags_of(bench, without=_SELECTING)
    def body(context: Context, **flags: Any) -> None:  # noqa: ANN401 - the flags of bench
        bench.body(context, only=name, **flags)

    body.__doc__ = f"Build, run and check {name} only."
    helps = {key: text for key, text in BENCH_HELP.items() if key not in _SELECTING}
    return Task(body, name=f"bench-{name}", help=helps)
