"""Format text: tables, fenced Markdown, and escapes. Pure."""

import re
import textwrap
import unicodedata
from collections.abc import Sequence

SIMPLE, MARKDOWN = "simple", "github"
"""The styles of `table` for a terminal and for Markdown."""
PAGE_WIDTH = 100
"""The longest line of a table that is not written to a terminal."""
Cell = str | tuple[str, ...]
"""The text of a cell, or its lines. Spaces at the start of a line indent it."""
# The fewest characters to which the first column is folded, and another one.
_LEAST_FIRST, _LEAST_OTHER = 16, 24
# What is longer and ends as a figure with its interval is none.
_LONGEST_FIGURE = 30
# It joins the parts of one emoji.
_JOINER = "\u200d"


def table(
    rows: Sequence[Sequence[Cell]],
    header: Sequence[str],
    style: str,
    *,
    width: int | None = None,
    texts: Sequence[str] = (),
    least_important: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> str:
    """Format a table in one of tabulate's styles. Line breaks in a text become spaces.

    A table in the style SIMPLE that is too wide gets titles of two lines, then the first column and `texts` get several
    lines. Only if that is not enough are columns dropped.

    Parameters
    ----------
    width : the longest line, in characters; None for no limit.
    texts : the columns that have sentences, which are folded too.
    least_important : the columns to drop until the table fits, in this order.
    left_out : what the caller has dropped already. A line below the table names it with the dropped columns.

    Examples
    --------
    >>> rows, header = [["skynet", "44.3 s", "7"]], ["Program", "Time", "Page faults"]
    >>> print(table(rows, header, SIMPLE))
    Program    Time    Page faults
    ---------  ------  -------------
    skynet     44.3 s  7
    >>> print(table(rows, header, SIMPLE, width=26))
    Program  Time    Page
                     faults
    -------  ------  ------
    skynet   44.3 s  7
    >>> print(table(rows, header, SIMPLE, width=20, least_important=["Page faults"]))
    Program    Time
    ---------  ------
    skynet     44.3 s
    (too narrow for: Page faults; --wide shows all)
    """
    cells = [[_joined(cell, style) for cell in row] for row in rows]
    dropped, titles = list(left_out), list(header)
    text = _folded(cells, titles, style, width, texts)
    for title in (each for each in least_important if each in header):
        if fits(text, width):
            break
        place = titles.index(title)
        dropped.append(titles.pop(place))
        cells = [[cell for index, cell in enumerate(row) if index != place] for row in cells]
        text = _folded(cells, titles, style, width, texts)
    return f"{text}\n(too narrow for: {', '.join(dropped)}; --wide shows all)" if dropped else text


def _joined(cell: Cell, style: str) -> str:
    lines = (cell,) if isinstance(cell, str) else cell
    clean = [(" " * (len(line) - len(line.lstrip(" "))) + " ".join(line.split())).rstrip() for line in lines]
    if style == MARKDOWN:
        return " ".join(without_tags(line.strip()).replace("|", r"\|") for line in clean)
    return ("\n" if style == SIMPLE else " ").join(clean)


def _folded(
    cells: Sequence[Sequence[str]], header: Sequence[str], style: str, width: int | None, texts: Sequence[str]
) -> str:
    """Lay out a table; one that is too wide gets narrower columns, titles of two lines, and folded columns."""
    text = _laid_out(cells, header, style)
    if style != SIMPLE or fits(text, width) or width is None:
        return text
    text = _tight(cells, header)
    if fits(text, width):
        return text
    columns = [[row[place] for row in cells if place < len(row)] for place in range(len(header))]
    titles = [_narrow_title(title, _longest(column)) for title, column in zip(header, columns, strict=True)]
    text = _tight(cells, titles)
    widths = [_longest([cell for cell in column if _may_fold(cell, place)]) for place, column in enumerate(columns)]
    foldable = [place for place, title in enumerate(header) if not place or title in texts]
    while (excess := max(map(len, text.splitlines())) - width) > 0:
        long = [place for place in foldable if widths[place] > _least(place)]
        if not long:
            return text
        widest = max(long, key=widths.__getitem__)
        widths[widest] = max(_least(widest), widths[widest] - excess)
        text = _tight([_wrapped_row(row, widths) for row in cells], titles)
    return text


def _longest(cells: Sequence[str]) -> int:
    return max((len(line) for cell in cells for line in cell.splitlines()), default=0)


def _least(place: int) -> int:
    """Return the fewest characters to which a column is folded."""
    return _LEAST_OTHER if place else _LEAST_FIRST


def _may_fold(cell: str, place: int) -> bool:
    """Return whether a cell may get several lines: a figure with its interval stays on one."""
    return not place or not cell.endswith("]") or len(cell) > _LONGEST_FIGURE


def _wrapped_row(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [_wrapped(cell, widths[place]) if _may_fold(cell, place) else cell for place, cell in enumerate(row)]


def _wrapped(text: str, width: int) -> str:
    return "\n".join(part for line in text.splitlines() for part in _parts(line, width))


def _parts(line: str, width: int) -> list[str]:
    return [line] if len(line) <= width else textwrap.wrap(line, width, break_on_hyphens=False)


def _laid_out(cells: Sequence[Sequence[str]], header: Sequence[str], style: str) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - `invoke check-fresh` needs no table and should start fast

    return tabulate(cells, header, tablefmt=style, disable_numparse=True, preserve_whitespace=True)


def _tight(cells: Sequence[Sequence[str]], titles: Sequence[str]) -> str:
    """Lay out a table with the titles as its first row, because tabulate makes columns wider than their titles."""
    from tabulate import SEPARATING_LINE  # noqa: PLC0415 - as above

    # Without a header there are rules above and below.
    return "\n".join(_laid_out([titles, SEPARATING_LINE, *cells], (), SIMPLE).splitlines()[1:-1])


def _narrow_title(title: str, width: int) -> str:
    """Break a title that is wider than its column: in two lines, or in more where it names a path or the like."""
    return title if len(title) <= width else _wrapped(_in_two_lines(title), max(width, _LEAST_OTHER))


def _in_two_lines(title: str) -> str:
    """Break a title at the space that is nearest to its middle."""
    spaces = [index for index, character in enumerate(title) if character == " "]
    if not spaces:
        return title
    middle = min(spaces, key=lambda index: abs(2 * index + 1 - len(title)))
    return f"{title[:middle]}\n{title[middle + 1 :]}"


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
