"""Mistakes in command lines: unknown tasks and flags, with similar names."""

import pytest

from seqbench.project import Project
from seqbench.tasks import namespace_of
from seqbench.tasks.usage import FIRST_TASKS
from tests.support.world import World


@pytest.mark.parametrize(
    ("words", "message", "fix"),
    [
        (("bench", "--bugdet", "20s"), "no flag '--bugdet' of 'bench'", "did you mean '--budget'?"),
        (("history", "--sinse=3d"), "no flag '--sinse' of 'history'", "did you mean '--since'?"),
        (("bench-alpha", "--runtime", "go"), "no flag '--runtime' of 'bench-alpha'", "did you mean '--runtimes'"),
        (("export", "--base", "x"), "no flag '--base' of 'export'", "--base is a flag of compare, gate; "),
        (("clean", "--xyzzy"), "no flag '--xyzzy' of 'clean'", "clean --help shows its flags"),
        (("export", "x.json"), "export: 'x.json' is no task, and no flag takes it", "use --session x.json; "),
        (("check-fresh", "./x"), "check-fresh: './x' is no task, and no flag takes it", "check-fresh --help shows its"),
        (("--lits",), "no flag '--lits'", "did you mean '--list'?"),
        (("bnech",), "no task named 'bnech'", "did you mean 'bench'"),
        (("bench", "alpha"), "no task named 'alpha'", "did you mean 'bench-alpha'?"),
        (("--help", "bnech"), "no task named 'bnech'", "did you mean 'bench'"),
        (("bnech", "--help"), "no task named 'bnech'", "did you mean 'bench'"),
        (("xyzzy",), "no task named 'xyzzy'", "--list shows all tasks"),
        (("new",), "new: NAME is missing", "new NAME"),
        (("bench", "--budget"), "--budget needs a value", "--budget VALUE; "),
    ],
)
def test_unknown_task_or_flag_is_named_with_similar_ones(
    world: World, words: tuple[str, ...], message: str, fix: str
) -> None:
    world.add_right("alpha")
    for said, command in ((world.task(*words), "invoke "), (world.door(*words), "seqbench ")):
        first, second = said.err.splitlines()
        assert first == f"error: {message}"
        assert second.startswith("  fix: ")
        assert fix in second
        assert command in second or "VALUE" in second
        assert (said.code, said.out) == (1, "")
    assert world.calls() == []


def test_no_task_has_a_short_flag(world: World) -> None:
    world.add_right("alpha")
    tasks = namespace_of(Project(root=world.project)).tasks
    short = {name: argument.names for name, task in tasks.items() for argument in task.get_arguments()}
    assert "bench-alpha" in tasks
    assert all(len(flag) > 1 for names in short.values() for flag in names)


# Invoke has a short flag -r of its own, takes it here as well, and does nothing with it.
@pytest.mark.parametrize("flag", ["-b", "-r", "-b20s", "-R", "-1"])
@pytest.mark.parametrize("task", ["bench", "compare", "check-fresh"])
def test_short_flag_of_a_task_is_refused_before_anything_is_done(world: World, task: str, flag: str) -> None:
    world.add_right("alpha")
    said = world.task(task, flag)

    assert said.code == 1
    assert said.err.startswith(f"error: no flag '{flag[:2]}' of '{task}': its flags have no short forms\n  fix: ")
    assert world.calls() == []


def test_short_flag_is_explained_by_the_long_ones_with_its_letter(world: World) -> None:
    assert "fix: use --runtimes or " in world.task("bench", "-r", "5").err
    assert "fix: use --base or --budget" in world.task("compare", "-b", "5").err


def test_values_that_begin_with_a_hyphen_are_values(world: World) -> None:
    assert "-5" in world.task("bench", "--budget", "-5").err
    assert world.task("bench", "--budget=-5").err.startswith("error: --budget: '-5'")


def test_help_of_invoke_stays(world: World) -> None:
    for words in (("bench", "-h"), ("bench", "--help"), ("--help", "bench")):
        assert "--budget=STRING" in world.task(*words).out


def test_without_a_task_the_first_ones_are_shown(world: World) -> None:
    for said, command in ((world.task(), "invoke"), (world.door(), "seqbench")):
        shown = [line.split()[1] for line in said.out.splitlines() if line.startswith(f"  {command} ")]
        assert shown == list(FIRST_TASKS)
        assert f"{command} --list shows all tasks" in said.out
        assert (said.code, said.err) == (0, "")
