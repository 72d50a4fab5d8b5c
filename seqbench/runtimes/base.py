"""What a runtime is: how its tools are found, its programs built and linted, and what a strand costs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.events import Listener
from seqbench.toolchain.compiler_spec import Spec
from seqbench.toolchain.toolchain import Tool, Toolchain


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One command of a build or a check, with the variables that it needs on top of the user's environment."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    made: Path | None = None
    """Where the executable is left; None: where the build was asked to put it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quest:
    """What there is to find a tool with."""

    spec: Spec
    suite: Path
    cache: Path
    environment: Mapping[str, str]
    listen: Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A tool that a runtime needs; `find` raises a ToolchainError where it is not to be had."""

    name: str
    find: Callable[[Quest], Tool]
    is_slow: bool = False
    """It may take minutes, so that what is missing elsewhere should be told before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandCost:
    """What a program needs of the machine: a base and what each live strand adds (docs/BENCHMARKS.md)."""

    maps_base: int
    maps_per_strand: float
    bytes_base: int
    bytes_per_strand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReport:
    """How a runtime is asked to report on its own work, as a witness of what its programs print."""

    settings: tuple[tuple[str, str], ...]
    """Environment variables that ask for it."""
    read: Callable[[str], Mapping[str, int] | None]
    """Standard error to `spawned`, `completed`, `peak`, `sent`, `received`, `threads`; None where it says nothing."""
    own_strands: int
    """Strands that it counts and programs do not."""
    absent: str
    """What it takes to have one, for the case that it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A language runtime that benchmark programs are written for."""

    name: str
    title: str
    suffix: str
    tools: tuple[Need, ...]
    """The first one is the compiler."""
    settings: tuple[str, ...]
    """Prefixes of the environment variables that change how a program runs; they are passed on and recorded."""
    cost: StrandCost
    startup_ns: Callable[[Mapping[str, str]], int]
    """The most that start-up and exit may add to the outside clock with these settings, but for giving memory back."""
    build: Callable[[Toolchain, Path, Path], Recipe]
    """(toolchain, source, output) to the command that compiles it."""
    lint: Callable[[Toolchain, Path], Recipe]
    """(toolchain, source) to the command that must find nothing."""
    skeleton: str
    """What `invoke new` writes: a complete program that speaks the protocol, with NAME for the benchmark's name;
    empty where there is none."""
    is_default: bool = True
    """It runs where no runtime is named; without its tools nothing does. Of another one only its own programs fail."""
    project_files: tuple[str, ...] = ()
    """Files of the suite's folder that every program of this runtime is built with."""
    library: str = ""
    """The runtime that is the library under this one, by its name; empty where there is none."""
    report: SelfReport | None = None
    """How it reports on itself; None where it cannot."""
    quick_start: Callable[[int], Mapping[str, str]] = lambda _live: {}
    """The most strands that live at once, to settings with which such a program starts sooner and works as ever.
    Only comparisons use it: the clock that they judge by does not count the start, but it takes their time."""
