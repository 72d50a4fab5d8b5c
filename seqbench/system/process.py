"""The one module that starts processes: always an argument tuple, always a process group of its own, always reaped.

The clock of a run reads from just before the spawn until the kernel says that the process has ended, so that it
can be compared with the program's own. `os.posix_spawn` is used in place of `subprocess` because it costs 0.15 ms
less per run, and what the harness costs is part of every number.
"""

import contextlib
import errno
import os
import resource
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil
from types import FrameType
from typing import TypeVar

from seqbench.system.facts import Command, Ending, Finished, Pause, Usage

_Seen = TypeVar("_Seen")

_READ_BYTES = 1 << 16
# The pipes are looked at so often, and more often while something comes. They are not waited for, because an ending
# process closes them first, and to be woken by that would make the outside clock see the end later than it was.
_TICK_NS = 100_000_000
_BUSY_TICK_NS = 1_000_000
# getrusage counts peak memory in KiB on Linux and in bytes on macOS.
_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
# Python ignores these two for itself; a child must not inherit that.
_SIGNALS_TO_RESTORE = (signal.SIGPIPE, signal.SIGXFSZ)


@dataclass(slots=True)
class _Live:
    """The process groups that are running now, for the signal handler; guarded by `lock`."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    pids: set[int] = field(default_factory=set)
    starting_or_running: int = 0
    stopping: bool = False


_live = _Live()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within this context SIGINT, SIGTERM and SIGHUP end every child first and then raise KeyboardInterrupt.

    Python's own handler may raise between the spawn and the line that remembers the child, and never raises in
    the threads that build; this one marks the stop, kills the process groups, and lets `run` raise at a point
    where nothing is left behind. Call it from the main thread.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        _live.stopping = True
        kill_all()
        if _live.starting_or_running == 0:
            raise KeyboardInterrupt

    handled = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _live.stopping = False


def kill_all() -> None:
    """Kill every process group that `run` has not reaped yet."""
    with _live.lock:
        for pid in _live.pids:
            _kill_group(pid)


def run(
    command: Command,
    on_line: Callable[[str], None] | None = None,
    enough: Callable[[int], bool] | None = None,
) -> Finished:
    """Run `command` to its end, with standard input closed, and leave nothing of its process group behind.

    `on_line` is called with each line of standard error as it comes (what cargo is doing), `enough` with the number
    of the process every millisecond or so; it is ended as soon as that says yes.

    Raises
    ------
    OSError
        It could not be started.
    KeyboardInterrupt
        It was stopped by a signal within `interruptible`.
    """
    with _live.lock:
        _live.starting_or_running += 1
    try:
        finished = _run(command, on_line, enough)
    finally:
        with _live.lock:
            _live.starting_or_running -= 1
    if _live.stopping:
        raise KeyboardInterrupt
    return finished


def peek(command: Command, look: Callable[[int], _Seen | None]) -> _Seen | None:
    """Start `command`, look at the running process until there is something to see, and end its whole group.

    `look` is called with its number again and again; gives what it gave first, None where the process ended or its
    time was over before.

    Raises
    ------
    OSError, KeyboardInterrupt
        As `run`.
    """
    seen: list[_Seen] = []

    def enough(pid: int) -> bool:
        found = look(pid)
        if found is not None:
            seen.append(found)
        return found is not None

    run(command, enough=enough)
    return seen[0] if seen else None


def _run(command: Command, on_line: Callable[[str], None] | None, enough: Callable[[int], bool] | None) -> Finished:
    with contextlib.ExitStack() as stack:
        stdin = os.open(os.devnull, os.O_RDONLY)
        stdout_read, stdout_write = os.pipe()
        stderr_read, stderr_write = os.pipe()
        for descriptor in (stdin, stdout_read, stderr_read):
            stack.callback(os.close, descriptor)
        # Made before the spawn: what is done after it may take a core from the program.
        watch = _Watch(readers=(stdout_read, stderr_read), limit=command.output_limit_bytes, lines=_Lines(on_line))
        stack.callback(watch.close)
        try:
            start_ns, pid = _spawn(command, stdin, stdout_write, stderr_write)
        finally:
            os.close(stdout_write)
            os.close(stderr_write)
        try:
            watch.attach(pid)
            deadline_ns = start_ns + int(command.timeout_s * 1e9)
            ending = watch.until_end(start_ns, deadline_ns, command.pause, enough)
        finally:
            # The leader is not reaped yet, so its number still names this group and no other.
            _kill_group(pid)
            with _live.lock:
                _live.pids.discard(pid)
            _, wait_status, rusage = os.wait4(pid, 0)
        watch.drain()
        if ending is Ending.EXITED and watch.is_over_limit():
            ending = Ending.TOO_MUCH_OUTPUT
        return _finished(ending, wait_status, watch.end_ns - start_ns, rusage, watch.output)


def _spawn(command: Command, stdin: int, stdout: int, stderr: int) -> tuple[int, int]:
    """Start the process; return the start of its clock and its number."""
    actions = [(os.POSIX_SPAWN_DUP2, stdin, 0), (os.POSIX_SPAWN_DUP2, stdout, 1), (os.POSIX_SPAWN_DUP2, stderr, 2)]
    # posix_spawn has no working directory, so this process goes there and back, one spawn at a time.
    with _live.lock:
        before = os.open(".", os.O_RDONLY)
        try:
            os.chdir(command.directory)
            start_ns = time.monotonic_ns()
            pid = os.posix_spawn(
                command.argv[0],
                command.argv,
                dict(command.environment),
                file_actions=actions,
                setpgroup=0,
                setsigmask=(),
                setsigdef=_SIGNALS_TO_RESTORE,
            )
            _live.pids.add(pid)
        finally:
            os.fchdir(before)
            os.close(before)
    return start_ns, pid


class _Watch:
    """Waits for a child's end, its deadline or too much output, and reads its two pipes now and then."""

    def __init__(self, *, readers: tuple[int, int], limit: int, lines: "_Lines") -> None:
        self.end_ns = 0
        self.output = (bytearray(), bytearray())
        self._pid = 0
        self._pidfd: int | None = None
        self._readers = readers
        self._limit = limit
        self._lines = lines
        self._open = set(readers)
        self._poll = select.poll()
        for reader in readers:
            os.set_blocking(reader, False)

    def attach(self, pid: int) -> None:
        """Begin to watch a process."""
        self._pid = pid
        # Linux tells the end of a process through a file descriptor; elsewhere both pipes are closed then.
        self._pidfd = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        for descriptor in (self._pidfd,) if self._pidfd is not None else self._readers:
            self._poll.register(descriptor, select.POLLIN)

    def close(self) -> None:
        if self._pidfd is not None:
            os.close(self._pidfd)

    def until_end(
        self, start_ns: int, deadline_ns: int, pause: Pause | None, enough: Callable[[int], bool] | None
    ) -> Ending:
        idle_ns = _TICK_NS if enough is None else _BUSY_TICK_NS
        tick_ns = start_ns + idle_ns
        resumed_ns = start_ns
        while True:
            if _live.stopping:
                _kill_group(self._pid)
            pause_ns = deadline_ns if pause is None else resumed_ns + pause.every_ns
            ran_ns = time.monotonic_ns() - resumed_ns
            if pause is not None and ran_ns >= pause.every_ns:
                # Of what it really ran: two busy cores let this process come late.
                self._stop_for(min(round(pause.share * ran_ns), deadline_ns - time.monotonic_ns()))
                resumed_ns = time.monotonic_ns()
                continue
            next_ns = min(deadline_ns, tick_ns, pause_ns)
            ready = dict(self._poll.poll(max(0.0, ceil((next_ns - time.monotonic_ns()) / 1e6))))
            self.end_ns = time.monotonic_ns()
            if self._pidfd in ready:
                return Ending.EXITED
            if self._pidfd is None or self.end_ns >= tick_ns:
                came = [self._read(reader) for reader in tuple(self._open)]
                tick_ns = self.end_ns + (_BUSY_TICK_NS if any(came) else idle_ns)
            if self._pidfd is None and not self._open:
                return Ending.EXITED
            if self.is_over_limit():
                return Ending.TOO_MUCH_OUTPUT
            if enough is not None and enough(self._pid):
                return Ending.SEEN_ENOUGH
            if self.end_ns >= deadline_ns:
                return Ending.TIMED_OUT

    def _stop_for(self, time_ns: int) -> None:
        os.killpg(self._pid, signal.SIGSTOP)
        # A stopped process does not end and writes nothing, so there is nothing to watch.
        time.sleep(max(0, time_ns) / 1e9)
        os.killpg(self._pid, signal.SIGCONT)

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
            if self._pidfd is None:
                self._poll.unregister(reader)
        self.output[self._readers.index(reader)].extend(fresh)
        if reader == self._readers[1]:
            self._lines.feed(fresh)
        return fresh


