"""`ci`: the checks that a commit must pass."""

import os
import sys
from functools import partial
from pathlib import Path

from invoke.tasks import task

from seqbench.errors import CheckError, ExitCode, UsageError, filled
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import guarded

_SOURCES = "seqbench"


@task(
    help={
        "at-commit": "count the age of the record up to the time of the commit",
        "seqc": BENCH_HELP["seqc"],
        "target-cpu": BENCH_HELP["target-cpu"],
    }
)
@guarded
def ci(project: Project, at_commit: bool = False, seqc: str | None = None, target_cpu: str | None = None) -> None:
    """Run all checks that a commit must pass."""
    from seqbench.ci import steps
    from seqbench.ci.record import check_record
    from seqbench.compare.stored import known_calibration
    from seqbench.config import load_config
    from seqbench.events import Listener, Remark
    from seqbench.flags import Flags, request_of
    from seqbench.tasks.colour import coloured_word, is_wanted
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.progress import progress
    from seqbench.tasks.two_compilers import compare_two
    from seqbench.text import printable

    if not (project.root / _SOURCES).is_dir():
        raise UsageError(
            f"{project.root} is not a clone of seqbench: expected the sources that this task checks in {_SOURCES}/",
            "run {invoke} ci in a clone; elsewhere run {invoke} check-fresh and {invoke} gate",
        )
    config = load_config(project.root)
    request = request_of(project, Flags(size="quick", seqc=seqc, target_cpu=target_cpu))

    def regression(listen: Listener) -> None:
        sides = (config.baseline, request.spec.text, None)
        flags, output = Flags(target_cpu=target_cpu), TaskOutput(project, None)
        met = compare_two(project, flags, sides, output=output, task="gate", resume=None, listen=listen)
        for warning in steps.warnings_of(met, known_calibration(project, request.environment)):
            listen(Remark(text=f"warning: {warning}"))
        steps.require_pass(met)

    fresh = partial(check_record, project, at_commit=at_commit, environment=request.environment)
    lines, problems, codes = [], [], set()
    try:
        for step in steps.steps(request, fresh, regression if config.baseline else None):
            with progress() as view:
                found = steps.outcome(step, view)
            lines.append(f"{found.mark} {step.title}")
            mark = coloured_word(found.mark) if is_wanted(sys.stdout, os.environ) else found.mark
            print(f"{mark} {step.title}", flush=True)
            codes.add(found.code)
            if found.problem:
                problems.append(f"--- {step.title} ---\n{filled(found.problem, project.command)}")
    finally:
        # After an interrupt too.
        for problem in problems:
            print(f"\n{printable(problem)}")
    output = TaskOutput(project, None)
    with output.attempt():
        _summarize(project, lines, problems)
    output.end(next((code for code in (ExitCode.CHECK_FAILED, ExitCode.INCONCLUSIVE) if code in codes), ExitCode.OK))


def _summarize(project: Project, lines: list[str], problems: list[str]) -> None:
    """Append the results of the steps and the recorded table to the job summary, in a workflow."""
    from seqbench.ci.record import load_record
    from seqbench.text import fenced, printable, without_tags

    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return
    parts = ["\n".join(f"- {line}" for line in lines), *(fenced(problem) for problem in problems)]
    try:
        parts.append(fenced(load_record(project.record).text))
    except CheckError as error:
        parts.append(f"no table: {without_tags(error.message)}")
    with Path(summary).open("a", encoding="utf-8") as file:
        file.write(printable("\n\n".join(parts) + "\n"))
