"""Run processes: always an argument tuple, always a process group of its own, always reaped.

`child` has the two ways of starting one. The output of a child is read here now and then, so that reading does not
take a core from a program that is measured.
"""

import contextlib
import os
import re
import select
import signal
import time
from collections.abc import Callable
from math import ceil

from seqbench.system.child import Child, start
from seqbench.system.facts import Command, Ending, Finished, Pause
from seqbench.system.interrupts import interruptible, kill_all, live

__all__ = ["interruptible", "kill_all", "run"]

_READ_BYTES = 1 << 16
# The pipes are looked at so often, and more often while something comes. They are not waited for, because an ending
# process closes them first, and to be woken by that would make the wall clock end too late.
_TICK_NS = 100_000_000
_BUSY_TICK_NS = 1_000_000
# A wait that ends so much too late means that this process was held up: a debugger, Ctrl-Z, a paused container.
_STALL_NS = 2_000_000_000


def run(command: Command, on_line: Callable[[str], None] | None = None) -> Finished:
    """Run `command` to its end, with standard input closed, and leave nothing of its process group behind.

    `on_line` is called with each line of standard error as it comes (what cargo is doing).

    Raises
    ------
    OSError
        It could not be started.
    KeyboardInterrupt
        It was stopped by a signal within `interruptible`.
    """
    with live.lock:
        live.starting_or_running += 1
    try:
        finished = _run(command, on_line)
    finally:
        with live.lock:
            live.starting_or_running -= 1
    if live.stopping:
        raise KeyboardInterrupt
    return finished


def _run(command: Command, on_line: Callable[[str], None] | None) -> Finished:
    with contextlib.ExitStack() as stack:
        stdin = os.open(os.devnull, os.O_RDONLY)
        stdout_read, stdout_write = os.pipe()
        stderr_read, stderr_write = os.pipe()
        for descriptor in (stdin, stdout_read, stderr_read):
            stack.callback(os.close, descriptor)
        # Made before the start: what is done after it may take a core from the program.
        watch = _Watch(readers=(stdout_read, stderr_read), limit=command.output_limit_bytes, lines=_Lines(on_line))
        try:
            child = start(command, stdin, stdout_write, stderr_write)
        finally:
            os.close(stdout_write)
            os.close(stderr_write)
        with live.lock:
            live.children.add(child)
        try:
            ending = watch.until_end(child, command)
        finally:
            with live.lock:
                live.children.discard(child)
            reaped = child.reap(watch.end_ns)
        watch.drain()
        if ending is Ending.EXITED and watch.is_over_limit():
            ending = Ending.TOO_MUCH_OUTPUT
        code = os.waitstatus_to_exitcode(reaped.wait_status)
        return Finished(
            ending=Ending.SIGNALLED if ending is Ending.EXITED and code < 0 else ending,
            status=abs(code),
            wall_ns=reaped.wall_ns,
            usage=reaped.usage,
            peak_floor_bytes=reaped.peak_floor_bytes,
            stalled_ns=watch.stalled_ns,
            stdout=bytes(watch.output[0]),
            stderr=bytes(watch.output[1]),
        )


