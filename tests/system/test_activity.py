import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqbench.system import activity
from seqbench.system.activity import with_activity

SPIN_S = 0.3


def spin() -> str:
    """Use the processor for a third of a second of processor time, however long that takes."""
    began = time.process_time()
    while time.process_time() - began < SPIN_S:
        pass
    return "done"


def test_our_own_work_is_counted_as_busy_and_as_our_own() -> None:
    result, found = with_activity(spin)

    assert result == "done"
    assert found is not None
    assert found.own_ns >= SPIN_S * 1e9
    assert found.busy_ns >= found.own_ns * 0.8
    assert found.window_ns >= SPIN_S * 1e9


@pytest.mark.whole
def test_work_of_a_child_that_has_ended_is_our_own() -> None:
    script = "import time; began = time.process_time()\nwhile time.process_time() - began < 0.3: pass"
    _, found = with_activity(lambda: subprocess.run(["python3", "-c", script], check=True))

    assert found is not None
    assert found.own_ns >= 300_000_000


@pytest.mark.whole
def test_work_of_others_is_busy_and_not_our_own() -> None:
    with subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) as other:
        try:
            # It runs at the same time, so that its share does not depend on what else the machine does.
            _, found = with_activity(spin)
        finally:
            other.kill()

    assert found is not None
    assert found.busy_ns - found.own_ns > 0.1 * found.window_ns


@pytest.mark.parametrize("content", [None, "", "intr 1 2 3\n", "cpu0 1 2 3\n"])
def test_system_that_does_not_count_it_gives_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "stat").write_text(content)
    monkeypatch.setattr(activity, "_STAT", tmp_path / "stat")

    assert with_activity(lambda: 42) == (42, None)


def test_counter_that_goes_back_counts_as_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = tmp_path / "stat"
    monkeypatch.setattr(activity, "_STAT", stat)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0})
    stat.write_text("cpu 9 9 9 9 9 9 9 9 0 0\ncpu0 100 0 100 7 7 0 0 50 0 0\ncpu1 8 8 8 8 8 8 8 8 0 0\n")

    def later() -> None:
        stat.write_text("cpu 9 9 9 9 9 9 9 9 0 0\ncpu0 103 0 101 7 7 0 1 49 0 0\ncpu1 9 9 9 9 9 9 9 9 0 0\n")

    _, found = with_activity(later)
    assert found is not None
    # Ticks of 10 ms: three of user, one of system, one of softirq; cpu1 is not ours to use.
    assert (found.busy_ns, found.steal_ns) == (50_000_000, 0)


def test_control_group_with_a_quota_is_seen_to_throttle() -> None:
    """A real group with a tenth of a processor, where groups of version 1 can be made."""
    group = Path("/sys/fs/cgroup/cpu/seqbench-test-throttling")
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"cannot make a control group: {error.strerror}")
    try:
        (group / "cpu.cfs_quota_us").write_text("10000")
        script = (
            "from seqbench.system.activity import with_activity\n"
            "import os, pathlib, time\n"
            f"pathlib.Path({str(group / 'cgroup.procs')!r}).write_text(str(os.getpid()))\n"
            "def spin():\n"
            "    while time.process_time() < began + 0.05: pass\n"
            "began = time.process_time()\n"
            "print(with_activity(spin)[1].throttled_ns > 0)\n"
        )
        seen = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
        assert seen.stdout == "True\n"
    finally:
        group.rmdir()
