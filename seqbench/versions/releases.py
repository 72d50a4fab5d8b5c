"""Read the releases of a crate from the index of the registry that cargo is configured to use.

Cargo downloads the entry of a crate whenever it is asked about the crate, through mirrors and proxies, and keeps it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.events import Listener
from seqbench.toolchain.cargo import Cargo
from seqbench.toolchain.needs import version_numbers
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.tools import cargo_home

_CRATE = "seq-compiler"
_PLACE = Path("se") / "q-" / _CRATE
_RELEASE = re.compile(r"\d+\.\d+\.\d+")


def releases(*, cache: Path, environment: Mapping[str, str], cpu: TargetCpu, listen: Listener) -> tuple[str, ...]:
    """Return every release of the Seq compiler that was not withdrawn, the oldest first.

    Raises
    ------
    UsageError
        The index cannot be read, as where cargo has no network and asked for the crate never before.
    ToolchainError
        Cargo was not found.
    """
    cache.mkdir(parents=True, exist_ok=True)
    # What it says does not matter: it makes cargo download the entry of the crate.
    newest = Cargo(environment, cpu, cwd=cache, listen=listen).newest(_CRATE)
    found = {path: _read(path) for path in _entries(cargo_home(environment))}
    fitting = [path for path, versions in found.items() if versions and newest in ("", *versions)]
    if not fitting:
        raise UsageError(
            f"the releases of {_CRATE} cannot be read from the index that cargo uses",
            "name the versions: --versions 7.7.3,7.7.4,7.7.5",
        )
    return found[max(fitting, key=lambda path: path.stat().st_mtime)]


def between(first: str, last: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the releases from one to another, both included.

    Raises
    ------
    UsageError
        One of them does not exist, or the first one is the newer one.
    """
    for version in (first, last):
        if version not in known:
            near = [each for each in known if each.startswith(".".join(version.split(".")[:2]) + ".")]
            offered = f"there are {', '.join(near)}" if near else f"the newest is {known[-1]}, the oldest {known[0]}"
            fix = f"use {near[-1] if near else known[-1]}, or another release that exists"
            raise UsageError(f"no release {version} of seqc: {offered}", fix)
    low, high = known.index(first), known.index(last)
    if low > high:
        raise UsageError(f"{first} is newer than {last}: the range is the wrong way round", f"use {last}..{first}")
    return known[low : high + 1]


def _entries(home: Path) -> Iterator[Path]:
    yield from (home / "registry" / "index").glob(f"*/.cache/{_PLACE}")


def _read(path: Path) -> tuple[str, ...]:
    """Return the releases in an entry: a head, and a version and its JSON object in turn, with a zero after each."""
    found = set()
    for piece in path.read_bytes().split(b"\0"):
        if not piece.startswith(b"{"):
            continue
        try:
            release = json.loads(piece)
        except ValueError:
            continue
        version = str(release.get("vers", ""))
        if _RELEASE.fullmatch(version) and not release.get("yanked"):
            found.add(version)
    return tuple(sorted(found, key=_in_order))


def _in_order(version: str) -> tuple[int, ...]:
    return version_numbers(version)
