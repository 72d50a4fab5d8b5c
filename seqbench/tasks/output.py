"""Write the results of a task: text for people and JSON for other programs."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from invoke.exceptions import Exit

from seqbench.errors import ExitCode, SeqbenchError, UsageError, filled
from seqbench.paths import user_path
from seqbench.project import Project
from seqbench.sessions.result_file import ResultFile
from seqbench.system.files import (
    open_descriptor,
    require_writable,
    require_writable_file,
    write_atomically,
)
from seqbench.tasks.colour import coloured, is_wanted
from seqbench.tasks.common import discard, report_failure, say, shown, write
from seqbench.text import PAGE_WIDTH, printable

_STANDARD_OUTPUT = "-"
_STDOUT_DESCRIPTOR = 1


class TaskOutput:
    """The streams and files of a task; with `--json -` only JSON goes to standard output, text to standard error.

    What was measured is kept first, and shown afterwards. A file that cannot be written is reported and costs nothing
    else; `end` sets the exit code.
    """

    def __init__(self, project: Project, json: str | None, *, wide: bool = False) -> None:
        self._project = project
        self._flag = json
        self._json = None if json in (None, _STANDARD_OUTPUT) else user_path(str(json)).absolute()
        self._json_is_stdout = json == _STANDARD_OUTPUT or (
            self._json is not None and open_descriptor(self._json) == _STDOUT_DESCRIPTOR
        )
        self._text_stream = sys.stderr if self._json_is_stdout else sys.stdout
        self._failure = ExitCode.OK
        self.kept_at: Path | None = None
        """The file in results/ that was written last; None before that."""
        self.width = table_width(self._text_stream, wide=wide)
        """The most characters in a line of a table, as on a page where there is no terminal; None for no limit."""
        self._is_coloured = is_wanted(self._text_stream, os.environ)

    def require_places(self, cache: Path) -> None:
        """Check before measuring that the results can be written.

        Raises
        ------
        UsageError
            A folder is not writable, or `--json` names a folder.
        """
        for folder in (self._project.results, cache):
            require_writable(folder)
        if self._json is None or self._json_is_stdout:
            return
        if self._json.is_dir():
            raise UsageError(f"--json {self._flag}: it is a folder, expected a file", "give a file in it")
        require_writable_file(self._json)

    def result_file(self, stem: str, *, resumed: Path | None = None) -> ResultFile:
        """Return the file in results/ for what this task measures."""
        return ResultFile(self._project.results, stem, resumed=resumed)

    def kept(self, file: ResultFile) -> None:
        """Print where the results are kept, or why they are not."""
        self.require_kept(file)
        if file.problem is None and file.path is not None:
            self.kept_at = file.path
            say(self._project, f"kept in {shown(file.path)}\n")

    def require_kept(self, file: ResultFile) -> None:
        """Report that the results could not be written, if so."""
        if file.problem is not None:
            self._fail(file.problem)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Report an error of this step, and continue with the next one."""
        try:
            yield
        except (SeqbenchError, OSError) as error:
            self._fail(error)

    def text(self, text: str) -> None:
        """Print a text for people."""
        shown_text = printable(filled(text, self._project.command))
        self._print(f"{coloured(shown_text) if self._is_coloured else shown_text}\n", self._text_stream)

    def document(self, text: str) -> None:
        """Write a JSON document to the place that `--json` names, if it was given."""
        if self._json_is_stdout:
            self._print(text, sys.stdout)
        elif self._json is not None:
            with self.attempt():
                write_atomically(self._json, text.encode())

    def end(self, code: ExitCode = ExitCode.OK) -> None:
        """End the task with its exit code, or with that of a file that could not be written.

        Raises
        ------
        Exit
            The exit code is not 0.
        """
        if self._failure and code in (ExitCode.OK, ExitCode.INCONCLUSIVE):
            code = self._failure
        if code:
            raise Exit(code=code)

    def _fail(self, error: SeqbenchError | OSError) -> None:
        # A reader that closed its pipe has read enough.
        if not isinstance(error, BrokenPipeError):
            self._failure = report_failure(self._project, error)

    def _print(self, text: str, stream: TextIO | None) -> None:
        """Print to a stream at once; when that fails, nothing more is printed to it."""
        if stream is None:  # the process was started without one
            return
        try:
            write(text, stream)
            stream.flush()
        except OSError as error:
            discard(stream)
            self._fail(error)


def table_width(stream: TextIO | None, *, wide: bool) -> int | None:
    """Return the width of the terminal that a stream writes to, or of a page; None with `--wide`."""
    if wide:
        return None
    return shutil.get_terminal_size().columns if stream is not None and stream.isatty() else PAGE_WIDTH
