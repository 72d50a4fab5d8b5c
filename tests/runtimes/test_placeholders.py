from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.runtimes.placeholders import names_of_tool, require_known_names, unknown_name
from seqbench.toml_file import read_toml


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("{luna}", "there is no {luna}; did you mean {lua}?"),
        ("{x}", "there is no {x}; available: flags, lua"),
        ("{lua", "has a brace without its partner"),
        ("-p{flags}", "{flags} may be several words, so it must stand alone"),
        ("{flags}", ""),
        ("-p{lua}", ""),
    ],
)
def test_placeholder_that_cannot_be_filled_names_the_line(tmp_path: Path, word: str, problem: str) -> None:
    path = tmp_path / "lua.toml"
    path.write_text("[run]\n\ncommand = []\n")
    file, known = read_toml(path), frozenset({"lua", "flags"})
    if not problem:
        require_known_names(file, [word], known, "run", "command")
        return
    with pytest.raises(UsageError) as caught:
        require_known_names(file, [word], known, "run", "command")
    assert caught.value.message.startswith(f"{path}:3: ")
    assert problem in caught.value.message


def test_tool_has_its_folder_and_version_as_placeholders_too() -> None:
    assert names_of_tool("go") == ("go", "go.folder", "go.version")
    assert "available: none" in unknown_name("{x}", "x", ())
