"""What all tasks with `--hosts` do: check the flags here, run there, keep what comes back, and print it."""

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from invoke.exceptions import Exit

from seqbench.bench.prepare import changed_benchmarks
from seqbench.bench.request import Request
from seqbench.compare.metrics import parse_metrics
from seqbench.config import RECORD_NAME, load_config
from seqbench.errors import ExitCode, UsageError
from seqbench.flags import Flags, request_of
from seqbench.hosts.arrival import Arrival, Commit
from seqbench.hosts.names import parse_hosts
from seqbench.hosts.record import load_record, record_to_json
from seqbench.paths import user_path
from seqbench.project import Project
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.result_file import ResultFile
from seqbench.suite.benchmarks import select_benchmarks, select_runtimes
from seqbench.system import git
from seqbench.tasks.common import say, shown
from seqbench.tasks.hosts_results import Results
from seqbench.tasks.output import TaskOutput
from seqbench.tasks.progress import hosts_progress

_COMPARING = ("compare", "gate", "calibrate")
# The names of flags whose field in `Flags` has another one.
_FIELDS = {"runtime": "runtimes", "set": "values"}
# What is done here, and what is set by the run on a host.
_HERE = ("json", "wide", "suite", "suite_file", "record", "no_record", "resume", "verbose")
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
        arrivals, file, commit = _fetch(task, flags)
    else:
        _require_possible(flags)
        request = request_of(project, _flags_of(flags))
        output.require_places(request.cache)
        commit = _commit(request)
        arrivals, file = _run(project, task, hosts, flags, request, commit)
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
    if any(each.status is None for each in arrivals):
        _say_how_to_fetch(project, task, file)
    else:
        file.unlink(missing_ok=True)
    if any(each.is_interrupted for each in arrivals):
        raise KeyboardInterrupt
    _end(output, results, arrivals)


def _say_how_to_fetch(project: Project, task: str, file: Path) -> None:
    say(project, f"what is missing: {{invoke}} {task} --resume {shown(file)} fetches it")


def _end(output: TaskOutput, results: Results, arrivals: Sequence[Arrival]) -> None:
    codes: set[int] = {results.code}
    for each in arrivals:
        # What a host alone says has more error than the verdicts over all of them, or needs more rounds.
        is_judged = results.is_judged_together and each.document and each.text and each.status in _OF_VERDICTS
        if not is_judged:
            codes.add(ExitCode.TOOLCHAIN if each.status is None else each.status)
    for code in _SEVERITY:
        if code in codes:
            output.end(code)
    unknown = max(codes)
    if unknown:
        raise Exit(code=unknown)
    output.end()


def _fetch(task: str, flags: Mapping[str, Any]) -> tuple[tuple[Arrival, ...], Path, Commit]:
    from seqbench.hosts.run import fetch

    others = [value for key, value in flags.items() if key not in ("resume", "json", "wide", "no_record", "verbose")]
    if any(others):
        raise UsageError("--resume fetches what was measured and cannot be combined with other options", "remove them")
    path = user_path(flags["resume"])
    record = load_record(path)
    if record.task != task:
        raise UsageError(f"{path} is of {record.task}", f"{{invoke}} {record.task} --resume {shown(path)}")
    with hosts_progress([host.name for host in record.hosts]) as view:
        return fetch(record, listen=view.listener), path, record.commit


def _run(
    project: Project, task: str, hosts: str, flags: Mapping[str, Any], request: Request, commit: Commit
) -> tuple[tuple[Arrival, ...], Path]:
    from seqbench.hosts.bundle import code_bundle, project_file, suite_bundle, toolchain_extra
    from seqbench.hosts.run import Job, measure

    names = parse_hosts(hosts)
    suite = request.load_suite()
    select_benchmarks(suite, request.only)
    # A wrong name is an error here, and not on each host.
    parse_metrics(flags.get("metric"))
    has_common_looks = len(names) > 1 and not flags.get("fixed") and task in ("compare", "gate")
    words = _words(flags)
    if "seed" in flags and not flags["seed"]:
        words.append(f"--seed={request.seed}")
    if task == "bench":
        words.append("--no-record")
    runtimes = request.runtimes or ((COMPARED_RUNTIME,) if task in _COMPARING else ())
    read = [each.run for each in select_runtimes(suite, runtimes, request.reference)] if request.suite is None else []
    folder = request.suite_folder
    job = Job(
        hosts=names,
        task=task,
        words=tuple(words),
        code=code_bundle(),
        extra=toolchain_extra(),
        suite=suite_bundle(folder, request.suite_file),
        is_default_suite=request.is_default_suite,
        suite_folder=str(folder),
        suite_file=str(request.suite_file or ""),
        has_common_looks=has_common_looks,
        has_document="json" in flags,
        project_file=project_file(load_config(project.root)),
        commit=commit,
        settings={key: value for key, value in request.environment.items() if any(run.reads(key) for run in read)},
    )
    file = ResultFile(project.results / "hosts", f"{task}-{secrets.token_hex(_SEED_BYTES)}")
    with _said_if_interrupted(project, task, file), hosts_progress(names) as view:
        arrivals = measure(job, listen=view.listener, started=lambda record: file.save(record_to_json(record)))
    return arrivals, file.path or Path(os.devnull)


@contextmanager
def _said_if_interrupted(project: Project, task: str, file: ResultFile) -> Iterator[None]:
    """Print how to fetch what runs on hosts where the user did not wait for its end."""
    try:
        yield
    except KeyboardInterrupt:
        if file.path is not None and file.problem is None:
            _say_how_to_fetch(project, task, file.path)
        raise


def _words(flags: Mapping[str, Any]) -> list[str]:
    """Return the flags as a command line has them, without those that are for here."""
    words = []
    for key, value in flags.items():
        name = f"--{key.replace('_', '-')}"
        if key not in _HERE and value not in (None, False):
            words.append(name if value is True else f"{name}={value}")
    return words


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
