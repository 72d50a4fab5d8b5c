"""`compare --runtime go`: any toolchain against another one, with the statistics of two compilers."""

import json
from pathlib import Path

import pytest

from tests.support.world import World, says, script

pytestmark = pytest.mark.whole


def other_go(world: World) -> Path:
    """Write a Go that makes slower programs."""
    text = (world.tools / "go").read_text().replace("go1.27.3", "go1.28.0")
    text = text.replace('exec install -m 755 "$4" "$3"', 'sed s/400000/900000/ "$4" >"$3"; exec chmod 755 "$3"')
    return world.tool("go-1.28", text)


def test_two_toolchains_of_another_runtime_are_compared(world: World) -> None:
    world.add("alpha", seq=says(), go=script("sleep 0.02", says()))
    slower = other_go(world)
    said = world.task(
        *("compare", "--runtime", "go", "--base", f"GO={world.tools / 'go'}", "--head", f"GO={slower},GOGC=200"),
        *("--runs", "8", "--json", "found.json"),
    )

    assert said.code == 0, said.err
    assert "slower" in said.out
    stored = json.loads((world.project / "found.json").read_text())
    assert stored["runtime"] == "go"
    base, head = stored["sessions"]
    assert [tool["version"] for tool in base["toolchain"]] == ["1.27.3"]
    assert [tool["version"] for tool in head["toolchain"]] == ["1.28.0"]
    assert (base["settings"], head["settings"]) == ([], [["GOGC", "200"]])


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        ("GOO=/x", 2, "GOO=/x: no variable of Go named 'GOO'"),
        ("GO=/nonexistent/go", 3, "base (GO=/nonexistent/go): GO is '/nonexistent/go', which is not an executable"),
        ("GO", 2, "GO has no value, expected GO=VALUE"),
    ],
)
def test_spec_that_names_no_tool_is_refused(world: World, spec: str, code: int, words: str) -> None:
    world.add_right("alpha")
    said = world.task("compare", "--runtime", "go", "--base", spec, "--head", "GOGC=100")

    assert (said.code, words in said.err) == (code, True), said.err


def test_runtime_that_is_unknown_is_refused(world: World) -> None:
    world.add_right("alpha")
    said = world.task("compare", "--runtime", "goo", "--base", "GOGC=50", "--head", "GOGC=100")

    assert said.code == 2
    assert "no runtime named 'goo'" in said.err
    assert "did you mean 'go'" in said.err
