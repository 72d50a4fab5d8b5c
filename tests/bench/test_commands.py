"""`compare --base run:... --head run:...`: any two commands, judged as two compilers are."""

import json

import pytest

from seqbench.sessions.session import Measured
from tests.support.outcomes import assert_fails, kept_comparison
from tests.support.world import World, hangs, on_run

pytestmark = pytest.mark.whole

OLD, NEW = "run:sh -c 'sleep 0.0{n}; echo hello, world'", "run:sh -c 'sleep 0.0{n}; sleep 0.03; echo hello, world'"


def test_two_commands_are_compared_by_the_wall_clock(world: World) -> None:
    said = world.task(*("compare", "--base", OLD, "--head", NEW, "--set", "n=2", "--runs", "8", "--json", "found.json"))

    # On a busy machine the verdict may be open.
    assert said.code in (0, 5), said.err
    stored = json.loads((world.project / "found.json").read_text())
    (result,) = stored["sessions"][0]["results"]
    assert (result["parameters"], result["is_wall"]) == ([["n", 2]], True)
    (program,) = result["programs"]
    assert program["outcome"]["samples"][0]["result"].startswith("sha256:")


def test_pattern_finds_the_time_of_a_command(world: World) -> None:
    words = "run:sh -c 'sleep 0.02; echo took {n}.5 ms'"
    said = world.task(
        *("compare", "--base", words.replace("{n}", "4"), "--head", words.replace("{n}", "9")),
        *("--pattern", r"took (?P<elapsed_ms>\S+) ms", "--runs", "8"),
    )

    assert said.code == 0, said.err
    assert "slower" in said.out


@pytest.mark.parametrize(
    ("base", "head", "flags", "words"),
    [
        ("run:", "run:true", (), "'run:' names no command"),
        ("run:'", "run:true", (), "No closing quotation"),
        ("run:no-such-program", "run:true", (), "base: no program 'no-such-program' on PATH or in"),
        ("run:sh {n}", "run:true", (), "there is no {n}"),
        ("run:true", "7.7.5", (), "a command can only be compared with another command"),
        ("run:true", "run:true", ("--set", "n"), "--set 'n': expected NAME=NUMBER"),
        ("run:true", "run:true", ("--pattern", "("), "--pattern: the pattern does not compile"),
        ("7.7.4", "7.7.5", ("--set", "n=1"), "--set is for commands"),
    ],
)
def test_command_that_cannot_be_run_is_refused(
    world: World, base: str, head: str, flags: tuple[str, ...], words: str
) -> None:
    said = world.task("compare", "--base", base, "--head", head, *flags)

    assert (said.code, words in said.err) == (2, True), said.err


def test_command_that_fails_is_named_with_its_reason(world: World) -> None:
    said = world.task("compare", "--base", "run:true", "--head", "run:sh -c 'exit 3'", "--runs", "8")

    assert said.code == 4
    assert "exit status 3" in said.out


def interrupted(world: World) -> str:
    """Interrupt a comparison of two commands in its rounds; return the file that it left."""
    path = world.project / "old.sh"
    path.write_text(on_run(27, hangs(), "sleep 0.01; echo took $1.5 ms"))
    with world.stopped():
        said = world.task(
            *("compare", "--base", "run:sh old.sh {n}", "--head", "run:sh -c 'sleep 0.01; echo took 9.5 ms'"),
            *("--set", "n=4", "--pattern", r"took (?P<elapsed_ms>\S+) ms", "--runs", "8"),
        )
    assert said.code == 130, said.err
    (kept,) = world.results.glob("*.json")
    assert f"invoke compare --resume results/{kept.name} continues it" in said.err
    return f"results/{kept.name}"


def test_interrupted_comparison_of_commands_is_resumed_with_its_values_and_pattern(world: World) -> None:
    said = world.task("compare", "--resume", interrupted(world))

    assert said.code == 0, said.err
    assert "slower" in said.out
    for session in kept_comparison(world).sessions:
        (result,) = session.results
        (program,) = result.programs
        assert (result.parameters, result.is_wall) == ((("n", 4),), False)
        assert isinstance(program.outcome, Measured)
        assert [sample.round_number for sample in program.outcome.samples] == [*range(1, 9)]


def test_comparison_of_commands_is_not_resumed_with_another_script(world: World) -> None:
    file = interrupted(world)
    (world.project / "old.sh").write_text("echo took 5.5 ms")

    assert_fails(world.task("compare", "--resume", file), 2, "the command of base has changed since")
