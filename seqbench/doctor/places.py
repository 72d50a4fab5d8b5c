"""Check the folders and files that a run writes: that they can be written, and that there is room."""

import errno
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.doctor.health import Health, HealthCheck
from seqbench.toolchain.kept import kept_compilers
from seqbench.units import short_bytes

CACHE_FIX = "set SEQBENCH_CACHE to a folder that can be written"
_RESULTS_FIX = "work in a copy of the project that can be written"
_HISTORY_FIX = "set SEQBENCH_HISTORY to a file in a folder that can be written"
_HOME_FIX = "set HOME to a folder that exists, or SEQBENCH_CACHE and SEQBENCH_HISTORY to places of their own"
# Building seqc takes this much for a while, with the sources and the optimised runtime.
_ROOM_TO_BUILD = 2 << 30
_ROOM_TO_KEEP = 100 << 20
# Some hundred compilers, or a few trees of commits.
_MUCH_ROOM = 10 << 30
# An empty file needs no room on a full disk.
_BLOCK = 4096
_FREE = "free disk space there"
_FIRST = {
    errno.ENOSPC: _FREE,
    errno.EDQUOT: _FREE,
    errno.EACCES: "correct its permissions",
    errno.EPERM: "correct its permissions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a run writes."""

    cache: Path
    project: Path
    """The folder of the record."""
    results: Path
    history: Path


def place_checks(places: Places, environment: Mapping[str, str]) -> tuple[HealthCheck, ...]:
    """Check each place by writing a file there for a moment; what does not exist yet is not created."""
    return (
        _home(environment),
        _folder("cache", places.cache, _ROOM_TO_BUILD, CACHE_FIX),
        _folder("record", places.project, _ROOM_TO_KEEP, _RESULTS_FIX),
        _folder("results", places.results, _ROOM_TO_KEEP, _RESULTS_FIX),
        _file("history", places.history, _HISTORY_FIX),
    )


def _home(environment: Mapping[str, str]) -> HealthCheck:
    home = environment.get("HOME", "")
    if home and Path(home).is_dir():
        return HealthCheck(subject="home", health=Health.OK, found=home)
    found = f"HOME is {home}, which is no folder" if home else "HOME is not set"
    return HealthCheck(subject="home", health=Health.WARNING, found=found, fix=_HOME_FIX)


def _file(subject: str, path: Path, fix: str) -> HealthCheck:
    try:
        if path.exists():
            with path.open("r+b"):
                pass
    except OSError as error:
        return _unwritable(subject, path, error, fix)
    return _folder(subject, path.parent, _ROOM_TO_KEEP, fix, shown=path)


def _folder(subject: str, folder: Path, room: int, fix: str, shown: Path | None = None) -> HealthCheck:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".seqbench-", dir=there) as trial:
            (Path(trial) / "file").write_bytes(b"x" * _BLOCK)
        free = shutil.disk_usage(there).free
    except OSError as error:
        return _unwritable(subject, shown or folder, error, fix)
    found = f"{shown or folder}, {short_bytes(free)} free"
    if free >= room:
        return HealthCheck(subject=subject, health=Health.OK, found=found)
    found = f"{found}: may need {short_bytes(room)}"
    return HealthCheck(subject=subject, health=Health.WARNING, found=found, fix=f"{_FREE}, or {fix}")


def _unwritable(subject: str, path: Path, error: OSError, fix: str) -> HealthCheck:
    found = f"{path} cannot be written: {error.strerror}"
    first = _FIRST.get(error.errno or 0)
    return HealthCheck(subject=subject, health=Health.MISSING, found=found, fix=f"{first}, or {fix}" if first else fix)


def compilers_check(cache: Path) -> HealthCheck:
    """Report how much room the built compilers take; never a reason to fail."""
    kept = kept_compilers(cache)
    room = sum(each.size_bytes for each in kept)
    found = f"{len(kept)} built, {short_bytes(room)} in the cache" if kept else "none is built"
    if room < _MUCH_ROOM:
        return HealthCheck(subject="compilers", health=Health.OK, found=found)
    fix = "{invoke} clean --toolchain --older-than 30d removes those that were not used lately"
    return HealthCheck(subject="compilers", health=Health.WARNING, found=found, fix=fix)
