"""Measure two compilers in the same rounds, for `compare`, `gate` and `calibrate`."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from seqbench.compare.document import StoredComparison, comparison_to_json
from seqbench.compare.stored import is_resumable, measure
from seqbench.events import Listener
from seqbench.flags import Flags, make_comparison_job
from seqbench.paths import user_path
from seqbench.project import Project
from seqbench.tasks.common import require_alone, say, shown
from seqbench.tasks.output import TaskOutput
from seqbench.tasks.progress import progress


def flags_of_comparison(
    resume: str | None,
    sides: tuple[str | None, str | None, str | None],
    *,
    runtime: str | None,
    set: str | None = None,  # noqa: A002 - the name of the flag
    **measuring: Any,  # noqa: ANN401 - as `Flags` has them
) -> Flags:
    """Return the flags of a comparison as typed; `sides` as in `compare_two`.

    Raises
    ------
    UsageError
        There is more than --resume, which reuses the settings of its file.
    """
    require_alone(resume, *sides, runtime, set, *measuring.values())
    return Flags(runtimes=runtime, values=set, **measuring)


def compare_two(
    project: Project,
    flags: Flags,
    sides: tuple[str | None, str | None, str | None],
    *,
    output: TaskOutput,
    task: str,
    resume: str | None,
    listen: Listener | None = None,
) -> StoredComparison:
    """Measure two compilers and return the comparison, which is also stored in results/.

    Parameters
    ----------
    sides
        Base, head and margin as they were typed; with `resume` those of its file are used.
    task
        `compare`, `gate` or `calibrate`: the name of the task that resumes it. All but `compare` have a probe, and
        `calibrate` has code layouts.
    resume
        The file of an interrupted comparison.
    listen
        Gets the progress; standard error by default.
    """
    job = make_comparison_job(project, flags, sides, resume, probe=task != "compare")
    job = replace(job, has_layouts=task == "calibrate")
    output.require_places(job.request.cache)
    file = output.result_file(f"{task}-{job.request.seed}", resumed=user_path(resume) if resume else None)
    last: list[StoredComparison] = []

    def save(comparison: StoredComparison) -> None:
        last[:] = [comparison]
        file.save(comparison_to_json(comparison))

    try:
        with nullcontext(listen) if listen else progress() as view:
            found = measure(job, save=save, listen=view)
    except KeyboardInterrupt:
        if last and file.path is not None and file.problem is None:
            how = f": {{invoke}} {task} --resume {shown(file.path)} continues it"
            say(project, f"kept in {shown(file.path)}" if not is_resumable(last[0]) else f"kept{how}")
        raise
    output.kept(file)
    return found
