from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.errors import ToolchainError
from seqbench.system.facts import Command
from seqbench.system.process import run
from seqbench.toolchain.layouts import LAYOUTS, paddings, with_layout
from seqbench.toolchain.toolchain import Tool, Toolchain
from tests.support.world import SYSTEM_PATH, script


@pytest.fixture
def tools(tmp_path: Path) -> Toolchain:
    """A toolchain whose clang prints its arguments."""
    folder = tmp_path / "clang"
    folder.mkdir()
    (folder / "clang").write_text(script('for word; do echo "$word"; done'))
    (folder / "clang").chmod(0o755)
    clang = Tool(
        name="clang", path=folder / "clang", version="18", digest="sha256:aa", provenance="ours", folder=folder
    )
    seqc = Tool(name="seqc", path=folder, version="7", digest="sha256:bb", provenance="ours")
    return Toolchain(tools=(seqc, clang), search_path=SYSTEM_PATH)


def linked(tools: Toolchain, tmp_path: Path, *words: str) -> list[str]:
    """Return what the clang of a toolchain was called with."""
    environment = tools.environment("clang")
    command = (f"{tools.tool('clang').folder}/clang", *words)
    finished = run(Command(argv=command, directory=tmp_path, environment=environment, timeout_s=600.0))
    assert finished.ok, finished.stderr
    return finished.stdout.decode().splitlines()


def test_layout_has_padding_before_and_after_the_program(tools: Toolchain, tmp_path: Path) -> None:
    words = ("-O3", "a program.ll", "-o", "out", "-lseq_runtime")
    (tmp_path / "a program.ll").write_text("; the program\n")
    said = linked(with_layout(tools, 3, tmp_path), tmp_path, *words)

    before, after = paddings(3)
    assert said == ["-O3", said[1], "a program.layout.ll", "-o", "out", "-lseq_runtime"]
    assert Path(said[1]).read_text() == before
    assert (tmp_path / "a program.layout.ll").read_text() == f"; the program\n{after}"
    assert (tmp_path / "a program.ll").read_text() == "; the program\n"
    assert linked(with_layout(tools, 3, tmp_path), tmp_path, "--version") == ["--version"]


def test_first_layout_is_the_toolchain_itself(tools: Toolchain, tmp_path: Path) -> None:
    assert with_layout(tools, 1, tmp_path) is tools


def test_every_layout_has_paddings_of_its_own() -> None:
    assert len({padding for number in range(2, LAYOUTS + 1) for padding in paddings(number)}) == 2 * (LAYOUTS - 1)


def test_layout_is_part_of_the_identity_of_clang_wherever_the_cache_is(tools: Toolchain, tmp_path: Path) -> None:
    found = [with_layout(tools, number, tmp_path).tool("clang") for number in range(1, LAYOUTS + 1)]

    assert len({tool.digest for tool in found}) == LAYOUTS
    assert found[2].provenance == "ours, layout 3 of 5"
    elsewhere = with_layout(tools, 3, tmp_path / "elsewhere").tool("clang")
    assert (elsewhere.digest, elsewhere.provenance) == (found[2].digest, found[2].provenance)
    other = replace(tools, tools=(replace(tools.tool("clang"), digest="sha256:cc"),))
    assert with_layout(other, 3, tmp_path).tool("clang").digest != found[2].digest


def test_programs_that_clang_does_not_link_have_no_layouts(tools: Toolchain, tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="not linked with clang"):
        with_layout(replace(tools, tools=(tools.tool("seqc"),)), 2, tmp_path)
