"""The ways to start a child; tests/system/test_process.py holds what is the same for all of them."""

import errno
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from seqbench.system.child import start
from seqbench.system.facts import Command, Ending
from seqbench.system.launcher import Launcher, provide_launcher
from seqbench.system.process import run
from tests.support.world import REPOSITORY, SYSTEM_PATH, is_gone, until


def shell(text: str, launcher: tuple[str, ...] = ()) -> Command:
    return Command(
        argv=("/bin/sh", "-c", text),
        directory=Path("/"),
        environment={"PATH": SYSTEM_PATH},
        timeout_s=300.0,
        launcher=launcher,
    )


def launcher_of(way: str, folder: Path) -> Launcher:
    return provide_launcher(folder / "cache", {"PATH": SYSTEM_PATH if way == "compiled" else "/nonexistent"})


def test_group_of_an_ended_child_is_unknown(tmp_path: Path) -> None:
    command = shell("exit 0", launcher_of("compiled", tmp_path).argv)
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123 - a descriptor is wanted
        child = start(command, nothing.fileno(), nothing.fileno(), nothing.fileno())
        descriptor = child.descriptor()
        assert descriptor is not None
        select.select([descriptor], [], [])
        assert child.group() is None
        reaped = child.reap(0)
    assert os.waitstatus_to_exitcode(reaped.wait_status) == 0


def test_launcher_that_is_killed_is_an_error_and_takes_its_program_along(tmp_path: Path) -> None:
    launcher = launcher_of("compiled", tmp_path)
    command = shell(f"echo $$ >'{tmp_path}/pid'; kill -9 $PPID; sleep 300", launcher.argv)
    with pytest.raises(OSError, match="the launcher was killed"):
        run(command)
    until((tmp_path / "pid").exists, "the program has started")
    until(lambda: is_gone(int((tmp_path / "pid").read_text())), "the program is gone")


_HARNESS = """
import sys
from pathlib import Path
from seqbench.system.facts import Command, Pause
from seqbench.system.process import run
folder, share, *launcher = sys.argv[1:]
run(Command(
    argv=("/bin/sh", "-c", (Path(folder) / "text").read_text()), directory=Path(folder), environment={},
    timeout_s=300, launcher=tuple(launcher),
    pause=Pause(every_ns=1, share=float(share)) if float(share) else None,
))
"""


@pytest.mark.parametrize("way", ["compiled", "script"])
@pytest.mark.parametrize("share", [0.0, 1e9], ids=["running", "paused"])
def test_program_ends_with_the_harness_that_is_killed(tmp_path: Path, way: str, share: float) -> None:
    launcher = launcher_of(way, tmp_path)
    (tmp_path / "text").write_text("sleep 300 & echo $$ >started; wait")
    argv = (sys.executable, "-c", _HARNESS, str(tmp_path), str(share), *launcher.argv)
    with subprocess.Popen(argv, cwd=REPOSITORY) as harness:
        if not share:
            until((tmp_path / "started").exists, "the program has started")
        else:
            # It is stopped within a millisecond, before it could write anything.
            until(lambda: b"T (stopped)" in _states_of_children(harness.pid), "the program is stopped")
        stopped = _grandchildren(harness.pid)
        harness.kill()
    assert stopped
    for pid in stopped:
        until(lambda pid=pid: is_gone(pid), f"process {pid} is gone")  # type: ignore[misc]


def _grandchildren(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(n) for child in children for n in Path(f"/proc/{child}/task/{child}/children").read_text().split()]


def _states_of_children(pid: int) -> bytes:
    return b"".join(Path(f"/proc/{each}/status").read_bytes() for each in _grandchildren(pid))


def test_a_kernel_without_pidfd_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_pid: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "pidfd_open", refused)
    finished = run(shell("echo out; exit 3"))

    assert (finished.ending, finished.status, finished.stdout) == (Ending.EXITED, 3, b"out\n")
