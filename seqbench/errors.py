"""The errors that a user may see, each with its exit code and the command that mends it."""

import difflib
from enum import IntEnum

INVOKE = "{invoke}"
"""Stands in messages for what a user types before the name of a task; whoever shows a message fills it in."""


def filled(message: str, command: str = "invoke") -> str:
    """Return a message with its commands as they are typed: `seqbench bench` for `{invoke} bench`."""
    return message.replace(INVOKE, command)


class ExitCode(IntEnum):
    """What the tasks exit with."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    TOOLCHAIN = 3
    BENCHMARK_FAILED = 4
    INCONCLUSIVE = 5
    INTERRUPTED = 130


class SeqbenchError(Exception):
    """Something that seqbench cannot go on from; `remedy` is what to do about it.

    Parameters
    ----------
    message : what is wrong and where, with what was wanted and what was found.
    remedy : the command or change that mends it, with `{invoke}` before the name of a task (see `filled`); empty where
        there is none.
    """

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class CheckError(SeqbenchError):
    """A check says no: a stale record, a lint finding."""

    exit_code = ExitCode.CHECK_FAILED


class UsageError(SeqbenchError):
    """A flag, a configuration file or a manifest does not make sense, or a file cannot be written."""

    exit_code = ExitCode.USAGE


class ToolchainError(SeqbenchError):
    """A compiler or tool is missing, too old, or cannot be built."""

    exit_code = ExitCode.TOOLCHAIN


class InconclusiveError(SeqbenchError):
    """A question was asked that the measurements do not answer."""

    exit_code = ExitCode.INCONCLUSIVE


def require_known(name: str, known: tuple[str, ...], kind: str, flag: str) -> None:
    """Raise a UsageError that names what there is, and what is near, where a flag names something else."""
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
    raise UsageError(f"{flag} {name}: no {kind} of that name; {hint}", f"use one of: {', '.join(known)}")
