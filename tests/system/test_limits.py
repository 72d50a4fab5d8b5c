import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqbench.system.facts import Ceiling
from seqbench.system.limits import shortage, this_machines_limits
from seqbench.system.machine import this_machine
from tests.support.groups import a_tree

GIB = 1 << 30
V2 = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"


def a_root(root: Path, **files: str) -> Path:
    """Write a system with these files, of which `a__b` is `a/b`, for one that limits no user's processes."""
    names = {name.replace("__", "/"): text for name, text in files.items()}
    return a_tree(root, "0::/", V2, {"proc/self/uid_map": "0 0 4294967295", **names})


def test_the_limits_are_those_of_the_kernel() -> None:
    limits = this_machines_limits()

    file = Path("/proc/sys/vm/max_map_count")
    assert limits.max_map_count == (int(file.read_text()) if file.exists() else None)
    if Path("/proc/meminfo").exists():
        assert limits.available_memory_bytes is not None
        assert 0 < limits.available_memory_bytes <= this_machine().memory_bytes


def test_available_memory_is_the_least_of_system_and_groups(tmp_path: Path) -> None:
    files = {
        "proc/meminfo": "MemTotal: 9000000 kB\nMemAvailable:    8388608 kB",
        "sys/fs/cgroup/memory.max": str(3 * GIB),
        "sys/fs/cgroup/memory.current": str(2 * GIB),
        "sys/fs/cgroup/memory.stat": f"inactive_file {GIB}",
    }

    assert this_machines_limits(a_tree(tmp_path / "a", "0::/", V2, files)).available_memory_bytes == 2 * GIB
    files["sys/fs/cgroup/memory.max"] = "max"
    assert this_machines_limits(a_tree(tmp_path / "b", "0::/", V2, files)).available_memory_bytes == 8 * GIB
    assert this_machines_limits(tmp_path / "empty").available_memory_bytes is None


def test_strict_overcommit_limits_the_address_space(tmp_path: Path) -> None:
    meminfo = f"CommitLimit: {8 << 20} kB\nCommitted_AS: {3 << 20} kB"
    strict = a_root(tmp_path / "2", proc__sys__vm__overcommit_memory="2", proc__meminfo=meminfo)
    usual = a_root(tmp_path / "0", proc__sys__vm__overcommit_memory="0", proc__meminfo=meminfo)

    assert this_machines_limits(strict).address_space == Ceiling(
        name="vm.overcommit_memory=2 (CommitLimit)", value=5 * GIB, fix="sudo sysctl -w vm.overcommit_memory=0"
    )
    assert this_machines_limits(usual).address_space is None


@pytest.mark.skipif(os.getuid() != 0, reason="the limit of the user's own processes may be lower")
def test_least_limit_of_threads_is_named(tmp_path: Path) -> None:
    kernel = {"proc__sys__kernel__pid_max": "32768", "proc__sys__kernel__threads-max": "192731"}
    kernel["proc__loadavg"] = "0.1 0.2 0.3 2/768 999"
    found = this_machines_limits(a_root(tmp_path / "pids", **kernel)).threads
    assert found == Ceiling(name="kernel.pid_max", value=32_000, fix="sudo sysctl -w kernel.pid_max=4194304")

    group = {"sys__fs__cgroup__pids.max": "100", "sys__fs__cgroup__pids.current": "70"}
    found = this_machines_limits(a_root(tmp_path / "group", **kernel, **group)).threads
    assert found is not None
    assert (found.name, found.value) == ("pids.max of the control group", 30)
    assert "TasksMax=" in found.fix
    assert this_machines_limits(a_root(tmp_path / "none")).threads is None


def _limited(name: str, value: int, expression: str) -> str:
    """Return what an expression is in a process with this limit."""
    code = (
        f"import resource; resource.setrlimit(resource.{name}, ({value}, {value}))\n"
        f"from seqbench.system.limits import *; found = this_machines_limits(); print({expression})"
    )
    return subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize(("name", "flag"), [("RLIMIT_AS", "-v"), ("RLIMIT_DATA", "-d")])
def test_limit_of_the_shell_is_named(name: str, flag: str) -> None:
    space = "found.address_space"
    said = _limited(name, 3 << 30, f"{space}.name, {space}.value, {space}.fix")

    assert said.startswith(f"{name} (ulimit {flag}) {3 << 30} ")
    assert f"ulimit {flag}" in said.partition(") ")[2]


def test_limit_of_processor_time_is_named() -> None:
    space = "found.cpu_time"
    assert _limited("RLIMIT_CPU", 900, f"{space}.name, {space}.value").startswith("RLIMIT_CPU (ulimit -t) 900")
    assert _limited("RLIMIT_CORE", 0, space) == "None"


def test_root_of_a_container_is_not_exempt_from_the_limit_of_processes(tmp_path: Path) -> None:
    root = a_root(tmp_path, proc__self__uid_map="0 100000 65536")
    said = _limited("RLIMIT_NPROC", 200, f"this_machines_limits(Path({str(root)!r})).threads.name, found.threads.name")

    assert said.startswith("RLIMIT_NPROC (ulimit -u)")
    assert said.count("RLIMIT_NPROC") == (1 if os.getuid() == 0 else 2)


@pytest.mark.skipif(not Path("/proc/sys/kernel/pid_max").exists(), reason="this system has no known limit of threads")
def test_error_that_is_a_lack_of_threads_names_the_limit() -> None:
    threads = this_machines_limits().threads
    assert threads is not None

    for error in (RuntimeError("can't start new thread"), BlockingIOError(errno.EAGAIN, "Try again", "/usr/bin/git")):
        found = shortage(error)
        assert found is not None
        assert found.name == threads.name
    others = (RuntimeError("other"), BlockingIOError(errno.EAGAIN, "Try again"), OSError(errno.ENOSPC, "full"))
    assert [shortage(other) for other in others] == [None] * 3


def test_error_that_is_a_lack_of_memory_names_the_limit() -> None:
    expression = "[shortage(e).name for e in (MemoryError(), OSError(12, 'no memory'))], shortage(ValueError())"

    assert _limited("RLIMIT_AS", 3 << 30, expression) == str(["RLIMIT_AS (ulimit -v)"] * 2) + " None"


def test_limit_of_processes_that_root_does_not_feel_is_known(tmp_path: Path) -> None:
    host = a_root(tmp_path / "host")
    container = a_root(tmp_path / "container", proc__self__uid_map="0 100000 65536")
    words = [f"(ignored_process_limit(Path({str(root)!r})) or 0) and 1" for root in (host, container)]

    assert _limited("RLIMIT_NPROC", 200, ", ".join(words)) == ("1 0" if os.getuid() == 0 else "0 0")
