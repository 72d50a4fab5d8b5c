import tomllib
from pathlib import Path

import pytest

from seqbench.errors import ExitCode, UsageError
from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.manifest import load_suite
from seqbench.suite.scaffold import write_skeleton
from tests.support.world import World

_WITH_TEMPLATE = [runtime for runtime in RUNTIMES if runtime.template]


def test_a_skeleton_is_a_benchmark_at_once_with_a_program_of_every_runtime(world: World) -> None:
    written = write_skeleton(world.suite, "my-bench")

    (benchmark,) = load_suite(world.suite).benchmarks
    assert {"seq", "go", "may", "tokio"} <= {runtime.name for runtime in _WITH_TEMPLATE}
    assert (benchmark.name, benchmark.title) == ("my-bench", "my-bench")
    assert {program.runtime for program in benchmark.programs} == set(_WITH_TEMPLATE)
    folder = world.suite / "my-bench"
    assert set(folder.iterdir()) == {folder / f"my-bench{r.extension}" for r in _WITH_TEMPLATE} | {
        folder / "benchmark.toml"
    }
    project = {world.suite / file for runtime in _WITH_TEMPLATE for file in runtime.shared}
    assert set(written) == {*folder.iterdir(), *project}
    assert all(path.is_file() for path in written)


def test_skeleton_has_a_parameter_a_result_and_a_ledger(world: World) -> None:
    write_skeleton(world.suite, "my-bench")
    (benchmark,) = load_suite(world.suite).benchmarks
    (parameter,) = benchmark.parameters
    values = {parameter.name: 10}

    assert (parameter.name, parameter.scales) == ("messages", True)
    assert benchmark.expected_result is not None
    assert benchmark.expected_result.value(values) == 55
    assert [(key, formula.value(values)) for key, formula in benchmark.expected_ledger] == [("messages", 10)]
    for program in benchmark.programs:
        text = program.source.read_text()
        assert "my-bench MESSAGES" in text
        assert "described at https://" in text


def test_second_skeleton_adds_its_entries_to_the_project_and_leaves_the_rest(world: World) -> None:
    write_skeleton(world.suite, "alpha")
    cargo = world.suite / "Cargo.toml"
    cargo.write_text(cargo.read_text() + "\n# mine\n")
    (world.suite / "Cargo.lock").write_text("mine")
    written = write_skeleton(world.suite, "beta")

    bins = [each["name"] for each in tomllib.loads(cargo.read_text())["bin"]]
    assert bins == ["alpha-may", "alpha-tokio", "beta-may", "beta-tokio"]
    assert "# mine" in cargo.read_text()
    assert (world.suite / "Cargo.lock").read_text() == "mine"
    assert world.suite / "Cargo.lock" not in written


def test_the_skeleton_says_its_name_everywhere(world: World) -> None:
    for path in write_skeleton(world.suite, "my-bench"):
        assert "NAME" not in path.read_text()
        assert "my-bench" in path.read_text() or path.parent == world.suite


def test_the_suite_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    write_skeleton(tmp_path / "benchmarks", "alpha")

    assert len(load_suite(tmp_path / "benchmarks").benchmarks) == 1


@pytest.mark.parametrize("name", ["", "Alpha", "my_bench", "2fast", "a b", "../alpha", "a/b", "-x", "x.go", "ä", "x\n"])
def test_a_name_that_cannot_be_a_task_is_refused_and_nothing_written(world: World, name: str) -> None:
    with pytest.raises(UsageError, match="is not a valid name of a benchmark: expected lower-case letters") as caught:
        write_skeleton(world.suite, name)

    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.fix
    assert list(world.suite.iterdir()) == []
    assert sorted(path.name for path in world.project.iterdir()) == [
        "benchmarks",
        "pyproject.toml",
        "seqbench",
        "tasks.py",
    ]


def test_a_folder_that_is_there_is_not_touched(world: World) -> None:
    folder = world.add("alpha", seq="mine")
    with pytest.raises(UsageError, match="already exists; nothing was written"):
        write_skeleton(world.suite, "alpha")

    assert [path.read_text() for path in folder.iterdir()] == ["mine"]


def test_skeleton_leaves_the_word_name_of_the_users_project_as_it_is(world: World) -> None:
    write_skeleton(world.suite, "alpha")
    cargo = world.suite / "Cargo.toml"
    mine = f"# NAME, NAME_IN_CODE and NAMESPACE are mine\n{cargo.read_text()}"
    cargo.write_text(mine)
    write_skeleton(world.suite, "beta")

    assert cargo.read_text().startswith(mine.rstrip())
    assert "beta/beta.may.rs" in cargo.read_text()
