"""Name the CPU that all programs are compiled for, in the words of each tool. Pure.

The default is the oldest CPU of the architecture. A compiler that takes the CPU of the machine it runs on (`zig cc`
does) makes faster code than one that takes the oldest (Go and rustc do), and the difference would be counted as one of
the languages. Go calls the levels GOAMD64 and GOARM64 (https://go.dev/wiki/MinimumRequirements), rustc `-C target-cpu`,
and clang `-march` or `-mcpu`.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from seqbench.system.facts import Processor, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCpu:
    """A CPU to compile for, with its name in each tool; an empty one leaves the tool to its own default."""

    choice: Target
    name: str
    """For people and for keys: that of a native one holds a digest of this machine's CPU."""
    rustc: str
    clang: tuple[str, ...]
    zig: tuple[str, ...]
    """Flags for `zig cc`, which has names of its own."""
    level: str = ""
    """Such as `v3` or `v8.2`; empty for the oldest one."""
    folder: str = ""
    """Distinguishes the folders of the cache that hold compiled code; empty for the baseline."""

    @property
    def amd64(self) -> str:
        """Return the level of an x86-64 CPU as GOAMD64 has it; the lowest for another architecture."""
        return self.level if "." not in self.level and self.level else "v1"

    @property
    def arm64(self) -> str:
        """Return the level of an Arm CPU as GOARM64 has it; the lowest for another architecture."""
        return self.level if "." in self.level else "v8.0"

    def cache(self, cache: Path) -> Path:
        """Return the folder in which builds may keep what they compiled; that of native code is of this CPU alone.

        Build tools know "native" only by its name: in a folder from another machine they would find code for its CPU.
        """
        return cache / "native" / self.folder if self.folder else cache

    @property
    def rustflags(self) -> str:
        """Return the value of RUSTFLAGS."""
        return f"-Ctarget-cpu={self.rustc}"


_ALIASES = {"amd64": "x86_64", "arm64": "aarch64"}
_BASELINES = {
    "x86_64": TargetCpu(
        choice=Target.BASELINE,
        name="x86-64",
        rustc="x86-64",
        clang=("-march=x86-64",),
        zig=("-mcpu=baseline",),
    ),
    "aarch64": TargetCpu(
        choice=Target.BASELINE,
        name="armv8-a",
        rustc="generic",
        clang=("-march=armv8-a",),
        zig=("-mcpu=baseline",),
    ),
}
# The level that each line adds to the one above it, and what Linux calls the features that it needs
# (https://gitlab.com/x86-psABIs/x86-64-ABI, https://go.dev/wiki/ARM64).
_LEVELS = {
    "x86_64": (
        ("v2", "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"),
        ("v3", "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"),
        ("v4", "avx512bw avx512cd avx512dq avx512f avx512vl"),
    ),
    "aarch64": (
        ("v8.1", "asimdrdm atomics crc32"),
        ("v8.2", "dcpop"),
        ("v8.3", "fcma jscvt lrcpc"),
        ("v8.4", "asimddp dit flagm ilrcpc uscat"),
        ("v8.5", "flagm2 frint sb"),
        ("v9.0", "sve2"),
    ),
}


def target_cpu(choice: Target, processor: Processor) -> TargetCpu:
    """Return the CPU that programs are compiled for on a machine with this processor."""
    return baseline(processor.architecture) if choice is Target.BASELINE else _native(processor)


def recorded_target(name: str, processor: Processor) -> TargetCpu:
    """Return the CPU that a stored session names; the baseline where the name is unknown or was not recorded."""
    return target_cpu(Target.NATIVE if name == Target.NATIVE else Target.BASELINE, processor)


def baseline(architecture: str) -> TargetCpu:
    """Return the oldest CPU of an architecture, which is named as `platform.machine()` does."""
    name = _known_name(architecture)
    other = TargetCpu(choice=Target.BASELINE, name=f"oldest {name}", rustc="generic", clang=(), zig=("-mcpu=baseline",))
    return _BASELINES.get(name, other)


def _native(processor: Processor) -> TargetCpu:
    """Return the CPU of the machine itself.

    Compilers find out by themselves what the CPU has, so its identity is part of the name: code from a cache that was
    restored on another machine would end with SIGILL there.
    """
    architecture = _known_name(processor.architecture)
    digest = hashlib.sha256(processor.identity.encode()).hexdigest()
    oldest = baseline(architecture)
    level = _level(architecture, processor.features)
    return TargetCpu(
        choice=Target.NATIVE,
        name=f"native {f'{oldest.name}-{level}' if level else architecture} (CPU {digest[:8]})",
        level=level,
        rustc="native",
        # Clang takes -march=native for x86 in every version, and -mcpu=native elsewhere.
        clang=("-march=native",) if architecture == "x86_64" else ("-mcpu=native",),
        zig=("-mcpu=native",),
        folder=f"native-{digest[:12]}",
    )


def _known_name(architecture: str) -> str:
    architecture = architecture.lower()
    return _ALIASES.get(architecture, architecture)


def _level(architecture: str, features: frozenset[str]) -> str:
    """Return the highest level of which the processor has all features; empty for the oldest one."""
    found = ""
    for level, needed in _LEVELS.get(architecture, ()):
        if not features >= set(needed.split()):
            break
        found = level
    return found
