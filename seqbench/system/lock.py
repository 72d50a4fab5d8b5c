"""Locks between processes: who measures, builds or cleans takes one, and says who holds it.

The functions import filelock, because most commands need no lock and the import is a tenth of their start-up time.
"""

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.events import Listener, Remark

_MEASURING = "measuring.lock"


@contextlib.contextmanager
def measuring_lock(cache: Path, listen: Listener) -> Iterator[None]:
    """Let only one session at a time measure on this machine; a second one reports which process it waits for."""
    with held(cache / _MEASURING, listen, to="finish measuring"):
        yield


@contextlib.contextmanager
def held(path: Path, listen: Listener, *, to: str) -> Iterator[None]:
    """Hold the lock of a file; report to `listen` which process it waits for, and wait without a time limit.

    Parameters
    ----------
    to
        What the other process has to do first, such as "finish measuring".
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - see above

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        process, details = _holder(path)
        listen(Remark(text=f"waiting for another run{f' ({process})' if process else ''} to {to}{details}"))
        lock.acquire()
    try:
        _write_holder(path)
        yield
    finally:
        _forget_holder(path)
        lock.release()


@contextlib.contextmanager
def cache_unused(cache: Path) -> Iterator[None]:
    """Keep every other process from measuring or building in a cache.

    Raises
    ------
    UsageError
        A process measures or builds there now.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - see above

    with contextlib.ExitStack() as stack:
        for path in (cache / _MEASURING, *sorted(cache.glob("*/.*.lock"))):
            if not path.parent.is_dir():
                continue
            lock = FileLock(path)
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                process, details = _holder(path)
                doing = "measures" if path.name == _MEASURING else "builds a compiler"
                raise UsageError(
                    f"{cache} is in use: another run{f' ({process})' if process else ''} {doing}{details}",
                    f"wait until it ends, or stop it{f': kill {process.split()[1]}' if process else ''}",
                ) from error
            stack.callback(lock.release)
        yield


def _holder_file(lock: Path) -> Path:
    return lock.with_suffix(".pid")


def _write_holder(lock: Path) -> None:
    """Write process, command and time of the holder; a full disk is no reason not to measure."""
    program, *words = sys.argv or [""]
    # By `python -m invoke` it is called .../invoke/__main__.py.
    name = Path(program).parent.name if Path(program).name == "__main__.py" else Path(program).name
    command = shlex.join([name, *words])
    with contextlib.suppress(OSError):
        _holder_file(lock).write_text(
            f"{os.getpid()}\n{command}\n{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n",
            encoding="utf-8",
            errors="backslashreplace",
        )


def _forget_holder(lock: Path) -> None:
    with contextlib.suppress(OSError):
        _holder_file(lock).unlink()


def _holder(lock: Path) -> tuple[str, str]:
    """Return `process PID` of the holder, and its command and start; empty as far as they are not known."""
    try:
        lines = _holder_file(lock).read_text(encoding="utf-8").splitlines()
    except OSError:
        return "", ""
    pid, command, since = (*lines, "", "", "")[:3]
    details = [f"`{command}`" if command else "", f"since {since}" if since else ""]
    text = ", ".join(each for each in details if each)
    return f"process {pid}" if pid else "", f": {text}" if text else ""
