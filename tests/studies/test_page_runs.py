import re

import pytest

from studies import page_runs
from studies.page_runs import PROJECT, commands, with_block

_PAGES = {"COMPARISONS": 5, "TIMELINE": 2}


@pytest.mark.parametrize(("name", "least"), _PAGES.items())
def test_every_section_of_the_page_is_found_with_its_command(name: str, least: int) -> None:
    page = (PROJECT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    headings = [title for title in re.findall(r"^## (.+)$", page, re.MULTILINE) if title != "How to read it"]
    assert list(commands(page)) == headings
    assert len(headings) >= least


_PAGE = "".join(
    f"## {n}\n\nA line about {n}.\n\n`invoke compare --base {n} --head 'b c'`\n\n```text\nold {n}\n```\n\nmore\n"
    for n in "xy"
)


def test_only_the_block_of_that_section_is_replaced() -> None:
    assert commands(_PAGE) == {n: f"compare --base {n} --head 'b c'" for n in "xy"}
    assert with_block(_PAGE, "y", "new table\n\n") == _PAGE.replace("old y", "new table")


def test_only_wanted_commands_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path_factory.mktemp("page") / "page.md"
    path.write_text(_PAGE, encoding="utf-8")
    monkeypatch.setattr(page_runs, "printed", lambda words: f"printed by {words}\n")
    monkeypatch.setattr("sys.argv", ["page_runs", str(path), "x"])

    page_runs.main()

    assert path.read_text(encoding="utf-8") == _PAGE.replace("old x", "printed by compare --base x --head 'b c'")
    assert capsys.readouterr().out == "x: invoke compare --base x --head 'b c'\n"
