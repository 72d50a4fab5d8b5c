"""`export`: a session in the format of another tool."""

from pathlib import Path

from invoke.tasks import task

from seqbench.project import Project
from seqbench.publish.export.formats import FORMATS, export, find_format
from seqbench.sessions import store
from seqbench.sessions.session import Session
from seqbench.tasks.common import guarded, say, shown


@task(
    name="export",
    help={
        "format": f"one of {', '.join(each.name for each in FORMATS)}",
        "session": "a session's file, or - for standard input (default: the last one in results/)",
    },
)
@guarded
def export_session(project: Project, format: str | None = None, session: str | None = None) -> None:  # noqa: A002
    """Write a session in the format of another tool, to standard output."""
    wanted = find_format(format)
    exported = export(_stored(project, session), wanted)
    for note in exported.notes:
        say(project, f"note: {note}")
    print(exported.text, end="")


def _stored(project: Project, name: str | None) -> Session:
    """Give the session of a file, of standard input, or the last one that was kept, which is named."""
    if name is not None:
        return store.load(Path("/dev/stdin" if name == "-" else name))
    path, found, problems = store.load_latest(project.results)
    for problem in problems:
        say(project, f"warning: passed over {problem}")
    say(project, f"note: {shown(path)}")
    return found
