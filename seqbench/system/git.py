"""Read the commit of a folder from git: its hash, its time, and whether there are changes."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from seqbench.system import process
from seqbench.system.facts import Command

_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitState:
    """The commit that is checked out; `dirty` when tracked files differ from it."""

    commit: str
    dirty: bool
    committed_at: datetime


def commit_state(folder: Path, environment: Mapping[str, str], ignore: tuple[str, ...] = ()) -> CommitState | None:
    """Return the state of the repository that contains `folder`; None without git, a repository or a commit.

    Parameters
    ----------
    ignore
        Files whose changes do not count, relative to the folder, which need not be the top of the repository.
    """
    git = shutil.which("git", path=environment.get("PATH", ""))
    if git is None:
        return None
    # With GIT_CONFIG_COUNT and its like a user says that a clone of another owner is safe.
    kept = {key: value for key, value in environment.items() if key in ("PATH", "HOME") or key.startswith("GIT_CONFIG")}

    def ask(*arguments: str) -> str | None:
        command = Command(argv=(git, *arguments), directory=folder, environment=kept, timeout_s=_TIMEOUT_S)
        finished = process.run(command)
        return finished.stdout.decode(errors="replace").strip() if finished.ok else None

    shown = ask("-c", "log.showSignature=false", "show", "--no-patch", "--format=%H %ct", "HEAD")
    if not shown:
        return None
    commit, seconds = shown.split()
    exclusions = [f":(exclude){name}" for name in ignore]
    changes = ask("status", "--porcelain", "--untracked-files=no", "--", ":(top)", *exclusions)
    return CommitState(commit=commit, dirty=changes != "", committed_at=datetime.fromtimestamp(int(seconds), tz=UTC))
