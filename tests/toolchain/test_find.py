import sys
from dataclasses import replace

import pytest

from seqbench.errors import ToolchainError
from seqbench.toolchain.needs import ToolNeed
from tests.support.tools import found
from tests.support.world import World

LUA = ToolNeed(
    name="lua",
    key="lua",
    places=("env:LUA", "path:lua", "path:lua-*"),
    version=("{lua}", "-v"),
    version_pattern=r"Lua (?P<version>\S+)",
    at_least="5.3",
    environment=(("LUA_HOME", "{lua.folder}/../share"), ("LUA_CACHE", "{cache}/lua")),
    fix="apt install lua5.4",
)


def lua(world: World, name: str, version: str) -> str:
    return str(world.tool(name, f"#!/bin/sh\necho Lua {version} in $LUA_CACHE\n"))


def test_every_place_is_asked_until_a_version_fits(world: World) -> None:
    lua(world, "lua", "5.1.5")
    lua(world, "lua-5.2", "5.2")
    path = lua(world, "lua-5.10", "5.10.1")
    lua(world, "lua-5.9", "5.9")
    lua(world, "lua-old", "6")
    tool = found(LUA, world.environment, world.cache)

    assert (str(tool.path), tool.version, tool.provenance) == (path, "5.10.1", "from PATH")
    assert dict(tool.environment) == {
        "LUA_HOME": f"{world.tools}/../share",
        "LUA_CACHE": str(world.cache / "lua"),
    }


def test_versions_that_do_not_fit_are_all_named(world: World) -> None:
    for name, version in (("lua", "5.1.5"), ("lua-4", "4.0")):
        lua(world, name, version)
    with pytest.raises(ToolchainError) as caught:
        found(replace(LUA, below="6"), world.environment, world.cache)

    assert caught.value.message == (
        f"{world.tools}/lua is lua 5.1.5: expected version 5.3 or later and before 6; "
        f"{world.tools}/lua-4 is lua 4.0: expected version 5.3 or later and before 6"
    )
    assert caught.value.fix == "apt install lua5.4"


def test_tool_of_the_variable_is_not_replaced_by_another(world: World) -> None:
    lua(world, "lua", "5.4")
    old = lua(world, "old", "5.1")
    with pytest.raises(ToolchainError, match=r"old is lua 5\.1: expected version 5\.3 or later$") as caught:
        found(LUA, {**world.environment, "LUA": old}, world.cache)
    assert caught.value.fix == "set LUA to another lua, or unset it"


def test_missing_tool_names_every_place(world: World) -> None:
    with pytest.raises(ToolchainError, match=r"^lua not found: checked LUA, lua on PATH and lua-\* on PATH$"):
        found(LUA, world.environment, world.cache)


def test_tool_that_says_no_version_is_an_error(world: World) -> None:
    world.tool("lua", "#!/bin/sh\necho hello\n")
    with pytest.raises(ToolchainError, match=r"is not lua, or says no version: `lua -v` prints 'hello'"):
        found(LUA, world.environment, world.cache)


def test_tool_for_another_system_is_an_error(world: World) -> None:
    other = "macos" if sys.platform == "linux" else "linux"
    with pytest.raises(ToolchainError, match=f"lua is only for {other}, not for "):
        found(replace(LUA, systems=(other,)), world.environment, world.cache)


def test_tool_without_a_version_command_is_known_by_its_digest(world: World) -> None:
    lua(world, "lua", "5.4")
    tool = found(replace(LUA, version=(), version_pattern="", at_least=""), world.environment, world.cache)

    assert tool.version == ""
    assert tool.digest.startswith("sha256:")


@pytest.mark.parametrize(
    "broken",
    ["#!/bin/sh\necho hello\n", "#!/bin/sh\nexit 3\n", "#!/nonexistent/interpreter\n", "#!/bin/sh\nkill -9 $$\n"],
)
def test_tool_that_does_not_work_is_skipped_for_the_next_place(world: World, broken: str) -> None:
    world.tool("lua", broken)
    world.tool("lua-5.9", broken)
    works = lua(world, "lua-5.4", "5.4.6")

    assert str(found(LUA, world.environment, world.cache).path) == works


def test_tools_that_do_not_work_or_do_not_fit_are_all_named(world: World) -> None:
    world.tool("lua", "#!/bin/sh\necho hello\n")
    world.tool("lua-5.9", "#!/bin/sh\necho no libc >&2\nexit 3\n")
    lua(world, "lua-5.2", "5.2")
    with pytest.raises(ToolchainError) as caught:
        found(LUA, world.environment, world.cache)

    assert "lua is not lua, or says no version: `lua -v` prints 'hello'; lua at " in caught.value.message
    assert "lua-5.9 does not work: exited 3: no libc; " in caught.value.message
    assert caught.value.message.endswith("lua-5.2 is lua 5.2: expected version 5.3 or later")
    assert caught.value.fix == "apt install lua5.4"


def test_tool_of_the_variable_that_does_not_work_is_not_replaced_by_another(world: World) -> None:
    lua(world, "lua", "5.4")
    broken = str(world.tool("broken", "#!/bin/sh\nexit 3\n"))
    with pytest.raises(ToolchainError, match="does not work: exited 3") as caught:
        found(LUA, {**world.environment, "LUA": broken}, world.cache)
    assert caught.value.fix == "set LUA to another lua, or unset it"


def test_variable_that_is_not_set_is_no_choice_of_the_user(world: World) -> None:
    lua(world, "old", "5.1")
    works = lua(world, "lua", "5.4")
    need = replace(LUA, places=("path:old", "env:LUA", "path:lua"))

    assert str(found(need, world.environment, world.cache).path) == works
