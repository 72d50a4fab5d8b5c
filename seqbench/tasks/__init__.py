"""The Invoke tasks: each turns its flags into a call of the library, prints what came of it, and sets the exit code."""

from invoke.collection import Collection

from seqbench.errors import UsageError
from seqbench.project import Project
from seqbench.suite.benchmarks import NAME
from seqbench.suite.manifest import benchmark_names
from seqbench.tasks import (
    bench,
    check_fresh,
    ci,
    compare,
    doctor,
    explain,
    export,
    gate,
    github,
    history,
    report,
    sweep,
    tune,
    upkeep,
)
from seqbench.tasks.common import PROJECT

_TASKS = (
    bench.bench,
    compare.compare,
    gate.regression_gate,
    gate.calibrate,
    history.show_history,
    explain.explain,
    sweep.sweep,
    tune.tune,
    check_fresh.check_fresh,
    doctor.doctor,
    ci.ci,
    github.github,
    upkeep.new,
    upkeep.environment,
    export.export_session,
    report.write_report,
    upkeep.readme,
    upkeep.clean,
)


def namespace_of(project: Project) -> Collection:
    """Give all tasks, working for this project, with a `bench-NAME` for each of its benchmarks."""
    namespace = Collection(*_TASKS)
    namespace.configure({PROJECT: project})
    try:
        for name in benchmark_names(project.suite):
            # Any other name would break the parser of every task; `invoke bench` says what to rename.
            if NAME.fullmatch(name):
                namespace.add_task(bench.bench_task(name))
    except (UsageError, OSError):
        pass  # every task reads configuration and suite again and says what is wrong with them
    return namespace
