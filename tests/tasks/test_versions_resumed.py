"""`invoke bisect --resume` and `invoke timeline --resume`: what may have changed since, and what may not."""

import re
from pathlib import Path

import pytest

from seqbench.experiments.bisect.document import load_bisect
from seqbench.sessions.session import State
from tests.support.outcomes import assert_fails, assert_no_traceback
from tests.support.versions import compilers, timed
from tests.support.world import COUNTED, Said, World, hangs, says, script

TASKS = ("bisect", "timeline")


@pytest.fixture
def unfinished(world: World, request: pytest.FixtureRequest) -> World:
    """A world in which a task measured a part of alpha with v1 to v3, of which the last one is slower."""
    world.add("alpha", seq=timed())
    versions = compilers(world, 1_000, 1_000, 1_050)
    said = world.task(request.param, "--versions", versions, "--seed", "1", "--budget", "1ms")
    assert said.code in (0, 5), said.err
    return world


def resumed(world: World) -> Said:
    (path,) = world.results.iterdir()
    return world.task(path.name.partition("-")[0], "--resume", f"results/{path.name}")


def compiler_of(world: World, number: int) -> Path:
    return world.root / f"v{number}" / "seqc"


@pytest.mark.parametrize("unfinished", TASKS, indirect=True)
def test_benchmark_that_was_added_since_is_no_reason_to_begin_again(unfinished: World) -> None:
    unfinished.add_right("beta")
    said = resumed(unfinished)
    assert said.code == 0, said.err
    assert "v3/seqc" in said.out
    assert "Beta" not in said.out


@pytest.mark.parametrize("unfinished", TASKS, indirect=True)
def test_sources_that_changed_since_are_refused(unfinished: World) -> None:
    unfinished.add("alpha", seq=timed(42, "# a comment"))
    assert_fails(resumed(unfinished), 2, "cannot resume this ", "the benchmark sources have changed since")


@pytest.mark.parametrize(
    ("unfinished", "number"),
    [("bisect", 1), ("bisect", 3), *(("timeline", n) for n in (1, 2, 3))],
    indirect=["unfinished"],
)
def test_version_that_changed_since_is_refused(unfinished: World, number: int) -> None:
    with compiler_of(unfinished, number).open("a") as file:
        file.write("# another build\n")
    assert_fails(resumed(unfinished), 2, "cannot resume this ", f"v{number}/seqc has changed since: another build")


@pytest.mark.parametrize("unfinished", ["timeline"], indirect=True)
def test_version_of_a_timeline_that_is_gone_is_named(unfinished: World) -> None:
    compiler_of(unfinished, 2).unlink()
    assert_fails(resumed(unfinished), 2, "cannot resume this timeline: ", "v2/seqc cannot be built any more")


@pytest.mark.whole
def test_version_that_changed_between_two_looks_at_it_is_refused(world: World) -> None:
    """The one in the middle is in noise, so that it has more rounds, and it hangs in these."""
    count = f"{COUNTED}; t=$((400 * FACTOR + $$ % 97))"
    noise = "[ FACTOR -eq 1001 ] && t=$((300000 + n % 2 * 200000))"
    hang = f"if [ FACTOR -eq 1001 ] && [ $n -eq 25 ]; then\n{hangs()}\nfi"
    world.add("alpha", seq=script(count, noise, hang, "echo result: 42", "echo elapsed_ns: $t"))
    with world.stopped():
        said = world.task("bisect", "--versions", compilers(world, 1_000, 1_001, 1_050), "--seed", "1")
    assert said.code == 130, said.err
    assert "not settled yet: 16 more rounds" in said.err
    with compiler_of(world, 2).open("a") as file:
        file.write("# another build\n")
    assert_fails(resumed(world), 2, "cannot resume this bisection: ", "v2/seqc has changed since")


@pytest.mark.parametrize("task", TASKS)
def test_interrupt_before_there_are_versions_leaves_nothing(world: World, task: str) -> None:
    """Cargo is asked which releases there are."""
    world.add("alpha", seq=timed())
    world.environment["FAKE_CARGO"] = "hang"
    words = {"bisect": ("--good", "7.7.1", "--bad", "7.7.5"), "timeline": ("--versions", "7.7.1..7.7.5")}[task]
    with world.stopped():
        said = world.task(task, *words)
    assert said.code == 130, said.err
    assert_no_traceback(said)
    assert "--resume" not in said.err
    assert not list(world.results.glob("*"))


def test_interrupt_while_a_version_between_is_built_keeps_the_first_comparison(world: World) -> None:
    world.add("alpha", seq=timed())
    versions = compilers(world, 1_000, 1_001, 1_050)
    middle = compiler_of(world, 2)
    right = middle.read_text()
    middle.write_text(right.replace("build)\n", f"build)\n{hangs()}\n", 1))
    with world.stopped():
        said = world.task("bisect", "--versions", versions, "--seed", "1")
    assert said.code == 130, said.err
    assert "invoke bisect --resume results/bisect-1.json continues it" in said.err
    assert load_bisect(world.results / "bisect-1.json").state is State.INTERRUPTED
    middle.write_text(right)
    said = resumed(world)
    assert said.code == 0, said.err
    assert "v3/seqc is the first version that is slower" in said.out
    assert "comparison 1" not in said.err


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.whole
def test_full_disk_costs_only_the_file_of_the_results(world: World, task: str) -> None:
    world.add("alpha", seq=timed())
    prefix = ("/bin/sh", "-c", 'ulimit -f 8; exec "$@"', "sh")
    said = world.invoke(task, "--versions", compilers(world, 1_000, 1_050), "--seed", "1", prefix=prefix)
    assert_fails(said, 2, "File too large", f"results/{task}-1.json")
    assert "v2/seqc" in said.out
    assert "kept" not in said.err


@pytest.mark.parametrize("runs", ["1", "15"])
def test_fewer_rounds_than_the_first_look_of_a_bisection_are_refused(world: World, runs: str) -> None:
    world.add("alpha", seq=timed(), go=says())
    said = world.task("bisect", "--versions", compilers(world, 1_000, 1_050), "--runs", runs)
    assert_fails(said, 2, f"--runs {runs} are too few to compare versions", "use --runs 16 or more")
    assert not world.calls("seqc build")


def test_timeline_with_too_few_rounds_for_any_step_says_so(world: World) -> None:
    world.add("alpha", seq=timed(), go=says())
    said = world.task("timeline", "--versions", compilers(world, 1_000, 1_200), "--runs", "3")
    assert "no step can be found in 3 rounds: 4 are needed at least" in said.out
    assert "between neighbours was found" not in said.out
    assert said.code == 5


@pytest.mark.parametrize("unfinished", TASKS, indirect=True)
def test_stored_size_that_this_machine_does_not_offer_is_refused(unfinished: World) -> None:
    (path,) = unfinished.results.iterdir()
    text, changed = re.subn(r'"parameters": ?\[\]', '"parameters":[["messages",777]]', path.read_text())
    assert changed
    path.write_text(text)
    assert_fails(resumed(unfinished), 2, "alpha: its sizes have changed since", "measure again, without --resume")
