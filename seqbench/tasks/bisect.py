"""`bisect`: find the version that made a benchmark slower or faster."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from invoke.tasks import task

from seqbench.errors import ExitCode
from seqbench.project import Project
from seqbench.tasks.common import MARGIN_HELP, guarded
from seqbench.tasks.version_flags import VersionFlags, version_help, with_version_flags

if TYPE_CHECKING:
    from seqbench.bench.request import Request
    from seqbench.events import Listener
    from seqbench.experiments.bisect.analysis import Analysis
    from seqbench.experiments.bisect.document import BisectDocument
    from seqbench.versions.ends import Ends

_HELP = {
    **version_help("bisection"),
    "good": "the version before the change: a release, a commit with --repo, or a SPEC of --versions",
    "bad": "the version with the change",
    "versions": "all versions in their order, A,B,C: SPECs; needed if they are neither releases nor commits",
    "only": "benchmarks to search, separated by commas (default: all; each that differs is searched separately)",
    "runs": "the most rounds of each comparison (default: as many as it takes)",
    "margin": MARGIN_HELP,
}


@task(help=_HELP)
@guarded
@with_version_flags
def bisect(
    project: Project,
    good: str | None = None,
    bad: str | None = None,
    versions: str | None = None,
    *,
    common: VersionFlags,
) -> None:
    """Find the version that made a benchmark slower or faster."""
    from seqbench.experiments.bisect import report, run
    from seqbench.experiments.bisect.analysis import analyze
    from seqbench.experiments.bisect.document import bisect_to_json, load_bisect
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.resumable import Resumable
    from seqbench.versions.ends import Ends

    request = common.request(project, good, bad, versions)
    margin = common.margin_share(project)
    ends = Ends(good=good, bad=bad, versions=versions, repo=common.folder(), runtime=common.runtime)
    output = TaskOutput(project, common.json, wide=common.wide)
    document = Resumable(
        task="bisect",
        load=load_bisect,
        to_json=bisect_to_json,
        begin=partial(_begin, request, ends, margin),
        resume=run.resume,
    ).measured(project, request, output, common.resume)
    found = analyze(document)
    output.text(report.full_text(document, found, width=output.width))
    output.document(bisect_to_json(document))
    output.end(_exit_code(found))


def _begin(
    request: "Request",
    ends: "Ends",
    margin: float,
    *,
    listen: "Listener",
    save: "Callable[[BisectDocument], None]",
) -> "BisectDocument":
    """Find the versions, and bisect them."""
    from seqbench.experiments.bisect import run
    from seqbench.runtimes.registry import COMPARED_RUNTIME
    from seqbench.versions.ends import versions_between

    versions = versions_between(ends, request, listen)
    runtime = ends.runtime or COMPARED_RUNTIME
    return run.run(request, versions, runtime=runtime, margin=margin, listen=listen, save=save)


def _exit_code(found: "Analysis") -> ExitCode:
    """Return 4 if no benchmark is comparable, 5 if one is not decided, else 0."""
    from seqbench.experiments.bisect.analysis import Status

    statuses = {search.status for search in found.searches}
    if statuses <= {Status.FAILED}:
        return ExitCode.BENCHMARK_FAILED
    undecided = any(search.undecided for search in found.searches)
    if undecided or statuses & {Status.OPEN, Status.INCONCLUSIVE, Status.SEARCHING}:
        return ExitCode.INCONCLUSIVE
    return ExitCode.OK
