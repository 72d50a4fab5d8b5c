"""`doctor`: check tools, limits and load, with a fix for each problem."""

import os
import sys

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.errors import ExitCode, filled
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import RUNTIME_LIST, SUITE_HELP, guarded
from seqbench.tasks.on_hosts import HOSTS_HELP, on_hosts


@task(
    help={
        "fix": "fix what this task can fix (kernel limits, if it has the rights)",
        "runtimes": f"runtimes that must work, of {RUNTIME_LIST} (default: the default ones)",
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
    for check in checked:
        health = f"{check.health:<8}"
        print(f"{coloured_word(health) if is_coloured else health} {check.subject:<{width}}  {printable(check.found)}")
        if check.fix:
            print(f"{'':<8} {'':<{width}}  fix: {printable(filled(check.fix, project.command))}")
    if any(check.health is checks.Health.MISSING for check in checked):
        raise Exit(code=ExitCode.TOOLCHAIN)
