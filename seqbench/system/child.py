"""A child process: how it is started, how its end is seen, how its group is ended, and what it used.

A tool is started directly with `os.posix_spawn`. A measured program is started by the launcher (`launcher.c`), which
reads the clock, sees its peak memory alone, and ends it when this process is gone.
"""

import contextlib
import errno
import fcntl
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from seqbench.system.facts import Command, Usage

# getrusage counts peak memory in KiB on Linux and in bytes on macOS.
_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
# Python ignores these two for itself; a child must not inherit that.
_SIGNALS_TO_RESTORE = (signal.SIGPIPE, signal.SIGXFSZ)
# The descriptors that launcher.c knows; those of this process are above them, so that no one hides another.
_REPORT, _CONTROL = 10, 11
_ABOVE = 20
_READ_BYTES = 4096
_spawning = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaped:
    """A child that has ended: its wait status, its wall clock and what it used."""

    wait_status: int
    wall_ns: int
    usage: Usage
    peak_floor_bytes: int
    """The least peak memory that can be seen of a child that was started in this way."""


class Child(Protocol):
    """A running process group."""

    start_ns: int

    def descriptor(self) -> int | None:
        """Return a file descriptor that can be read once the process has ended; None where there is none."""

    def group(self) -> int | None:
        """Return the number of the process group; None where it has ended already."""

    def kill(self) -> None:
        """End the whole group; may be called at any time, from a signal handler too."""

    def reap(self, seen_end_ns: int) -> Reaped:
        """Wait for the end, and leave nothing of the group behind.

        Raises
        ------
        OSError
            The program could not be started.
        """


def start(command: Command, stdin: int, stdout: int, stderr: int) -> Child:
    """Start a command in a process group of its own, with these three descriptors.

    Raises
    ------
    OSError
        It could not be started.
    """
    streams = ((stdin, 0), (stdout, 1), (stderr, 2))
    return _Launched(command, streams) if command.launcher else _Direct(command, streams)


class _Direct:
    """A child of this process."""

    def __init__(self, command: Command, streams: tuple[tuple[int, int], ...]) -> None:
        with _in_directory(command):
            self.start_ns = time.monotonic_ns()
            self._pid = _spawn(command.argv, command, streams)
        self._pidfd = _pidfd(self._pid)

    def descriptor(self) -> int | None:
        return self._pidfd

    def group(self) -> int | None:
        return self._pid

    def kill(self) -> None:
        # macOS says EPERM for a group in which only the unreaped leader is left.
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError) as error:
            if error.errno not in (errno.ESRCH, errno.EPERM):
                raise

    def reap(self, seen_end_ns: int) -> Reaped:
        # The leader is not reaped yet, so that its number still names this group and no other.
        self.kill()
        if self._pidfd is not None:
            os.close(self._pidfd)
        _, wait_status, used = os.wait4(self._pid, 0)
        return Reaped(
            wait_status=wait_status,
            wall_ns=seen_end_ns - self.start_ns,
            usage=_usage(used),
            peak_floor_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT_BYTES,
        )


class _Launched:
    """A grandchild of this process: the launcher is between them, and reports its end."""

    def __init__(self, command: Command, streams: tuple[tuple[int, int], ...]) -> None:
        report, report_end = _pipe()
        control_end, control = _pipe()
        argv = (*command.launcher, str(command.directory), *command.argv)
        try:
            self.start_ns = time.monotonic_ns()
            self._pid = _spawn(argv, command, (*streams, (report_end, _REPORT), (control_end, _CONTROL)))
        except BaseException:
            os.close(report)
            os.close(control)
            raise
        finally:
            os.close(report_end)
            os.close(control_end)
        self._report = report
        self._control = control
        self._told = b""
        self._is_over = False

    def descriptor(self) -> int | None:
        return self._report

    def group(self) -> int | None:
        self._ask(b"p")
        words = self._line().split()
        if words[:1] == ["pid"]:
            return int(words[1])
        return None

    def kill(self) -> None:
        if not self._is_over:
            self._ask(b"k")

    def reap(self, seen_end_ns: int) -> Reaped:  # noqa: ARG002 - the launcher sees the end more exactly
        self.kill()
        words = self._line().split()
        if words[:1] == ["pid"]:
            words = self._line().split()
        self._is_over = True
        os.close(self._control)
        os.close(self._report)
        os.waitpid(self._pid, 0)
        match words:
            case ["failed", number]:
                raise OSError(int(number), os.strerror(int(number)))
            case ["ended", *figures]:
                return _reported([int(figure) for figure in figures])
        raise OSError(errno.ECHILD, "the launcher was killed")

    def _ask(self, letter: bytes) -> None:
        # The launcher has gone where it has nothing more to obey.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._control, letter)

    def _line(self) -> str:
        """Return the next line of the report, without taking it away where it is the last; empty at the end."""
        while b"\n" not in self._told:
            fresh = os.read(self._report, _READ_BYTES)
            if not fresh:
                return ""
            self._told += fresh
        line, _, rest = self._told.partition(b"\n")
        if line.startswith(b"pid"):
            self._told = rest
        return line.decode()


def _reported(figures: list[int]) -> Reaped:
    """Return what the launcher reports; the order of the figures is in launcher.c."""
    start_ns, end_ns, wait_status, user_us, system_us, peak, minor, major, voluntary, involuntary, floor = figures
    return Reaped(
        wait_status=wait_status,
        wall_ns=end_ns - start_ns,
        usage=Usage(
            user_ns=user_us * 1000,
            system_ns=system_us * 1000,
            max_rss_bytes=peak * _RSS_UNIT_BYTES,
            minor_faults=minor,
            major_faults=major,
            voluntary_switches=voluntary,
            involuntary_switches=involuntary,
        ),
        peak_floor_bytes=floor * _RSS_UNIT_BYTES,
    )


def _usage(used: resource.struct_rusage) -> Usage:
    return Usage(
        user_ns=round(used.ru_utime * 1e9),
        system_ns=round(used.ru_stime * 1e9),
        max_rss_bytes=used.ru_maxrss * _RSS_UNIT_BYTES,
        minor_faults=used.ru_minflt,
        major_faults=used.ru_majflt,
        voluntary_switches=used.ru_nvcsw,
        involuntary_switches=used.ru_nivcsw,
    )


def _spawn(argv: tuple[str, ...], command: Command, streams: tuple[tuple[int, int], ...]) -> int:
    return os.posix_spawn(
        argv[0],
        argv,
        dict(command.environment),
        file_actions=[(os.POSIX_SPAWN_DUP2, source, target) for source, target in streams],
        setpgroup=0,
        setsigmask=(),
        setsigdef=_SIGNALS_TO_RESTORE,
    )


@contextlib.contextmanager
def _in_directory(command: Command) -> Iterator[None]:
    """Be in the directory of the command: posix_spawn has none, so this process goes there, one spawn at a time."""
    with _spawning:
        before = os.open(".", os.O_RDONLY)
        try:
            os.chdir(command.directory)
            yield
        finally:
            os.fchdir(before)
            os.close(before)


def _pipe() -> tuple[int, int]:
    """Return the two ends of a pipe, whose numbers are none that a child is given."""
    ends = os.pipe()
    try:
        reader, writer = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for end in ends)
    finally:
        for end in ends:
            os.close(end)
    return reader, writer


def _pidfd(pid: int) -> int | None:
    """Return a descriptor of the process; None on a system or a kernel that has none (macOS, Linux before 5.3)."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None
