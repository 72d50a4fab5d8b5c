"""Define the errors that a user may see, each with an exit code and a fix."""

import difflib
from enum import IntEnum

INVOKE = "{invoke}"
"""The placeholder in messages for the command that runs a task; `filled` replaces it when the message is shown."""


def filled(message: str, command: str = "invoke") -> str:
    """Return a message with the placeholder replaced by the command: `seqbench bench` for `{invoke} bench`."""
    return message.replace(INVOKE, command)


class ExitCode(IntEnum):
    """The exit codes of the tasks."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    TOOLCHAIN = 3
    BENCHMARK_FAILED = 4
    INCONCLUSIVE = 5
    INTERRUPTED = 130


class SeqbenchError(Exception):
    """An error that stops a task, with the action that fixes it.

    Parameters
    ----------
    message : what is wrong and where, with the value in question and what was expected.
    fix : the command or action that fixes it, with `{invoke}` before the name of a task (see `filled`).
        Empty when there is none.
    """

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class CheckError(SeqbenchError):
    """A check failed, such as a stale record or a lint problem."""

    exit_code = ExitCode.CHECK_FAILED


class UsageError(SeqbenchError):
    """A flag, a configuration file or a manifest is invalid, or a file cannot be written."""

    exit_code = ExitCode.USAGE


class BudgetError(UsageError):
    """The budget does not hold a single round."""


class ToolchainError(SeqbenchError):
    """A compiler or tool is missing, too old, or cannot be built."""

    exit_code = ExitCode.TOOLCHAIN


class InconclusiveError(SeqbenchError):
    """The measurements do not answer the question."""

    exit_code = ExitCode.INCONCLUSIVE


def require_known(name: str, known: tuple[str, ...], kind: str, flag: str) -> None:
    """Raise a UsageError with similar and available names when `name` is not one of `known`."""
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    available = ", ".join(known)
    fix = f"did you mean {' or '.join(map(repr, near))}? Available: {available}" if near else f"use one of: {available}"
    raise UsageError(f"{flag}: no {kind} named {name!r}", fix)
