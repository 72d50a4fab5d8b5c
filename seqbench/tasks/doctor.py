"""`doctor`: tools, limits and load, with a mend for each."""

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.errors import ExitCode, filled
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import guarded


@task(
    help={
        "fix": "mend what can be mended from here (kernel limits, with the rights to do it)",
        "seqc": BENCH_HELP["seqc"],
    }
)
@guarded
def doctor(project: Project, fix: bool = False, seqc: str | None = None) -> None:
    """Look at tools, limits and load, with a mend for each."""
    from seqbench import doctor as checks
    from seqbench.flags import Flags, request_of
    from seqbench.suite.manifest import load_suite

    request = request_of(project, Flags(seqc=seqc))
    benchmarks = load_suite(request.suite_folder)
    if fix:
        for line in checks.fix(benchmarks, request.environment):
            print(line)
        print()
    findings = checks.examine(benchmarks, request.spec, cache=request.cache, environment=request.environment)
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        print(f"{finding.health:<8} {finding.subject:<{width}}  {finding.found}")
        if finding.mend:
            print(f"{'':<8} {'':<{width}}  mend: {filled(finding.mend, project.command)}")
    if any(finding.health is checks.Health.MISSING for finding in findings):
        raise Exit(code=ExitCode.TOOLCHAIN)
