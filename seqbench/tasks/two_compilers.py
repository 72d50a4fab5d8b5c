"""Measure two compilers in the same rounds, for `compare`, `gate` and `calibrate`."""

from contextlib import nullcontext

from seqbench.compare.document import StoredComparison
from seqbench.compare.stored import measure, stored_path
from seqbench.events import Listener
from seqbench.flags import Flags, make_comparison_job
from seqbench.project import Project
from seqbench.tasks.common import say, shown
from seqbench.tasks.output import TaskOutput
from seqbench.tasks.progress import progress


def compare_two(
    project: Project,
    flags: Flags,
    sides: tuple[str | None, str | None, str | None],
    *,
    output: TaskOutput,
    resume: str | None,
    probe: bool,
    listen: Listener | None = None,
) -> StoredComparison:
    """Measure two compilers and return the comparison, which is also stored in results/.

    Parameters
    ----------
    sides
        Base, head and margin as they were typed; with `resume` those of its file are used.
    resume
        The file of an interrupted comparison.
    listen
        Gets the progress; standard error by default.
    """
    job = make_comparison_job(project, flags, sides, resume, probe=probe)
    output.require_places(job.request.cache)
    path = stored_path(project.results, job)
    try:
        with nullcontext(listen) if listen else progress() as view:
            found = measure(job, path, listen=view)
    except KeyboardInterrupt:
        if path.exists():
            name = "gate" if probe else "compare"
            say(project, f"kept: {{invoke}} {name} --resume {shown(path)} continues it")
        raise
    say(project, f"kept in {shown(path)}\n")
    return found
