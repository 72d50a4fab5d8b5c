"""Define the Invoke tasks: each calls the library with its flags, prints the result, and sets the exit code.

Invoke imports all of them to run one. So a task module imports at its top only what is cheap (Invoke, the errors, the
project, `common`), and a task imports what it needs in its body. `invoke --list` and completion load nothing else.
"""

from invoke.collection import Collection

from seqbench.errors import UsageError
from seqbench.project import Project
from seqbench.suite.names import likely_names
from seqbench.tasks import (
    bench,
    bisect,
    check_fresh,
    ci,
    compare,
    completion,
    doctor,
    explain,
    export,
    forge,
    gate,
    history,
    report,
    sweep,
    timeline,
    tune,
    upkeep,
)
from seqbench.tasks.common import PROJECT
from seqbench.tasks.usage import explain_errors

_TASKS = (
    bench.bench,
    compare.compare,
    gate.regression_gate,
    gate.calibrate,
    history.show_history,
    explain.explain,
    sweep.sweep,
    tune.tune,
    timeline.timeline,
    bisect.bisect,
    check_fresh.check_fresh,
    doctor.doctor,
    ci.ci,
    forge.forge_prepare,
    forge.forge_report,
    upkeep.new,
    upkeep.environment,
    completion.completion,
    export.export_session,
    report.write_report,
    upkeep.readme,
    upkeep.clean,
)


def namespace_of(project: Project) -> Collection:
    """Return the collection of all tasks for this project, with a `bench-NAME` for each of its benchmarks."""
    namespace = Collection(*_TASKS)
    namespace.configure({PROJECT: project})
    try:
        for name in likely_names(project.suite):
            namespace.add_task(bench.bench_task(name))
    except (UsageError, OSError):
        pass  # every task reads the configuration and the suite again, and reports what is wrong with them
    for each in namespace.tasks.values():
        # Invoke would take the first free letter, which is --budget here and --base there.
        each.auto_shortflags = False
    explain_errors(project)
    return namespace
