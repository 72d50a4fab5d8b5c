"""`check-fresh`: the 24-hour rule of LATEST_RUN.txt."""

import os

from invoke.tasks import task

from seqbench.project import Project
from seqbench.tasks.common import guarded


@task(
    name="check-fresh",
    help={"at-commit": "count the 24 hours up to the time of the commit, so that its result never changes"},
)
@guarded
def check_fresh(project: Project, at_commit: bool = False) -> None:
    """Check that LATEST_RUN.txt is fresh and complete."""
    from seqbench.ci.record import check_record

    found = check_record(project, at_commit=at_commit, environment=dict(os.environ))
    print(f"Benchmarks are fresh: run at {found.timestamp:%Y-%m-%d %H:%M} UTC, {len(found.benchmarks)} benchmarks")
