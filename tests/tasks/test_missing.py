"""What a system lacks costs only what needs it: no git, no C compiler, no control groups, no counters of the CPUs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.outcomes import RATIO, assert_no_traceback, table_of
from tests.support.world import World, end_of

NEEDED = ("sh", "install", "cat", "mkdir", "mv", "rm", "sleep", "uname", "env")


@pytest.mark.whole
def test_bench_goes_on_without_git_and_c_compiler(world: World) -> None:
    world.add_right("alpha")
    (world.cache / "launcher").unlink()
    folder = world.root / "few"
    folder.mkdir()
    for name in NEEDED:
        (folder / name).symlink_to(shutil.which(name) or "/bin/sh")
    world.environment["PATH"] = f"{world.tools}:{folder}"
    said = world.task("bench", "--runs", "2")

    assert said.code == 0, said.err
    assert RATIO.search(table_of(said)[0])
    assert "commit none" in said.out
    assert_no_traceback(said)
    doctor = world.task("doctor")
    assert "warning  git " in doctor.out
    assert "missing  C compiler " in doctor.out


def _can_hide_files() -> bool:
    """Return whether this process may have mounts of its own."""
    if shutil.which("unshare") is None:
        return False
    command = ("unshare", "-m", "mount", "--bind", "/dev/null", "/proc/stat")
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.whole
@pytest.mark.skipif(os.geteuid() != 0 or not _can_hide_files(), reason="needs mounts of its own")
@pytest.mark.parametrize(
    "hidden",
    [
        ("/proc/stat",),
        ("/proc/self/cgroup", "/proc/self/mountinfo"),
        ("/proc/meminfo", "/proc/cpuinfo", "/etc/machine-id"),
    ],
)
def test_bench_and_doctor_go_on_without_files_of_the_kernel(world: World, hidden: tuple[str, ...]) -> None:
    world.add_right("alpha")
    mounts = " && ".join(f"mount --bind /dev/null {path}" for path in hidden if Path(path).exists())
    # /proc/self is the one of `mount`, so that its files are hidden by a link to the shell's own.
    prefix = ("unshare", "-m", "/bin/sh", "-c", mounts.replace("/proc/self/", "/proc/$$/") + ' && exec "$@"', "sh")
    bench = end_of(world.start("bench", "--runs", "2", prefix=prefix))
    doctor = end_of(world.start("doctor", prefix=prefix))

    assert bench.code == 0, bench.err
    assert RATIO.search(table_of(bench)[0])
    assert "machine: " in bench.out
    assert doctor.code in (0, 3)
    for said in (bench, doctor):
        assert_no_traceback(said)
