"""Write files atomically, find files, and locate the cache and the history."""

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from glob import glob, has_magic
from io import FileIO
from itertools import count
from pathlib import Path

import platformdirs

from seqbench.errors import UsageError
from seqbench.paths import user_path
from seqbench.system.interrupts import shielded

# A file that cannot be replaced may still be writable: it is mounted, or its folder is read-only.
_CANNOT_REPLACE = (errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS, errno.EXDEV)


def write_atomically(path: Path, content: bytes, *, executable: bool = False) -> None:
    """Write a whole file, and create its folder. A reader sees the old file or the new one, never a part.

    A link stays a link: the file that it names is written. What cannot be replaced is written in place, such as a
    device, a pipe, an open file (`/dev/fd/3`), a mounted file, and a file in a folder that is not writable.

    Raises
    ------
    OSError
        The disk is full or read-only, or the path cannot be a file. The old file is unchanged.
    """
    if open_descriptor(path) is not None or (path.exists() and not path.is_file()):
        _write_to_device(path, content)
        return
    target = _followed(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with shielded():
            _replace_or_fill(target, content, executable=executable)
    except OSError as error:
        if error.filename is None or Path(os.fsdecode(error.filename)).parent == target.parent:
            error.filename = str(path)
        raise


def _write_to_device(path: Path, content: bytes) -> None:
    """Write to a device, a pipe or an open file of this process, which stay what they are."""
    descriptor = open_descriptor(path)
    try:
        with path.open("wb") if descriptor is None else os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
    except OSError as error:
        error.filename = str(path)
        raise


def write_new(folder: Path, stem: str, content: bytes) -> Path:
    """Write a new file `STEM.json` to a folder, or `STEM-2.json` and so on where there is one; return its path.

    Two processes never get the same file.

    Raises
    ------
    OSError
        The disk is full or read-only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = (folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json") for number in count(1))
    try:
        with shielded(), _temporary(folder, stem, content, 0o644) as temporary:
            return next(path for path in paths if _claimed(temporary, path))
    except OSError as error:
        error.filename = str(folder / f"{stem}.json")
        raise


def open_descriptor(path: Path) -> int | None:
    """Return the number of the open file of this process that a path names, as `/dev/stdout` does; else None."""
    # As many links as Linux follows.
    for _ in range(40):
        path = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps `..`
        if path.name.isdecimal() and str(path.parent) in ("/dev/fd", "/proc/self/fd", f"/proc/{os.getpid()}/fd"):
            return int(path.name)
        try:
            path = path.parent / path.readlink()
        except OSError:
            return None
    return None


def _followed(path: Path) -> Path:
    """Return the file that a path names, which need not exist; raise an OSError if its links lead nowhere."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return target


def _replace_or_fill(target: Path, content: bytes, *, executable: bool) -> None:
    mode = 0o755 if executable else 0o644
    is_there = target.is_file()
    if is_there and not executable:
        mode = stat.S_IMODE(target.stat().st_mode)
    try:
        with _temporary(target.parent, target.name, content, mode) as temporary:
            temporary.replace(target)
    except OSError as error:
        if not is_there or error.errno not in _CANNOT_REPLACE:
            raise
        _fill(target, content)


@contextlib.contextmanager
def _temporary(folder: Path, name: str, content: bytes, mode: int) -> Iterator[Path]:
    """Write a temporary file to a folder, and remove it in the end unless it was renamed."""
    # A name may have 255 bytes.
    handle, temporary_name = tempfile.mkstemp(dir=folder, prefix=f".{name[:50]}.")
    temporary = Path(temporary_name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _claimed(temporary: Path, path: Path) -> bool:
    """Give a temporary file its name; return False if there is such a file."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError:
        # A file system without hard links.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        temporary.replace(path)
    return True


def _fill(path: Path, content: bytes) -> None:
    """Write a file in place, and put its old content back if that fails."""
    with path.open("r+b", buffering=0) as file:
        before = file.read()
        try:
            _overwrite(file, content)
        except OSError:
            with contextlib.suppress(OSError):
                _overwrite(file, before)
            raise


def _overwrite(file: FileIO, content: bytes) -> None:
    file.seek(0)
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    file.truncate(len(content))
    os.fsync(file.fileno())


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder for compilers and built programs: `SEQBENCH_CACHE`, or else the user's cache folder."""
    if chosen := environment.get("SEQBENCH_CACHE"):
        return user_path(chosen).absolute()
    return Path(platformdirs.user_cache_dir("seqbench", appauthor=False))


def history_file(configured: str, project: Path, environment: Mapping[str, str]) -> Path:
    """Return the file of the history: `SEQBENCH_HISTORY`, the configured file, or a file in the user's data folder."""
    if chosen := environment.get("SEQBENCH_HISTORY"):
        return user_path(chosen).absolute()
    if configured:
        return project / user_path(configured)
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


def require_writable_file(path: Path) -> None:
    """Check that a file can be written, as `require_writable` does for a folder.

    Raises
    ------
    UsageError
        It cannot be written, or its folder cannot be created.
    """
    target = Path(os.path.realpath(path))
    if open_descriptor(path) is not None or (target.exists() and os.access(target, os.W_OK)):
        return
    require_writable(target.parent)


def remove_folder(folder: Path) -> bool:
    """Remove a folder and its content; return False when it does not exist.

    Where the folder is a link, only the content goes, so that the link goes on leading somewhere.
    """
    if not folder.is_dir():
        return False
    if not folder.is_symlink():
        shutil.rmtree(folder)
        return True
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
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
        path = folder / user_path(word)
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
