"""Files that are written whole or not at all, and where seqbench keeps its own."""

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
    """Replace `path` by `content`, making its folder; a reader sees the old file or the new one, never a part.

    Raises
    ------
    OSError
        The disk is full or read-only, or the path is no place for a file; the old file is untouched.
    """
    if path.exists() and not path.is_file():
        # A pipe or a device such as /dev/null, which must not be replaced by a file.
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
    """Return the folder for compilers and built programs: `SEQBENCH_CACHE`, else this system's usual place."""
    if chosen := environment.get("SEQBENCH_CACHE"):
        return Path(chosen).absolute()
    return Path(platformdirs.user_cache_dir("seqbench", appauthor=False))


def history_file(configured: str, project: Path, environment: Mapping[str, str]) -> Path:
    """Return the history's file: `SEQBENCH_HISTORY`, else the configured one, else one in the user's data folder."""
    if chosen := environment.get("SEQBENCH_HISTORY"):
        return Path(chosen).absolute()
    if configured:
        return project / Path(configured).expanduser()
    return Path(platformdirs.user_data_dir("seqbench", appauthor=False)) / "history.db"


def require_writable(folder: Path) -> None:
    """Make sure, before hours of work, that a file can be written here.

    Raises
    ------
    UsageError
        The folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".writable-") as file:
            file.write(b"x")
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}", "free the disk, fix the rights, or use another place"
        ) from error


def remove_folder(folder: Path) -> bool:
    """Remove a folder and all in it; False where there was none."""
    if not folder.is_dir():
        return False
    shutil.rmtree(folder)
    return True


def find_files(words: Sequence[str], folder: Path, *, flag: str = "--import") -> tuple[Path, ...]:
    """Return the files that words name, seen from a folder: files, folders, patterns such as `results/*.json`.

    `flag` is where the words are from, for errors.

    Raises
    ------
    UsageError
        A pattern or a folder holds no file; a plain name that is missing is left to `import_files`.
    """
    found: dict[Path, None] = {}
    for word in words:
        path = folder / Path(word).expanduser()
        if path.is_dir():
            files = sorted(path.glob("*.json"))
        elif path.exists() or not has_magic(str(path)):
            files = [path]
        else:
            files = sorted(map(Path, glob(str(path), recursive=True)))  # noqa: PTH207 - Path.glob takes no absolute one
        if not files:
            raise UsageError(
                f"{flag} {word}: there is no file of that name", "give files, a folder, or 'results/*.json'"
            )
        found |= dict.fromkeys(files)
    return tuple(found)
