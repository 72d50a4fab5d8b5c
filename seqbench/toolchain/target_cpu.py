"""The CPU that all programs are compiled for: the oldest of the architecture, whatever the machine is. Pure.

A compiler that takes the CPU of the machine it runs on (`zig cc` does) makes faster code than one that takes the oldest
(Go and rustc do), and the difference would be counted as one of the languages. Go calls the levels GOAMD64 and GOARM64
(https://go.dev/wiki/MinimumRequirements), rustc `-C target-cpu`, and clang `-march`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCpu:
    """The name of a CPU in each tool; an empty one leaves the tool to its own default."""

    name: str
    go: tuple[tuple[str, str], ...]
    """Variables for Go."""
    rustc: str
    clang: tuple[str, ...]
    zig: tuple[str, ...]
    """Flags for `zig cc`, which has names of its own."""


_KNOWN = {
    "x86_64": TargetCpu(
        name="x86-64", go=(("GOAMD64", "v1"),), rustc="x86-64", clang=("-march=x86-64",), zig=("-mcpu=baseline",)
    ),
    "aarch64": TargetCpu(
        name="armv8-a", go=(("GOARM64", "v8.0"),), rustc="generic", clang=("-march=armv8-a",), zig=("-mcpu=baseline",)
    ),
}
_ALIASES = {"amd64": "x86_64", "arm64": "aarch64"}


def baseline(architecture: str) -> TargetCpu:
    """Return the oldest CPU of an architecture, which is named as `platform.machine()` does."""
    architecture = architecture.lower()
    other = TargetCpu(name=f"oldest {architecture}", go=(), rustc="generic", clang=(), zig=("-mcpu=baseline",))
    return _KNOWN.get(_ALIASES.get(architecture, architecture), other)
