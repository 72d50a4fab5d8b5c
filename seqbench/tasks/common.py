"""Turn errors into messages and exit codes, and print messages, for all tasks.

Every task module imports this one, and Invoke imports every task module before it runs any task. So this module and the
top of a task module import nothing that takes time: a task imports what it needs in its body.
"""

import errno
import functools
import inspect
import io
import os
import sys
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task

from seqbench.errors import ExitCode, SeqbenchError, UsageError, filled
from seqbench.project import Project
from seqbench.suite.names import runtime_names

PROJECT = "seqbench.project"
"""The key of the project in Invoke's configuration."""
ALLOW_UNKNOWN_HELP = "accept settings of a compiler that seqbench does not know, with a warning"
WIDE_HELP = "show tables in full (default: they are folded to fit the terminal, or 100 columns where there is none)"
SUITE_HELP = {
    "suite": "a folder of benchmarks in place of the project's",
    "suite-file": "a file that describes the suite, in place of suite.toml in its folder",
}
"""The flags of every task that reads a suite."""
RUNTIME_LIST = ", ".join(runtime_names())
TARGET_HELP = (
    "compile for baseline, the oldest CPU of this architecture, or for native, the CPU of this machine "
    "(default: baseline, or target-cpu in pyproject.toml)"
)
SEED_HELP = "a number from which the order of programs within each round is drawn (default: random, and stored)"
MARGIN_HELP = "a difference up to this counts as the same (default: 2%, or margin in pyproject.toml)"
_PERMISSIONS = "correct the permissions, or choose a writable place"
_FIXES = {
    errno.ENOENT: "create its folder; if it is a file of the cache, run {invoke} clean, then try again",
    errno.EACCES: _PERMISSIONS,
    errno.EPERM: _PERMISSIONS,
    errno.EROFS: _PERMISSIONS,
    errno.EISDIR: "name a file in this folder",
}
_USUAL_FIX = "free disk space, or choose a writable place"


def guarded(body: Callable[..., None]) -> Callable[..., None]:
    """Return the body of a task wrapped so that it gets its project, and its errors become messages."""

    @functools.wraps(body)
    def guarded(context: Context, **flags: Any) -> None:  # noqa: ANN401 - whatever Invoke passes
        from seqbench.system.process import interruptible

        project = context[PROJECT]
        with errors_reported(project), interruptible():
            body(project, **flags)

    return guarded


@contextmanager
def errors_reported(project: Project) -> Iterator[None]:
    """Turn every error into a message with its fix and an exit code, and flush standard output."""
    _replace_what_cannot_be_encoded()
    try:
        yield
    except SeqbenchError as error:
        sys.exit(report_failure(project, error))
    except KeyboardInterrupt as error:
        report_error(project, f"interrupted; {str(error) or 'all started programs have been stopped'}", "")
        sys.exit(ExitCode.INTERRUPTED)
    except Exit:
        raise
    except BrokenPipeError:
        discard(sys.stdout)
    except OSError as error:
        sys.exit(report_failure(project, error))
    except Exception as error:  # noqa: BLE001 - the last guard before a user
        if _is_shortage(project, error):
            sys.exit(ExitCode.USAGE)
        show_traceback(error)
        what = f"{type(error).__name__}: {error}"
        report_error(project, f"a defect in seqbench: {what}", "set SEQBENCH_TRACEBACK=1 to see where, and report it")
        sys.exit(ExitCode.CHECK_FAILED)
    finally:
        _flush(project)


def _replace_what_cannot_be_encoded() -> None:
    """Print `?` for a character that the terminal's encoding does not have, so that no output ends a task."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def can_show(characters: str) -> bool:
    """Return whether standard output has these characters."""
    try:
        characters.encode((sys.stdout and sys.stdout.encoding) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _flush(project: Project) -> None:
    """Flush standard output here, because Python reports an error on exit only with a warning and status 120."""
    try:
        if sys.stdout is not None:  # None if the process was started without one
            sys.stdout.flush()
    except OSError as error:
        discard(sys.stdout)
        # A reader that closed the pipe, such as `head`, has read enough.
        if not isinstance(error, BrokenPipeError):
            sys.exit(report_failure(project, error))


def discard(stream: TextIO | None) -> None:
    """Discard everything that is still written to a stream."""
    if stream is None:
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _is_shortage(project: Project, error: Exception) -> bool:
    """Report the limit behind an error, if it is a lack of threads or memory; return whether it is."""
    from seqbench.system.limits import shortage

    ceiling = shortage(error)
    if ceiling is not None:
        what = f"{error.filename} cannot be started" if isinstance(error, OSError) and error.filename else str(error)
        report_error(project, f"{what or 'out of memory'}: {ceiling.name} is likely too low", ceiling.fix)
    return ceiling is not None


def report_failure(project: Project, error: SeqbenchError | OSError) -> ExitCode:
    """Print an error with its fix, and return the exit code for it."""
    if isinstance(error, SeqbenchError):
        report_error(project, error.message, error.fix)
        return error.exit_code
    if _is_shortage(project, error):
        return ExitCode.USAGE
    where = f"{error.filename}: " if error.filename else ""
    kind = errno.ENOENT if isinstance(error, FileNotFoundError) else error.errno
    report_error(project, f"{where}{error.strerror or error}", _FIXES.get(kind or 0, _USUAL_FIX))
    return ExitCode.USAGE


def show_traceback(error: Exception) -> None:
    """Print where a defect is, if `SEQBENCH_TRACEBACK` asks for it."""
    if os.environ.get("SEQBENCH_TRACEBACK"):
        write("".join(traceback.format_exception(error)), sys.stderr)


def report_error(project: Project, message: str, fix: str) -> None:
    """Print an error and its fix, if there is one, on standard error."""
    say(project, f"error: {message}" + (f"\n  fix: {fix}" if fix else ""))


def say(project: Project, text: str, stream: TextIO | None = None) -> None:
    """Print a text for people, on standard error by default, with commands as they are typed here."""
    from seqbench.tasks.colour import coloured_message, is_wanted
    from seqbench.text import printable

    stream = stream or sys.stderr
    message = printable(filled(text, project.command))
    write(f"{coloured_message(message) if is_wanted(stream, os.environ) else message}\n", stream)


def write(text: str, stream: TextIO | None) -> None:
    """Write to a stream; if its reader has closed the pipe, as `head` does, discard the rest and continue.

    None is a stream that the process was started without: nothing is written.
    """
    if stream is None:
        return
    try:
        print(text, end="", file=stream)
    except BrokenPipeError:
        discard(stream)


def write_page(page: str) -> None:
    """Write a page to standard output in UTF-8, as its head says, whatever the encoding of the terminal is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(page.encode())
    else:
        write(page, sys.stdout)


def flags_of(other: Task[Any], *, without: Collection[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives the body of a task the flags of another task, except some of them."""

    def declared(body: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(other.body)
        kept = [parameter for key, parameter in signature.parameters.items() if key not in without]
        body.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return body

    return declared


def require_alone(resume: str | None, *others: object) -> None:
    """Refuse other flags with --resume, which reuses the settings of its file.

    Raises
    ------
    UsageError
        Another flag was given.
    """
    if resume and any(others):
        raise UsageError(
            "--resume reuses the settings stored in the file and cannot be combined with other options",
            "remove the other options",
        )


def shown(path: Path) -> str:
    """Return a path relative to the current folder."""
    return os.path.relpath(path)
