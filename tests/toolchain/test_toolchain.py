import os
from pathlib import Path

import pytest

from seqbench.errors import ToolchainError
from seqbench.toolchain.toolchain import Tool, Toolchain
from seqbench.toolchain.tools import find_clang
from tests.support.tools import find_go
from tests.support.world import CPU, World


def test_the_environment_of_a_toolchain_leads_to_its_tools_first(world: World) -> None:
    clang = find_clang(world.environment, world.cache, CPU)
    go = find_go(world.environment, world.cache, CPU)
    toolchain = Toolchain(tools=(clang, go), search_path="/usr/bin")

    assert toolchain.environment("clang", "go") == {
        **dict(go.environment),
        "PATH": f"{clang.folder}{os.pathsep}/usr/bin",
    }
    assert toolchain.environment("go")["PATH"] == "/usr/bin"


def test_a_tool_that_was_not_set_up_is_a_toolchain_error() -> None:
    tool = Tool(name="go", path=Path("/go"), version="1", digest="", provenance="")
    with pytest.raises(ToolchainError, match="seqc is not part of this toolchain"):
        Toolchain(tools=(tool,), search_path="").tool("seqc")
