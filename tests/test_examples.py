"""Every example in the pages and docstrings does what it says."""

import doctest
import importlib
import re
import shutil
from pathlib import Path

import pytest

from tests.support.world import REPOSITORY

_FENCED = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PAGES = [
    page.relative_to(REPOSITORY)
    for page in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")))
    if _FENCED.search(page.read_text(encoding="utf-8"))
]
_MODULES = [
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    for path in sorted((REPOSITORY / "seqbench").rglob("*.py"))
    if ">>> " in path.read_text()
]


def _examples(page: str) -> str:
    """Return the examples of a page, each on its own line of it."""
    kept = [""] * len(page.splitlines())
    for block in _FENCED.finditer(page):
        first = page.count("\n", 0, block.start(1))
        lines = block[1].splitlines()
        kept[first : first + len(lines)] = lines
    return "\n".join(kept) + "\n"


def _failed(test: doctest.DocTest) -> tuple[int, int]:
    """Run the examples; what went wrong is printed."""
    return doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.REPORT_NDIFF).run(test)


@pytest.mark.parametrize("page", _PAGES, ids=str)
def test_the_examples_of_a_page_give_what_stands_below_them(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(REPOSITORY / "docs", tmp_path / "docs")
    shutil.copy(REPOSITORY / "CHANGELOG.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    examples = _examples((REPOSITORY / page).read_text(encoding="utf-8"))
    failed, tried = _failed(doctest.DocTestParser().get_doctest(examples, {}, str(page), str(page), 0))
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize("module", _MODULES)
def test_the_examples_of_a_module_give_what_stands_below_them(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert (failed, tried > 0) == (0, True)


def test_an_example_that_gives_something_else_is_found_with_its_line() -> None:
    page = "# Title\n\n```pycon\n>>> 1 + 1\n2\n```\n\ntext\n\n```pycon\n>>> 1 + 1\n3\n```\n"
    test = doctest.DocTestParser().get_doctest(_examples(page), {}, "page", "page", 0)
    assert [example.lineno for example in test.examples] == [3, 10]
    assert doctest.DocTestRunner(verbose=False).run(test, out=lambda _text: None) == (1, 2)
