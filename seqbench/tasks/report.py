"""`report`: one HTML page of all that was found."""

from pathlib import Path

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.errors import ExitCode, UsageError
from seqbench.project import Project
from seqbench.tasks.common import complain, guarded, say, shown


@task(
    name="report",
    iterable=["session"],
    help={
        "open": "show it in the browser",
        "session": "what to report, once for each: a file, a folder, or a pattern in quotes: 'results/*.json' "
        "(default: the last session in results/)",
        "out": "the file to write (default: results/report.html); - writes to standard output",
    },
)
@guarded
def write_report(project: Project, session: list[str], open_: bool = False, out: str | None = None) -> None:
    """Build one HTML page of sessions and of all else that was found."""
    from seqbench.events import Phase
    from seqbench.flags import history_path
    from seqbench.publish.html import render
    from seqbench.publish.html.contents import gather
    from seqbench.system.files import find_files, write_atomically
    from seqbench.tasks.progress import progress

    path = project.results / "report.html" if out is None else Path(out).absolute()
    if path.is_dir():
        raise UsageError(f"--out {out}: it is a folder", "give a file in it")
    if out == "-" and open_:
        raise UsageError("--open shows a file, and --out - writes none", "leave one of them out")
    render.require_libraries()
    named = find_files(session, Path.cwd(), flag="--session")
    with progress() as view:
        view(Phase(text="reading what is stored"))
        material = gather(project.results, named, history=history_path(project), listen=view)
        view(Phase(text="drawing"))
        page = render.render(material.sessions, material.sections, material.unread, listen=view)
    if out == "-":
        print(page, end="")
    else:
        write_atomically(path, page.encode())
        print(f"report: {shown(path)}")
    for each in material.unread:
        complain(project, each.problem, each.fix)
    if open_:
        _open_in_browser(project, path)
    if material.unread:
        raise Exit(code=ExitCode.USAGE)


def _open_in_browser(project: Project, path: Path) -> None:
    import webbrowser

    try:
        is_open = webbrowser.open(path.as_uri())
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        say(project, f"there is no browser here that could be started; the page is {path}")
