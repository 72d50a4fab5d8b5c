import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seqbench.system.git import CommitState, NoCommit, commit_state, has_changes
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


def _state(folder: Path, environment: dict[str, str], ignore: tuple[str, ...] = ()) -> CommitState:
    found = commit_state(folder, environment, ignore)
    assert isinstance(found, CommitState), found
    return found


def test_a_clean_clone_gives_its_commit_and_when_it_was_made(clone: Path, environment: dict[str, str]) -> None:
    found = _state(clone, environment)

    assert found.commit == git(clone, environment, "rev-parse", "HEAD")
    assert not found.dirty
    assert found.committed_at == WHEN


def test_a_folder_of_a_clone_belongs_to_it_with_all_its_changes(clone: Path, environment: dict[str, str]) -> None:
    (clone / "file").write_text("2")
    found = _state(clone / "sub", environment)

    assert found.dirty


def test_a_changed_file_makes_it_dirty_and_a_new_one_does_not(clone: Path, environment: dict[str, str]) -> None:
    (clone / "new").touch()
    found = _state(clone, environment)
    assert not found.dirty

    (clone / "sub" / "file").write_text("2")
    found = _state(clone, environment)
    assert found.dirty


def test_changes_of_an_ignored_file_do_not_count(clone: Path, environment: dict[str, str]) -> None:
    (clone / "LATEST_RUN.txt").write_text("2")

    without, ignoring = (
        _state(clone, environment),
        _state(clone, environment, ignore=("LATEST_RUN.txt",)),
    )
    assert without is not None
    assert (without.dirty, ignoring.dirty) == (True, False)

    (clone / "file").write_text("2")
    ignoring = _state(clone, environment, ignore=("LATEST_RUN.txt",))
    assert ignoring.dirty


def test_a_folder_outside_any_repository_has_no_head(tmp_path: Path, environment: dict[str, str]) -> None:
    assert isinstance(commit_state(tmp_path, environment), NoCommit)


def test_a_repository_without_a_commit_has_no_head(tmp_path: Path, environment: dict[str, str]) -> None:
    git(tmp_path, environment, "init", "--quiet")

    assert isinstance(commit_state(tmp_path, environment), NoCommit)


def test_where_there_is_no_git_there_is_no_head(clone: Path, tmp_path: Path) -> None:
    assert commit_state(clone, {"PATH": str(tmp_path)}) == NoCommit(reason="git is not on PATH", fix="install git")
    assert isinstance(commit_state(clone, {}), NoCommit)


def test_ignored_file_of_a_project_below_the_top_does_not_count(clone: Path, environment: dict[str, str]) -> None:
    (clone / "sub" / "LATEST_RUN.txt").write_text("1")
    git(clone, environment, "add", ".")
    git(clone, environment, "commit", "--quiet", "--message", "two")
    (clone / "sub" / "LATEST_RUN.txt").write_text("2")
    found = _state(clone / "sub", environment, ignore=("LATEST_RUN.txt",))
    assert not found.dirty

    (clone / "LATEST_RUN.txt").write_text("2")
    found = _state(clone / "sub", environment, ignore=("LATEST_RUN.txt",))
    assert found.dirty


def test_configuration_in_variables_reaches_git(clone: Path, environment: dict[str, str]) -> None:
    """So a user says that a clone of another owner is safe; here it takes the repository away instead."""
    variables = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bare", "GIT_CONFIG_VALUE_0": "no-boolean"}
    assert isinstance(commit_state(clone, environment | variables), NoCommit)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a clone to somebody else")
def test_clone_of_another_owner_is_what_git_says_with_its_command(clone: Path, environment: dict[str, str]) -> None:
    shutil.chown(clone, 1001)
    for path in clone.rglob("*"):
        shutil.chown(path, 1001)
    found = commit_state(clone, environment)

    assert isinstance(found, NoCommit)
    assert "dubious ownership" in found.reason
    assert found.fix == f"git config --global --add safe.directory {clone}"
    safe = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": str(clone)}
    assert isinstance(commit_state(clone, environment | safe), CommitState)


def test_file_that_is_changed_untracked_or_ignored_is_not_in_the_commit(
    clone: Path, environment: dict[str, str]
) -> None:
    tracked = sorted(path for path in clone.iterdir() if path.is_file())
    assert tracked
    assert not has_changes(tuple(tracked), environment)
    new = clone / "new.seq"
    new.touch()
    assert has_changes((*tracked, new), environment)
    assert not has_changes(tuple(tracked), environment)
    (clone / ".git" / "info" / "exclude").write_text("*.seq\n")
    assert has_changes((new,), environment)
    tracked[0].write_text("changed")
    assert has_changes((tracked[0],), environment)
    assert not has_changes((new,), {})
    assert has_changes((clone / "sub" / "file", tracked[0]), environment)
    assert not has_changes((clone / "sub" / "file",), environment)
