"""Looks whether a running program handles SIGQUIT, as one does that then tells of its strands."""

import signal
from functools import partial
from pathlib import Path

from seqbench.system import process
from seqbench.system.facts import Command

_PROC = Path("/proc")
# proc_pid_status(5): the mask, in hexadecimal, of the signals that the process has handlers for.
_CAUGHT = "SigCgt:"


def handles_quit(command: Command, proc: Path = _PROC) -> bool | None:
    """Start a program and say whether it handles SIGQUIT at any time in its run; None where that cannot be seen.

    Raises
    ------
    KeyboardInterrupt
        It was stopped by a signal.
    """
    if not (proc / "self" / "status").exists():
        return None
    try:
        return process.peek(command, partial(_look, proc=proc)) is not None
    except OSError:
        return None


def catches_quit(status: str) -> bool:
    """Find it in the text of /proc/PID/status; a text without the mask tells of no handler."""
    masks = [line.removeprefix(_CAUGHT) for line in status.splitlines() if line.startswith(_CAUGHT)]
    return any(int(mask, 16) & 1 << (signal.SIGQUIT - 1) for mask in masks)


def _look(pid: int, *, proc: Path) -> bool | None:
    try:
        status = (proc / str(pid) / "status").read_text()
    except OSError:
        # It has just ended.
        return None
    return catches_quit(status) or None
