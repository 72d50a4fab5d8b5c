import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seqbench.system.git import commit_state
from tests.support.world import SYSTEM_PATH

GIT = shutil.which("git", path=SYSTEM_PATH) or "git"
WHEN = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What git is asked with: nobody's own configuration."""
    (tmp_path / "home").mkdir()
    return {"PATH": SYSTEM_PATH, "HOME": str(tmp_path / "home")}


@pytest.fixture
def clone(tmp_path: Path, environment: dict[str, str]) -> Path:
    folder = tmp_path / "clone"
    (folder / "sub").mkdir(parents=True)
    (folder / "file").write_text("1")
    (folder / "LATEST_RUN.txt").write_text("1")
    (folder / "sub" / "file").write_text("1")
    git(folder, environment, "init", "--quiet")
    git(folder, environment, "add", ".")
    git(folder, environment, "commit", "--quiet", "--message", "one")
    return folder


def git(folder: Path, environment: dict[str, str], *words: str) -> str:
    who = {f"GIT_{role}_{key}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    dates = {"GIT_COMMITTER_DATE": WHEN.isoformat(), "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z"}
    done = subprocess.run(
        (GIT, *words), cwd=folder, env={**environment, **who, **dates}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_a_clean_clone_gives_its_commit_and_when_it_was_made(clone: Path, environment: dict[str, str]) -> None:
    found = commit_state(clone, environment)

    assert found is not None
    assert found.commit == git(clone, environment, "rev-parse", "HEAD")
    assert not found.dirty
    assert found.committed_at == WHEN


def test_a_folder_of_a_clone_belongs_to_it_with_all_its_changes(clone: Path, environment: dict[str, str]) -> None:
    (clone / "file").write_text("2")
    found = commit_state(clone / "sub", environment)

    assert found is not None
    assert found.dirty


def test_a_changed_file_makes_it_dirty_and_a_new_one_does_not(clone: Path, environment: dict[str, str]) -> None:
    (clone / "new").touch()
    found = commit_state(clone, environment)
    assert found is not None
    assert not found.dirty

    (clone / "sub" / "file").write_text("2")
    found = commit_state(clone, environment)
    assert found is not None
    assert found.dirty


def test_changes_of_an_ignored_file_do_not_count(clone: Path, environment: dict[str, str]) -> None:
    (clone / "LATEST_RUN.txt").write_text("2")

    without, ignoring = (
        commit_state(clone, environment),
        commit_state(clone, environment, ignore=("LATEST_RUN.txt",)),
    )
    assert without is not None
    assert ignoring is not None
    assert (without.dirty, ignoring.dirty) == (True, False)

    (clone / "file").write_text("2")
    ignoring = commit_state(clone, environment, ignore=("LATEST_RUN.txt",))
    assert ignoring is not None
    assert ignoring.dirty


def test_a_folder_outside_any_repository_has_no_head(tmp_path: Path, environment: dict[str, str]) -> None:
    assert commit_state(tmp_path, environment) is None


def test_a_repository_without_a_commit_has_no_head(tmp_path: Path, environment: dict[str, str]) -> None:
    git(tmp_path, environment, "init", "--quiet")

    assert commit_state(tmp_path, environment) is None


def test_where_there_is_no_git_there_is_no_head(clone: Path, tmp_path: Path) -> None:
    assert commit_state(clone, {"PATH": str(tmp_path)}) is None
    assert commit_state(clone, {}) is None


def test_ignored_file_of_a_project_below_the_top_does_not_count(clone: Path, environment: dict[str, str]) -> None:
    (clone / "sub" / "LATEST_RUN.txt").write_text("1")
    git(clone, environment, "add", ".")
    git(clone, environment, "commit", "--quiet", "--message", "two")
    (clone / "sub" / "LATEST_RUN.txt").write_text("2")
    found = commit_state(clone / "sub", environment, ignore=("LATEST_RUN.txt",))
    assert found is not None
    assert not found.dirty

    (clone / "LATEST_RUN.txt").write_text("2")
    found = commit_state(clone / "sub", environment, ignore=("LATEST_RUN.txt",))
    assert found is not None
    assert found.dirty


def test_configuration_in_variables_reaches_git(clone: Path, environment: dict[str, str]) -> None:
    """So a user says that a clone of another owner is safe; here it takes the repository away instead."""
    variables = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bare", "GIT_CONFIG_VALUE_0": "no-boolean"}
    assert commit_state(clone, environment | variables) is None