class _Watch:
    """Waits for a child's end, its deadline or too much output, and reads its two pipes now and then."""

    def __init__(self, *, readers: tuple[int, int], limit: int, lines: "_Lines") -> None:
        self.end_ns = 0
        self.stalled_ns = 0
        self.output = (bytearray(), bytearray())
        self._readers = readers
        self._limit = limit
        self._lines = lines
        self._open = set(readers)
        self._poll = select.poll()
        self._polls_readers = False
        self._tick_ns = 0
        for reader in readers:
            os.set_blocking(reader, False)

    def until_end(self, child: Child, command: Command) -> Ending:
        """Return how the child ended, or why it is to be killed."""
        end = child.descriptor()
        # Where there is no such descriptor, both pipes are closed at the end.
        self._polls_readers = end is None
        for descriptor in (end,) if end is not None else self._readers:
            self._poll.register(descriptor, select.POLLIN)
        pauses = _Pauses(child, command.pause)
        self._tick_ns = child.start_ns + _TICK_NS
        deadline_ns = child.start_ns + int(command.timeout_s * 1e9)
        while True:
            if live.stopping:
                child.kill()
            if pauses.stop_if_due(deadline_ns):
                continue
            ready = self._wait_until(min(deadline_ns + self.stalled_ns, self._tick_ns, pauses.next_ns(deadline_ns)))
            if end in ready:
                return Ending.EXITED
            self._read_if_due()
            if end is None and not self._open:
                return Ending.EXITED
            if self.is_over_limit():
                return Ending.TOO_MUCH_OUTPUT
            # The time that this process was held up is not the program's.
            if self.end_ns >= deadline_ns + self.stalled_ns:
                return Ending.TIMED_OUT

    def _wait_until(self, moment_ns: int) -> set[int]:
        """Return the descriptors that can be read at this moment, or before."""
        ready = {
            descriptor for descriptor, _ in self._poll.poll(max(0.0, ceil((moment_ns - time.monotonic_ns()) / 1e6)))
        }
        self.end_ns = time.monotonic_ns()
        if (late_ns := self.end_ns - moment_ns) > _STALL_NS:
            self.stalled_ns += late_ns
        return ready

    def _read_if_due(self) -> None:
        if self._polls_readers or self.end_ns >= self._tick_ns:
            came = [self._read(reader) for reader in tuple(self._open)]
            self._tick_ns = self.end_ns + (_BUSY_TICK_NS if any(came) else _TICK_NS)

    def is_over_limit(self) -> bool:
        return any(len(buffer) > self._limit for buffer in self.output)

    def drain(self) -> None:
        """Read what the ended process left in its pipes; one that fled from its group may still be writing there."""
        for reader in tuple(self._open):
            while not self.is_over_limit() and self._read(reader):
                pass

    def _read(self, reader: int) -> bytes:
        try:
            fresh = os.read(reader, _READ_BYTES)
        except BlockingIOError:
            return b""
        if not fresh:
            self._open.discard(reader)
            if self._polls_readers:
                self._poll.unregister(reader)
        self.output[self._readers.index(reader)].extend(fresh)
        if reader == self._readers[1]:
            self._lines.feed(fresh)
        return fresh


class _Pauses:
    """The pauses of a child that is slowed down on purpose."""

    def __init__(self, child: Child, pause: Pause | None) -> None:
        self._pause = pause
        self._group = None if pause is None else child.group()
        self._resumed_ns = child.start_ns

    def next_ns(self, otherwise_ns: int) -> int:
        """Return when the next pause is due."""
        if self._pause is None or self._group is None:
            return otherwise_ns
        return self._resumed_ns + self._pause.every_ns

    def stop_if_due(self, deadline_ns: int) -> bool:
        """Stop the group for its share of the time that it ran, if that is due; return whether it was."""
        ran_ns = time.monotonic_ns() - self._resumed_ns
        if self._pause is None or self._group is None or ran_ns < self._pause.every_ns:
            return False
        # Of what it really ran: two busy cores let this process come late.
        time_ns = min(round(self._pause.share * ran_ns), deadline_ns - time.monotonic_ns())
        try:
            os.killpg(self._group, signal.SIGSTOP)
            # A stopped process does not end and writes nothing, so there is nothing to watch.
            time.sleep(max(0, time_ns) / 1e9)
            os.killpg(self._group, signal.SIGCONT)
        except ProcessLookupError:
            self._group = None
        self._resumed_ns = time.monotonic_ns()
        return True


class _Lines:
    """Cuts a stream of bytes into lines for a listener."""

    def __init__(self, listener: Callable[[str], None] | None) -> None:
        self._listener = listener
        self._rest = b""

    def feed(self, fresh: bytes) -> None:
        if self._listener is None:
            return
        # A progress bar goes back to the start of its line.
        *lines, self._rest = re.split(rb"[\r\n]", self._rest + fresh)
        for line in lines:
            if text := line.decode(errors="replace").strip():
                self._listener(text)
