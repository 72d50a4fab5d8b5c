"""Limits of control groups: as trees of files, and of version 1 with real groups where root may make them."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqbench.system.cgroups import GroupLimits, cpu_groups, group_limits
from seqbench.system.machine import this_machine
from tests.support.groups import a_tree

MIB = 1 << 20
V2 = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"


def test_system_without_groups_has_no_limits(tmp_path: Path) -> None:
    assert group_limits(tmp_path) == GroupLimits()
    assert cpu_groups(tmp_path).throttled_ns() is None


def test_least_limit_of_all_levels_holds_in_version_2(tmp_path: Path) -> None:
    files = {
        "sys/fs/cgroup/a/cpu.max": "50000 100000",
        "sys/fs/cgroup/a/b/cpu.max": "max 100000",
        "sys/fs/cgroup/a/b/c/cpu.max": "150000 100000",
        "sys/fs/cgroup/a/memory.max": str(100 * MIB),
        "sys/fs/cgroup/a/memory.current": str(30 * MIB),
        "sys/fs/cgroup/a/b/memory.max": "max",
        "sys/fs/cgroup/a/b/memory.high": str(90 * MIB),
        "sys/fs/cgroup/a/b/memory.current": str(10 * MIB),
        "sys/fs/cgroup/a/b/c/pids.max": "max",
        "sys/fs/cgroup/a/b/pids.max": "40",
        "sys/fs/cgroup/a/b/pids.current": "10",
        # A group beside the own one.
        "sys/fs/cgroup/a/other/cpu.max": "1000 100000",
    }
    found = group_limits(a_tree(tmp_path, "0::/a/b/c", V2, files))

    assert found.cpus == 0.5
    assert found.memory_bytes == 90 * MIB
    assert found.available_memory_bytes == 70 * MIB
    assert found.processes == 30


def test_page_cache_is_free_in_version_2(tmp_path: Path) -> None:
    files = {
        "sys/fs/cgroup/a/memory.max": str(100 * MIB),
        "sys/fs/cgroup/a/memory.current": str(95 * MIB),
        "sys/fs/cgroup/a/memory.stat": f"anon {15 * MIB}\ninactive_file {60 * MIB}\nactive_file {20 * MIB}\nshmem 7",
    }

    assert group_limits(a_tree(tmp_path, "0::/a", V2, files)).available_memory_bytes == 85 * MIB


def test_page_cache_of_groups_below_is_free_in_version_1(tmp_path: Path) -> None:
    mount = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
    files = {
        "sys/fs/cgroup/memory/a/memory.limit_in_bytes": str(1 << 30),
        "sys/fs/cgroup/memory/a/memory.usage_in_bytes": str(900 * MIB),
        "sys/fs/cgroup/memory/a/memory.stat": f"cache 1\ninactive_file 0\ntotal_inactive_file {500 * MIB}\n"
        f"total_active_file {300 * MIB}\nhierarchical_memory_limit {1 << 30}",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "sys/fs/cgroup/memory/memory.use_hierarchy": "1",
    }
    found = group_limits(a_tree(tmp_path, "4:memory:/a", mount, files))

    assert (found.memory_bytes, found.available_memory_bytes) == (1 << 30, (1 << 30) - 100 * MIB)


def test_limit_outside_of_the_container_is_seen_in_version_1(tmp_path: Path) -> None:
    mount = "35 31 0:32 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory"
    files = {
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": str(10 * MIB),
        "sys/fs/cgroup/memory/memory.stat": f"hierarchical_memory_limit {64 * MIB}",
    }
    found = group_limits(a_tree(tmp_path, "4:memory:/docker/x", mount, files))

    assert (found.memory_bytes, found.available_memory_bytes) == (64 * MIB, 54 * MIB)


@pytest.mark.parametrize(
    ("group", "root", "folder"),
    [
        ("/", "/", "/sys/fs/cgroup"),
        ("/docker/x", "/docker/x", "/sys/fs/cgroup"),
        ("/docker/x/own", "/docker/x", "/sys/fs/cgroup/own"),
        # Mounted before the name space of the groups was made, and a process that was moved into it.
        ("/", "/../..", "/sys/fs/cgroup"),
        ("/../beside", "/", "/sys/fs/cgroup"),
        ("/own", "/", "/mnt/my groups/own"),
    ],
)
@pytest.mark.parametrize("version", [1, 2])
def test_container_sees_groups_from_its_own_root(
    tmp_path: Path, version: int, group: str, root: str, folder: str
) -> None:
    point = folder.removesuffix("/own").replace(" ", r"\040")
    if version == 1:
        mount = f"30 23 0:26 {root} {point} rw shared:9 - cgroup cgroup rw,cpu,cpuacct"
        files = {"cpu.cfs_quota_us": "25000", "cpu.cfs_period_us": "100000"}
        groups = f"7:cpuset:/elsewhere\n3:cpu,cpuacct:{group}\n1:name=systemd:/x"
    else:
        mount, files, groups = (
            f"30 23 0:26 {root} {point} rw - cgroup2 none rw",
            {"cpu.max": "25000 100000"},
            f"0::{group}",
        )
    tree = a_tree(tmp_path, groups, mount, {f"{folder[1:]}/{name}": text for name, text in files.items()})

    assert group_limits(tree).cpus == 0.25


def test_mount_of_other_groups_and_hidden_mounts_say_nothing(tmp_path: Path) -> None:
    mounts = (
        "30 23 0:26 /other /mnt/other rw - cgroup2 none rw\n"
        "31 23 0:26 / /mnt/hidden rw - cgroup2 none rw\n"
        "32 23 0:40 / /mnt/hidden rw - tmpfs tmpfs rw\n"
        "33 23 0:26 /own /sys/fs/cgroup rw - cgroup2 none rw\n"
        "a line that is cut"
    )
    files = {
        "mnt/other/cpu.max": "10000 100000",
        "mnt/hidden/own/cpu.max": "20000 100000",
        "sys/fs/cgroup/cpu.max": "30000 100000",
    }

    assert group_limits(a_tree(tmp_path, "0::/own", mounts, files)).cpus == 0.3


@pytest.mark.parametrize("text", ["", "max", "x y", "50000 0", "-1 100000"])
def test_quota_that_is_none_or_unreadable_is_no_limit(tmp_path: Path, text: str) -> None:
    assert group_limits(a_tree(tmp_path, "0::/", V2, {"sys/fs/cgroup/cpu.max": text})).cpus is None


@pytest.mark.parametrize(("line", "expected"), [("throttled_usec 1500", 1_500_000), ("throttled_time 1500", 1_500)])
def test_time_of_throttling_is_read_where_there_is_a_quota(tmp_path: Path, line: str, expected: int) -> None:
    files = {"sys/fs/cgroup/cpu.max": "max 100000", "sys/fs/cgroup/cpu.stat": f"nr_throttled 3\n{line}"}
    tree = a_tree(tmp_path, "0::/", V2, files)

    assert cpu_groups(tree).throttled_ns() is None
    (tree / "sys/fs/cgroup/cpu.max").write_text("50000 100000")
    assert cpu_groups(tree).throttled_ns() == expected


@pytest.mark.parametrize(
    ("own", "whole", "expected"),
    [
        ("some avg10=1.00 total=350\nfull total=9", "some total=7", 350_000),
        (None, "some total=7", 7_000),
        ("", "", None),
    ],
)
def test_waiting_tasks_are_those_of_the_own_group_or_of_the_system(
    tmp_path: Path, own: str | None, whole: str, expected: int | None
) -> None:
    files = {"proc/pressure/cpu": whole} | ({} if own is None else {"sys/fs/cgroup/a/cpu.pressure": own})
    assert cpu_groups(a_tree(tmp_path, "0::/a", V2, files)).pressure_ns() == expected


# --- Real groups


@pytest.fixture
def real_group(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A new group of version 1 for the controller that the test names, below the own group."""
    folder = Path("/sys/fs/cgroup") / request.param / f"seqbench-test-{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no group of version 1 can be made: {error.strerror}")
    yield folder
    folder.rmdir()


