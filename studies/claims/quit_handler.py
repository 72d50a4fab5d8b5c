"""Check whether a running program handles SIGQUIT, on which Seq's diagnostics print the strands."""

import signal
from functools import partial
from pathlib import Path

from seqbench.system.facts import Command
from studies.claims.peek import peek

_PROC = Path("/proc")
# proc_pid_status(5): the hexadecimal mask of the signals that the process handles.
_CAUGHT = "SigCgt:"


def handles_quit(command: Command, proc: Path = _PROC) -> bool | None:
    """Start a program and return whether it handles SIGQUIT at any time of its run; None if the system hides it.

    Raises
    ------
    KeyboardInterrupt
        A signal stopped the command.
    """
    if not (proc / "self" / "status").exists():
        return None
    try:
        return peek(command, partial(_look, proc=proc)) is not None
    except OSError:
        return None


def catches_quit(status: str) -> bool:
    """Return whether the text of /proc/PID/status shows a handler of SIGQUIT; False without a mask."""
    masks = [line.removeprefix(_CAUGHT) for line in status.splitlines() if line.startswith(_CAUGHT)]
    return any(int(mask, 16) & 1 << (signal.SIGQUIT - 1) for mask in masks)


def _look(pid: int, *, proc: Path) -> bool | None:
    try:
        status = (proc / str(pid) / "status").read_text()
    except OSError:
        # The process has just ended.
        return None
    return catches_quit(status) or None
