"""Write docs/TASKS.md from the tasks and their help texts: run `nox -s pages`."""

from pathlib import Path

from invoke.collection import Collection
from invoke.parser.argument import Argument

from seqbench.project import Project
from seqbench.tasks import namespace_of
from seqbench.tasks.usage import FIRST_TASKS

_PAGE = Path(__file__).resolve().parents[1] / "docs" / "TASKS.md"
_INTRODUCTION = """# Tasks

You want to know what a task does, and which flags it has.
This page is made from the code by `nox -s pages`.
In a clone, call a task with `invoke NAME`; elsewhere, `seqbench NAME` is the same.
`invoke --help NAME` shows the same texts in the terminal.
Each benchmark also has a task of its own with the flags of `bench`, such as `invoke bench-skynet`.
[Configuration](CONFIGURATION.md) has SPECs, keys of pyproject.toml and exit codes.
"""


def page() -> str:
    """Return the text of the page."""
    # The tasks of the benchmarks depend on the project, so this folder, which has no suite, has none of them.
    namespace = namespace_of(Project(root=_PAGE.parent))
    names = sorted(name for name in namespace.task_names if not name.startswith("bench-"))
    first = [_section(namespace, name) for name in FIRST_TASKS]
    others = [_section(namespace, name) for name in names if name not in FIRST_TASKS]
    return "\n".join((_INTRODUCTION, *first, *others))


def _section(namespace: Collection, name: str) -> str:
    task = namespace[name]
    text = " ".join((task.__doc__ or "").partition("\n\n")[0].split())
    rows = [f"| `{_flag(each)}` | {_cell(each.help or '')} |" for each in task.get_arguments()]
    table = ["", "| flag | meaning |", "|---|---|", *rows] if rows else []
    return "\n".join((f"## {name}", "", text, *table, ""))


def _flag(argument: Argument) -> str:
    # Invoke counts a flag that may be repeated as positional, but takes no value for it without its name.
    name = str(argument.name).strip("_").replace("_", "-")
    if argument.positional and argument.kind is not list:
        return name.upper()
    return f"--{name}" if argument.kind is bool else f"--{name} {name.upper()}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    _PAGE.write_text(page(), encoding="utf-8")
