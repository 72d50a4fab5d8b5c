"""Write the results of a task: text for people and JSON for other programs."""

import shutil
import sys
from pathlib import Path
from typing import TextIO

from seqbench.errors import UsageError
from seqbench.project import Project
from seqbench.system.files import require_writable, write_atomically
from seqbench.tasks.common import say, write

_STANDARD_OUTPUT = "-"


class TaskOutput:
    """The streams and files of a task; with `--json -` only JSON goes to standard output, text to standard error."""

    def __init__(self, project: Project, json: str | None, *, wide: bool = False) -> None:
        self._project = project
        self._json = json
        self._text_stream = sys.stderr if json == _STANDARD_OUTPUT else sys.stdout
        self.width = table_width(self._text_stream, wide=wide)
        """The most characters in a line of a table; None for no limit."""

    def require_places(self, cache: Path) -> None:
        """Check before measuring that the results can be written.

        Raises
        ------
        UsageError
            A folder is not writable, or `--json` names a folder.
        """
        folders = [self._project.results, cache]
        if self._json and self._json != _STANDARD_OUTPUT:
            path = Path(self._json).absolute()
            if path.is_dir():
                raise UsageError(f"--json {self._json}: it is a folder, expected a file", "give a file in it")
            # A pipe or a device needs no temporary file beside it.
            folders += [path.parent] if path.is_file() or not path.exists() else []
        for folder in folders:
            require_writable(folder)

    def text(self, text: str) -> None:
        """Print a text for people."""
        say(self._project, text, self._text_stream)

    def document(self, text: str) -> None:
        """Write a JSON document to the place that `--json` names, if it was given."""
        if self._json == _STANDARD_OUTPUT:
            write(text, sys.stdout)
        elif self._json:
            write_atomically(Path(self._json).absolute(), text.encode())


def table_width(stream: TextIO | None, *, wide: bool) -> int | None:
    """Return the width of the terminal that a stream writes to; None if it is no terminal, or with `--wide`."""
    if wide or stream is None or not stream.isatty():
        return None
    return shutil.get_terminal_size().columns
