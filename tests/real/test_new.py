"""`invoke new` with the real compilers: each program that it writes compiles, lints, runs and refuses bad arguments."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.bench.build import Executable, build_all, lint
from seqbench.bench.check import Expected, check
from seqbench.bench.plan import PILOT
from seqbench.bench.tools import find_tools
from seqbench.config import Config
from seqbench.events import ignore
from seqbench.flags import Flags, make_request
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.session import Failed, Sample
from seqbench.suite.benchmarks import Benchmark, Program
from seqbench.suite.manifest import load_suite
from seqbench.suite.scaffold import write_skeleton
from seqbench.system.facts import Command, Finished
from seqbench.system.process import run
from seqbench.toolchain.toolchain import Toolchain
from tests.support.once import lock_of
from tests.support.world import SYSTEM_PATH

pytestmark = pytest.mark.toolchain

Built = tuple[Toolchain, dict[Program, Executable | Failed], Benchmark]


@pytest.fixture(scope="module")
def built(cache: Path, environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The programs of a new benchmark in a project that had no suite."""
    suite = tmp_path_factory.mktemp("project") / "benchmarks"
    write_skeleton(suite, "my-bench")
    request = make_request(Flags(), Config(), suite.parent, environment)
    tools = find_tools(RUNTIMES, request, ignore)
    (benchmark,) = load_suite(suite).benchmarks
    missing = {name for name, _ in tools.missing}
    able = tuple(
        program for program in benchmark.programs if missing.isdisjoint(need.key for need in program.runtime.tools)
    )
    assert {program.runtime.name for program in able} >= {"seq", "go", "may", "tokio"}
    with lock_of(tmp_path_factory, "built"):
        return tools, build_all(able, tools, cache=cache, environment=environment, listen=ignore), benchmark


def _run(executable: Executable | Failed, folder: Path, *arguments: str) -> Finished:
    assert isinstance(executable, Executable), executable
    variables = {"PATH": SYSTEM_PATH, "HOME": str(folder), **dict(executable.environment)}
    return run(Command(argv=(*executable.argv, *arguments), directory=folder, environment=variables, timeout_s=300.0))


def test_new_programs_have_the_expected_result_and_ledger(built: Built, tmp_path: Path) -> None:
    _, executables, benchmark = built
    sizes = {parameter.name: parameter.quick for parameter in benchmark.parameters}
    assert benchmark.expected_result is not None
    expected = Expected(
        result=benchmark.expected_result.value(sizes),
        ledger=tuple((key, formula.value(sizes)) for key, formula in benchmark.expected_ledger),
        # Whether the clocks agree is another test, which needs a machine that is not busy.
        startup_ns=60_000_000_000,
        timeout_s=600.0,
        output_limit_bytes=1 << 20,
    )
    assert len(expected.ledger) == 1
    for executable in executables.values():
        finished = _run(executable, tmp_path, *(str(value) for value in sizes.values()))
        sample = check(finished, expected, round_number=PILOT, position=0)
        assert isinstance(sample, Sample), sample
        assert finished.stderr == b""


def test_new_programs_have_nothing_to_lint(built: Built, environment: Mapping[str, str]) -> None:
    tools, executables, _ = built
    assert {program.runtime.name: lint(program, tools, environment) for program in executables} == {
        program.runtime.name: "" for program in executables
    }


def test_new_programs_refuse_bad_arguments(built: Built, tmp_path: Path) -> None:
    for executable in built[1].values():
        for arguments in ((), ("0",), ("-1",), ("x",), ("007",), ("",), ("10", "1"), ("99999999999999999999",)):
            finished = _run(executable, tmp_path, *arguments)
            assert (finished.status, finished.stdout) == (2, b""), arguments
            assert b"usage: my-bench MESSAGES" in finished.stderr
