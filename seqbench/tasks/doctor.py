"""`doctor`: check tools, limits and load, with a fix for each problem."""

import os
import shutil
import sys
import textwrap

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.errors import ExitCode, filled
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import RUNTIME_LIST, SUITE_HELP, guarded
from seqbench.tasks.on_hosts import HOSTS_HELP, on_hosts

# A narrower column of text would be harder to read than lines that the terminal breaks.
_LEAST_TEXT = 30


@task(
    help={
        "fix": "fix what this task can fix (kernel limits, if it has the rights)",
        "runtimes": f"runtimes that must work, separated by commas, of {RUNTIME_LIST} (default: those of the suite)",
        "seqc": BENCH_HELP["seqc"],
        "target-cpu": BENCH_HELP["target-cpu"],
        **HOSTS_HELP,
        **SUITE_HELP,
    }
)
@guarded
@on_hosts("doctor")
def doctor(
    project: Project,
    fix: bool = False,
    runtimes: str | None = None,
    seqc: str | None = None,
    target_cpu: str | None = None,
    suite: str | None = None,
    suite_file: str | None = None,
) -> None:
    """Check tools, limits and load, with a fix for each."""
    from seqbench import doctor as checks
    from seqbench.flags import Flags, history_path, request_of
    from seqbench.suite.benchmarks import select_runtimes
    from seqbench.tasks.colour import coloured_word, is_wanted
    from seqbench.text import printable

    flags = Flags(
        runtimes=runtimes,
        seqc=seqc,
        target_cpu=target_cpu,
        suite=suite,
        suite_file=suite_file,
        allow_unknown_settings=True,
    )
    request = request_of(project, flags)
    benchmarks = request.load_suite()
    if fix:
        for line in checks.fix(benchmarks, request.environment):
            print(line)
        print()
    places = checks.Places(
        cache=request.cache, project=project.root, results=project.results, history=history_path(project)
    )
    checked = checks.examine(
        benchmarks,
        request.spec,
        runtimes=select_runtimes(benchmarks, request.runtimes),
        places=places,
        environment=request.environment,
        cpu=request.target_cpu,
    )
    is_coloured = is_wanted(sys.stdout, os.environ)
    width = max(len(check.subject) for check in checked)
    # In a pipe each check has one line, and so has each fix, which is copied.
    columns = shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None
    for check in checked:
        health = f"{check.health:<8}"
        found = _hanging(printable(check.found), len(health) + width + 3, columns)
        print(f"{coloured_word(health) if is_coloured else health} {check.subject:<{width}}  {found}")
        if check.fix:
            print(f"{'':<8} {'':<{width}}  fix: {printable(filled(check.fix, project.command))}")
    if any(check.health is checks.Health.MISSING for check in checked):
        raise Exit(code=ExitCode.TOOLCHAIN)


def _hanging(text: str, indent: int, columns: int | None) -> str:
    """Return a text in lines that fit a terminal beside what stands before it; None is no terminal."""
    if columns is None or columns - indent < _LEAST_TEXT:
        return text
    room = columns - indent
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, room, break_on_hyphens=False)]
    return f"\n{' ' * indent}".join(lines)
