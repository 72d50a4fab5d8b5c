from pathlib import Path

from seqbench.project import find_project
from tests.support.world import REPOSITORY

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
    assert (clone.root, clone.is_configured, clone.owns_its_suite) == (REPOSITORY, True, True)

    empty = find_project(tmp_path, command="seqbench")
    assert (empty.suite, empty.is_configured, empty.owns_its_suite) == (clone.suite, False, False)
