"""`history`: show the times of all sessions."""

from datetime import UTC, datetime
from pathlib import Path

from invoke.tasks import task

from seqbench.errors import UsageError
from seqbench.project import Project
from seqbench.tasks.common import WIDE_HELP, can_show, guarded, shown


@task(
    name="history",
    iterable=["import_", "forget"],
    help={
        "only": "benchmarks to show, separated by commas (default: all)",
        "since": "the earliest session to show: an age (30d, 2w, 12h) or a date in UTC (2026-11-01)",
        "runtime": "runtimes to show, separated by commas (default: all)",
        "limit": "how many of the latest sessions to show for each program (default: 30)",
        "wide": WIDE_HELP,
        "forget": "remove a session: the name of its file in results/, without a folder; may be repeated",
        "import": "add sessions of other machines or CI: a file, a folder, or a pattern in quotes: 'results/*.json'; "
        "may be repeated",
    },
)
@guarded
def show_history(
    project: Project,
    import_: list[str],
    forget: list[str],
    only: str | None = None,
    since: str | None = None,
    runtime: str | None = None,
    limit: str | None = None,
    wide: bool = False,
) -> None:
    """Show the times of all sessions, with change points."""
    from seqbench.flags import history_path, make_selection
    from seqbench.publish.history import database
    from seqbench.publish.history.report import full_text
    from seqbench.publish.history.trend import trend_of
    from seqbench.system.files import find_files
    from seqbench.tasks.output import TaskOutput
    from seqbench.tasks.progress import progress

    selection = make_selection(only, runtime, since, limit, now=datetime.now(UTC))
    path = history_path(project)
    if forget:
        if import_ or (only, since, runtime, limit) != (None,) * 4:
            raise UsageError("--forget cannot be combined with other options", "{invoke} history --forget NAME")
        _forget(path, forget)
        return
    if import_:
        if (only, since, runtime, limit) != (None,) * 4:
            raise UsageError(
                "--import cannot be combined with --only, --since, --runtime or --limit, which select what to show",
                "{invoke} history --import FILES, then {invoke} history with the other options",
            )
        _import(path, find_files(import_, Path.cwd()))
        return
    with progress() as view:
        trends = [trend_of(series) for series in database.series(path, selection, view)]
    output = TaskOutput(project, None, wide=wide)
    output.text(full_text(trends, ascii_only=not can_show("▁█│"), width=output.width))


def _forget(path: Path, names: list[str]) -> None:
    from seqbench.publish.history.forget import forget
    from seqbench.tasks.progress import progress

    for name in names:
        with progress() as view:
            found = forget(path, name, view)
        benchmarks = ", ".join(found.benchmarks)
        print(f"forgot {found.name} (commit {found.commit[:12] or 'none'}): {benchmarks}; {found.samples:,} samples")


def _import(path: Path, files: tuple[Path, ...]) -> None:
    from seqbench.publish.history.imports import import_files
    from seqbench.tasks.progress import progress

    with progress() as view:
        found = import_files(path, files, view)
    others = f"; skipped {found.skipped:,} that are not complete sessions" if found.skipped else ""
    print(f"{shown(path)}: added {found.added:,}, already there {found.known:,}{others}")
    if found.refused:
        reasons = "\n".join(f"  - {reason}" for reason in found.refused)
        fix = "copy them again, or import only the others"
        raise UsageError(f"{len(found.refused)} files cannot be read:\n{reasons}", fix)
