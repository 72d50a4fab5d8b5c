import re

import pytest

from studies import comparisons
from studies.comparisons import PAGE, rewritten


def test_every_section_of_the_page_is_found_with_its_command() -> None:
    page = PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert [section["title"] for section in comparisons._SECTION.finditer(page)] == headings
    assert len(headings) >= 5


def test_only_the_blocks_of_wanted_sections_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []

    def printed(words: list[str]) -> str:
        ran.append(words)
        return "new table\n\n"

    monkeypatch.setattr(comparisons, "printed", printed)
    page = "".join(
        f"## {n}\n\n`invoke compare --base {n} --head 'b c'`\n\n```text\nold {n}\n```\n\nmore\n" for n in "xy"
    )

    assert rewritten(page, ["y"]) == page.replace("old y", "new table")
    assert ran == [["compare", "--base", "y", "--head", "b c"]]
