from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.runtimes.load_tools import tools_of
from seqbench.runtimes.schema import RawRuntime
from seqbench.toml_file import read_toml
from seqbench.toolchain.needs import ToolNeed

_HEAD = 'title = "Lua"\nextension = ".lua"\n[run]\ncommand = ["{output}"]\n'


def read(tmp_path: Path, tools: str) -> tuple[ToolNeed, ...]:
    path = tmp_path / "lua.toml"
    path.write_text(_HEAD + tools)
    file = read_toml(path)
    return tools_of(file, file.convert(RawRuntime))


def test_tool_of_a_crate_has_its_key_and_needs_no_command_for_its_version(tmp_path: Path) -> None:
    (need,) = read(tmp_path, '[tools.rust]\nfind = ["provider:crate/may"]\nat-least = "1.70"\n')
    assert (need.name, need.key, need.at_least) == ("rust", "may", "1.70")


def test_tools_keep_their_order_and_know_those_before_them(tmp_path: Path) -> None:
    version = "version = ['{ld}', '-v']\nversion-pattern = '(?P<version>.*)'\n"
    needs = read(tmp_path, f"[tools.ld]\nfind = ['path:ld']\n[tools.lua]\nfind = ['path:lua']\n{version}")
    assert [need.name for need in needs] == ["ld", "lua"]
    assert needs[1].version == ("{ld}", "-v")


@pytest.mark.parametrize(
    ("tools", "problem"),
    [
        ("find = ['provider:gcc']", "expected provider:seqc, provider:clang or provider:crate/NAME"),
        ("find = ['path:lua']\nbelow = '6'", "below needs a command `version` that prints the version"),
        ("find = ['path:lua']\nversion-pattern = '(?P<version>.*)'", "version-pattern needs a command `version`"),
        ("find = ['path:lua']\nversion = ['{lua}']", "version-pattern is missing"),
    ],
)
def test_tool_that_cannot_be_found_or_known_names_the_file(tmp_path: Path, tools: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, f"[tools.lua]\n{tools}\n")
    assert "lua.toml:" in caught.value.message
    assert problem in caught.value.message
