"""`compare --runtime go`: any toolchain against another one, with the statistics of two compilers."""

import json
from pathlib import Path

import pytest

from seqbench.sessions.session import Measured
from tests.support.outcomes import kept_comparison
from tests.support.world import World, hangs, on_run, says, script

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


PATTERN = """
[output]
format = "pattern"

[output.pattern]
line = '^CASE (?P<test>\\S+) -> (?P<result>\\S+) in (?P<elapsed_ms>\\S+) ms$'

[benchmarks.hop.parameters.n]
full = 1000
quick = 10
scales = true
"""


def test_interrupted_comparison_of_a_runtime_with_several_tests_is_resumed_at_its_size(world: World) -> None:
    cases = ["echo CASE a '->' 42 in 1.500 ms", "echo CASE b '->' $1 in 20.000 ms"]
    world.add("hop", go=on_run(47, hangs(), script("sleep 0.03", *cases)))
    (world.suite / "suite.toml").write_text(PATTERN)
    go = f"GO={world.tools / 'go'}"
    with world.stopped():
        said = world.task("compare", "--runtime", "go", "--base", go, "--head", go, "--runs", "11", "--size", "100")
    assert said.code == 130, said.err
    (kept,) = world.results.glob("*.json")

    said = world.task("compare", "--resume", f"results/{kept.name}")
    assert said.code in (0, 5), said.err
    for session in kept_comparison(world).sessions:
        assert [result.name for result in session.results] == ["hop/a", "hop/b"]
        for result in session.results:
            assert result.parameters == (("n", 100),)
            (program,) = result.programs
            assert isinstance(program.outcome, Measured)
            assert len(program.outcome.samples) == 11


def test_suite_without_a_program_of_the_compared_runtime_says_which_there_are(world: World) -> None:
    world.add("alpha", go=says())
    foreign = world.suite.rename(world.root / "foreign")
    said = world.task("compare", "--base", "7.7.4", "--head", "7.7.5", "--suite", str(foreign))

    assert said.code == 2
    assert "no Seq program to compare in alpha" in said.err
    assert "use --runtime with one of: go" in said.err
