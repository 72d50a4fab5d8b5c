"""Write the folder of a new, working benchmark for `invoke new NAME`."""

from pathlib import Path

from seqbench.config import SUITE
from seqbench.errors import UsageError
from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.names import MANIFEST, NAME, VALID_NAME
from seqbench.system.files import write_atomically

_PLACE = "NAME"
_MANIFEST_SKELETON = """\
title = "NAME"
about = "what it measures"
timeout = "5m"

[parameters.messages]         # the arguments of the programs, in this order
full = 1_000_000
quick = 10_000
scales = true                 # the one that --size changes
unit = "messages"

[expect]
result = "messages * (messages + 1) // 2" # integer arithmetic over the parameters: + - * // % **
control-messages = "3"        # what the ledger does not count: the 0 at the end and the two figures of the report
[expect.ledger]               # lines that every program must print
messages = "messages"

[throughput]
unit = "msg/sec"
count = "messages"

[needs]
live-strands = "2"            # most strands alive at once; decides which size fits the machine
"""


def write_skeleton(suite_folder: Path, name: str) -> tuple[Path, ...]:
    """Write a program in each language, the manifest and what their builds need, and return the files.

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
    written = {folder / MANIFEST: _MANIFEST_SKELETON}
    written |= {
        folder / f"{name}{runtime.extension}": runtime.template.read_text(encoding="utf-8")
        for runtime in RUNTIMES
        if runtime.template
    }
    project = _project_files(suite_folder)
    for path, text in (written | project).items():
        write_atomically(path, text.replace(_PLACE, name).encode())
    return (*written, *project)


def _project_files(suite_folder: Path) -> dict[Path, str]:
    """Return the files in the suite's folder that the programs need, as far as they are missing or need an entry.

    A suite without them gets those of the suite of seqbench, without the entries of its programs.
    """
    found: dict[Path, str] = {}
    for runtime in RUNTIMES:
        for file in runtime.shared if runtime.template else ():
            path = suite_folder / file
            if path not in found and not path.exists():
                found[path] = _without_entries((SUITE / file).read_text(encoding="utf-8"), runtime.entry)
        if runtime.template and runtime.entry:
            path = suite_folder / runtime.shared[0]
            before = found.get(path) or path.read_text(encoding="utf-8")
            found[path] = f"{before.rstrip()}\n\n{runtime.entry}"
    return found


def _without_entries(text: str, entry: str) -> str:
    """Return a text without the paragraphs that begin as an entry does."""
    first = entry.partition("\n")[0]
    return "\n\n".join(part for part in text.split("\n\n") if not part.startswith(first))
