"""Stop on a signal: end every child first, and let a file that is being written be finished."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType

from seqbench.system.child import Child


@dataclass(slots=True)
class _Live:
    """The process groups that are running now, for the signal handler; guarded by `lock`."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    children: set[Child] = field(default_factory=set)
    starting_or_running: int = 0
    shields: int = 0
    stopping: bool = False


live = _Live()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within this context SIGINT, SIGTERM and SIGHUP end every child first and then raise KeyboardInterrupt.

    Python's own handler may raise between the spawn and the line that remembers the child, and never raises in
    the threads that build; this one marks the stop, kills the process groups, and lets `run` raise at a point
    where nothing is left behind. Call it from the main thread.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        live.stopping = True
        kill_all()
        if live.starting_or_running == live.shields == 0:
            raise KeyboardInterrupt

    # What was ignored from the start, as `nohup` ignores SIGHUP, stays ignored.
    stopping = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handled = [number for number in stopping if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        live.stopping = False


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Finish the work of this context before a signal raises KeyboardInterrupt, so that no file is lost to a signal.

    Signals are handled in the main thread, so that the work of other threads needs no shield.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    was_stopping = live.stopping
    live.shields += 1
    try:
        yield
    finally:
        live.shields -= 1
        if live.stopping and not was_stopping and live.shields == 0:
            raise KeyboardInterrupt


def kill_all() -> None:
    """Kill every process group that `run` has not reaped yet."""
    with live.lock:
        for child in live.children:
            child.kill()
