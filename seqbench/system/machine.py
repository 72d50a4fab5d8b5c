"""Read the processor, memory, limits and load of this machine."""

import hashlib
import os
import platform
import re
import sys
from pathlib import Path

from seqbench.system.facts import Limits, Machine, Processor

_MAX_MAP_COUNT = Path("/proc/sys/vm/max_map_count")
_CGROUP = Path("/sys/fs/cgroup")
# What says which instructions a core has: the names of x86, then those of ARM.
_CORE = re.compile(
    r"^(vendor_id|cpu family|model|model name|flags|CPU (?:implementer|variant|part)|Features)\s*:\s*(.*)$",
    re.MULTILINE,
)


def this_machine() -> Machine:
    """Return the processor, memory and system of this machine."""
    cpu = _cpu_model()
    cores = _usable_cores()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    unique = _read(Path("/etc/machine-id")) or platform.node()
    digest = hashlib.sha256(f"{cpu}|{cores}|{memory}|{system}|{unique}".encode()).hexdigest()
    return Machine(cpu=cpu, cores=cores, memory_bytes=memory, system=system, identity=digest[:12])


def this_processor() -> Processor:
    """Return what this machine's processor can run: the features that all of its cores have."""
    found = _CORE.findall(_read(Path("/proc/cpuinfo")))
    features = [frozenset(value.split()) for key, value in found if key in ("flags", "Features")]
    kinds = sorted({f"{key}: {' '.join(sorted(value.split()))}" for key, value in found})
    return Processor(
        architecture=platform.machine(),
        features=frozenset.intersection(*features) if features else frozenset(),
        identity="\n".join([platform.machine(), *(kinds or [_cpu_model()])]),
    )


def this_machines_limits() -> Limits:
    """Return the current limits of this machine."""
    map_count = _read(_MAX_MAP_COUNT)
    return Limits(
        max_map_count=int(map_count) if map_count.isdigit() else None, available_memory_bytes=_available_memory_bytes()
    )


def load_average() -> float:
    """Return the average number of runnable processes over the last minute."""
    return os.getloadavg()[0]


def cpu_governor() -> str | None:
    """Return the frequency governor of the first core; None when the system has none."""
    return _read(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")) or None


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _cpu_model() -> str:
    match = re.search(r"^model name\s*:\s*(.+)$", _read(Path("/proc/cpuinfo")), re.MULTILINE)
    return match[1] if match else platform.processor() or platform.machine()


def _available_memory_bytes() -> int | None:
    """Return the memory that the system and the control groups of this process leave free, in bytes."""
    match = re.search(r"^MemAvailable:\s*(\d+) kB$", _read(Path("/proc/meminfo")), re.MULTILINE)
    amounts = [int(match[1]) * 1024] if match else []
    group = re.search(r"^0::(/.*)$", _read(Path("/proc/self/cgroup")), re.MULTILINE)
    if group:
        folder = _CGROUP / group[1].lstrip("/")
        for level in (folder, *folder.parents):
            limit, used = _read(level / "memory.max"), _read(level / "memory.current")
            if limit.isdigit() and used.isdigit():
                amounts.append(int(limit) - int(used))
            if level == _CGROUP:
                break
    return min(amounts, default=None)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
