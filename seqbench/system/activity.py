"""Measure how busy the machine was while something ran, and how much of that was our own work."""

import os
import resource
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from seqbench.system.cgroups import cpu_groups
from seqbench.system.facts import Activity
from seqbench.system.kernel_threads import KernelThreads

_Result = TypeVar("_Result")

_STAT = Path("/proc/stat")
# user, nice, system, irq and softirq are work; idle and iowait are none (proc(5), "cpu").
_BUSY = (0, 1, 2, 5, 6)
_STEAL = 7
_kernel_threads = KernelThreads()
_cpu_groups = cache(cpu_groups)


def with_activity(work: Callable[[], _Result]) -> tuple[_Result, Activity | None]:
    """Do some work, and return its result with the activity of the machine meanwhile.

    Returns
    -------
    The result, and the activity; None for the activity where the system does not count it (macOS, no /proc).
    """
    groups = _cpu_groups()
    waited_ns, stopped_ns = groups.pressure_ns(), groups.throttled_ns()
    _kernel_threads.begin()
    before = _counters()
    began_ns, own_ns = time.monotonic_ns(), _own_ns()
    result = work()
    after = _counters()
    if before is None or after is None:
        return result, None
    # Some kernels let a counter go back a little.
    busy_ns, steal_ns = (max(0, now - then) for then, now in zip(before, after, strict=True))
    window_ns, own_ns = time.monotonic_ns() - began_ns, _own_ns() - own_ns
    return result, Activity(
        cores=len(os.sched_getaffinity(0)),
        window_ns=window_ns,
        busy_ns=busy_ns,
        steal_ns=steal_ns,
        own_ns=own_ns,
        kernel_threads_ns=_kernel_threads.end(),
        pressure_ns=_since(waited_ns, groups.pressure_ns()),
        throttled_ns=_since(stopped_ns, groups.throttled_ns()) or 0,
    )


def _since(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else max(0, now - before)


def _counters() -> tuple[int, int] | None:
    """Return the busy and the stolen time of the CPUs that this process may use, since the system started."""
    try:
        lines = _STAT.read_text().splitlines()
        usable = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    except (OSError, AttributeError):
        return None
    tick_ns = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    rows = [[int(word) for word in words[1:]] for line in lines if (words := line.split()) and words[0] in usable]
    if not rows or any(len(row) <= _STEAL for row in rows):
        return None
    return tick_ns * sum(row[index] for row in rows for index in _BUSY), tick_ns * sum(row[_STEAL] for row in rows)


def _own_ns() -> int:
    """Return the processor time of this process and of all children that have ended, with theirs."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return round(1e9 * sum(each.ru_utime + each.ru_stime for each in used))
