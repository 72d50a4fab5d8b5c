"""Write files atomically, find files, and locate the cache and the history."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from glob import glob, has_magic
from pathlib import Path

import platformdirs

from seqbench.errors import UsageError


def write_atomically(path: Path, content: bytes, *, executable: bool = False) -> None:
    """Replace `path` by `content`, and create its folder. A reader sees the old file or the new one, never a part.

    Raises
    ------
    OSError
        The disk is full or read-only, or the path cannot be a file. The old file is unchanged.
    """
    if path.exists() and not path.is_file():
        # Do not replace a pipe or a device such as /dev/null by a file.
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o755 if executable else 0o644)
        temporary.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder for compilers and built programs: `SEQBENCH_CACHE`, or else the user's cache folder."""
    if chosen := environment.get("SEQBENCH_CACHE"):
        return Path(chosen).absolute()
    return Path(platformdirs.user_cache_dir("seqbench", appauthor=False))


def history_file(configured: str, project: Path, environment: Mapping[str, str]) -> Path:
    """Return the file of the history: `SEQBENCH_HISTORY`, the configured file, or a file in the user's data folder."""
    if chosen := environment.get("SEQBENCH_HISTORY"):
        return Path(chosen).absolute()
    if configured:
        return project / Path(configured).expanduser()
    return Path(platformdirs.user_data_dir("seqbench", appauthor=False)) / "history.db"


def require_writable(folder: Path) -> None:
    """Check that files can be written to a folder, before hours of measuring.

    Raises
    ------
    UsageError
        The folder cannot be created or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".writable-") as file:
            file.write(b"x")
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}",
            "free disk space, correct the permissions, or use another folder",
        ) from error


def remove_folder(folder: Path) -> bool:
    """Remove a folder and its content; return False when it does not exist."""
    if not folder.is_dir():
        return False
    shutil.rmtree(folder)
    return True


def find_files(words: Sequence[str], folder: Path, *, flag: str = "--import") -> tuple[Path, ...]:
    """Return the files that match the words of a flag.

    Parameters
    ----------
    words : files, folders, or patterns such as `results/*.json`, relative to `folder`.
    flag : the flag that the words come from, for errors.

    Raises
    ------
    UsageError
        A pattern or a folder matches no file. A missing file is no error here; its reader reports it.
    """
    found: dict[Path, None] = {}
    for word in words:
        path = folder / Path(word).expanduser()
        if path.is_dir():
            files = sorted(path.glob("*.json"))
        elif path.exists() or not has_magic(str(path)):
            files = [path]
        else:
            files = sorted(map(Path, glob(str(path), recursive=True)))  # noqa: PTH207 - Path.glob takes no absolute pattern
        if not files:
            raise UsageError(
                f"{flag} {word}: no file matches", "use files, a folder, or a pattern such as 'results/*.json'"
            )
        found |= dict.fromkeys(files)
    return tuple(found)
