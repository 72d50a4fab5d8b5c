"""Text for people: tables, fenced Markdown, and characters that can be written anywhere. Pure."""

import re
from collections.abc import Sequence

_MARKDOWN = "github"


def table(rows: Sequence[Sequence[str]], header: Sequence[str], style: str) -> str:
    """Lay out a table; a title keeps to its cell whatever it holds."""
    from tabulate import tabulate  # noqa: PLC0415 - `invoke check-fresh` lays out none, and starts at once

    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    if style == _MARKDOWN:
        cells = [[without_tags(cell).replace("|", r"\|") for cell in row] for row in cells]
    return tabulate(cells, header, tablefmt=style, disable_numparse=True)


def without_tags(text: str) -> str:
    """Escape what would begin an HTML tag in Markdown."""
    return text.replace("\\", r"\\").replace("<", r"\<")


def fenced(text: str) -> str:
    """Make a block of code that ends where the text does, whatever that holds."""
    fence = "`" * (2 + max((len(run) for run in re.findall("`+", text)), default=1))
    return f"{fence}text\n{text}\n{fence}"


def writable(text: str) -> str:
    """Escape what no file can hold: the bytes of an environment variable that is not UTF-8."""
    return text.encode(errors="backslashreplace").decode()
