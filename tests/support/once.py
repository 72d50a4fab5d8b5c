"""Make what is expensive once for all workers of pytest-xdist."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def lock_of(paths: pytest.TempPathFactory, name: str) -> FileLock:
    """Return a lock that all workers of this run share."""
    return FileLock(_shared(paths) / f"{name}.lock")


def folder_made_once(paths: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that the first worker that needs it makes and fills; the others wait for it."""
    folder = _shared(paths) / name
    done = folder.with_suffix(".done")
    with lock_of(paths, name):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def _shared(paths: pytest.TempPathFactory) -> Path:
    """Return the temporary folder of the whole run, in which each worker has one of its own."""
    own = paths.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
