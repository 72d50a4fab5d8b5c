"""Format text: tables, fenced Markdown, and escapes. Pure."""

import re
import unicodedata
from collections.abc import Sequence

SIMPLE, MARKDOWN = "simple", "github"
"""The styles of `table` for a terminal and for Markdown."""
# It joins the parts of one emoji.
_JOINER = "\u200d"


def table(
    rows: Sequence[Sequence[str]],
    header: Sequence[str],
    style: str,
    *,
    width: int | None = None,
    least_important: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> str:
    """Format a table in one of tabulate's styles. Line breaks in a cell become spaces.

    Parameters
    ----------
    width : the longest line, in characters; None for no limit.
    least_important : the columns to drop until the table fits, in this order.
    left_out : what the caller has dropped already. A line below the table names it with the dropped columns.

    Examples
    --------
    >>> print(table([["skynet", "44.3 s", "7"]], ["Program", "Time", "Faults"], "plain"))
    Program    Time    Faults
    skynet     44.3 s  7
    >>> print(table([["skynet", "44.3 s", "7"]], ["Program", "Time", "Faults"], "plain", width=20,
    ...             least_important=["Faults"]))
    Program    Time
    skynet     44.3 s
    (too narrow for: Faults; --wide shows all)
    """
    from tabulate import tabulate  # noqa: PLC0415 - `invoke check-fresh` needs no table and should start fast

    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    if style == MARKDOWN:
        cells = [[without_tags(cell).replace("|", r"\|") for cell in row] for row in cells]
    text = tabulate(cells, header, tablefmt=style, disable_numparse=True)
    if least_important and not fits(text, width):
        first, *others = least_important
        kept = [index for index, title in enumerate(header) if title != first]
        return table(
            [[row[index] for index in kept if index < len(row)] for row in rows],
            [header[index] for index in kept],
            style,
            width=width,
            least_important=others,
            left_out=[*left_out, first] if first in header else left_out,
        )
    return f"{text}\n(too narrow for: {', '.join(left_out)}; --wide shows all)" if left_out else text


def fits(text: str, width: int | None) -> bool:
    """Return whether every line of a text is at most `width` characters long; None is no limit."""
    return width is None or max(map(len, text.splitlines()), default=0) <= width


def without_tags(text: str) -> str:
    """Escape characters that would start an HTML tag in Markdown."""
    return text.replace("\\", r"\\").replace("<", r"\<")


def fenced(text: str) -> str:
    """Build a Markdown code block, with a fence longer than any backticks in the text."""
    fence = "`" * (2 + max((len(run) for run in re.findall("`+", text)), default=1))
    return f"{fence}text\n{text}\n{fence}"


def writable(text: str) -> str:
    """Escape bytes that cannot be encoded as UTF-8, such as those of some environment variables."""
    return text.encode(errors="backslashreplace").decode()


def printable(text: str) -> str:
    r"""Return a text with invisible characters written out, such as `\x00` or `\u202e`; line ends and tabs stay."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        character
        if character in "\n\t" or character == _JOINER or not unicodedata.category(character).startswith("C")
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text.replace("\r\n", "\n")
    )
