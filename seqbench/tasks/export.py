"""`export`: print a session in the format of another tool."""

from typing import TYPE_CHECKING

from invoke.tasks import task

from seqbench.project import Project
from seqbench.tasks.common import guarded, say, shown

if TYPE_CHECKING:
    from seqbench.sessions.session import Session

# By hand, because the help is shown without loading what the task needs; a test compares it with `FORMATS`.
FORMAT_HELP = "one of markdown, json, csv, hyperfine, pyperf, benchfmt, bencher, gha"


@task(
    name="export",
    help={
        "format": FORMAT_HELP,
        "session": "a session's file, or - for standard input (default: the last one in results/)",
    },
)
@guarded
def export_session(project: Project, format: str | None = None, session: str | None = None) -> None:  # noqa: A002
    """Print a session in the format of another tool."""
    from seqbench.publish.export.formats import export, find_format

    chosen = find_format(format)
    exported = export(_stored(project, session), chosen)
    for note in exported.notes:
        say(project, f"note: {note}")
    print(exported.text, end="")


def _stored(project: Project, name: str | None) -> "Session":
    """Return the session of a file, of standard input, or the latest one in results/, whose file it prints."""
    from seqbench.paths import user_path
    from seqbench.sessions import store

    if name is not None:
        return store.load(user_path("/dev/stdin" if name == "-" else name))
    path, found, problems = store.load_latest(project.results)
    for problem in problems:
        say(project, f"warning: skipped {problem}")
    say(project, f"note: {shown(path)}")
    return found
