import os
import platform
from pathlib import Path

import pytest

from seqbench.system import machine


def test_this_machine_is_described_and_always_the_same() -> None:
    host = machine.this_machine()

    assert host == machine.this_machine()
    assert 1 <= host.cores <= (os.cpu_count() or 1)
    assert host.memory_bytes > 64 << 20
    assert host.cpu
    assert host.system.startswith(f"{platform.system()} ")
    assert len(host.identity) == 12


def test_the_limits_are_those_of_the_kernel() -> None:
    limits = machine.this_machines_limits()

    file = Path("/proc/sys/vm/max_map_count")
    assert limits.max_map_count == (int(file.read_text()) if file.exists() else None)
    if Path("/proc/meminfo").exists():
        assert limits.available_memory_bytes is not None
        assert 0 < limits.available_memory_bytes <= machine.this_machine().memory_bytes


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
