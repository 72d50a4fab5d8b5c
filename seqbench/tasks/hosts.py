"""What all tasks with `--hosts` do: check the flags here, run there, keep what comes back, and print it."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from importlib.util import find_spec
from typing import Any

from seqbench.bench.prepare import changed_benchmarks
from seqbench.bench.request import Request
from seqbench.compare.metrics import parse_metrics
from seqbench.config import RECORD_NAME, load_config
from seqbench.errors import ExitCode, UsageError
from seqbench.flags import Flags, request_of
from seqbench.hosts.arrival import Arrival, Commit
from seqbench.hosts.names import parse_hosts
from seqbench.hosts.problem import MAY_CONTINUE
from seqbench.hosts.record import RunRecord, load_record, record_to_json
from seqbench.paths import user_path
from seqbench.project import Project
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.result_file import ResultFile
from seqbench.suite.benchmarks import select_benchmarks, select_runtimes
from seqbench.system import git
from seqbench.tasks.common import say, show_traceback, shown
from seqbench.tasks.hosts_results import Results
from seqbench.tasks.output import TaskOutput
from seqbench.tasks.progress import hosts_progress

_COMPARING = ("compare", "gate", "calibrate")
# The names of flags whose field in `Flags` has another one.
_FIELDS = {"runtime": "runtimes", "set": "values"}
# What is done here, and what is set by the run on a host.
_HERE = ("json", "suite", "suite_file", "record", "no_record", "resume", "verbose")
_SEED_BYTES = 4
_OF_VERDICTS = (ExitCode.INCONCLUSIVE, ExitCode.CHECK_FAILED)
# The worst first.
_SEVERITY = (
    ExitCode.INTERRUPTED,
    ExitCode.CHECK_FAILED,
    ExitCode.BENCHMARK_FAILED,
    ExitCode.TOOLCHAIN,
    ExitCode.USAGE,
    ExitCode.INCONCLUSIVE,
)


def task_on_hosts(project: Project, task: str, hosts: str | None, flags: dict[str, Any]) -> None:
    """Run a task on hosts, or fetch what one measured there; print and keep the results, and end with the worst code.

    Parameters
    ----------
    task
        Its name.
    hosts
        As typed; None to fetch what the file of `--resume` names.
    flags
        All other flags as typed.

    Raises
    ------
    UsageError
        A flag is invalid, or Fabric is not installed.
    HostError
        A host cannot be used.
    """
    if find_spec("fabric") is None:
        raise UsageError("--hosts needs Fabric, which is not installed", "pip install 'seqbench[hosts]'")
    output = TaskOutput(project, flags.get("json"), wide=flags.get("wide", False))
    if hosts is None:
        arrivals, record, commit = _fetch(project, task, flags)
    else:
        _require_possible(flags)
        request = request_of(project, _flags_of(flags))
        output.require_places(request.cache)
        commit = _commit(request)
        arrivals, record = _run(project, task, hosts, flags, request, commit)
    output.require_kept(record)
    results = Results(
        project,
        output,
        task,
        arrivals,
        commit,
        in_history=not flags.get("no_record"),
        verbose=flags.get("verbose", False),
    )
    results.show()
    is_running = any(each.status is None and not each.is_gone for each in arrivals)
    if is_running or results.has_unkept:
        _say_how_to_fetch(project, task, record, is_stored=_is_stored(flags))
    elif record.path is not None:
        with output.attempt():
            record.path.unlink(missing_ok=True)
    for each in arrivals:
        if each.defect is not None:
            show_traceback(each.defect)
    if any(each.is_interrupted for each in arrivals):
        raise KeyboardInterrupt(MAY_CONTINUE if is_running else "")
    _end(output, results, arrivals)


def _is_stored(flags: Mapping[str, Any]) -> bool:
    """Return whether a task writes what it measured, so that it can be fetched later; `doctor` does not."""
    return "json" in flags


def _say_how_to_fetch(project: Project, task: str, record: ResultFile, *, is_stored: bool) -> None:
    if record.path is not None:
        say(project, f"what is missing: {{invoke}} {task} --resume {shown(record.path)} fetches it")
    elif not is_stored:
        say(project, f"what is missing: run {{invoke}} {task} again")


def _end(output: TaskOutput, results: Results, arrivals: Sequence[Arrival]) -> None:
    codes: set[int] = {results.code}
    for each in arrivals:
        # What a host alone says has more error than the verdicts over all of them, or needs more rounds.
        is_judged = results.is_judged_together and each.document and each.text and each.status in _OF_VERDICTS
        if each.defect is not None:
            codes.add(ExitCode.CHECK_FAILED)
        elif not is_judged:
            # Any other code is that of a task which something killed there.
            codes.add(each.status if each.status in (ExitCode.OK, *_SEVERITY) else ExitCode.TOOLCHAIN)
    output.end(next((code for code in _SEVERITY if code in codes), ExitCode.OK))


def _fetch(project: Project, task: str, flags: Mapping[str, Any]) -> tuple[tuple[Arrival, ...], ResultFile, Commit]:
    from seqbench.hosts.run import fetch

    others = [value for key, value in flags.items() if key not in ("resume", "json", "wide", "no_record", "verbose")]
    if any(others):
        raise UsageError("--resume fetches what was measured and cannot be combined with other options", "remove them")
    path = user_path(flags["resume"])
    record = load_record(path)
    if record.task != task:
        raise UsageError(f"{path} is of {record.task}", f"{{invoke}} {record.task} --resume {shown(path)}")
    file = ResultFile(path.parent, path.stem, resumed=path)
    names = [host.name for host in record.hosts]
    with _said_if_interrupted(project, task, file, is_stored=True), hosts_progress(names) as view:
        return fetch(record, listen=view.listener), file, record.commit


def _run(
    project: Project, task: str, hosts: str, flags: Mapping[str, Any], request: Request, commit: Commit
) -> tuple[tuple[Arrival, ...], ResultFile]:
    """Run the task, and return what came back, and the file that `--resume` needs."""
    from seqbench.hosts.bundle import code_bundle, project_file, suite_bundle, toolchain_extra
    from seqbench.hosts.run import Job, measure

    names = parse_hosts(hosts)
    suite = request.load_suite()
    select_benchmarks(suite, request.only)
    # A wrong name is an error here, and not on each host.
    parse_metrics(flags.get("metric"))
    is_stored = _is_stored(flags)
    runtimes = request.runtimes or ((COMPARED_RUNTIME,) if task in _COMPARING else ())
    read = [each.run for each in select_runtimes(suite, runtimes, request.reference)] if request.suite is None else []
    folder = request.suite_folder
    job = Job(
        hosts=names,
        task=task,
        words=_words(task, flags, request),
        code=code_bundle(),
        extra=toolchain_extra(),
        suite=suite_bundle(folder, request.suite_file),
        is_default_suite=request.is_default_suite,
        suite_folder=str(folder),
        suite_file=str(request.suite_file or ""),
        has_common_looks=len(names) > 1 and not flags.get("fixed") and task in ("compare", "gate"),
        has_document=is_stored,
        project_file=project_file(load_config(project.root)),
        commit=commit,
        settings={key: value for key, value in request.environment.items() if any(run.reads(key) for run in read)},
    )
    file = ResultFile(project.results / "hosts", f"{task}-{secrets.token_hex(_SEED_BYTES)}")

    def keep(record: RunRecord) -> None:
        if is_stored:
            file.save(record_to_json(record))

    with _said_if_interrupted(project, task, file, is_stored=is_stored), hosts_progress(names) as view:
        return measure(job, listen=view.listener, started=keep), file


@contextmanager
def _said_if_interrupted(project: Project, task: str, file: ResultFile, *, is_stored: bool) -> Iterator[None]:
    """Print how to fetch what runs on hosts where the user did not wait for its end."""
    try:
        yield
    except KeyboardInterrupt as error:
        if error.args:
            _say_how_to_fetch(project, task, file, is_stored=is_stored)
        raise


def _words(task: str, flags: Mapping[str, Any], request: Request) -> tuple[str, ...]:
    """Return the flags as a command line has them, without those that are for here, and with what this machine adds."""
    words = []
    for key, value in flags.items():
        name = f"--{key.replace('_', '-')}"
        if key not in _HERE and value not in (None, False):
            words.append(name if value is True else f"{name}={value}")
    if "seed" in flags and not flags["seed"]:
        words.append(f"--seed={request.seed}")
    compiler = "head" if task == "gate" and not flags.get("runtime") else "seqc"
    if request.environment.get("SEQC") and compiler in flags and not flags[compiler]:
        # The default of this flag here; variables of this machine do not go to a host.
        words.append(f"--{compiler}={request.spec.text}")
    if task == "bench":
        words.append("--no-record")
    return tuple(words)


def _flags_of(flags: Mapping[str, Any]) -> Flags:
    """Return those flags that every request has, to check them here before anything goes to a host."""
    known = {field.name for field in fields(Flags)}
    named = {_FIELDS.get(key, key): value for key, value in flags.items()}
    return Flags(**{key: value for key, value in named.items() if key in known})


def _require_possible(flags: Mapping[str, Any]) -> None:
    """Raise a UsageError for flags that are about this machine."""
    if flags.get("record"):
        raise UsageError(
            "--record cannot be combined with --hosts: the record is of one machine, the one that it is committed on",
            "remove one of them",
        )
    if flags.get("resume"):
        raise UsageError("--resume cannot be combined with --hosts: its file names the hosts", "remove --hosts")
    if any(str(flags.get(side) or "").endswith(".json") for side in ("base", "head")):
        raise UsageError("--hosts measures, and stored sessions were measured already", "remove --hosts")


def _commit(request: Request) -> Commit:
    head = git.commit_state(request.project, request.environment, ignore=(RECORD_NAME,))
    if isinstance(head, git.NoCommit):
        return Commit()
    changed = changed_benchmarks(request.load_suite(), head, request)
    return Commit(commit=head.commit, dirty=head.dirty or bool(changed), changed=changed)
