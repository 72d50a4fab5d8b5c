"""Read what the control groups of this process allow it: processor time, memory, processes. Versions 1 and 2.

A limit may be set at any level from the group of the process up to the root of the hierarchy, and the least one holds.
A container sees the levels from its own root down. Every function takes the root of the file system, so that tests can
give it a tree of files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# Version 1 writes "no limit" as the largest multiple of the page size that its counter holds.
_UNLIMITED = 1 << 60
_ROOT = Path("/")
_NS_PER_US = 1_000
_SOME = re.compile(r"^some .*total=(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLimits:
    """The least limits of all control groups of this process; None where there is no limit of that kind."""

    cpus: float | None = None
    """Processor time per time: 0.5 is half of one processor."""
    memory_bytes: int | None = None
    available_memory_bytes: int | None = None
    """What is left of the memory; cache that the kernel can drop at once counts as free."""
    processes: int | None = None
    """How many more processes and threads can be started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mount:
    kind: str
    """`cgroup` for version 1, `cgroup2` for version 2."""
    root: str
    """The group that is visible at the mount point."""
    point: Path
    controllers: frozenset[str]


def group_limits(root: Path = _ROOT) -> GroupLimits:
    """Return the limits that hold for this process now."""
    memory = list(_memory(root))
    return GroupLimits(
        cpus=min((cpus for level in _levels(root, "cpu") if (cpus := _cpus(level)) is not None), default=None),
        memory_bytes=min((limit for limit, _ in memory), default=None),
        available_memory_bytes=min((limit - used for limit, used in memory), default=None),
        processes=min((left for level in _levels(root, "pids") if (left := _left(level)) is not None), default=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuGroups:
    """The groups of this process that share out processors, found once because they are read around every run."""

    with_quota: tuple[Path, ...]
    pressure: Path
    """Where waiting tasks are counted: those of the own group where the kernel counts it, else all of the system."""

    def throttled_ns(self) -> int | None:
        """Return how long the CPU quotas have held up threads of these groups so far; None where there is no quota.

        The time of each processor counts by itself. A quota that holds up all groups below it counts once, as the
        longest.
        """
        return max((_throttled_ns(level) for level in self.with_quota), default=None)

    def pressure_ns(self) -> int | None:
        """Return how long a task has waited for a processor so far (PSI); None where the kernel does not count it."""
        found = _SOME.search(_read(self.pressure))
        return _NS_PER_US * int(found[1]) if found else None


def cpu_groups(root: Path = _ROOT) -> CpuGroups:
    """Return the groups of this process that share out processors."""
    levels = _levels(root, "cpu")
    own = (path for level in levels if (path := level / "cpu.pressure").is_file())
    return CpuGroups(
        with_quota=tuple(level for level in levels if _cpus(level) is not None),
        pressure=next(own, root / "proc/pressure/cpu"),
    )


def _levels(root: Path, controller: str) -> tuple[Path, ...]:
    """Return the folders of the groups of this process that have this controller: its own first, then upwards."""
    groups = _groups(root)
    best: dict[str, tuple[Path, ...]] = {}
    for mount in _mounts(root):
        group = groups.get(controller if mount.kind == "cgroup" else "")
        if group is None or (mount.kind == "cgroup" and controller not in mount.controllers):
            continue
        levels = _levels_of(mount, group)
        if len(levels) > len(best.get(mount.kind, ())):
            best[mount.kind] = levels
    # With both versions mounted only one has the controller, and thus its files.
    return tuple(level for levels in best.values() for level in levels)


def _levels_of(mount: _Mount, group: str) -> tuple[Path, ...]:
    """Return the folders from this group up to the root of the mount; none if the mount shows other groups."""
    top, own = PurePosixPath(mount.root), PurePosixPath(group)
    # A process or a mount from outside of the own namespace: what lies between the two is not visible.
    if ".." in (*top.parts, *own.parts):
        return (mount.point,)
    if not own.is_relative_to(top):
        return ()
    below = own.relative_to(top)
    return tuple(mount.point / part for part in (below, *below.parents))


def _groups(root: Path) -> dict[str, str]:
    """Return the group of this process by controller; that of version 2 has an empty name."""
    found: dict[str, str] = {}
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        found |= dict.fromkeys(controllers.split(","), path)
    return found


def _mounts(root: Path) -> tuple[_Mount, ...]:
    """Return the mounted hierarchies of control groups; a later mount at the same place hides an earlier one."""
    found: dict[str, _Mount | None] = {}
    for line in _read(root / "proc/self/mountinfo").splitlines():
        # ID, parent, device, root, mount point, options, optional fields, "-", type, source, super options.
        before, _, after = line.partition(" - ")
        place, filesystem = [_unescaped(word) for word in before.split(" ")], after.split(" ")
        if len(place) < 5 or len(filesystem) < 3:  # noqa: PLR2004 - the fields above
            continue
        is_one = filesystem[0] in ("cgroup", "cgroup2")
        found[place[4]] = (
            _Mount(
                kind=filesystem[0],
                root=place[3],
                point=root / place[4].lstrip("/"),
                controllers=frozenset(filesystem[2].split(",")),
            )
            if is_one
            else None
        )
    return tuple(mount for mount in found.values() if mount is not None)


def _cpus(level: Path) -> float | None:
    words = _read(level / "cpu.max").split() or [_read(level / f"cpu.cfs_{name}_us") for name in ("quota", "period")]
    # "max" in version 2, -1 in version 1: no quota.
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:  # noqa: PLR2004 - a pair
        return None
    return int(words[0]) / int(words[1])


def _throttled_ns(level: Path) -> int:
    counts = _counts(level / "cpu.stat")
    return counts.get("throttled_usec", 0) * _NS_PER_US or counts.get("throttled_time", 0)


def _memory(root: Path) -> Iterator[tuple[int, int]]:
    """Yield limit and use of each level that limits memory, in bytes."""
    for level in _levels(root, "memory"):
        counts = _counts(level / "memory.stat")
        # Above memory.high the kernel slows a group down instead of ending it: as little room as at a hard limit.
        limits = [_number(level / name) for name in ("memory.max", "memory.high", "memory.limit_in_bytes")]
        # Of version 1: the least limit of the levels above, those outside of a container too.
        limits.append(counts.get("hierarchical_memory_limit"))
        known = [limit for limit in limits if limit is not None and limit < _UNLIMITED]
        used = next((n for name in ("current", "usage_in_bytes") if (n := _number(level / f"memory.{name}"))), 0)
        if known:
            yield min(known), max(0, used - _reclaimable(counts))
        if _read(level.parent / "memory.use_hierarchy") == "0":
            return


def _reclaimable(counts: dict[str, int]) -> int:
    """Return the bytes of a group that are cache; version 1 counts those of the groups below as `total_...`."""
    names = ("inactive_file", "active_file", "slab_reclaimable")
    return sum(counts.get(f"total_{name}", counts.get(name, 0)) for name in names)


def _left(level: Path) -> int | None:
    most, now = _number(level / "pids.max"), _number(level / "pids.current")
    return None if most is None else max(0, most - (now or 0))


def _counts(path: Path) -> dict[str, int]:
    """Return the lines `name number` of a file."""
    pairs = (line.split() for line in _read(path).splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}  # noqa: PLR2004 - a pair


def _number(path: Path) -> int | None:
    text = _read(path)
    return int(text) if text.isdigit() else None


def _unescaped(word: str) -> str:
    """Return a word of mountinfo, in which spaces are written as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), word)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
