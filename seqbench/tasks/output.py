"""What a task answers with: text for a person and JSON for other programs, each to its own place."""

import shutil
import sys
from pathlib import Path
from typing import TextIO

from seqbench.errors import UsageError
from seqbench.project import Project
from seqbench.system.files import require_writable, write_atomically
from seqbench.tasks.common import say, write

_STANDARD_OUTPUT = "-"


class Answer:
    """Where the answer of a task goes: with `--json -` the JSON alone on standard output, all text on the other."""

    def __init__(self, project: Project, json: str | None, *, wide: bool = False) -> None:
        self._project = project
        self._json = json
        self._text_stream = sys.stderr if json == _STANDARD_OUTPUT else sys.stdout
        self.width = table_width(self._text_stream, wide=wide)
        """The most characters of a line of a table; None where there is no limit."""

    def require_places(self, cache: Path) -> None:
        """Make sure, before hours of work, that there is a place for all that comes of it.

        Raises
        ------
        UsageError
            A folder cannot be written, or `--json` names one.
        """
        folders = [self._project.results, cache]
        if self._json and self._json != _STANDARD_OUTPUT:
            path = Path(self._json).absolute()
            if path.is_dir():
                raise UsageError(f"--json {self._json}: it is a folder", "give a file in it")
            # A pipe or a device is written as it is, and nothing beside it.
            folders += [path.parent] if path.is_file() or not path.exists() else []
        for folder in folders:
            require_writable(folder)

    def text(self, text: str) -> None:
        """Show this to a person."""
        say(self._project, text, self._text_stream)

    def document(self, text: str) -> None:
        """Write this where `--json` says, if it was given."""
        if self._json == _STANDARD_OUTPUT:
            write(text, sys.stdout)
        elif self._json:
            write_atomically(Path(self._json).absolute(), text.encode())


def table_width(stream: TextIO | None, *, wide: bool) -> int | None:
    """Return the width of the terminal that a stream writes to; None where it is none, or `--wide` was given."""
    if wide or stream is None or not stream.isatty():
        return None
    return shutil.get_terminal_size().columns
