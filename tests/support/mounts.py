"""Mounts of their own for tests, where they can be made."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """Mount a file system of this size on a folder."""
    folder.mkdir(exist_ok=True)
    with _mounted("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)):
        yield


@contextmanager
def mounted_file(source: Path, target: Path) -> Iterator[None]:
    """Mount a file on another one, which can then not be replaced."""
    if not target.exists():
        target.touch()
    with _mounted("--bind", str(source), str(target)):
        yield


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Mount a folder on itself so that nothing in it can be written, not even by root."""
    with _mounted("--bind", str(folder), str(folder)):
        _mount("-o", "remount,bind,ro", str(folder), str(folder))
        yield


@contextmanager
def _mounted(*words: str) -> Iterator[None]:
    _mount(*words)
    try:
        yield
    finally:
        subprocess.run(("umount", words[-1]), check=True)


def _mount(*words: str) -> None:
    if shutil.which("mount") is None:
        pytest.skip("there is no mount")
    done = subprocess.run(("mount", *words), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
