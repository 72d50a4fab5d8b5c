"""What git says of a folder: its commit, whether it has changes, and when the commit was made."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from seqbench.system import process
from seqbench.system.facts import Command

_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The commit that is checked out; `dirty` when tracked files differ from it."""

    commit: str
    dirty: bool
    committed_at: datetime


def head(folder: Path, environment: Mapping[str, str], ignore: tuple[str, ...] = ()) -> Head | None:
    """Return the state of the repository that holds `folder`; None where there is no git, repository or commit.

    `ignore` names files, relative to the top of the repository, whose changes do not count.
    """
    git = shutil.which("git", path=environment.get("PATH", ""))
    if git is None:
        return None
    kept = {key: environment[key] for key in ("PATH", "HOME") if key in environment}

    def ask(*arguments: str) -> str | None:
        command = Command(argv=(git, *arguments), directory=folder, environment=kept, timeout_s=_TIMEOUT_S)
        finished = process.run(command)
        return finished.stdout.decode(errors="replace").strip() if finished.ok else None

    shown = ask("-c", "log.showSignature=false", "show", "--no-patch", "--format=%H %ct", "HEAD")
    if not shown:
        return None
    commit, seconds = shown.split()
    exclusions = [f":(top,exclude){name}" for name in ignore]
    changes = ask("status", "--porcelain", "--untracked-files=no", "--", ":(top)", *exclusions)
    return Head(commit=commit, dirty=changes != "", committed_at=datetime.fromtimestamp(int(seconds), tz=UTC))
