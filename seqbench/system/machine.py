"""Read the processor, memory and load of this machine; `limits` has its limits.

The identity of a machine is a digest of what changes results and stays: the machine's own ID, the processor, the
processors and memory that this process may use. The kernel and the host name may change, so they are not part of it.
docs/METHOD.md says why.
"""

import hashlib
import os
import platform
import re
import sys
from dataclasses import replace
from pathlib import Path

from seqbench.system.cgroups import group_limits
from seqbench.system.facts import Machine, Processor

_ROOT = Path("/")
_MACHINE_ID = "etc/machine-id"
# While a system starts for the first time the file holds a word instead.
_IS_ID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
# The name space of host names that the system itself has (PROC_UTS_INIT_INO in linux/proc_ns.h).
_OWN_HOST_NAMES = "uts:[4026531838]"
# Memory in eighths of a power of two: a kernel keeps a little of it for itself, and each keeps another amount.
_MEMORY_STEPS = 8
# What says which instructions a core has: the names of x86, then those of ARM.
_CORE = re.compile(
    r"^(vendor_id|cpu family|model|model name|flags|CPU (?:implementer|variant|part)|Features)\s*:\s*(.*)$",
    re.MULTILINE,
)


def this_machine(root: Path = _ROOT) -> Machine:
    """Return the processor, memory and system of this machine, as far as this process may use them."""
    groups = group_limits(root)
    cores = _usable_cores()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = Machine(
        cpu=_cpu_model(root),
        cores=cores,
        memory_bytes=memory,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        identity="",
        cpu_quota=groups.cpus if groups.cpus is not None and groups.cpus < cores else None,
        memory_limit_bytes=groups.memory_bytes if groups.memory_bytes and groups.memory_bytes < memory else None,
        host=platform.node(),
    )
    is_whole = found.cpu_quota is None and found.memory_limit_bytes is None
    # The earlier identity is the same for a part of a machine and for all of it.
    earlier = _earlier_identity(found, _earlier_names(root)[0]) if is_whole else ""
    return replace(found, identity=_identity(found, root), earlier_identity=earlier)


def this_processor() -> Processor:
    """Return what this machine's processor can run: the features that all of its cores have."""
    found = _CORE.findall(_read(_ROOT / "proc/cpuinfo"))
    features = [frozenset(value.split()) for key, value in found if key in ("flags", "Features")]
    kinds = sorted({f"{key}: {' '.join(sorted(value.split()))}" for key, value in found})
    return Processor(
        architecture=platform.machine(),
        features=frozenset.intersection(*features) if features else frozenset(),
        identity="\n".join([platform.machine(), *(kinds or [_cpu_model(_ROOT)])]),
    )


def recognised(stored: Machine, root: Path = _ROOT) -> Machine:
    """Return a stored machine with the identity of today if it is this one, with whatever kernel; else unchanged.

    The earlier digest holds the ID of the machine, so that no other machine is taken for this one.
    """
    for name in _earlier_names(root):
        if stored.identity == _earlier_identity(stored, name):
            return replace(stored, identity=_identity(stored, root), earlier_identity=stored.identity)
    return stored


def load_average() -> float:
    """Return the average number of runnable processes over the last minute."""
    return os.getloadavg()[0]


def cpu_governor() -> str | None:
    """Return the frequency governor of the first core; None when the system has none."""
    return _read(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")) or None


def _identity(machine: Machine, root: Path) -> str:
    memory = min(machine.memory_bytes, machine.memory_limit_bytes or machine.memory_bytes)
    architecture = machine.system.rpartition(" ")[2]
    parts = (machine.cpu, architecture, machine.cores, f"{machine.cpus:.2f}", _rounded_up(memory), _unique(root))
    return _digest("2", *parts)


def _earlier_identity(machine: Machine, name: str) -> str:
    return _digest(machine.cpu, machine.cores, machine.memory_bytes, machine.system, name)


def _digest(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode(errors="surrogateescape")).hexdigest()[:12]


def _unique(root: Path) -> str:
    """Return what no other machine has; empty in a container that has no ID, because its host name is a new one."""
    named = _read(root / _MACHINE_ID)
    if _IS_ID.fullmatch(named):
        return named
    return "" if _is_container(root) else platform.node()


def _earlier_names(root: Path) -> tuple[str, ...]:
    """Return what the earlier identity may have been made from: the machine's ID, else its host name."""
    return tuple(dict.fromkeys(name for name in (_read(root / _MACHINE_ID), platform.node()) if name)) or ("",)


def _is_container(root: Path) -> bool:
    try:
        return str((root / "proc/self/ns/uts").readlink()) != _OWN_HOST_NAMES
    except OSError:
        return False


def _rounded_up(memory_bytes: int) -> int:
    """Return an amount of memory, rounded up to an eighth of the power of two below it: 23.5 GiB to 24."""
    step = max(1, (1 << max(0, (memory_bytes - 1).bit_length() - 1)) // _MEMORY_STEPS)
    return -(-memory_bytes // step) * step


def _usable_cores() -> int:
    """Return how many processors this process may use: its affinity, which the kernel keeps within its cpuset."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _cpu_model(root: Path) -> str:
    match = re.search(r"^model name\s*:\s*(.+)$", _read(root / "proc/cpuinfo"), re.MULTILINE)
    return match[1] if match else platform.processor() or platform.machine()


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
