import shutil
from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.toolchain.commits import full_hash, tree_at, tree_folder
from tests.support.versions import clone, git
from tests.support.world import World


def test_a_tree_goes_from_commit_to_commit_and_has_nothing_else(world: World, tmp_path: Path) -> None:
    folder, hashes = clone(world, 1_000, 1_050)
    tree = tree_at(folder, hashes[1], tmp_path / "t", world.environment)
    assert "1050" in (tree / "seqc").read_text()
    (tree / "left-over").touch()
    assert tree_at(folder, hashes[0], tmp_path / "t", world.environment) == tree
    assert "1000" in (tree / "seqc").read_text()
    assert not (tree / "left-over").exists()
    assert git(folder, "worktree", "list").count("\n") == 0


def test_a_commit_that_is_on_no_branch_and_a_new_one_are_found(world: World, tmp_path: Path) -> None:
    folder, hashes = clone(world, 1_000, 1_050)
    tree_at(folder, hashes[0], tmp_path / "t", world.environment)
    git(folder, "checkout", "--quiet", "--detach")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Aside")
    aside = git(folder, "rev-parse", "HEAD")
    git(folder, "checkout", "--quiet", "main")
    tree = tree_at(folder, aside, tmp_path / "t", world.environment)
    assert git(tree, "rev-parse", "HEAD") == aside


def test_a_broken_tree_is_made_again(world: World, tmp_path: Path) -> None:
    folder, hashes = clone(world, 1_000)
    tree = tree_at(folder, hashes[0], tmp_path / "t", world.environment)
    shutil.rmtree(tree / ".git" / "objects")
    assert (tree_at(folder, hashes[0], tmp_path / "t", world.environment) / "seqc").exists()


def test_a_revision_has_a_whole_hash_and_an_unknown_one_is_named(world: World) -> None:
    folder, hashes = clone(world, 1_000)
    assert full_hash(folder, hashes[0][:8], world.environment) == hashes[0]
    assert full_hash(folder, "main", world.environment) == hashes[0]
    with pytest.raises(UsageError, match="no commit 'nosuch'"):
        full_hash(folder, "nosuch", world.environment)


def test_each_clone_has_a_folder_of_its_own(tmp_path: Path) -> None:
    assert tree_folder(tmp_path / "a", tmp_path) != tree_folder(tmp_path / "b", tmp_path)
