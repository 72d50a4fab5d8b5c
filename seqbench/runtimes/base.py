"""Define a runtime: how to find its tools, how to build and lint its programs, and the cost of a strand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.events import Listener
from seqbench.toolchain.compiler_spec import Spec
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool, Toolchain


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One command of a build or a check, with the variables that it adds to the user's environment."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    made: Path | None = None
    """The path of the executable; None when the command writes it to the requested output."""
    files: tuple[tuple[str, str], ...] = ()
    """Names and contents of files for the folder that the command is started in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSearch:
    """Where and how to look for a tool."""

    spec: Spec
    suite: Path
    cache: Path
    environment: Mapping[str, str]
    target_cpu: TargetCpu
    listen: Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredTool:
    """A tool that a runtime needs; `find` raises a ToolchainError when the tool is missing."""

    name: str
    find: Callable[[ToolSearch], Tool]
    is_slow: bool = False
    """True when `find` may take minutes; the other tools are then found first, so that a missing one fails early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandCost:
    """The memory and threads that a program needs, as a base and for each live strand (docs/BENCHMARKS.md)."""

    maps_base: int
    maps_per_strand: float
    bytes_base: int
    bytes_per_strand: int
    address_base: int = 0
    """Bytes of address space that the runtime reserves at the start, used or not."""
    address_per_strand: int = 0
    threads_per_strand: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReport:
    """How to read the runtime's own report, which is compared with the ledger of the program."""

    settings: tuple[tuple[str, str], ...]
    """Environment variables that turn the report on."""
    read: Callable[[str], Mapping[str, int] | None]
    """(standard error) to `spawned`, `completed`, `peak`, `sent`, `received` and `threads`; None without a report."""
    own_strands: int
    """Strands that the report counts and the ledger does not."""
    absent: str
    """The reason to show when there is no report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A language runtime that benchmark programs are written for."""

    name: str
    title: str
    suffix: str
    tools: tuple[RequiredTool, ...]
    """The compiler comes first."""
    settings: tuple[str, ...]
    """Prefixes of the environment variables that change how a program runs; they are passed to it and recorded."""
    cost: StrandCost
    startup_ns: Callable[[Mapping[str, str]], int]
    """(settings) to the longest time in ns that start-up and exit may add to the wall clock.
    Returning memory to the system is not included."""
    build: Callable[[Toolchain, Path, Path], Recipe]
    """(toolchain, source, output) to the command that compiles it."""
    lint: Callable[[Toolchain, Path], Recipe]
    """(toolchain, source) to the command that must find nothing."""
    skeleton: str
    """The complete program that `invoke new` writes, with NAME in place of the benchmark's name; may be empty."""
    is_default: bool = True
    """True when the runtime runs by default. A run stops when a tool of a default runtime is missing.
    A missing tool of another runtime fails only the programs of that runtime."""
    project_files: tuple[str, ...] = ()
    """Files in the suite's folder that are part of every program of this runtime."""
    library: str = ""
    """The name of the runtime that is the library below this one; may be empty."""
    report: SelfReport | None = None
    """None when the runtime cannot report on itself."""
    quick_start: Callable[[int], Mapping[str, str]] = lambda _live: {}
    """(largest number of live strands) to the variables that shorten the start-up of such a program.
    Only comparisons use it: their verdicts exclude the start-up, but the start-up uses their time budget."""
