"""Find the commands in the pages of the documentation, and whether the tests run them."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.world import REPOSITORY

RUN = "run"
_BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```sh\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBlock:
    """Commands of a page that a reader may paste; `mark` is `run`, `not run: REASON`, or empty."""

    line: int
    mark: str
    text: str


def command_blocks(page: Path) -> list[CommandBlock]:
    text = page.read_text(encoding="utf-8")
    return [
        CommandBlock(line=text.count("\n", 0, found.start("text")), mark=found["mark"] or "", text=found["text"])
        for found in _BLOCK.finditer(text)
    ]


def pages_with_commands() -> list[Path]:
    """Return all pages for users: README, the guides, and the pages of docs/."""
    pages = [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md"), *(REPOSITORY / "docs/guides").glob("*.md")]
    return sorted(page for page in pages if command_blocks(page))
