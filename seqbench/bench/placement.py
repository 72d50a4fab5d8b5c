"""Draw anew for each round where programs lie in memory: the address of the stack, and the pages of the executable.

Both alone change times by several percent, and how much depends on the program. A fixed place would favour one side of
a comparison by an amount that more rounds do not reduce. Drawn anew for each round, it becomes noise that the interval
contains.

The environment lies above the stack, so its size moves the stack (Mytkowicz et al., ASPLOS 2009). All candidates of a
round get the same size. What a size does to all of them alike then cancels within the round, and what it does to one
of them is drawn anew. Different sizes in one round would add the first to the noise, and gain nothing: each round is
one draw either way.

The kernel chooses the physical pages of a file when it is written or read for the first time, and keeps them while the
file is cached; they decide which lines of the caches the code shares with the data. So each run starts a copy of the
executable that was made just before (METHOD.md, "Code layout", has what fixed copies did).
"""

import contextlib
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from seqbench.bench.build import Executable

VARIABLE = "SEQBENCH_PADDING"
"""A variable that no runtime reads."""
# The first address of the stack is a multiple of 16, and what a cache sees of it repeats after a page.
_STEP_BYTES = 16
_PAGE_BYTES = 4096


def padding(seed: str, round_number: int) -> dict[str, str]:
    """Return the variable that pads the environment in a round, drawn so that it can be drawn again.

    Examples
    --------
    >>> padding("1/pingpong", 3) == padding("1/pingpong", 3)
    True
    """
    drawn = random.Random(f"{seed}/{round_number}/environment")  # noqa: S311 - a size, not a secret
    return {VARIABLE: "x" * (_STEP_BYTES * drawn.randrange(_PAGE_BYTES // _STEP_BYTES))}


@contextlib.contextmanager
def copies_in(cache: Path) -> Iterator[Path]:
    """Yield an empty folder for copies, and remove it in the end.

    It is in the cache, where programs may be started. Only the holder of the measuring lock has one, so what is there
    already is of a run that was killed.
    """
    folder = cache / "copies"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on_new_pages(executable: Executable, folder: Path) -> Executable:
    """Return a copy of an executable in a folder, where it replaces the last one; itself if it is no file to start.

    What an interpreter or a virtual machine runs is read into memory of the process, which is new each time.

    Raises
    ------
    OSError
        The disk is full or read-only.
    """
    path = executable.path
    if not executable.is_started or not path.is_file():
        return executable
    folder.mkdir(parents=True, exist_ok=True)
    copy, new = folder / path.name, folder / f"{path.name}.new"
    # Written, because a file system may let a copy share the blocks of the first file, and the run would read them from
    # the disk. Not flushed to the disk, which nobody needs. The old copy is there until the new one has its pages, so
    # that these are others.
    new.write_bytes(path.read_bytes())
    new.chmod(path.stat().st_mode)
    # Removed first: ext4 writes a file to the disk at once when it replaces another one.
    copy.unlink(missing_ok=True)
    new.rename(copy)
    words = tuple(str(copy) if word == str(path) else word for word in executable.argv)
    return replace(executable, path=copy, command=() if words == (str(copy),) else words)
