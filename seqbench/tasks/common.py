"""What all tasks share: the guard that turns errors into text and exit codes, and how things are said.

Every task module imports this one, and Invoke imports every task module before it runs any task. So this module and the
top of a task module import nothing that takes time: a task imports what it needs in its body.
"""

import functools
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from invoke.context import Context
from invoke.exceptions import Exit

from seqbench.errors import ExitCode, SeqbenchError, UsageError, filled
from seqbench.project import Project

PROJECT = "seqbench.project"
"""Where in Invoke's configuration the project is that the tasks work for."""
WIDE_HELP = "show all columns of tables that are wider than the terminal"


def guarded(body: Callable[..., None]) -> Callable[..., None]:
    """Give the body of a task its project, and let no traceback of it reach a user."""

    @functools.wraps(body)
    def guarded(context: Context, **flags: Any) -> None:  # noqa: ANN401 - whatever Invoke passes
        from seqbench.system.process import interruptible

        project = context[PROJECT]
        with errors_told(project), interruptible():
            body(project, **flags)

    return guarded


@contextmanager
def errors_told(project: Project) -> Iterator[None]:
    """Turn every error into a message with its mend and an exit code, and write out what is still held back."""
    try:
        yield
    except SeqbenchError as error:
        complain(project, error.message, error.remedy)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        complain(project, "interrupted; every program that was started is gone", "")
        sys.exit(ExitCode.INTERRUPTED)
    except Exit:
        raise
    except BrokenPipeError:
        discard(sys.stdout)
    except OSError as error:
        _complain_of_file(project, error)
        sys.exit(ExitCode.USAGE)
    except Exception as error:  # noqa: BLE001 - the last guard before a user
        if os.environ.get("SEQBENCH_TRACEBACK"):
            traceback.print_exc()
        what = f"{type(error).__name__}: {error}"
        complain(project, f"a defect in seqbench itself: {what}", "SEQBENCH_TRACEBACK=1 shows where; please report it")
        sys.exit(ExitCode.CHECK_FAILED)
    finally:
        _flush(project)


def _flush(project: Project) -> None:
    """Write out what is still held back: where that fails only when Python ends, it warns and exits with 120."""
    try:
        if sys.stdout is not None:  # nor was it given one
            sys.stdout.flush()
    except OSError as error:
        discard(sys.stdout)
        # A reader that goes away, such as `head`, has read what it wanted.
        if not isinstance(error, BrokenPipeError):
            _complain_of_file(project, error)
            sys.exit(ExitCode.USAGE)


def discard(stream: TextIO) -> None:
    """Let all that is still written to a stream go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _complain_of_file(project: Project, error: OSError) -> None:
    where = f"{error.filename}: " if error.filename else ""
    is_lost = isinstance(error, FileNotFoundError)
    mend = "{invoke} clean, then try again" if is_lost else "free the disk, or choose a place that can be written"
    complain(project, f"{where}{error.strerror or error}", mend)


def complain(project: Project, message: str, remedy: str) -> None:
    """Say on standard error what is wrong, and what mends it."""
    say(project, f"error: {message}" + (f"\n  mend: {remedy}" if remedy else ""))


def say(project: Project, text: str, stream: TextIO | None = None) -> None:
    """Show this to a person, on standard error unless told otherwise, with commands as they are typed here."""
    write(f"{filled(text, project.command)}\n", stream or sys.stderr)


def write(text: str, stream: TextIO) -> None:
    """Write to a stream; a reader who goes away, such as `head`, has read what it wanted, and the work goes on."""
    try:
        print(text, end="", file=stream)
    except BrokenPipeError:
        discard(stream)


def require_alone(resume: str | None, *others: object) -> None:
    """Refuse flags beside --resume, which goes on as its file was begun.

    Raises
    ------
    UsageError : another flag was given.
    """
    if resume and any(others):
        raise UsageError("--resume goes on at the settings of its file, and others were given", "leave those out")


def shown(path: Path) -> str:
    """Give a path as it is typed from here."""
    return os.path.relpath(path)
