"""Look at a running program until there is something to see, and end it."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

from seqbench.system.facts import Command

_Seen = TypeVar("_Seen")

_PAUSE_S = 0.001


def peek(command: Command, look: Callable[[int], _Seen | None]) -> _Seen | None:
    """Start `command` and return what `look` finds in it, or None if it ends or its time is over before.

    `look` gets the number of the process about once a millisecond. In the end the whole process group is killed.

    Raises
    ------
    OSError
        It could not be started.
    """
    with subprocess.Popen(
        command.argv,
        cwd=command.directory,
        env=dict(command.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    ) as program:
        try:
            deadline = time.monotonic() + command.timeout_s
            while program.poll() is None and time.monotonic() < deadline:
                if (seen := look(program.pid)) is not None:
                    return seen
                time.sleep(_PAUSE_S)
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
