"""The recorded tables between two marks of the README, so that nobody types a result. Pure."""

import re

from seqbench.errors import UsageError
from seqbench.sessions.latest_run import Record

_BLOCK = re.compile(r"(<!-- begin: LATEST_RUN\.txt -->\n).*?(<!-- end: LATEST_RUN\.txt -->)", re.DOTALL)


def with_tables(readme: str, record: Record) -> str:
    """Return the README's text with the tables of this record in it.

    Raises
    ------
    UsageError
        The marks are missing.
    """
    if not _BLOCK.search(readme):
        raise UsageError("README.md has no marks for the table", "put <!-- begin/end: LATEST_RUN.txt --> back")
    tables = f"{record.table}\n\n{record.costs}"
    when = f"{record.timestamp:%Y-%m-%d}, {record.machine}"
    return _BLOCK.sub(lambda marks: f"{marks[1]}```text\n{tables}\n```\n\n{when}\n{marks[2]}", readme)
