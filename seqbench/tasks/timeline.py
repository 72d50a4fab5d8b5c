"""`timeline`: measure releases or commits in common rounds, and mark the steps between them."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.tasks import task

from seqbench.errors import ExitCode, UsageError, require_known
from seqbench.project import Project
from seqbench.tasks.common import guarded
from seqbench.tasks.version_flags import VersionFlags, version_help, with_version_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from seqbench.bench.request import Request
    from seqbench.events import Listener
    from seqbench.experiments.timeline.analysis import Course
    from seqbench.experiments.timeline.document import TimelineDocument

_HELP = {
    **version_help("timeline"),
    "versions": "a range of releases, A..B (of commits with --repo), or a list of SPECs in their order, A,B,C",
    "reference": "what runs in every round: a runtime such as go, or a SPEC (default: the first version)",
    "only": "benchmarks to run, separated by commas (default: all)",
    "step": "the smallest change between two versions that is to be found (default: 5%)",
    "runs": "rounds of all versions (default: as many as --step takes)",
    "clock": "own, or wall where own clocks are wrong: the time of processes, less that of their start (default: own)",
    "margin": "a change up to this is no step (default: 2%, or margin in pyproject.toml)",
    "markdown": "also write the timeline to this Markdown file, between its begin and end marks",
}


@task(help=_HELP)
@guarded
@with_version_flags
def timeline(
    project: Project,
    versions: str | None = None,
    reference: str | None = None,
    step: str | None = None,
    clock: str = "own",
    markdown: str | None = None,
    *,
    common: VersionFlags,
) -> None:
    """Show how fast releases or commits are, one after another."""
    from seqbench.experiments.timeline import report, run
    from seqbench.experiments.timeline.analysis import analyze
    from seqbench.experiments.timeline.document import OWN_CLOCK, WALL_CLOCK, load_timeline, timeline_to_json
    from seqbench.flags import make_share
    from seqbench.paths import user_path
    from seqbench.system.files import write_atomically
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.resumable import Resumable

    require_known(clock, (OWN_CLOCK, WALL_CLOCK), "clock", "--clock")
    request = common.request(project, versions, reference, step, clock != OWN_CLOCK)
    if not versions and not common.resume:
        raise UsageError(
            "--versions is missing: expected two or more versions", "{invoke} timeline --versions 7.0.0..7.7.5"
        )
    shares = make_share(step or "5%", "--step"), common.margin_share(project)
    output = TaskOutput(project, common.json, wide=common.wide)
    document = Resumable(
        task="timeline",
        load=load_timeline,
        to_json=timeline_to_json,
        begin=partial(_begin, request, common, versions or "", reference or "", shares, clock),
        resume=run.resume,
    ).measured(project, request, output, common.resume)
    found = analyze(document)
    output.text(report.full_text(document, found, width=output.width))
    output.document(timeline_to_json(document))
    if markdown:
        with output.attempt():
            path = user_path(markdown)
            write_atomically(path, _page(path, report.markdown(document)).encode())
    output.end(_exit_code(found))


def _begin(
    request: "Request",
    common: VersionFlags,
    versions: str,
    reference: str,
    shares: tuple[float, float],
    clock: str,
    *,
    listen: "Listener",
    save: "Callable[[TimelineDocument], None]",
) -> "TimelineDocument":
    """Find the versions, and measure them."""
    from seqbench.experiments.timeline import run
    from seqbench.runtimes.registry import COMPARED_RUNTIME
    from seqbench.versions.listing import Listing, find_versions

    listing = Listing(text=versions, repo=common.folder(), runtime=common.runtime or COMPARED_RUNTIME)
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
    """Return 4 if no version of a benchmark was measured, 5 if more rounds would decide a step, else 0."""
    if not found or any(all(point.gap is not None for point in course.points) for course in found):
        return ExitCode.BENCHMARK_FAILED
    if any(course.open_candidates or course.rounds_needed for course in found):
        return ExitCode.INCONCLUSIVE
    return ExitCode.OK
