from seqbench.project import Project
from seqbench.sessions.session import Measured
from seqbench.tasks import namespace_of
from tests.support.outcomes import assert_fails, kept_comparison
from tests.support.world import (
    World,
    hangs,
    on_run,
    says,
)


def test_an_interrupted_gate_goes_on_with_the_rounds_of_its_probe_too(world: World) -> None:
    # Twenty rounds of the pilot by two sides, three rounds by three, and two runs of the fourth.
    world.add("alpha", seq=on_run(52, hangs(), says()))
    seqc = str(world.tools / "seqc")
    with world.stopped():
        said = world.task("gate", "--base", seqc, "--head", seqc, "--runs", "16")
    assert said.code == 130
    (kept,) = world.results.glob("*.json")
    assert f"invoke gate --resume results/{kept.name}" in said.err

    said = world.task("gate", "--resume", f"results/{kept.name}")
    assert "alpha: a known slowdown of 10 % was not found" in said.out
    for session in kept_comparison(world).sessions:
        outcome = session.results[0].programs[0].outcome
        assert isinstance(outcome, Measured)
        assert [sample.round_number for sample in outcome.samples] == list(range(1, 17))
    # The comparison of two sides is no gate, and the other way round.
    assert_fails(world.task("compare", "--resume", f"results/{kept.name}"), 2, "it has 3 sides, expected 2")


def test_a_gate_that_cannot_see_a_known_slowdown_is_unfit_and_exits_with_5(world: World, slower: str) -> None:
    # The clocks of these programs are painted on, so nothing can slow them down.
    said = world.task("gate", "--base", str(world.tools / "seqc"), "--head", slower, "--runs", "16")

    assert said.code == 5
    assert "alpha: a known slowdown of 10 % was not found" in said.out


def test_a_gate_whose_head_fails_exits_with_1_and_one_without_a_baseline_with_2(world: World) -> None:
    world.add("alpha", seq=says() + "# COMPILE ERROR\n")
    said = world.task("gate", "--base", str(world.tools / "seqc"), "--runs", "16")

    assert said.code == 1
    assert "alpha cannot be compared" in said.out
    assert_fails(world.task("gate"), 2, "there is no baseline")


def test_a_gate_fails_where_a_benchmark_has_lost_its_program(world: World) -> None:
    world.add("alpha", go=says())
    said = world.task("gate", "--base", str(world.tools / "seqc"), "--runs", "16")

    assert said.code == 1
    assert "alpha cannot be compared: base has no seq program; head has no seq program" in said.out


def test_gate_has_the_flags_of_compare_but_those_for_commands(world: World) -> None:
    tasks = namespace_of(Project(root=world.project)).tasks
    flags = {name: [argument.name for argument in tasks[name].get_arguments()] for name in ("compare", "gate")}

    assert flags["gate"] == [flag for flag in flags["compare"] if flag not in ("set", "pattern")]
    assert tasks["gate"].help.keys() == set(tasks["compare"].help) - {"set", "pattern"}
