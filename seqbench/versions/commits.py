"""Read the commits of a checkout between two revisions, along the first parents."""

from collections.abc import Mapping
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.events import Listener, Remark
from seqbench.system.git import CommitState, answer, ask, commit_state
from seqbench.toolchain.commits import full_hash
from seqbench.versions.version import Version, at_commit

_SHORT = 12


def commits(
    repo: Path, first: str, last: str, *, environment: Mapping[str, str], listen: Listener
) -> tuple[Version, ...]:
    """Return the versions from one revision to another, both included, the oldest first.

    Raises
    ------
    UsageError
        Git cannot read the checkout, it lacks a revision, or the second one does not descend from the first one.
    """
    clone = repo.absolute()
    low, high = (full_hash(clone, revision, environment) for revision in (first, last))
    if low != high and not _is_ancestor(clone, low, high, environment):
        if _is_ancestor(clone, high, low, environment):
            raise UsageError(
                f"{first} is newer than {last} in {clone}: the range is the wrong way round", f"use {last}..{first}"
            )
        raise UsageError(
            f"{last} does not descend from {first} in {clone}: they are on different branches",
            f"begin at their common ancestor: git -C {clone} merge-base {first} {last}",
        )
    state = commit_state(clone, environment)
    if isinstance(state, CommitState) and state.dirty:
        listen(Remark(text=f"{clone} has changes that are in no commit: they are left alone, and not measured"))
    after = answer(clone, environment, "rev-list", "--first-parent", "--reverse", f"{low}..{high}").split()
    return tuple(version_of(clone, commit, environment) for commit in (low, *after))


def version_of(clone: Path, revision: str, environment: Mapping[str, str]) -> Version:
    """Return the version of one revision.

    Raises
    ------
    UsageError
        The checkout does not have it.
    """
    commit = full_hash(clone, revision, environment)
    subject = answer(clone, environment, "-c", "log.showSignature=false", "show", "--no-patch", "--format=%s", commit)
    return Version(label=commit[:_SHORT], spec=at_commit(str(clone), commit), subject=subject)


def _is_ancestor(clone: Path, first: str, last: str, environment: Mapping[str, str]) -> bool:
    return ask(clone, environment, "merge-base", "--is-ancestor", first, last).ok
