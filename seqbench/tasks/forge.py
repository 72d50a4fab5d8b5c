"""`forge-prepare` and `forge-report`: the first and the last step of the action on GitHub and Forgejo."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.tasks import task

from seqbench.errors import filled
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import guarded

if TYPE_CHECKING:
    from seqbench.ci.annotations import Annotation

_TOKEN = "SEQBENCH_FORGE_TOKEN"  # noqa: S105 - the name of a variable
_FAIL_ON_HELP = "what fails the step: failed, slower, inconclusive, stale, or never (default: failed,slower)"


@task(
    name="forge-prepare",
    help={
        **{key: BENCH_HELP[key] for key in ("seqc", "only", "size", "budget")},
        "compare-to": "the compiler that the gate compares with",
        "compare-budget": "time to measure the comparison in",
        "calibrate": "time to measure in how often the gate errs",
        "fail-on": _FAIL_ON_HELP,
    },
)
@guarded
def forge_prepare(
    project: Project,
    seqc: str | None = None,
    only: str | None = None,
    size: str | None = None,
    budget: str | None = None,
    compare_to: str | None = None,
    compare_budget: str | None = None,
    calibrate: str | None = None,
    fail_on: str | None = None,
) -> None:
    """Check the inputs of the action, and output the folder and the key of its cache."""
    from seqbench.ci import action
    from seqbench.ci.forge import read_runner
    from seqbench.flags import Flags

    runner = read_runner(os.environ)
    inputs = action.Inputs(
        flags=Flags(seqc=seqc, only=only, size=size, budget=budget),
        compare_to=compare_to,
        compare_budget=compare_budget,
        calibrate=calibrate,
        fail_on=fail_on,
    )
    action.write_outputs(runner, action.check_inputs(project, inputs))


@task(
    name="forge-report",
    help={
        "compare-to": "the compiler that the gate was to compare with",
        "fail-on": _FAIL_ON_HELP,
        "name": "names this use of the action in a workflow, so that each has a comment of its own",
        "commands": "the file for the commands to the runner that annotate the commit",
    },
)
@guarded
def forge_report(
    project: Project, commands: str, compare_to: str | None = None, fail_on: str | None = None, name: str = ""
) -> None:
    """Judge the results, and write the annotations, the job summary, the outputs and the comment."""
    from seqbench.ci import action, forge
    from seqbench.ci.annotations import commands as to_commands
    from seqbench.system.files import write_atomically
    from seqbench.tasks.output import TaskOutput

    causes, runner, output = forge.parse_fail_on(fail_on), forge.read_runner(os.environ), TaskOutput(project, None)
    results = action.load_results(project.results)
    judged = action.judge(project, results, causes, runner, compare_to=compare_to)
    page = filled(judged.page, project.command)
    marker = forge.comment_marker(os.environ, name)
    text, kept = forge.comment(page, marker, os.environ), project.results / "comment.md"
    with output.attempt():
        write_atomically(kept, text.encode())
    with output.attempt():
        room = action.summary_room(runner, forge.SUMMARY_LIMIT_BYTES)
        with runner.summary.open("a", encoding="utf-8") as file:
            file.write(forge.cut(page, room))
    with output.attempt():
        report = project.results / "report.html"
        values = {
            "verdict": judged.verdict,
            "session": str(results.session_path),
            "comparison": str(results.comparison_path or ""),
            "report": str(report) if report.exists() else "",
            "comment": str(kept),
            "summary": forge.cut(page, forge.SUMMARY_LIMIT_BYTES),
        }
        action.write_outputs(runner, values)
    remarks = _comment(text, marker)
    with output.attempt():
        lines = [filled(line, project.command) for line in to_commands((*judged.annotations, *remarks), causes)]
        Path(commands).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    output.text(f"verdict: {judged.verdict}")
    output.end(action.exit_code(judged, causes))


def _comment(text: str, marker: str) -> "tuple[Annotation, ...]":
    """Keep the comment on the pull request up to date, if there is a token; what prevents it is only a remark."""
    from seqbench.ci.annotations import Annotation
    from seqbench.ci.pull_request import CommentError, keep_comment, pull_request_of

    token, place = os.environ.get(_TOKEN, "").strip(), pull_request_of(os.environ)
    if not token or place is None:
        return ()
    try:
        keep_comment(place, token, text, marker)
    except CommentError as error:
        message = f"{error.message}\nfix: {error.fix}" if error.fix else error.message
        return (Annotation(cause=None, title="seqbench", message=message),)
    return ()
