import re
import shutil

import pytest

from seqbench.bench.plan import LEAST_ROUNDS, MOST_ROUNDS
from seqbench.config import Config
from seqbench.flags import USUAL_BUDGET_S
from seqbench.runtimes.registry import COMPARED_RUNTIME, RUNTIMES
from tests.support.outcomes import assert_fails
from tests.support.world import (
    REPOSITORY,
    World,
    says,
)


def test_a_new_folder_has_its_task_at_once(world: World) -> None:
    world.add_right("my-own")
    said = world.task("--list")

    assert said.code == 0
    for task in ("bench", "bench-my-own", "check-fresh", "ci", "clean", "doctor", "new"):
        assert re.search(rf"^  {task}  ", said.out, re.MULTILINE)
    assert "my-own only" in said.out


def test_a_broken_manifest_exits_with_2_names_the_line_and_leaves_the_tasks_listed(world: World) -> None:
    world.add_right("alpha")
    folder = world.add("beta", seq=says(), toml='title = "b"\ntimeout = "soon"\n')

    assert_fails(world.task("bench"), 2, f"error: {folder / 'benchmark.toml'}:2: timeout: 'soon'")
    assert "bench-beta" in world.task("--list").out


@pytest.mark.parametrize("name", ["alpha.old", "My Copy"])
def test_a_folder_that_cannot_be_a_task_exits_with_2_and_leaves_the_tasks_listed(world: World, name: str) -> None:
    world.add_right("alpha")
    shutil.copytree(world.add("beta", toml=""), world.suite / name)
    world.add("beta", seq=says(), go=says())

    assert_fails(world.task("bench-alpha"), 2, f"{name!r} is not a valid name of a benchmark", "rename the folder")
    assert "bench-beta" in world.task("--list").out


def test_a_suite_that_cannot_be_looked_into_exits_with_2_and_leaves_the_tasks_listed(world: World) -> None:
    # No file system takes so long a name; a folder without rights says nothing to root.
    (world.project / "pyproject.toml").write_text(f"[tool.seqbench]\nsuite = '{'x' * 300}'\n")

    assert "check-fresh" in world.task("--list").out
    assert_fails(world.task("bench"), 2, "File name too long")


@pytest.mark.parametrize(
    "text", ["[tool.seqbench]\ncolour = 1\n", "[tool.seqbench]\nbudget = 'soon'\n", "[", "[tool]\nseqbench = 3\n"]
)
def test_a_broken_configuration_exits_with_2_and_names_the_file(world: World, text: str) -> None:
    (world.project / "pyproject.toml").write_text(text)

    for task in ("bench", "check-fresh", "doctor"):
        world.record.write_text("x")
        assert_fails(world.task(task), 2, str(world.project / "pyproject.toml"))


def test_defaults_in_the_help_are_those_of_the_code() -> None:
    page = (REPOSITORY / "docs" / "TASKS.md").read_text(encoding="utf-8")
    config = Config()
    ranked, default = (
        ",".join(each.name for each in RUNTIMES if getattr(each, chosen)) for chosen in ("is_ranked", "is_default")
    )

    for text in (
        f"default: {config.compare_budget}, or compare-budget",
        f"default: {config.tune_budget}, or tune-budget",
        f"default: {config.margin}, or margin",
        f"default: {config.target_cpu}, or target-cpu",
        f"default: {LEAST_ROUNDS} to {MOST_ROUNDS}, as many as fit in about {USUAL_BUDGET_S:g} s",
        f"default: {ranked}; ",
        f"which are {default} in that of seqbench",
        f"default: {COMPARED_RUNTIME})",
    ):
        assert text in page
