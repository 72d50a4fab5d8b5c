"""`bisect`: find the version that made a benchmark slower or faster."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from invoke.tasks import task

from seqbench.errors import ExitCode
from seqbench.project import Project
from seqbench.tasks.common import TARGET_HELP, WIDE_HELP, guarded, require_alone

if TYPE_CHECKING:
    from seqbench.bench.request import Request
    from seqbench.events import Listener
    from seqbench.experiments.bisect.analysis import Analysis
    from seqbench.experiments.bisect.document import BisectDocument
    from seqbench.versions.ends import Ends

_HELP = {
    "good": "the version before the change: a release, or with --repo a commit; a SPEC of --versions",
    "bad": "the version with the change",
    "versions": "the versions in their order, A,B,C, if they are not releases or commits; any SPECs",
    "repo": "a clone of the Seq repository: its commits are searched, along the first parents",
    "runtime": "the language of --versions, such as go for --versions GO=/a/go,GO=/b/go (default: that of compare)",
    "only": "benchmarks to search, separated by commas (default: all; each that differs is searched by itself)",
    "size": "as for compare",
    "runs": "the most rounds of each comparison (default: as many as it takes)",
    "budget": "time to measure in, without the builds (default: as long as it takes)",
    "margin": "a difference that is nothing to find, such as 2% (default: margin in pyproject.toml)",
    "target-cpu": TARGET_HELP,
    "seed": "for the order within the rounds (default: random, and recorded)",
    "json": "also write the bisection with its samples to this file; - writes it to standard output",
    "resume": "continue an interrupted bisection: its file in results/; only --budget and --json may be added",
    "wide": WIDE_HELP,
}


@task(help=_HELP)
@guarded
def bisect(
    project: Project,
    good: str | None = None,
    bad: str | None = None,
    versions: str | None = None,
    repo: str | None = None,
    runtime: str | None = None,
    only: str | None = None,
    size: str | None = None,
    runs: str | None = None,
    budget: str | None = None,
    margin: str | None = None,
    target_cpu: str | None = None,
    seed: str | None = None,
    json: str | None = None,
    resume: str | None = None,
    wide: bool = False,
) -> None:
    """Find the version that made a benchmark slower or faster."""
    from seqbench.config import load_config
    from seqbench.experiments.bisect import report, run
    from seqbench.experiments.bisect.analysis import analyze
    from seqbench.experiments.bisect.document import bisect_to_json, load_bisect
    from seqbench.flags import Flags, make_margin, request_of
    from seqbench.paths import user_path
    from seqbench.sessions.session import State
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.resumable import Resumable
    from seqbench.versions.ends import Ends

    flags = Flags(only=only, size=size, runs=runs, budget=budget, target_cpu=target_cpu, seed=seed)
    rest = Flags(only=only, size=size, runs=runs, target_cpu=target_cpu, seed=seed)
    require_alone(resume, rest != Flags(), good, bad, versions, repo, runtime, margin)
    request = request_of(project, flags)
    output = TaskOutput(project, json, wide=wide)
    output.require_places(request.cache)
    asked: Callable[..., BisectDocument]
    if resume:
        interrupted = load_bisect(user_path(resume))
        asked, seed_used = partial(run.resume, request, interrupted), interrupted.seed
    else:
        ends = Ends(good=good, bad=bad, versions=versions, repo=user_path(repo) if repo else None, runtime=runtime)
        share = make_margin(margin, load_config(project.root))
        asked = partial(_new, request, ends, share)
        seed_used = request.seed
    file = output.result_file(f"bisect-{seed_used}", resumed=user_path(resume) if resume else None)
    resumable = Resumable(project, "bisect", file)
    document = resumable.measured(asked, bisect_to_json)
    if document.state is not State.COMPLETE:
        resumable.hint()
    found = analyze(document)
    output.kept(file)
    output.text(report.full_text(document, found, width=output.width))
    output.document(bisect_to_json(document))
    output.end(_exit_code(found))


def _new(
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
