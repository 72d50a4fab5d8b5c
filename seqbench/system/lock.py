"""Locks between processes: one session at a time measures, and one at a time builds a compiler.

filelock is imported by the functions: most commands take no lock, and it takes a tenth of their start.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from seqbench.events import Listener, Remark


@contextlib.contextmanager
def measuring_lock(cache: Path, listen: Listener) -> Iterator[None]:
    """Let one session at a time measure on this machine; the second one says whom it waits for."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - see above

    cache.mkdir(parents=True, exist_ok=True)
    holder = cache / "measuring.pid"
    lock = FileLock(cache / "measuring.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        pid = ""
        with contextlib.suppress(OSError):
            pid = holder.read_text().strip()
        listen(Remark(text=f"another run{f' (process {pid})' if pid else ''} is measuring; waiting for its end"))
        lock.acquire()
    try:
        holder.write_text(f"{os.getpid()}\n")
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of this file, and wait for it as long as it takes."""
    from filelock import FileLock  # noqa: PLC0415 - see above

    with FileLock(path):
        yield
