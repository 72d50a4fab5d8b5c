import hashlib
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.system import machine
from seqbench.system.facts import Machine
from tests.support.groups import a_tree

GIB = 1 << 30
V2 = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"
ID = "0123456789abcdef0123456789abcdef"


def a_root(root: Path, machine_id: str = ID, files: dict[str, str] | None = None) -> Path:
    """Write a system with a machine ID and a memory of its own."""
    tree = a_tree(
        root, "0::/", V2, {"etc/machine-id": machine_id, "proc/cpuinfo": "model name\t: A CPU", **(files or {})}
    )
    (tree / "proc/self/ns").mkdir()
    (tree / "proc/self/ns/uts").symlink_to("uts:[4026531838]")
    return tree


def before(cpu: str, cores: int, memory: int, system: str, name: str) -> Machine:
    """Build a machine as seqbench described it when the kernel and the exact memory were part of the identity."""
    identity = hashlib.sha256(f"{cpu}|{cores}|{memory}|{system}|{name}".encode()).hexdigest()[:12]
    return Machine(cpu=cpu, cores=cores, memory_bytes=memory, system=system, identity=identity)


def test_this_machine_is_described_and_always_the_same() -> None:
    host = machine.this_machine()

    assert host == machine.this_machine()
    assert 1 <= host.cores <= (os.cpu_count() or 1)
    assert host.memory_bytes > 64 << 20
    assert host.cpu
    assert host.system.startswith(f"{platform.system()} ")
    assert host.host == platform.node()
    assert len(host.identity) == 12


@pytest.mark.skipif(sys.platform != "linux", reason="setarch is Linux's")
def test_other_kernel_is_the_same_machine() -> None:
    code = "from seqbench.system.machine import *; m = this_machine(); print(m.identity, m.system)"
    said = subprocess.run(
        ("setarch", "--uname-2.6", sys.executable, "-c", code), check=True, capture_output=True, text=True
    ).stdout
    identity, system = said.strip().split(" ", 1)

    assert system.startswith("Linux 2.6.")
    assert identity == machine.this_machine().identity


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="only root may rename a machine")
def test_other_host_name_is_the_same_machine() -> None:
    code = "from seqbench.system.machine import *; m = this_machine(); print(m.identity, m.host)"
    script = 'hostname seqbench-container && exec "$@"'
    command = ("unshare", "--uts", "sh", "-c", script, "sh", sys.executable, "-c", code)
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    if said.returncode:
        pytest.skip(f"no other host name can be set: {said.stderr}")

    assert said.stdout.split() == [machine.this_machine().identity, "seqbench-container"]


def test_machine_id_tells_machines_apart_and_a_host_name_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = a_root(tmp_path / "one"), a_root(tmp_path / "other", ID[::-1])
    found = machine.this_machine(one)

    assert machine.this_machine(other).identity != found.identity
    monkeypatch.setattr(platform, "node", lambda: "another-name")
    assert machine.this_machine(one).identity == found.identity
    assert machine.this_machine(one).host == "another-name"


@pytest.mark.parametrize("machine_id", ["", "uninitialized"])
def test_host_name_counts_without_machine_id_unless_it_is_a_containers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine_id: str
) -> None:
    host, container = a_root(tmp_path / "host", machine_id), a_root(tmp_path / "container", machine_id)
    (container / "proc/self/ns/uts").unlink()
    (container / "proc/self/ns/uts").symlink_to("uts:[4026532281]")
    found = {root: machine.this_machine(root).identity for root in (host, container)}
    monkeypatch.setattr(platform, "node", lambda: "another-name")

    assert machine.this_machine(host).identity != found[host]
    assert machine.this_machine(container).identity == found[container]


