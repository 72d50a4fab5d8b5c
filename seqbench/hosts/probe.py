"""Ask a host what it has, and say what it lacks. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from seqbench.hosts.problem import HostError
from seqbench.text import printable

OLDEST_PYTHON = (3, 11)
_MARK = "seqbench-probe"
_SYSTEMS = ("Linux", "Darwin")
_PYTHONS = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")
# The environment with its libraries takes 300 MB, a seqc with the build of its runtime about as much.
NEEDED_KB = 500_000
_REUSED_KB = 50_000
# A difference that no slow connection explains.
_CLOCK_OFF_S = 60

SCRIPT = f"""
version="import sys; print(*sys.version_info[:3], sep=chr(46))"
cache="${{SEQBENCH_CACHE:-${{XDG_CACHE_HOME:-$HOME/.cache}}/seqbench}}"
echo {_MARK}
echo "system $(uname -s)"
echo "architecture $(uname -m)"
echo "machine-id $(cat /etc/machine-id 2>/dev/null || cat /var/lib/dbus/machine-id 2>/dev/null)"
echo "boot $(uname -n) $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
echo "clock $(date +%s)"
echo "compiler $(command -v cc)"
for name in {" ".join(_PYTHONS)}; do
  found=$(command -v $name) || continue
  echo "python $found $($found -c "$version" 2>&1 | tail -n 1)"
done
mkdir -p "$cache/hosts" 2>&1 | tail -n 1
echo "cache $cache"
echo "room $(df -Pk "$cache/hosts" 2>/dev/null | tail -n 1)"
for each in "$cache"/hosts/code-*; do [ -e "$each/bin/python" ] && echo "has ${{each##*/}}"; done
for each in "$cache"/hosts/suite-*; do [ -e "$each" ] && echo "has ${{each##*/}}"; done
echo end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """A Python of a host."""

    path: str
    version: tuple[int, ...]

    @property
    def series(self) -> str:
        """Return the version that libraries are built for, such as `3.11`."""
        return ".".join(map(str, self.version[:2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a host said of itself."""

    system: str
    architecture: str
    identity: str
    """The ID of the machine; where it has none, its name and start."""
    cache: str
    """The folder for everything that seqbench keeps there."""
    free_kb: int | None
    """None where it did not say."""
    has_compiler: bool
    clock_ahead_s: float
    """How far its clock is ahead of the one here."""
    pythons: tuple[Python, ...]
    kept: frozenset[str] = field(default=frozenset())
    """The environments and suites that are there already."""

    @property
    def python(self) -> Python | None:
        """Return the first Python that is recent enough."""
        return next((each for each in self.pythons if each.version >= OLDEST_PYTHON), None)

    @property
    def is_clock_off(self) -> bool:
        """Return whether times of this host cannot be put in one order with times of here."""
        return abs(self.clock_ahead_s) > _CLOCK_OFF_S


def parse(text: str, name: str, now_s: float) -> Facts:
    """Return what the script printed, as facts.

    Parameters
    ----------
    text
        Its output; what a shell prints at a login comes before it.
    name
        The host, for errors.
    now_s
        The clock here, in seconds since 1970, when the answer came.

    Raises
    ------
    HostError
        It is not the output of the script.
    """
    lines = text.partition(f"{_MARK}\n")[2].splitlines()
    if "end" not in lines:
        raise HostError(
            f"{name}: its shell did not run a simple script: {printable(text.strip()[-200:])!r}",
            f"look at what `ssh {name} uname` prints",
        )
    pairs = [(key, value.strip()) for key, _, value in (line.partition(" ") for line in lines)]
    said = dict(pairs)
    clock = said.get("clock", "")
    return Facts(
        system=said.get("system", ""),
        architecture=printable(said.get("architecture", "")),
        identity=said.get("machine-id") or said.get("boot", ""),
        cache=said.get("cache", ""),
        free_kb=_free_kb(said.get("room", "")),
        has_compiler=bool(said.get("compiler")),
        clock_ahead_s=int(clock) - now_s if clock.isdecimal() else 0.0,
        pythons=tuple(python for key, value in pairs if key == "python" and (python := _python(value))),
        kept=frozenset(value for key, value in pairs if key == "has"),
    )


def _python(value: str) -> Python | None:
    path, _, version = value.rpartition(" ")
    return (
        Python(path=path, version=tuple(map(int, version.split(".")))) if re.fullmatch(r"[\d.]+\d", version) else None
    )


def _free_kb(line: str) -> int | None:
    """Return the fourth column of df; a mount point or device may contain spaces, so it is counted from `NN%`."""
    words = line.split()
    at = next((index for index, word in enumerate(words) if re.fullmatch(r"\d+%", word)), 0)
    return int(words[at - 1]) if at and words[at - 1].isdecimal() else None


def require_usable(facts: Facts, name: str, wanted: Iterable[str]) -> None:
    """Check that a host has what a run needs; `wanted` are the environments and suites of the run.

    Raises
    ------
    HostError
        It is no system that seqbench runs on, or lacks a recent Python or room.
    """
    if facts.system not in _SYSTEMS:
        raise HostError(
            f"{name}: the system is {printable(facts.system) or 'unknown'}: expected {' or '.join(_SYSTEMS)}",
            f"remove {name} from --hosts",
        )
    oldest = ".".join(map(str, OLDEST_PYTHON))
    if not facts.pythons:
        raise HostError(
            f"{name}: there is no python3: expected Python {oldest} or later",
            f"ssh {name} sudo apt install python3-venv",
        )
    if facts.python is None:
        found = ", ".join(f"{printable(each.path)} is {'.'.join(map(str, each.version))}" for each in facts.pythons)
        raise HostError(
            f"{name}: its Python is too old: {found}; expected {oldest} or later",
            f"install a newer one on {name}, as python3 or python3.13, in a folder of its PATH",
        )
    needed = _REUSED_KB if set(wanted) <= facts.kept else NEEDED_KB
    if facts.free_kb is None:
        raise HostError(
            f"{name}: {printable(facts.cache)} cannot be written",
            f"correct its permissions, or set SEQBENCH_CACHE on {name}",
        )
    if facts.free_kb < needed:
        raise HostError(
            f"{name}: {printable(facts.cache)} has {facts.free_kb // 1000} MB free: expected {needed // 1000} MB",
            f"free disk space on {name}, or set SEQBENCH_CACHE there to a folder on another disk",
        )


def remarks(found: Mapping[str, Facts]) -> tuple[str, ...]:
    """Return what is worth knowing of hosts that can be used: clocks, architectures, compilers."""
    lines = [
        f"{name}: its clock is {abs(facts.clock_ahead_s):.0f} s {'ahead' if facts.clock_ahead_s > 0 else 'behind'}: "
        "its sessions are ordered by when they arrive here"
        for name, facts in found.items()
        if facts.is_clock_off
    ]
    kinds = {name: f"{facts.system} {facts.architecture}" for name, facts in found.items()}
    if len(set(kinds.values())) > 1:
        named = ", ".join(f"{name} is {kind}" for name, kind in kinds.items())
        lines.append(f"the hosts have different architectures, so their times cannot be compared: {named}")
    lines += [
        f"{name}: there is no C compiler (cc): seqc cannot be built, and peaks of memory below 8 MiB are not seen\n"
        f"  fix: ssh {name} sudo apt install build-essential, or give --seqc with the path of a seqc there"
        for name, facts in found.items()
        if not facts.has_compiler
    ]
    return tuple(lines)
