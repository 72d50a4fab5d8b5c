"""Check out one commit of a clone in a folder of seqbench, so that the clone itself stays as it is."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from seqbench.errors import ToolchainError, UsageError
from seqbench.system.git import answer, ask

# What the user's hooks do after a checkout is for the user's own checkouts.
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false")


def full_hash(clone: Path, commit: str, environment: Mapping[str, str]) -> str:
    """Return the whole hash of a commit, which may be given as any revision.

    Raises
    ------
    UsageError
        The clone does not have it, or git refuses to read the clone.
    """
    found = ask(clone, environment, "rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}")
    if found.ok:
        return found.stdout.decode().strip()
    # Where git refuses the folder, this is the error that says why.
    is_shallow = answer(clone, environment, "rev-parse", "--is-shallow-repository") == "true"
    raise UsageError(
        f"no commit {commit!r} in {clone}" + (", which is a shallow clone" if is_shallow else ""),
        f"git -C {clone} fetch --unshallow" if is_shallow else f"git -C {clone} fetch, or correct the name",
    )


def tree_folder(clone: Path, cache: Path) -> Path:
    """Return the folder of the cache for the commits of a clone: one tree, which is set to one commit after another."""
    return cache / "worktrees" / hashlib.sha256(str(clone).encode()).hexdigest()[:16]


def tree_at(clone: Path, commit: str, folder: Path, environment: Mapping[str, str]) -> Path:
    """Return a tree with the files of a commit, given as its whole hash.

    The tree shares the objects of the clone. Neighbouring commits share what they compile alike, since it is the same.

    Raises
    ------
    ToolchainError
        The files cannot be written, or the clone lacks some of them.
    """
    tree = folder / "tree"
    folder.mkdir(parents=True, exist_ok=True)
    said = ""
    # An earlier tree may be broken: the clone was moved, or an interrupt came while it was written.
    for _ in range(2):
        if not (tree / ".git" / "HEAD").is_file():
            shutil.rmtree(tree, ignore_errors=True)
            answer(
                folder, environment, *_NO_HOOKS, "clone", "--quiet", "--no-checkout", "--shared", str(clone), str(tree)
            )
        if not ask(tree, environment, "cat-file", "-e", f"{commit}^{{commit}}").ok:
            ask(tree, environment, "fetch", "--quiet", str(clone), commit)
        found = ask(tree, environment, *_NO_HOOKS, "checkout", "--quiet", "--detach", "--force", commit)
        if found.ok and ask(tree, environment, "clean", "-ffdxq").ok:
            return tree
        said = found.stderr.decode(errors="replace").strip()
        shutil.rmtree(tree, ignore_errors=True)
    raise ToolchainError(
        f"commit {commit[:12]} of {clone} cannot be checked out in {tree}: {said}",
        f"free disk space, or check the clone: git -C {clone} fsck",
    )
