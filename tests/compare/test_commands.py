"""`compare --base old --head new`: two commands of a suite by their names."""

import json

import pytest

from tests.support.commands import with_commands
from tests.support.outcomes import assert_fails
from tests.support.world import World, hangs, on_run


@pytest.mark.whole
def test_two_commands_of_a_suite_get_a_verdict_and_can_be_resumed(world: World) -> None:
    path = with_commands(world)
    foreign = world.root / "foreign"
    foreign.mkdir()
    for name in ("old", "new.sh"):
        (world.suite / name).rename(foreign / name)
    path.rename(world.root / "commands.toml")
    (foreign / "old").write_text(on_run(27, hangs(), "sleep 0.0$1; echo sorted"))
    with world.stopped():
        said = world.task(
            *("compare", "--base", "old", "--head", "new", "--runs", "8", "--size", "quick"),
            *("--suite", str(foreign), "--suite-file", str(world.root / "commands.toml")),
        )
    assert said.code == 130, said.err
    (kept,) = world.results.glob("*.json")

    said = world.task("compare", "--resume", f"results/{kept.name}", "--json", "found.json")
    assert said.code in (0, 5), said.err
    stored = json.loads((world.project / "found.json").read_text())
    assert (stored["base_spec"], stored["suite"]) == ("old", str(foreign))
    base, head = ([p["outcome"] for p in session["results"][0]["programs"]] for session in stored["sessions"])
    assert [len(outcome["samples"]) for outcome in (*base, *head)] == [8, 8]
    assert stored["sessions"][0]["results"][0]["parameters"] == [["n", 20]]


def test_command_of_a_suite_is_only_compared_with_another_one(world: World) -> None:
    with_commands(world)
    world.add("hop", seq="x")

    assert_fails(
        world.task("compare", "--base", "old", "--head", "7.7.5"), 2, "can only be compared with another command"
    )
    assert_fails(world.task("compare", "--base", "old", "--head", "run:true"), 2, "can only be compared with another")
    assert_fails(world.task("compare", "--base", "old", "--head", "new", "--set", "n=1"), 2, "--set is for commands")


def test_commands_that_share_no_benchmark_are_not_compared(world: World) -> None:
    with_commands(world, '[commands.a]\nold = "./old 1"\n[commands.b]\nnew = "./old 1"\n')
    said = world.task("compare", "--base", "old", "--head", "new")

    assert_fails(said, 2, "no benchmark has both commands: old is in a, new in b")
