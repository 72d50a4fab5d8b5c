from pathlib import Path

from seqbench.project import find_project
from tests.support.outcomes import assert_fails
from tests.support.world import REPOSITORY, World

TABLE = "[tool.seqbench]\n"


def found(folder: Path) -> Path:
    return find_project(folder, command="seqbench").root


def test_the_nearest_folder_upwards_with_the_table_is_the_project(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    deep = inner / "a" / "b"
    deep.mkdir(parents=True)
    assert found(deep) == deep

    (tmp_path / "outer" / "pyproject.toml").write_text(TABLE)
    assert found(deep) == tmp_path / "outer"
    # One of another tool is passed over.
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert found(deep) == tmp_path / "outer"
    (inner / "pyproject.toml").write_text(TABLE)
    assert found(deep) == inner
    assert found(inner) == inner
    assert found(tmp_path) == tmp_path


def test_a_file_that_cannot_be_read_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[tool.seqbench\n")

    assert found(inner) == inner


def test_a_clone_is_found_from_any_folder_of_it_and_owns_its_suite(tmp_path: Path) -> None:
    clone = find_project(REPOSITORY / "docs", command="seqbench")
    assert (clone.root, clone.foreign_results, clone.owns_its_suite) == (REPOSITORY, "", True)

    empty = find_project(tmp_path, command="seqbench")
    assert (empty.suite, bool(empty.foreign_results), empty.owns_its_suite) == (clone.suite, True, False)


def test_results_go_where_the_environment_says_and_are_not_removed_from_there(world: World, tmp_path: Path) -> None:
    world.add_right("alpha")
    elsewhere = tmp_path / "elsewhere"
    world.environment["SEQBENCH_RESULTS"] = str(elsewhere)

    assert world.task("bench", "--runs", "1", "--no-record").code == 0
    assert len(list(elsewhere.glob("*.json"))) == 1
    assert not world.results.exists()
    assert_fails(world.task("clean", "--results", "--yes"), 2, "SEQBENCH_RESULTS names it")
    assert len(list(elsewhere.glob("*.json"))) == 1
