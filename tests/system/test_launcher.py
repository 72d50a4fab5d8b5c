from pathlib import Path

import pytest

from seqbench.system.facts import Command, Finished
from seqbench.system.launcher import Launcher, provide_launcher
from seqbench.system.process import run
from tests.support.world import SYSTEM_PATH

MIB = 1 << 20


def ran(launcher: Launcher, *argv: str) -> Finished:
    return run(
        Command(argv=argv, directory=Path("/"), environment={}, timeout_s=300.0, launcher=launcher.argv),
    )


def test_launcher_is_built_once(tmp_path: Path) -> None:
    first = provide_launcher(tmp_path, {"PATH": SYSTEM_PATH})
    made = Path(first.argv[0])
    before = made.stat().st_mtime_ns

    assert first.problem == ""
    assert provide_launcher(tmp_path, {"PATH": "/nonexistent"}) == first
    assert made.stat().st_mtime_ns == before


def test_launcher_that_does_not_work_is_built_again(tmp_path: Path) -> None:
    first = provide_launcher(tmp_path, {"PATH": SYSTEM_PATH})
    Path(first.argv[0]).write_bytes(b"")

    assert provide_launcher(tmp_path, {"PATH": SYSTEM_PATH}) == first
    assert ran(first, "/bin/true").ok


@pytest.mark.parametrize(
    ("compiler", "problem"),
    [
        (None, "there is no C compiler"),
        ("#!/bin/sh\necho broken cc >&2; exit 1\n", "broken cc"),
        ("#!/bin/sh\nexit 0\n", "what it made does not start"),
    ],
)
def test_without_a_working_compiler_it_is_a_script_that_says_its_floor(
    tmp_path: Path, compiler: str | None, problem: str
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    if compiler is not None:
        (tools / "cc").write_text(compiler)
        (tools / "cc").chmod(0o755)
    launcher = provide_launcher(tmp_path / "cache", {"PATH": str(tools)})

    assert problem in launcher.problem
    finished = ran(launcher, "/bin/true")
    assert finished.ok
    # The peak of /bin/true is hidden.
    assert MIB < finished.peak_floor_bytes == finished.usage.max_rss_bytes
