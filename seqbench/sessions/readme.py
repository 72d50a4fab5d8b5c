"""Copy the recorded tables into the README, between two marks, and find its picture of them. Pure."""

import re

from seqbench.errors import UsageError
from seqbench.sessions.latest_run import Record
from seqbench.text import fenced

_BLOCK = re.compile(r"(<!-- begin: LATEST_RUN\.txt -->\n).*?(<!-- end: LATEST_RUN\.txt -->)", re.DOTALL)
_PICTURE = re.compile(r"[\"(](?!/)((?:[\w.-]+/)*ratios-(light|dark)\.svg)[\")]")


def with_tables(readme: str, record: Record) -> str:
    """Return the text of the README with the tables of this record between its marks.

    Raises
    ------
    UsageError
        The marks are missing.
    """
    if not _BLOCK.search(readme):
        raise UsageError(
            "README.md has no marks for the tables",
            "add the lines <!-- begin: LATEST_RUN.txt --> and <!-- end: LATEST_RUN.txt -->",
        )
    tables = f"{record.table}\n\n{record.costs}"
    when = f"{record.timestamp:%Y-%m-%d}, {record.machine}"
    return _BLOCK.sub(lambda marks: f"{marks[1]}{fenced(tables)}\n\n{when}\n{marks[2]}", readme)


def picture_path(readme: str, theme: str) -> str:
    """Return the path of `ratios-THEME.svg` that the README shows, relative to it; empty if it shows none.

    Examples
    --------
    >>> picture_path("![ratios](docs/images/ratios-light.svg)", "light")
    'docs/images/ratios-light.svg'
    >>> picture_path("no picture", "light")
    ''
    """
    return next((path for path, found in _PICTURE.findall(readme) if found == theme and ".." not in path), "")
