import pytest

from seqbench.errors import ExitCode, ToolchainError
from tests.support.world import World, hollow_wheels


def test_missing_or_old_tool_stops_the_run_before_it_begins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_right("alpha")
    monkeypatch.syspath_prepend(hollow_wheels(world.root / "hollow"))
    empty = world.root / "empty"
    empty.mkdir()
    world.tool("old-clang", "#!/bin/sh\necho clang version 14.0.6\n")
    whole = dict(world.environment)
    cases = (
        ("cargo not found", {"SEQC": "7.7.5", "PATH": str(empty)}),
        ("go not found", {"GO": "", "PATH": str(empty)}),
        ("clang not found", {"CLANG": "", "PATH": str(empty)}),
        ("is clang 14.0.6: expected version 15 or later", {"CLANG": str(world.tools / "old-clang")}),
        ("no compiler at", {"SEQC": str(empty / "seqc")}),
    )
    for said, changed in cases:
        world.environment = {**whole, **changed}
        with pytest.raises(ToolchainError, match=said) as caught:
            world.bench()
        assert caught.value.exit_code is ExitCode.TOOLCHAIN
        assert caught.value.fix
    assert (world.saved, world.calls()) == ([], [])


def test_a_missing_clang_is_told_before_seqc_is_built(world: World) -> None:
    world.add_right("alpha")
    world.environment |= {"SEQC": "7.7.5", "CLANG": "/nonexistent/clang"}
    with pytest.raises(ToolchainError, match="CLANG is"):
        world.bench()

    assert world.calls("cargo") == []
