"""Settings and files of the user and of folders above do not reach the builds (real Go and real clang)."""

import platform
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.bench.build import Executable, build_all
from seqbench.events import ignore
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.session import Failed
from seqbench.suite.benchmarks import Program
from seqbench.suite.manifest import load_suite
from seqbench.system.facts import Command
from seqbench.system.process import run
from seqbench.toolchain.toolchain import Toolchain
from tests.support.tools import find_go
from tests.support.world import CPU, REPOSITORY, SYSTEM_PATH

pytestmark = pytest.mark.toolchain


def go_program(home: Path) -> Executable:
    """Build the Go program of Ping-Pong with its cache in a home folder."""
    environment = {"HOME": str(home), "PATH": SYSTEM_PATH}
    cache = home / "cache"
    tools = Toolchain(tools=(find_go(environment, cache, CPU),), search_path=SYSTEM_PATH)
    (program,) = [each for each in _programs() if each.runtime.name == "go" and not each.variant]
    made = build_all((program,), tools, cache=cache, environment=environment, listen=ignore)[program]
    assert isinstance(made, Executable), made
    return made


def _programs() -> tuple[Program, ...]:
    (benchmark,) = [each for each in load_suite(REPOSITORY / "benchmarks").benchmarks if each.name == "pingpong"]
    return benchmark.programs


def test_go_settings_modules_and_workspaces_of_the_user_change_nothing(tmp_path: Path) -> None:
    clean, full = tmp_path / "clean", tmp_path / "full"
    for home in (clean, full):
        home.mkdir()
    settings = full / ".config" / "go" / "env"
    settings.parent.mkdir(parents=True)
    settings.write_text("GOFLAGS=-gcflags=-N\nGOAMD64=v3\n")
    (full / "go.mod").write_text("module x\n\ngo 1.21\n")
    (full / "go.work").write_text("go 1.21\nuse .\n")

    assert go_program(full).digest == go_program(clean).digest


@pytest.mark.skipif(platform.machine() != "x86_64", reason="looks for instructions of x86-64")
def test_programs_of_seq_have_no_instructions_of_newer_cpus(
    built: dict[Program, Executable | Failed],
) -> None:
    """`zig cc` takes the CPU of this machine, unless it is told otherwise; so a vector of 256 bits shows it."""
    if shutil.which("objdump") is None:
        pytest.skip("there is no objdump on PATH")
    (program,) = [each for each in built if each.runtime.name == COMPARED_RUNTIME and each.benchmark == "pingpong"]
    made = built[program]
    assert isinstance(made, Executable), made
    command = Command(
        argv=("objdump", "-d", "--no-show-raw-insn", str(made.path)),
        directory=Path("/"),
        environment={"PATH": SYSTEM_PATH},
        timeout_s=600.0,
        output_limit_bytes=1 << 30,
    )
    code = run(replace(command, argv=(str(shutil.which("objdump")), *command.argv[1:]))).stdout.decode()
    # What chooses its code at run time (memchr and the like) has such instructions in functions of its own.
    ours = [part for part in code.split("\n\n") if "<seq_" in part.partition("\n")[0]]
    assert len(ours) > 3
    assert [part.partition("\n")[0] for part in ours if "%ymm" in part] == []