class _Lines:
    """Cuts a stream of bytes into lines for a listener."""

    def __init__(self, listener: Callable[[str], None] | None) -> None:
        self._listener = listener
        self._rest = b""

    def feed(self, fresh: bytes) -> None:
        if self._listener is None:
            return
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        for line in lines:
            self._listener(line.decode(errors="replace").strip())


def _kill_group(pid: int) -> None:
    # macOS says EPERM for a group in which only the unreaped leader is left.
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError) as error:
        if error.errno not in (errno.ESRCH, errno.EPERM):
            raise


def _finished(
    ending: Ending,
    wait_status: int,
    wall_ns: int,
    rusage: resource.struct_rusage,
    output: tuple[bytearray, bytearray],
) -> Finished:
    code = os.waitstatus_to_exitcode(wait_status)
    if ending is Ending.EXITED and code < 0:
        ending = Ending.SIGNALLED
    return Finished(
        ending=ending,
        status=abs(code),
        wall_ns=wall_ns,
        usage=Usage(
            user_ns=round(rusage.ru_utime * 1e9),
            system_ns=round(rusage.ru_stime * 1e9),
            max_rss_bytes=rusage.ru_maxrss * _RSS_UNIT_BYTES,
            minor_faults=rusage.ru_minflt,
            major_faults=rusage.ru_majflt,
            voluntary_switches=rusage.ru_nvcsw,
            involuntary_switches=rusage.ru_nivcsw,
        ),
        stdout=bytes(output[0]),
        stderr=bytes(output[1]),
    )


def own_peak_bytes() -> int:
    """Return this process's peak memory, below which a child's own peak cannot be told (it inherits the mark)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT_BYTES
