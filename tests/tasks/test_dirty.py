"""A benchmark that the commit does not have as it is makes a session dirty, with its name."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from seqbench.publish.html import reproduce
from tests.support.outcomes import assert_fails, stamp, stored
from tests.support.world import World, says


def _git(world: World, *words: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *who, *words), cwd=world.project, env=world.environment, check=True, capture_output=True)


@pytest.fixture
def committed(world: World) -> World:
    world.add_right("alpha", "beta")
    _git(world, "init", "--quiet")
    _git(world, "add", "--all")
    _git(world, "commit", "--quiet", "--message", "one")
    return world


def test_clean_clone_is_clean(committed: World) -> None:
    assert committed.task("bench", "--runs", "1").code == 0
    (session,) = stored(committed)

    assert (session.dirty, session.changed) == (False, ())
    assert len(session.commit) == 40


def test_untracked_and_changed_benchmarks_make_it_dirty_with_their_names(committed: World) -> None:
    committed.add_right("gamma")
    committed.add("beta", go=says(elapsed_ns=300_000))
    said = committed.task("bench", "--runs", "1")
    (session,) = stored(committed)

    assert (session.dirty, session.changed) == (True, ("beta", "gamma"))
    assert "with changes of beta, gamma" in said.out
    assert stamp(committed).changed == ("beta", "gamma")
    assert stamp(committed).dirty
    assert any("uncommitted changes of beta, gamma" in remark for remark in reproduce.remarks(session))


def test_without_git_it_goes_on_and_says_so(committed: World) -> None:
    folder = committed.root / "bin"
    folder.mkdir()
    for program in Path("/usr/bin").iterdir():
        if not program.name.startswith("git"):
            (folder / program.name).symlink_to(program)
    committed.environment["PATH"] = f"{committed.tools}:{folder}"
    said = committed.task("bench", "--runs", "1")

    assert said.code == 0, said.err
    assert "the commit is not recorded: git is not on PATH" in said.err
    assert stored(committed)[0].commit == ""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a clone to somebody else")
def test_clone_of_another_owner_is_reported_by_every_task_with_the_command_of_git(committed: World) -> None:
    assert committed.task("bench", "--runs", "1").code == 0
    for path in (committed.project, *committed.project.rglob("*")):
        if not path.is_symlink():
            shutil.chown(path, 1001)
    command = f"git config --global --add safe.directory {committed.project}"
    said = committed.task("bench", "--runs", "1")
    assert said.code == 0
    assert "dubious ownership" in said.err
    assert command in said.err
    assert_fails(committed.task("check-fresh", "--at-commit"), 2, "--at-commit: git says: detected dubious", command)
