"""`findings`: explain, sweep and tune as one page."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.errors import CheckError, ExitCode, SeqbenchError, UsageError
from seqbench.project import Project
from seqbench.tasks.bench import BENCH_HELP
from seqbench.tasks.common import guarded, say, shown
from seqbench.tasks.sweep import SWEEP_HELP

if TYPE_CHECKING:
    from seqbench.sessions import latest_run
    from seqbench.sessions.session import Session

_FINDINGS_BUDGET = "33m"


@task(
    help={
        "budget": f"time for all measuring together (default: {_FINDINGS_BUDGET}, of which tuning takes about half)",
        "seqc": BENCH_HELP["seqc"],
        "seed": SWEEP_HELP["seed"],
        "resume": "take the parts in results/ that still hold (same machine, sources, tools), and go on with the rest",
    }
)
@guarded
def findings(
    project: Project,
    budget: str | None = None,
    seqc: str | None = None,
    seed: str | None = None,
    resume: bool = False,
) -> None:
    """Run explain, sweep and tune, and write docs/FINDINGS.md."""
    from seqbench import findings_page
    from seqbench import investigation as investigating
    from seqbench.config import load_config
    from seqbench.flags import Flags, make_margin, make_request
    from seqbench.suite.manifest import load_suite
    from seqbench.system.files import require_writable, write_atomically
    from seqbench.tasks.progress import progress

    config = load_config(project.root)
    flags = Flags(budget=budget or _FINDINGS_BUDGET, seqc=seqc, seed=seed)
    request = make_request(flags, config, project.root, dict(os.environ))
    path = project.root / "docs" / "FINDINGS.md"
    if not project.is_configured and not path.parent.is_dir():
        raise UsageError(
            f"{path.parent} is not there: this task writes {path.name} into the documentation of a project",
            "invoke explain, invoke sweep and invoke tune, which only show what they find; or make that folder",
        )
    for folder in (project.results, request.cache, path.parent):
        require_writable(folder)
    try:
        with progress() as view:
            found = investigating.run(
                request,
                project.results,
                project.root / "probes",
                margin=make_margin(None, config),
                is_resumed=resume,
                listen=view,
            )
    except (KeyboardInterrupt, SeqbenchError):
        if any(project.results.glob("findings-*.json")):
            say(project, "kept: invoke findings --resume goes on with what was measured")
        raise
    titles = investigating.titles_at_full_size(load_suite(request.suite_folder))
    text = findings_page.page(found, _record_like(project, found.explanation.large), titles, datetime.now(UTC))
    write_atomically(path, text.encode())
    print(f"wrote {shown(path)}")
    if found.has_failures():
        raise Exit(code=ExitCode.BENCHMARK_FAILED)


def _record_like(project: Project, session: "Session") -> "latest_run.Record | None":
    """Give the record where it is of the same machine and sources as a session."""
    from seqbench.ci.record import load_record

    try:
        found = load_record(project.record)
    except CheckError:
        return None
    is_same = (found.sources, found.machine) == (session.sources, session.machine.sentence())
    return found if is_same else None
