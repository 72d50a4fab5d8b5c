"""`invoke new` with the real compilers: each program that it writes compiles, lints, runs and refuses bad arguments."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.bench.build import Executable, build_all, lint
from seqbench.bench.check import Expected, check
from seqbench.bench.plan import PILOT
from seqbench.bench.prepare import find_tools
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

Built = tuple[Toolchain, Benchmark, dict[Program, Executable | Failed]]


@pytest.fixture(scope="module")
def built(cache: Path, environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The programs of a new benchmark in a project that had no suite."""
    suite = tmp_path_factory.mktemp("project") / "benchmarks"
    write_skeleton(suite, "my-bench")
    request = make_request(Flags(), Config(), suite.parent, environment)
    tools = find_tools(RUNTIMES, request, ignore)
    (benchmark,) = load_suite(suite).benchmarks
    with lock_of(tmp_path_factory, "built"):
        return (
            tools,
            benchmark,
            build_all(benchmark.programs, tools, cache=cache, environment=environment, listen=ignore),
        )


def _run(executable: Executable | Failed, folder: Path, *arguments: str) -> Finished:
    assert isinstance(executable, Executable), executable
    argv = (str(executable.path), *arguments)
    return run(Command(argv=argv, directory=folder, environment={"PATH": SYSTEM_PATH}, timeout_s=300.0))


def test_new_programs_have_the_expected_result_and_ledger(built: Built, tmp_path: Path) -> None:
    _, benchmark, executables = built
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
    assert [program.runtime for program in executables] == list(RUNTIMES)
    assert len(expected.ledger) == 1
    for executable in executables.values():
        finished = _run(executable, tmp_path, *(str(value) for value in sizes.values()))
        sample = check(finished, expected, round_number=PILOT, position=0)
        assert isinstance(sample, Sample), sample
        assert finished.stderr == b""


def test_new_programs_have_nothing_to_lint(built: Built, environment: Mapping[str, str]) -> None:
    tools, benchmark, _ = built
    assert [lint(program, tools, environment) for program in benchmark.programs] == [""] * len(RUNTIMES)


def test_new_programs_refuse_bad_arguments(built: Built, tmp_path: Path) -> None:
    for executable in built[2].values():
        for arguments in ((), ("0",), ("-1",), ("x",), ("007",), ("",), ("10", "1"), ("99999999999999999999",)):
            finished = _run(executable, tmp_path, *arguments)
            assert (finished.status, finished.stdout) == (2, b""), arguments
            assert b"usage: my-bench MESSAGES" in finished.stderr
