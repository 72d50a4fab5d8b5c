"""Lock between processes, so that only one at a time measures or builds a compiler.

The functions import filelock, because most commands need no lock and the import is a tenth of their start-up time.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from seqbench.events import Listener, Remark


@contextlib.contextmanager
def measuring_lock(cache: Path, listen: Listener) -> Iterator[None]:
    """Let only one session at a time measure on this machine; a second one reports which process it waits for."""
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
        listen(Remark(text=f"waiting for another run{f' (process {pid})' if pid else ''} to finish measuring"))
        lock.acquire()
    try:
        holder.write_text(f"{os.getpid()}\n")
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of a file, and wait for it without a time limit."""
    from filelock import FileLock  # noqa: PLC0415 - see above

    with FileLock(path):
        yield