def test_quota_and_memory_limit_are_another_machine(tmp_path: Path) -> None:
    whole = machine.this_machine(a_root(tmp_path / "whole"))
    half = machine.this_machine(a_root(tmp_path / "half", files={"sys/fs/cgroup/cpu.max": "50000 100000"}))
    small = machine.this_machine(a_root(tmp_path / "small", files={"sys/fs/cgroup/memory.max": str(GIB // 2)}))

    assert len({whole.identity, half.identity, small.identity}) == 3
    assert (half.cpus, half.earlier_identity, small.earlier_identity) == (0.5, "", "")
    assert f"{half.cores} cores (CPU quota 0.5), " in half.sentence()
    assert " (limit 512 MiB), " in small.sentence()


def test_quota_and_limit_above_the_machine_are_none(tmp_path: Path) -> None:
    files = {"sys/fs/cgroup/cpu.max": "99900000 100000", "sys/fs/cgroup/memory.max": str(1 << 55)}
    found = machine.this_machine(a_root(tmp_path / "wide", files=files))

    assert (found.cpu_quota, found.memory_limit_bytes) == (None, None)
    assert found.identity == machine.this_machine(a_root(tmp_path / "whole")).identity


def test_machine_of_before_is_recognised_with_any_kernel(tmp_path: Path) -> None:
    root = a_root(tmp_path)
    now = machine.this_machine(root)
    systems = (now.system, f"Linux 5.1.0 {platform.machine()}")
    # A kernel keeps some megabytes more for itself.
    for system, memory in zip(systems, (now.memory_bytes, now.memory_bytes - (8 << 20)), strict=True):
        stored = before(now.cpu, now.cores, memory, system, ID)
        found = machine.recognised(stored, root)

        assert (found.identity, found.earlier_identity, found.system) == (now.identity, stored.identity, system)
        assert now.is_same_as(found)


def test_machine_of_before_by_its_host_name_is_recognised(tmp_path: Path) -> None:
    root = a_root(tmp_path, "")
    now = machine.this_machine(root)
    stored = before(now.cpu, now.cores, now.memory_bytes, "Linux 5.1.0 " + platform.machine(), platform.node())

    assert machine.recognised(stored, root).identity == now.identity


def test_other_machine_with_the_same_processor_is_not_recognised(tmp_path: Path) -> None:
    root = a_root(tmp_path)
    now = machine.this_machine(root)
    stored = before(now.cpu, now.cores, now.memory_bytes, now.system, ID[::-1])

    assert machine.recognised(stored, root) == stored
    assert not now.is_same_as(stored)
    # One core of this machine is not the whole of it.
    part = before(now.cpu, now.cores + 1, now.memory_bytes, now.system, ID)
    assert machine.recognised(part, root).identity not in (part.identity, now.identity)


def test_machine_elsewhere_is_the_same_by_its_earlier_identity() -> None:
    stored = Machine(cpu="A", cores=2, memory_bytes=GIB, system="Linux 6 x86_64", identity="old")
    now = replace(stored, identity="new", earlier_identity="old")

    assert now.is_same_as(stored)
    assert stored.is_same_as(now)
    assert not stored.is_same_as(replace(stored, identity=""))


def test_system_without_proc_is_a_machine_all_the_same(tmp_path: Path) -> None:
    found = machine.this_machine(tmp_path)

    assert (found.cpu_quota, found.memory_limit_bytes) == (None, None)
    assert found.cpu
    assert found.identity == machine.this_machine(tmp_path).identity


def test_load_and_governor_are_told_where_the_system_shows_them() -> None:
    assert machine.load_average() >= 0
    assert machine.cpu_governor() != ""


def test_processor_has_the_features_that_all_cores_have(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "processor\t: 0\nmodel\t\t: 1\nflags\t\t: avx2 sse2\ncpu MHz\t\t: {mhz}\n\nprocessor\t: 1\nflags\t\t: sse2\n"
    seen = []
    for mhz in ("2000.0", "3000.1"):
        monkeypatch.setattr(machine, "_read", lambda _path, mhz=mhz: text.format(mhz=mhz))
        seen.append(machine.this_processor())

    assert seen[0].features == {"sse2"}
    assert "avx2" in seen[0].identity
    assert seen[0] == seen[1]


def test_processor_of_a_system_that_does_not_describe_it_has_no_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_read", lambda _path: "")
    found = machine.this_processor()

    assert not found.features
    assert found.identity