def _within(group: Path, expression: str) -> str:
    """Return what an expression is in a process of this group."""
    modules = "".join(f"from seqbench.system.{name} import *; " for name in ("cgroups", "limits", "machine"))
    code = f"{modules}print({expression})"
    return subprocess.run(
        ("/bin/sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh", sys.executable, "-c", code),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


@pytest.mark.parametrize("real_group", ["cpu"], indirect=True)
def test_real_quota_of_version_1_is_another_machine(real_group: Path) -> None:
    (real_group / "cpu.cfs_quota_us").write_text("50000")
    identity, quota = _within(real_group, "this_machine().identity, this_machine().cpu_quota").split()

    assert float(quota) == 0.5
    assert identity != this_machine().identity


@pytest.mark.parametrize("real_group", ["memory"], indirect=True)
def test_real_memory_limit_of_version_1_holds(real_group: Path) -> None:
    (real_group / "memory.limit_in_bytes").write_text(str(1 << 30))
    words = "this_machines_limits().available_memory_bytes, this_machine().memory_limit_bytes"
    available, limit = _within(real_group, words).split()

    assert int(limit) == 1 << 30
    assert 0 < int(available) <= 1 << 30


@pytest.mark.parametrize("real_group", ["cpuset"], indirect=True)
def test_real_cpuset_is_the_number_of_cores(real_group: Path) -> None:
    (real_group / "cpuset.mems").write_text("0")
    (real_group / "cpuset.cpus").write_text(str(min(os.sched_getaffinity(0))))

    assert _within(real_group, "this_machine().cores") == "1"


@pytest.mark.parametrize("real_group", ["pids"], indirect=True)
def test_real_limit_of_processes_is_read(real_group: Path) -> None:
    (real_group / "pids.max").write_text("100")

    assert 90 <= int(_within(real_group, "group_limits().processes")) < 100
