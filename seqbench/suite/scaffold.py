"""Write the folder of a new, working benchmark for `invoke new NAME`."""

from pathlib import Path

from seqbench.errors import UsageError
from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.names import MANIFEST, NAME, VALID_NAME
from seqbench.system.files import write_atomically

_MANIFEST_SKELETON = """\
# Optional: without this file the programs get no arguments, and their results must only agree with each other.
title = "NAME"
about = "what it measures"
timeout = "5m"

# [parameters.messages]       # positional arguments, in this order
# full = 1_000_000
# quick = 10_000
# scales = true               # the one that --size changes
# unit = "messages"

[expect]
result = 42                   # integer arithmetic over the parameters: + - * // % **

# [expect.ledger]             # lines that every program must print
# messages = "messages"

# [throughput]
# unit = "msg/sec"
# count = "messages"

# [needs]
# live-strands = "100"        # most strands alive at once; decides which size fits the machine
"""


def write_skeleton(suite_folder: Path, name: str) -> tuple[Path, ...]:
    """Write `NAME/NAME.seq`, `NAME/NAME.go` and the manifest, and return the files.

    Raises
    ------
    UsageError
        The name is invalid, or the folder already exists (nothing is overwritten).
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a valid name of a benchmark: expected {VALID_NAME}",
            "{invoke} new my-benchmark",
        )
    folder = suite_folder / name
    if folder.exists():
        raise UsageError(f"{folder} already exists; nothing was written", "choose another name")
    files = {folder / MANIFEST: _MANIFEST_SKELETON}
    files |= {
        folder / f"{name}{runtime.extension}": runtime.template.read_text(encoding="utf-8")
        for runtime in RUNTIMES
        if runtime.template and runtime.is_default
    }
    for path, text in files.items():
        write_atomically(path, text.replace("NAME", name).encode())
    return tuple(files)
