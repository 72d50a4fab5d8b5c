"""What compare, gate and calibrate share: two compilers measured in the same rounds."""

from contextlib import nullcontext

from seqbench.compare.document import StoredComparison
from seqbench.compare.stored import measure, stored_path
from seqbench.events import Listener
from seqbench.flags import Flags, make_comparison_job
from seqbench.project import Project
from seqbench.tasks.common import say, shown
from seqbench.tasks.output import Answer
from seqbench.tasks.progress import progress


def compare_two(
    project: Project,
    flags: Flags,
    sides: tuple[str | None, str | None, str | None],
    *,
    answer: Answer,
    resume: str | None,
    probe: bool,
    listen: Listener | None = None,
) -> StoredComparison:
    """Measure two compilers; all that was measured is kept in results/, as it is given.

    `sides` are base, head and margin as they were typed; an interrupted comparison brings its own, and its seed.
    Progress goes to `listen`, or to standard error.
    """
    job = make_comparison_job(project, flags, sides, resume, probe=probe)
    answer.require_places(job.request.cache)
    path = stored_path(project.results, job)
    try:
        with nullcontext(listen) if listen else progress() as view:
            found = measure(job, path, listen=view)
    except KeyboardInterrupt:
        if path.exists():
            name = "gate" if probe else "compare"
            say(project, f"kept: {{invoke}} {name} --resume {shown(path)} goes on with it")
        raise
    say(project, f"kept in {shown(path)}\n")
    return found
