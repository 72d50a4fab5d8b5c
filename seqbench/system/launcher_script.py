"""Do what launcher.c does, where there is no C compiler; run as a script by a Python without site-packages.

Its own memory, about 10 MiB, is the least that it can report as the peak of a program; it reports it as FLOOR.
"""

import contextlib
import os
import re
import select
import signal
import sys
import time

_REPORT, _CONTROL = 10, 11
# What this process may touch between reading its peak memory and exec; up to 720 KiB were seen.
_TOUCHED_KIB = 1024


def _report(text: str) -> None:
    os.write(_REPORT, text.encode())


def _start(argv: list[str], failure: int, began: int) -> int:
    """Start the program.

    The floor and the time just before exec come through the pipe `began`. The number of an error comes through
    `failure`, which ends when the program has begun.
    """
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.write(began, _floor().to_bytes(8))
        os.write(began, time.monotonic_ns().to_bytes(8))
        try:
            os.execve(argv[0], argv, _environment())  # noqa: S606 - there is no shell
        except OSError as error:
            os.write(failure, (error.errno or 1).to_bytes(8))
        os._exit(127)
    return pid


def _obey(pid: int) -> bool:
    """Do what the harness asks for; its end counts as `k`. Return whether there may be more to read."""
    letter = os.read(_CONTROL, 1)
    if letter == b"p":
        _report(f"pid {pid}\n")
        return True
    _kill(pid)
    return bool(letter)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _environment() -> dict[bytes, bytes]:
    """Return the variables that this process was given; Python itself may have added LC_CTYPE to them (PEP 538)."""
    try:
        with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - as in _floor
            given = file.read().split(b"\0")
    except OSError:
        return dict(os.environb)
    return {name: value for name, _, value in (each.partition(b"=") for each in given) if name}


def _floor() -> int:
    """Return the peak memory of this process, in KiB."""
    with open("/proc/self/status") as file:  # noqa: PTH123 - pathlib would be more to import
        peak = re.search(r"VmHWM:\s*(\d+)", file.read())
    return int(peak[1]) if peak else 0


def main() -> None:
    """Start the program, wait for its end, and report."""
    for descriptor in (_REPORT, _CONTROL):
        os.set_inheritable(descriptor, False)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    failed, failure = os.pipe()
    start, began = os.pipe()
    try:
        os.chdir(sys.argv[1])
        pid = _start(sys.argv[2:], failure, began)
    except OSError as error:
        _report(f"failed {error.errno}\n")
        return
    os.close(failure)
    os.close(began)
    # Until exec, the child is no program that could be stopped or killed.
    number = os.read(failed, 8)
    floor, start_ns = (int.from_bytes(os.read(start, 8)) for _ in range(2))
    control = [_CONTROL]
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        ready, _, _ = select.select([woken, *control], [], [])
        if woken in ready:
            os.read(woken, 64)
        if _CONTROL in ready and not _obey(pid):
            control = []
    end_ns = time.monotonic_ns()
    _kill(pid)
    _, status, used = os.wait4(pid, 0)
    if number:
        _report(f"failed {int.from_bytes(number)}\n")
        return
    times = f"{round(used.ru_utime * 1e6)} {round(used.ru_stime * 1e6)}"
    faults = f"{used.ru_maxrss} {used.ru_minflt} {used.ru_majflt} {used.ru_nvcsw} {used.ru_nivcsw}"
    # A peak so little above the floor may still be that of this process.
    floor = min(floor + _TOUCHED_KIB, used.ru_maxrss)
    _report(f"ended {start_ns} {end_ns} {status} {times} {faults} {floor}\n")


if __name__ == "__main__":
    main()
