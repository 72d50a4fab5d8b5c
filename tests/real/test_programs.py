import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.bench.build import Executable, lint
from seqbench.bench.check import Expected, check
from seqbench.bench.plan import PILOT
from seqbench.bench.programs import Side, unread_settings
from seqbench.errors import ToolchainError
from seqbench.sessions.session import Failed, Sample
from seqbench.suite.benchmarks import Benchmark, Program
from seqbench.suite.manifest import load_suite
from seqbench.system.facts import Command, Ending, Finished
from seqbench.system.process import run
from seqbench.toolchain.toolchain import Toolchain
from tests.support.world import REPOSITORY, SYSTEM_PATH

pytestmark = pytest.mark.toolchain

BENCHMARKS = load_suite(REPOSITORY / "benchmarks").benchmarks
PROGRAMS = [(benchmark, program) for benchmark in BENCHMARKS for program in benchmark.programs]
PROBES = load_suite(REPOSITORY / "studies" / "claims" / "probes").benchmarks
PROBE_PROGRAMS = [(benchmark, program) for benchmark in PROBES for program in benchmark.programs]
Built = Mapping[Program, Executable | Failed]


def for_each(programs: list[tuple[Benchmark, Program]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("benchmark", "program"), programs, ids=[p.source.name for _, p in programs])


def executable_of(program: Program, built: Built) -> Executable:
    executable = built[program]
    if isinstance(executable, Failed) and executable.reason in {"no compiler", "no interpreter"}:
        # Only a tool that a default runtime needs must be there.
        pytest.skip(executable.detail)
    assert isinstance(executable, Executable), executable
    return executable


def started(program: Program, built: Built, folder: Path, arguments: list[str], **variables: str) -> Finished:
    executable = executable_of(program, built)
    return run(
        Command(
            argv=(*executable.argv, *arguments),
            directory=folder,
            environment={"PATH": SYSTEM_PATH, "HOME": str(folder), **dict(executable.environment), **variables},
            # A program that takes 20,000 leaves for a size would fill the memory in less than a minute.
            timeout_s=300.0,
        )
    )


def quick(benchmark: Benchmark) -> dict[str, int]:
    return {parameter.name: parameter.quick for parameter in benchmark.parameters}


def played(benchmark: Benchmark, program: Program, built: Built, folder: Path, **variables: str) -> Finished:
    return started(program, built, folder, [str(value) for value in quick(benchmark).values()], **variables)


@for_each([*PROGRAMS, *PROBE_PROGRAMS])
def test_it_does_its_work_rightly_at_its_quick_size(
    benchmark: Benchmark, program: Program, built: Built, tmp_path: Path
) -> None:
    finished = played(benchmark, program, built, tmp_path)

    sizes = quick(benchmark)
    expected = Expected(
        result=benchmark.expected_result.value(sizes) if benchmark.expected_result else None,
        ledger=tuple((key, formula.value(sizes)) for key, formula in benchmark.expected_ledger),
        startup_ns=(program.runtime.startup.limit_ns({}) if program.runtime.startup else None),
        timeout_s=600.0,
        output_limit_bytes=1 << 20,
    )
    sample = check(finished, expected, round_number=PILOT, position=0)
    assert isinstance(sample, Sample), sample
    assert finished.stderr == b""


@for_each([*PROGRAMS, *PROBE_PROGRAMS])
def test_the_linter_finds_nothing(
    benchmark: Benchmark, program: Program, tools: Toolchain, environment: Mapping[str, str]
) -> None:
    try:
        found = lint(program, tools, environment)
    except ToolchainError as error:
        pytest.skip(error.message)
    assert found == ""


@for_each([(benchmark, program) for benchmark, program in PROGRAMS if benchmark.parameters])
def test_arguments_that_make_no_sense_are_refused_at_once(
    benchmark: Benchmark, program: Program, built: Built, tmp_path: Path
) -> None:
    good = [str(value) for value in quick(benchmark).values()]
    bad = [
        [],
        [*good, "1"],
        *([*good[:-1], last] for last in ("0", "-1", "x", "", "1e3", " 1", "99999999999999999999")),
    ]
    if any(parameter.power_of == 10 for parameter in benchmark.parameters):
        bad += [[*good[:-1], last] for last in ("20000", "11", "10000000")]
    for arguments in bad:
        finished = started(program, built, tmp_path, arguments)
        assert (finished.ending, finished.status) == (Ending.EXITED, 2), arguments
        assert finished.stdout == b""
        assert b"usage: " in finished.stderr


@for_each([(b, program) for b, program in PROGRAMS if b.control_messages and program.runtime.name == "seq"])
def test_the_runtime_itself_counted_as_many_strands_and_messages_as_the_ledger_says(
    benchmark: Benchmark, program: Program, built: Built, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    finished = played(benchmark, program, built, tmp_path, SEQ_REPORT=f"json:{report}")
    assert finished.ok

    sizes = quick(benchmark)
    ledger = {key: formula.value(sizes) for key, formula in benchmark.expected_ledger}
    counted = json.loads(report.read_text())
    # The one more is main.
    assert counted["strands_spawned"] == counted["strands_completed"] == ledger["tasks"] + 1
    assert counted["messages_sent"] == counted["messages_received"]
    assert benchmark.control_messages is not None
    assert counted["messages_sent"] == ledger["messages"] + benchmark.control_messages.value(sizes)


@for_each([(benchmark, program) for benchmark, program in PROGRAMS if program.runtime.known_settings])
def test_executables_contain_the_names_of_the_settings_that_they_read(
    benchmark: Benchmark, program: Program, built: Built
) -> None:
    executable = executable_of(program, built)
    side = Side(name="", tools=Toolchain(tools=(), search_path=""), executables={program: executable})
    known = [setting.name for setting in program.runtime.known_settings]
    # The linker leaves out what these programs do not need of the network.
    local = [name for name in known if not name.startswith(("SEQ_DNS", "SEQ_TCP", "SEQ_TLS", "SEQ_HTTP"))]
    assert local
    assert unread_settings(side, dict.fromkeys([*local, "SEQ_POOL_CAPCITY"], "1")) == ("SEQ_POOL_CAPCITY",)
