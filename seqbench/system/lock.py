"""One session at a time measures on a machine: two would spoil each other's numbers."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from seqbench.events import Listener, Remark


@contextlib.contextmanager
def measuring_lock(cache: Path, listen: Listener) -> Iterator[None]:
    """Let one session at a time measure on this machine; the second one says whom it waits for."""
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
