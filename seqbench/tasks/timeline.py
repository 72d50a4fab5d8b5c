"""`timeline`: measure releases or commits in common rounds, and mark the steps between them."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.tasks import task

from seqbench.errors import ExitCode, UsageError, require_known
from seqbench.project import Project
from seqbench.tasks.common import TARGET_HELP, WIDE_HELP, guarded, require_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from seqbench.bench.request import Request
    from seqbench.events import Listener
    from seqbench.experiments.timeline.analysis import Course
    from seqbench.experiments.timeline.document import TimelineDocument
    from seqbench.versions.listing import Listing

_HELP = {
    "versions": "a range A..B of releases, or with --repo of commits; or a list A,B,C of any SPECs, in their order",
    "repo": "a clone of the Seq repository: --versions are its commits, along the first parents",
    "runtime": "the language of --versions, such as go for --versions GO=/a/go,GO=/b/go (default: that of compare)",
    "reference": "what runs in every round: a runtime such as go, or a SPEC (default: the first version)",
    "only": "benchmarks to run, separated by commas (default: all)",
    "size": "as for compare",
    "step": "the step that is to be found between two versions (default: 5%)",
    "runs": "rounds of all versions (default: as many as the step takes)",
    "budget": "time to measure in, without the builds (default: as long as it takes)",
    "clock": "own, or wall: whole processes, less their start, for versions with a wrong clock (default: own)",
    "margin": "a difference that is no step, such as 2% (default: margin in pyproject.toml)",
    "target-cpu": TARGET_HELP,
    "seed": "for the order within the rounds (default: random, and recorded)",
    "json": "also write the timeline with its samples to this file; - writes it to standard output",
    "markdown": "also write it as a page to this file, in place of what is between its marks",
    "resume": "continue an interrupted timeline: its file in results/; only --budget and --json may be added",
    "wide": WIDE_HELP,
}


@task(help=_HELP)
@guarded
def timeline(
    project: Project,
    versions: str | None = None,
    repo: str | None = None,
    runtime: str | None = None,
    reference: str | None = None,
    only: str | None = None,
    size: str | None = None,
    step: str | None = None,
    clock: str = "own",
    runs: str | None = None,
    budget: str | None = None,
    margin: str | None = None,
    target_cpu: str | None = None,
    seed: str | None = None,
    json: str | None = None,
    markdown: str | None = None,
    resume: str | None = None,
    wide: bool = False,
) -> None:
    """Show how fast releases or commits are, one after another."""
    from seqbench.config import load_config
    from seqbench.experiments.timeline import report, run
    from seqbench.experiments.timeline.analysis import analyze
    from seqbench.experiments.timeline.document import OWN_CLOCK, WALL_CLOCK, load_timeline, timeline_to_json
    from seqbench.flags import Flags, make_margin, make_share, request_of
    from seqbench.paths import user_path
    from seqbench.runtimes.registry import COMPARED_RUNTIME
    from seqbench.system.files import write_atomically
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.resumable import Resumable
    from seqbench.versions.listing import Listing

    flags = Flags(only=only, size=size, runs=runs, budget=budget, target_cpu=target_cpu, seed=seed)
    rest = Flags(only=only, size=size, runs=runs, target_cpu=target_cpu, seed=seed)
    require_known(clock, (OWN_CLOCK, WALL_CLOCK), "clock", "--clock")
    require_alone(resume, rest != Flags(), versions, repo, runtime, reference, step, margin, clock != OWN_CLOCK)
    request = request_of(project, flags)
    output = TaskOutput(project, json, wide=wide)
    output.require_places(request.cache)
    asked: Callable[..., TimelineDocument]
    if resume:
        interrupted = load_timeline(user_path(resume))
        asked, seed_used = partial(run.resume, request, interrupted), interrupted.seed
    else:
        if not versions:
            raise UsageError(
                "--versions is missing: expected two or more versions", "{invoke} timeline --versions 7.0.0..7.7.5"
            )
        folder = user_path(repo) if repo else None
        listing = Listing(text=versions, repo=folder, runtime=runtime or COMPARED_RUNTIME)
        share = make_share(step or "5%", "--step"), make_margin(margin, load_config(project.root))
        asked, seed_used = partial(_new, request, listing, reference or "", share, clock), request.seed
    file = output.result_file(f"timeline-{seed_used}", resumed=user_path(resume) if resume else None)
    document = Resumable(project, "timeline", file).measured(asked, timeline_to_json)
    found = analyze(document)
    output.kept(file)
    output.text(report.full_text(document, found, width=output.width))
    output.document(timeline_to_json(document))
    if markdown:
        with output.attempt():
            path = user_path(markdown)
            write_atomically(path, _page(path, report.markdown(document)).encode())
    output.end(_exit_code(found))


def _new(
    request: "Request",
    listing: "Listing",
    reference: str,
    shares: tuple[float, float],
    clock: str,
    *,
    listen: "Listener",
    save: "Callable[[TimelineDocument], None]",
) -> "TimelineDocument":
    """Find the versions, and measure them."""
    from seqbench.experiments.timeline import run
    from seqbench.versions.listing import find_versions

    wanted = run.TimelineRequest(
        versions=find_versions(listing, request, listen),
        runtime=listing.runtime,
        reference=reference,
        step=shares[0],
        margin=shares[1],
        clock=clock,
    )
    return run.run(request, wanted, listen=listen, save=save)


_BEGIN, _END = "<!-- begin: timeline -->", "<!-- end: timeline -->"


def _page(path: Path, text: str) -> str:
    """Return the page with the timeline between its marks; a page of its own where there is no such file.

    Raises
    ------
    UsageError
        The file has no marks, so that nothing in it is written over.
    """
    if not path.exists():
        return f"# Timeline\n\n{_BEGIN}\n{text}{_END}\n"
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise UsageError(f"{path} has no lines {_BEGIN} and {_END}", "add both lines where the timeline belongs")
    return f"{before}{_BEGIN}\n{text}{_END}{after}"


def _exit_code(found: "Sequence[Course]") -> ExitCode:
    """Return 4 if no version of a benchmark was measured, 5 if a candidate was not decided, else 0."""
    if not found or any(all(point.gap is not None for point in course.points) for course in found):
        return ExitCode.BENCHMARK_FAILED
    if any(course.open_candidates for course in found):
        return ExitCode.INCONCLUSIVE
    return ExitCode.OK
