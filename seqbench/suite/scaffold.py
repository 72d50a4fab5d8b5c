"""Write the folder of a new, working benchmark for `invoke new NAME`."""

from pathlib import Path

from seqbench.config import SUITE
from seqbench.errors import UsageError, require_known
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.recipes import class_name
from seqbench.suite.names import MANIFEST, NAME, VALID_NAME
from seqbench.suite.suite_file import SuiteFile, read_suite_file
from seqbench.system.files import write_atomically

_PLACE = "NAME"
# Where a language takes no hyphen in a name.
_PLACE_IN_CODE = "NAME_IN_CODE"
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


def write_skeleton(
    suite_folder: Path, name: str, runtimes: tuple[str, ...] = (), *, suite_file: Path | None = None
) -> tuple[Path, ...]:
    """Write a program in each of these runtimes, by default in all, the manifest and what their builds need.

    Returns the files. `suite_file` describes the suite in place of the file in its folder.

    Raises
    ------
    UsageError
        The name is invalid, a runtime is unknown or has no template, or the folder already exists (nothing is
        overwritten).
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a valid name of a benchmark: expected {VALID_NAME}",
            "{invoke} new my-benchmark",
        )
    folder = suite_folder / name
    if folder.exists():
        raise UsageError(f"{folder} already exists; nothing was written", "choose another name")
    chosen = _with_template(read_suite_file(suite_folder, suite_file), runtimes)
    written = {folder / MANIFEST: _named(_MANIFEST_SKELETON, name)}
    written |= {
        folder / f"{name}{runtime.extension}": _named(runtime.template.read_text(encoding="utf-8"), name)
        for runtime in chosen
        if runtime.template
    }
    project = _project_files(suite_folder, chosen, name)
    for path, text in (written | project).items():
        write_atomically(path, text.encode())
    return (*written, *project)


def _named(text: str, name: str) -> str:
    """Return a text of seqbench with the name of a benchmark in its places."""
    return text.replace(_PLACE_IN_CODE, class_name(name)).replace(_PLACE, name)


def _with_template(said: SuiteFile, names: tuple[str, ...]) -> list[Runtime]:
    known = {entry.runtime.name: entry.runtime for entry in said.runtimes}
    able = tuple(name for name, runtime in known.items() if runtime.template)
    for name in names:
        require_known(name, tuple(known), "runtime", "--runtimes")
        if name not in able:
            raise UsageError(
                f"--runtimes: {name} has no template for a new benchmark", f"use one of: {', '.join(able)}"
            )
    return [known[name] for name in able if not names or name in names]


def _project_files(suite_folder: Path, runtimes: list[Runtime], name: str) -> dict[Path, str]:
    """Return the files in the suite's folder that the programs need, as far as they are missing or need an entry.

    A suite without them gets those of the suite of seqbench, without the entries of its programs.
    """
    found: dict[Path, str] = {}
    for runtime in runtimes:
        for file in runtime.shared if runtime.template else ():
            path = suite_folder / file
            if path not in found and not path.exists():
                found[path] = _without_entries((SUITE / file).read_text(encoding="utf-8"), runtime.entry)
        if runtime.template and runtime.entry:
            path = suite_folder / runtime.shared[0]
            before = found.get(path) or path.read_text(encoding="utf-8")
            found[path] = f"{before.rstrip()}\n\n{_named(runtime.entry, name)}"
    return found


def _without_entries(text: str, entry: str) -> str:
    """Return a text without the paragraphs that begin as an entry does."""
    first = entry.partition("\n")[0]
    return "\n\n".join(part for part in text.split("\n\n") if not part.startswith(first))
