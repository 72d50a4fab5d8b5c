"""List the compilers that were built into the cache, with their room and last use, and remove old ones."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from seqbench.system.files import remove_folder

_FOLDERS = ("seqc", "worktrees")
"""The folders of the cache that hold built compilers, and the trees that commits are built in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A compiler in the cache, or a tree with what was built in it."""

    path: Path
    size_bytes: int
    used_at: datetime
    """When it was taken from the cache last, or built."""


def kept_compilers(cache: Path) -> tuple[Kept, ...]:
    """Return everything that `invoke clean --toolchain --older-than` may remove, by its path."""
    homes = [home for name in _FOLDERS if (cache / name).is_dir() for home in (cache / name).iterdir()]
    return tuple(
        Kept(
            path=home,
            size_bytes=sum(_sizes(home)),
            used_at=datetime.fromtimestamp(home.stat().st_mtime, tz=UTC),
        )
        for home in sorted(homes)
        if home.is_dir() and not home.name.startswith(".")
    )


def remove_unused(cache: Path, since: datetime) -> tuple[Kept, ...]:
    """Remove the compilers that were not used since then, and return them."""
    old = tuple(kept for kept in kept_compilers(cache) if kept.used_at < since)
    return tuple(kept for kept in old if remove_folder(kept.path))


def mark_used(home: Path) -> None:
    """Note that a compiler of the cache is used now; a cache that cannot be written has no such note."""
    with contextlib.suppress(OSError):
        os.utime(home)


def _sizes(folder: Path) -> Iterator[int]:
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                # What the disk holds: sparse and linked files count as little as they take.
                yield os.lstat(Path(root) / name).st_blocks * 512
