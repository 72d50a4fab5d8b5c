"""Load the LATEST_RUN.txt of a project, and check it against the suite as it is now."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from seqbench.config import load_config
from seqbench.errors import CheckError, UsageError
from seqbench.project import Project
from seqbench.sessions import freshness, latest_run
from seqbench.suite.manifest import load_suite, sources_digest
from seqbench.system import git


def check_record(project: Project, *, at_commit: bool, environment: Mapping[str, str]) -> latest_run.Record:
    """Return the record of the last run if it is fresh and complete.

    Parameters
    ----------
    at_commit
        Count the age up to the time of the current commit, so that the result for an old commit never changes.

    Raises
    ------
    CheckError
        The record is not fresh and complete; the message has every reason.
    UsageError
        There is no commit for `at_commit`.
    """
    config, record = load_config(project.root), load_record(project.record)
    now = datetime.now(UTC)
    if at_commit:
        head = git.commit_state(project.root, environment)
        if isinstance(head, git.NoCommit):
            raise UsageError(f"--at-commit: {head.reason}", head.fix or "leave --at-commit out")
        now = head.committed_at
    suite = load_suite(project.suite)
    violations = freshness.violations(
        record,
        freshness.Policy(max_age=timedelta(hours=config.max_age_hours), allow_scaled=config.allow_scaled),
        now=now,
        benchmarks=tuple(benchmark.name for benchmark in suite.benchmarks),
        sources=sources_digest(suite),
    )
    if violations:
        reasons = "\n".join(f"  - {violation.reason}" for violation in violations)
        fixes = dict.fromkeys(violation.fix for violation in violations)
        raise CheckError(f"{project.record.name} fails the freshness check:\n{reasons}", "\n        ".join(fixes))
    return record


def load_record(path: Path) -> latest_run.Record:
    """Read LATEST_RUN.txt.

    Raises
    ------
    CheckError
        There is no such file, or it was changed after seqbench wrote it.
    """
    if not path.exists():
        raise CheckError(f"{path.name} is missing: the benchmarks have not been run", freshness.FIX)
    try:
        return latest_run.parse(path.read_bytes().decode("utf-8"))
    except (latest_run.RecordError, UnicodeDecodeError, OSError) as error:
        raise CheckError(f"{path.name} is not valid: {error}", freshness.FIX) from error
