"""`report`: write one HTML page with all results."""

from pathlib import Path

from invoke.exceptions import Exit
from invoke.tasks import task

from seqbench.errors import ExitCode, UsageError
from seqbench.project import Project
from seqbench.tasks.common import guarded, report_error, say, shown, write_page


@task(
    name="report",
    iterable=["session"],
    help={
        "open": "show it in the browser",
        "session": "sessions to report: a file, a folder, or a pattern in quotes: 'results/*.json'; may be repeated "
        "(default: the latest session in results/)",
        "out": "the file to write (default: results/report.html); - writes to standard output",
    },
)
@guarded
def write_report(project: Project, session: list[str], open_: bool = False, out: str | None = None) -> None:
    """Write one HTML page with all results."""
    from seqbench.events import Phase
    from seqbench.flags import history_path
    from seqbench.paths import user_path
    from seqbench.publish.html import render
    from seqbench.publish.html.contents import gather
    from seqbench.system.files import find_files, write_atomically
    from seqbench.tasks.progress import progress

    path = project.results / "report.html" if out is None else user_path(out).absolute()
    if path.is_dir():
        raise UsageError(f"--out {out}: it is a folder, expected a file", "give a file in it")
    if out == "-" and open_:
        raise UsageError("--open cannot be combined with --out -, which writes no file", "remove one of them")
    named = find_files(session, Path.cwd(), flag="--session")
    with progress() as view:
        view(Phase(text="reading the results"))
        material = gather(project.results, named, history=history_path(project), listen=view)
        view(Phase(text="drawing"))
        page = render.render(material.sessions, material.sections, material.unread, material.trends, listen=view)
    if out == "-":
        write_page(page)
    else:
        write_atomically(path, page.encode())
        print(f"report: {shown(path)}")
    for each in material.unread:
        report_error(project, each.problem, each.fix)
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
        say(project, f"no browser could be started; the page is {path}")
