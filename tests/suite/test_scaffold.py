from pathlib import Path

import pytest

from seqbench.errors import ExitCode, UsageError
from seqbench.runtimes.registry import DEFAULT_RUNTIMES
from seqbench.suite.manifest import load_suite
from seqbench.suite.scaffold import write_skeleton
from tests.support.world import World


def test_a_skeleton_is_a_benchmark_at_once_with_a_program_of_every_default_runtime(world: World) -> None:
    written = write_skeleton(world.suite, "my-bench")

    (benchmark,) = load_suite(world.suite).benchmarks
    assert (benchmark.name, benchmark.title) == ("my-bench", "my-bench")
    assert {program.runtime for program in benchmark.programs} == set(DEFAULT_RUNTIMES)
    assert benchmark.expected_result is not None
    assert benchmark.expected_result.value({}) == 42
    folder = world.suite / "my-bench"
    assert (
        set(written)
        == set(folder.iterdir())
        == {folder / f"my-bench{r.extension}" for r in DEFAULT_RUNTIMES} | {folder / "benchmark.toml"}
    )


def test_the_skeleton_says_its_name_everywhere(world: World) -> None:
    for path in write_skeleton(world.suite, "my-bench"):
        assert "my-bench" in path.read_text()
        assert "NAME" not in path.read_text()


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
