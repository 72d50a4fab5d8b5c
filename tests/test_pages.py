"""The pages of the documentation say which of their commands the tests run, and match the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from seqbench.project import Project
from seqbench.tasks import namespace_of
from seqbench.tasks.usage import FIRST_TASKS
from tests.support.pages import RUN, command_blocks, pages_with_commands
from tests.support.world import REPOSITORY

_PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
_GUIDES = sorted((REPOSITORY / "docs" / "guides").glob("*.md"))
# A call of a task in the text of a page or in a block of commands.
_CALL = re.compile(r"(?:invoke|seqbench) (?!-)([a-z][a-z-]+)((?: [^`\n|]*)?)")


@pytest.mark.parametrize("page", pages_with_commands(), ids=lambda page: page.stem)
def test_every_command_block_is_run_by_a_test_or_says_why_not(page: Path) -> None:
    wrong = [
        f"{page.name}:{block.line}"
        for block in command_blocks(page)
        if block.mark != RUN and not re.fullmatch(r"not run: .{10,}", block.mark)
    ]
    assert wrong == []


def test_readme_fits_a_reader_of_ten_minutes() -> None:
    assert len((REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_tasks_page_is_made_from_the_code() -> None:
    written = (REPOSITORY / "docs" / "TASKS.md").read_text(encoding="utf-8")
    # Invoke forgets the help of a flag when it has parsed a task, as other tests in this process may have done.
    code = "from studies import tasks_page; print(tasks_page.page(), end='')"
    made = subprocess.run((sys.executable, "-c", code), cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert written == made.stdout, "run nox -s pages"


def test_readme_shows_the_first_tasks_with_an_example_each() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## The tasks that matter")[2].partition("\n## ")[0]
    assert set(FIRST_TASKS) <= set(re.findall(r"\| `invoke ([a-z-]+)", table))


@pytest.mark.parametrize("page", pages_with_commands(), ids=lambda page: page.stem)
def test_every_flag_of_a_command_exists(page: Path) -> None:
    namespace = namespace_of(Project(root=REPOSITORY))
    unknown = []
    for task, rest in _CALL.findall(page.read_text(encoding="utf-8")):
        if task not in namespace.task_names:
            continue
        flags = {f"--{name.replace('_', '-')}" for each in namespace[task].get_arguments() for name in each.names}
        unknown += [
            f"{task} {flag}" for flag in re.findall(r"(?<= )--[a-z-]+", rest.partition(" #")[0]) if flag not in flags
        ]
    assert unknown == []


@pytest.mark.parametrize("page", [*_PAGES, *_GUIDES], ids=lambda page: page.stem)
def test_page_begins_with_what_one_wants(page: Path) -> None:
    title, _, first, *_ = page.read_text(encoding="utf-8").splitlines()
    assert title.startswith("# ")
    assert re.fullmatch(r"You (?:want|have|know|changed) .+\.|[A-Z].+\?", first)


def test_glossary_is_sorted() -> None:
    page = (REPOSITORY / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\| (?!term|---)([^|]+?) \|", page, re.MULTILINE)
    assert terms == sorted(terms, key=str.lower)
    assert len(terms) > 30
