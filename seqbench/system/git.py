"""Read the commit of a folder from git: its hash, its time, and whether there are changes."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.system import process
from seqbench.system.facts import Command, Finished

_TIMEOUT_S = 30.0
# Writing the files of a commit, or counting the commits of a long history.
_LONG_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitState:
    """The commit that is checked out; `dirty` when tracked files differ from it."""

    commit: str
    dirty: bool
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCommit:
    """Why the commit of a folder is unknown."""

    reason: str
    fix: str
    """How to make it known; empty for a folder that simply has no commit."""


def commit_state(folder: Path, environment: Mapping[str, str], ignore: tuple[str, ...] = ()) -> CommitState | NoCommit:
    """Return the state of the repository that contains `folder`, or why there is none.

    Parameters
    ----------
    ignore
        Files whose changes do not count, relative to the folder, which need not be the top of the repository.
    """
    git = shutil.which("git", path=environment.get("PATH", ""))
    if git is None:
        return NoCommit(reason="git is not on PATH", fix="install git")

    def ask(*arguments: str) -> Finished:
        command = Command(
            argv=(git, *arguments), directory=folder, environment=_kept(environment), timeout_s=_TIMEOUT_S
        )
        return process.run(command)

    shown = ask("-c", "log.showSignature=false", "show", "--no-patch", "--format=%H %ct", "HEAD")
    words = _text(shown.stdout).split()
    if not shown.ok or not words:
        return _no_commit(_text(shown.stderr), folder)
    commit, seconds = words
    exclusions = [f":(exclude){name}" for name in ignore]
    changes = ask("status", "--porcelain", "--untracked-files=no", "--", ":(top)", *exclusions)
    return CommitState(
        commit=commit,
        dirty=not changes.ok or _text(changes.stdout) != "",
        committed_at=datetime.fromtimestamp(int(seconds), tz=UTC),
    )


def has_changes(files: tuple[Path, ...], environment: Mapping[str, str]) -> bool:
    """Return whether one of these files differs from the commit of its repository, or is not in it.

    False where there is no git or no repository.
    """
    git = shutil.which("git", path=environment.get("PATH", ""))
    if git is None:
        return False
    folders = {folder: [file.name for file in files if file.parent == folder] for folder in {f.parent for f in files}}
    for folder, names in folders.items():
        argv = (git, "status", "--porcelain", "--untracked-files=all", "--ignored", "--", *names)
        finished = process.run(
            Command(argv=argv, directory=folder, environment=_kept(environment), timeout_s=_TIMEOUT_S)
        )
        if finished.ok and _text(finished.stdout):
            return True
    return False


def _kept(environment: Mapping[str, str]) -> dict[str, str]:
    # With GIT_CONFIG_COUNT and its like a user says that a clone of another owner is safe.
    passed_on = ("PATH", "HOME", "XDG_CONFIG_HOME")
    return {key: value for key, value in environment.items() if key in passed_on or key.startswith("GIT_CONFIG")}


def _no_commit(error: str, folder: Path) -> NoCommit:
    """Return what git says, with the command that it proposes."""
    if "not a git repository" in error:
        return NoCommit(reason="there is no commit here: no repository of git", fix="")
    if "unknown revision" in error or "bad revision" in error:
        return NoCommit(reason="there is no commit here", fix="")
    said = next(iter(error.splitlines()), "git prints nothing").removeprefix("fatal: ")
    command = re.search(r"git config --global --add safe\.directory .+", error)
    return NoCommit(reason=f"git says: {said}", fix=command[0] if command else f"look at `git -C {folder} show`")


def _text(output: bytes) -> str:
    return output.decode(errors="replace").strip()


def ask(folder: Path, environment: Mapping[str, str], *arguments: str) -> Finished:
    """Run git in a folder and return what came of it, whatever that is.

    Raises
    ------
    UsageError
        Git is not on PATH, or the folder does not exist.
    """
    git = shutil.which("git", path=environment.get("PATH", ""))
    if git is None:
        raise UsageError("git is not on PATH: it reads the commits of a checkout", "install git")
    if not folder.is_dir():
        raise UsageError(f"{folder} does not exist: expected a clone of a repository", "correct the path")
    command = Command(argv=(git, *arguments), directory=folder, environment=_kept(environment), timeout_s=_LONG_S)
    return process.run(command)


def answer(folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """Return what git prints.

    Raises
    ------
    UsageError
        Git is not on PATH, or fails (with what it says).
    """
    finished = ask(folder, environment, *arguments)
    if not finished.ok:
        problem = _no_commit(_text(finished.stderr), folder)
        raise UsageError(f"{folder}: {problem.reason}", problem.fix or "give the folder of a clone")
    return _text(finished.stdout)
