"""`check-fresh`, and the record that others read too."""

import os
from datetime import UTC, datetime, timedelta

from invoke.tasks import task

from seqbench.config import load_config
from seqbench.errors import CheckError, UsageError
from seqbench.project import Project
from seqbench.sessions import freshness as gate
from seqbench.sessions import latest_run
from seqbench.suite.manifest import load_suite, sources_digest
from seqbench.system import git
from seqbench.tasks.common import guarded


@task(
    name="check-fresh",
    help={"at-commit": "count the 24 hours up to the commit's own time, so that an old commit stays as it was"},
)
@guarded
def check_fresh(project: Project, at_commit: bool = False) -> None:
    """Say whether LATEST_RUN.txt is fresh and whole."""
    print(freshness(project, at_commit=at_commit))


def freshness(project: Project, *, at_commit: bool) -> str:
    """Give the good news, or raise with every reason."""
    config, found = load_config(project.root), recorded(project)
    now = datetime.now(UTC)
    if at_commit:
        head = git.head(project.root, dict(os.environ))
        if head is None:
            raise UsageError("--at-commit: there is no commit here", "leave --at-commit out")
        now = head.committed_at
    present = load_suite(project.suite)
    policy = gate.Policy(max_age=timedelta(hours=config.max_age_hours), allow_scaled=config.allow_scaled)
    violations = gate.violations(
        found,
        policy,
        now=now,
        benchmarks=tuple(benchmark.name for benchmark in present.benchmarks),
        sources=sources_digest(present),
    )
    if violations:
        reasons = "\n".join(f"  - {violation.reason}" for violation in violations)
        remedies = dict.fromkeys(violation.remedy for violation in violations)
        raise CheckError(f"{project.record.name} does not hold:\n{reasons}", "\n        ".join(remedies))
    return f"Benchmarks are fresh: run at {found.timestamp:%Y-%m-%d %H:%M} UTC, {len(found.benchmarks)} benchmarks"


def recorded(project: Project) -> latest_run.Record:
    """Give the record of the last run, or raise a CheckError where there is none to believe."""
    if not project.record.exists():
        raise CheckError(f"{project.record.name} is missing: the benchmarks have not been run", gate.MEND)
    try:
        return latest_run.parse(project.record.read_bytes().decode("utf-8"))
    except (latest_run.RecordError, UnicodeDecodeError, OSError) as error:
        raise CheckError(f"{project.record.name} cannot be believed: {error}", gate.MEND) from error
