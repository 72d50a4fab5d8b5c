import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.bench.build import Executable, build_all
from seqbench.events import ignore
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.session import Failed
from seqbench.suite.manifest import load_suite
from seqbench.system.facts import Command
from seqbench.system.process import run
from seqbench.toolchain.compiler_spec import RuntimeBuild
from seqbench.toolchain.seqc import runtime_build_of
from seqbench.toolchain.toolchain import Toolchain
from tests.support.world import SYSTEM_PATH

pytestmark = pytest.mark.toolchain

SEQ = """\
: main ( -- Int )
  "result: " io.write {number} int->string io.write-line
  0
;
"""


def outcomes(
    folder: Path, tools: Toolchain, environment: Mapping[str, str], **sources: str
) -> dict[str, Executable | Failed]:
    """Build these sources side by side with nothing built before; return what came of each."""
    for name, text in sources.items():
        (folder / "suite" / name).mkdir(parents=True)
        (folder / "suite" / name / f"{name}.seq").write_text(text)
    programs = tuple(b.programs[0] for b in load_suite(folder / "suite").benchmarks)
    built = build_all(programs, tools, cache=folder / "cache", environment=environment, listen=ignore)
    return {program.benchmark: outcome for program, outcome in built.items()}


def test_every_tool_says_what_it_is(tools: Toolchain) -> None:
    needs = {need.key: need for runtime in RUNTIMES for need in runtime.tools}
    missing = [name for name, _ in tools.missing]
    assert [tool.name for tool in tools.tools] == [name for name in needs if name not in missing]
    assert {need.key for runtime in RUNTIMES if runtime.is_default for need in runtime.tools}.isdisjoint(missing)
    for tool in tools.tools:
        assert tool.path.is_file()
        assert tool.version[:1].isdigit() or not needs[tool.name].version
        assert tool.digest.startswith("sha256:")
        assert tool.provenance


def test_the_compiler_that_is_built_by_default_has_an_optimised_runtime(tools: Toolchain) -> None:
    if os.environ.get("SEQC"):
        pytest.skip("SEQC chooses another compiler")
    assert runtime_build_of(tools.tool("seqc").path)[0] is RuntimeBuild.OPTIMISED


def test_builds_at_once_do_not_disturb_each_other(
    tools: Toolchain, environment: Mapping[str, str], tmp_path: Path
) -> None:
    sources = {f"n{number}": SEQ.format(number=number) for number in range(6)}
    built = outcomes(tmp_path, tools, environment, **sources)

    for name, executable in built.items():
        assert isinstance(executable, Executable), executable
        command = Command(
            argv=(str(executable.path),), directory=tmp_path, environment={"PATH": SYSTEM_PATH}, timeout_s=600.0
        )
        assert run(command).stdout.decode() == f"result: {name.removeprefix('n')}\n"


def test_a_real_compilers_message_is_shown_and_the_other_program_is_built(
    tools: Toolchain, environment: Mapping[str, str], tmp_path: Path
) -> None:
    built = outcomes(
        tmp_path, tools, environment, good=SEQ.format(number=1), bad=": main ( -- Int )\n  1 nosuchword\n;\n"
    )

    assert isinstance(built["good"], Executable)
    failed = built["bad"]
    assert isinstance(failed, Failed)
    assert failed.reason == "does not compile"
    assert "Undefined word 'nosuchword' called in word 'main'" in failed.detail
