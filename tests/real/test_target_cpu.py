"""The real compilers make code for the CPU that they are told to."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.bench.build import Executable, build_all
from seqbench.bench.request import Request
from seqbench.bench.tools import find_tools
from seqbench.events import ignore
from seqbench.runtimes.registry import shipped
from seqbench.suite.manifest import load_suite
from seqbench.system.facts import Command
from seqbench.system.machine import this_processor
from seqbench.system.process import run
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.tools import find_clang
from tests.support.world import CPU, NATIVE, REPOSITORY

pytestmark = [
    pytest.mark.toolchain,
    pytest.mark.skipif("avx2" not in this_processor().features, reason="this CPU has no AVX2 to look for"),
]


def _said(*argv: str, environment: Mapping[str, str], folder: Path) -> str:
    finished = run(Command(argv=argv, directory=folder, environment=environment, timeout_s=600.0))
    assert finished.ok, finished.stderr
    return finished.stdout.decode()


@pytest.mark.parametrize("cpu", [CPU, NATIVE], ids=["baseline", "native"])
def test_clang_uses_avx2_only_in_native_code(
    cpu: TargetCpu, environment: Mapping[str, str], cache: Path, tmp_path: Path
) -> None:
    clang = find_clang(environment, cache, cpu)
    source = tmp_path / "empty.c"
    source.touch()
    variables = {**environment, **dict(clang.environment)}
    defined = _said(str(clang.folder) + "/clang", "-dM", "-E", str(source), environment=variables, folder=tmp_path)

    assert ("__AVX2__" in defined) is (cpu is NATIVE)


@pytest.mark.parametrize("cpu", [CPU, NATIVE], ids=["baseline", "native"])
def test_go_program_is_made_for_the_level(
    cpu: TargetCpu, request_for_quick_run: Request, cache: Path, tmp_path: Path
) -> None:
    asked = replace(request_for_quick_run, target_cpu=cpu)
    tools = find_tools(shipped("go"), asked, ignore)
    programs = [
        program for benchmark in load_suite(REPOSITORY / "benchmarks").benchmarks for program in benchmark.programs
    ]
    program = next(each for each in programs if each.runtime.name == "go")
    made = build_all((program,), tools, cache=cache, environment=asked.environment, listen=ignore)[program]
    assert isinstance(made, Executable), made

    go = tools.tool("go")
    variables = {**asked.environment, **dict(go.environment)}
    said = _said(str(go.path), "version", "-m", str(made.path), environment=variables, folder=tmp_path)
    assert re.findall(r"GOAMD64=(\S+)", said) == [cpu.amd64]
