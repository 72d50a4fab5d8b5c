"""`ci`: all that must hold before a commit."""

import os
from pathlib import Path

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.ci import steps as ci_steps
from seqbench.compare.gate import Outcome
from seqbench.config import load_config
from seqbench.errors import CheckError, ExitCode, InconclusiveError, UsageError
from seqbench.events import Listener
from seqbench.flags import Flags, make_request
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.check_fresh import freshness, recorded
from seqbench.tasks.common import guarded, progress
from seqbench.tasks.gate import judged
from seqbench.tasks.output import Answer
from seqbench.tasks.two_compilers import compare_two
from seqbench.text import fenced, without_tags, writable

_SOURCES = "seqbench"


@task(help={"at-commit": "count the record's age up to the commit's own time", "seqc": BENCH_HELP["seqc"]})
@guarded
def ci(project: Project, at_commit: bool = False, seqc: str | None = None) -> None:
    """Check all that must hold before a commit."""
    if not (project.root / _SOURCES).is_dir():
        raise UsageError(
            f"{project.root} is no clone of seqbench, whose sources this task checks: there is no {_SOURCES}/",
            "invoke ci in a clone; elsewhere invoke check-fresh and invoke gate",
        )
    config = load_config(project.root)
    request = make_request(Flags(size="quick", seqc=seqc), config, project.root, dict(os.environ))

    def regression(listen: Listener) -> None:
        sides = (config.baseline, request.spec.text, None)
        met = compare_two(project, Flags(), sides, answer=Answer(project, None), resume=None, probe=True, listen=listen)
        outcome, text = judged(met)
        if outcome is not Outcome.PASS:
            kind = CheckError if outcome is Outcome.FAIL else InconclusiveError
            raise kind(text, "invoke gate, after a mend or with more --budget")

    lines, problems, codes = [], [], set()
    asked = ci_steps.steps(
        request, lambda: freshness(project, at_commit=at_commit), regression if config.baseline else None
    )
    for step in asked:
        with progress() as view:
            found = ci_steps.outcome(step, view)
        lines.append(f"{found.mark} {step.title}")
        print(lines[-1], flush=True)
        codes.add(found.code)
        if found.problem:
            problems.append(f"--- {step.title} ---\n{found.problem}")
    for problem in problems:
        print(f"\n{project.typed(problem)}")
    _summarize(project, lines, problems)
    for code in (ExitCode.CHECK_FAILED, ExitCode.INCONCLUSIVE):
        if code in codes:
            raise Exit(code=code)


def _summarize(project: Project, lines: list[str], problems: list[str]) -> None:
    """Append the ticks and the recorded table to the job summary, where GitHub asks for one."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return
    parts = ["\n".join(f"- {line}" for line in lines), *(fenced(problem) for problem in problems)]
    try:
        parts.append(fenced(recorded(project).text))
    except CheckError as error:
        parts.append(f"no table: {without_tags(error.message)}")
    with Path(summary).open("a", encoding="utf-8") as file:
        file.write(writable("\n\n".join(parts) + "\n"))
