"""Read the limits of this machine and this process: memory, memory maps, address space, threads.

A limit that several mechanisms set is the least of them, with the name of the one that set it and how to raise it.
"""

import errno
import os
import re
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from seqbench.system.cgroups import group_limits
from seqbench.system.facts import Ceiling, Limits

_ROOT = Path("/")
_STRICT_OVERCOMMIT = "2"
_KIB = 1024


def this_machines_limits(root: Path = _ROOT) -> Limits:
    """Return the current limits of this machine and this process."""
    groups = group_limits(root)
    map_count = _number(root / "proc/sys/vm/max_map_count")
    free = [each for each in (_meminfo(root, "MemAvailable"), groups.available_memory_bytes) if each is not None]
    return Limits(
        max_map_count=map_count,
        available_memory_bytes=max(0, min(free)) if free else None,
        group_memory_bytes=groups.memory_bytes,
        address_space=min(_address_space(root), key=lambda each: each.value, default=None),
        threads=min(_threads(root), key=lambda each: each.value, default=None),
        cpu_time=_of_shell(resource.RLIMIT_CPU, "RLIMIT_CPU", "-t", "LimitCPU"),
    )


def shortage(error: Exception, root: Path = _ROOT) -> Ceiling | None:
    """Return the limit that is likely behind an error of this process; None if it is not a lack of threads or memory.

    The kernel refuses a new thread or process with EAGAIN and memory with ENOMEM.
    """
    number = error.errno if isinstance(error, OSError) and not isinstance(error, BlockingIOError) else None
    if isinstance(error, BlockingIOError) and error.filename:
        # Starting a program, which names it; a pipe without data has no name.
        number = errno.EAGAIN
    limits = this_machines_limits(root)
    if number == errno.EAGAIN or (isinstance(error, RuntimeError) and "start new thread" in str(error)):
        return limits.threads
    return limits.address_space if number == errno.ENOMEM or isinstance(error, MemoryError) else None


def ignored_process_limit(root: Path = _ROOT) -> Ceiling | None:
    """Return RLIMIT_NPROC if it does not hold because this process is root's."""
    return _process_limit() if _is_exempt(root) else None


def _process_limit() -> Ceiling | None:
    return _of_shell(resource.RLIMIT_NPROC, "RLIMIT_NPROC", "-u", "LimitNPROC")


def _address_space(root: Path) -> Iterator[Ceiling]:
    """Yield the limits on the memory that a process may reserve, used or not, in bytes."""
    for name, number, flag, unit in (
        ("RLIMIT_AS", resource.RLIMIT_AS, "-v", "LimitAS"),
        ("RLIMIT_DATA", resource.RLIMIT_DATA, "-d", "LimitDATA"),
    ):
        if (found := _of_shell(number, name, flag, unit)) is not None:
            yield found
    if _read(root / "proc/sys/vm/overcommit_memory") == _STRICT_OVERCOMMIT:
        most, used = _meminfo(root, "CommitLimit"), _meminfo(root, "Committed_AS")
        if most is not None:
            name, fix = "vm.overcommit_memory=2 (CommitLimit)", "sudo sysctl -w vm.overcommit_memory=0"
            yield Ceiling(name=name, value=max(0, most - (used or 0)), fix=fix)


def _threads(root: Path) -> Iterator[Ceiling]:
    """Yield how many more threads each limit lets this process start."""
    running = _running(root)
    for name, most, usual in (("pid_max", 1 << 22, 1 << 22), ("threads-max", None, 1 << 20)):
        found = _number(root / "proc/sys/kernel" / name)
        if found is not None and (most is None or found < most):
            fix = f"sudo sysctl -w kernel.{name}={usual}"
            yield Ceiling(name=f"kernel.{name}", value=max(0, found - running), fix=fix)
    processes = group_limits(root).processes
    if processes is not None:
        fix = "raise pids.max of the control group (docker run --pids-limit, TasksMax= of systemd)"
        yield Ceiling(name="pids.max of the control group", value=processes, fix=fix)
    own = _process_limit()
    if own is not None and not _is_exempt(root):
        yield replace(own, value=max(0, own.value - _threads_of_user(root, os.getuid())))


def _of_shell(number: int, name: str, flag: str, unit: str) -> Ceiling | None:
    """Return the limit that this process has from its shell; None where there is none.

    `flag` is that of `ulimit`, and `unit` the setting of a systemd unit.
    """
    soft, hard = resource.getrlimit(number)
    if soft == resource.RLIM_INFINITY:
        return None
    return Ceiling(name=f"{name} (ulimit {flag})", value=soft, fix=_raise(flag, hard, unit))


def _raise(flag: str, hard: int, unit: str) -> str:
    if hard == resource.RLIM_INFINITY or os.geteuid() == 0:
        return f"ulimit {flag} unlimited"
    return f"start a shell without this limit: `ulimit {flag}`, /etc/security/limits.conf or {unit}= of systemd set it"


def _is_exempt(root: Path) -> bool:
    """Return whether RLIMIT_NPROC does not hold for this process: it does for the root of a container."""
    words = _read(root / "proc/self/uid_map").split()
    return os.getuid() == 0 and words[1:2] in ([], ["0"])


def _running(root: Path) -> int:
    """Return the number of threads on this system."""
    match = re.search(r"/(\d+)", _read(root / "proc/loadavg"))
    return int(match[1]) if match else 0


def _threads_of_user(root: Path, user: int) -> int:
    count = 0
    for folder in (root / "proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == user:
                count += sum(1 for _ in (folder / "task").iterdir())
        except OSError:
            # It has ended meanwhile.
            continue
    return count


def _meminfo(root: Path, name: str) -> int | None:
    match = re.search(rf"^{name}:\s*(\d+) kB$", _read(root / "proc/meminfo"), re.MULTILINE)
    return int(match[1]) * _KIB if match else None


def _number(path: Path) -> int | None:
    text = _read(path)
    return int(text) if text.isdigit() else None


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
