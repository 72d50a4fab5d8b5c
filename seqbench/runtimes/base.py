"""Define a runtime: which tools it needs, how to build, lint and start its programs, and the cost of a strand. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.formula import Formula
from seqbench.toolchain.needs import ToolNeed
from seqbench.toolchain.settings import Setting

UNRANKED = 1_000
Variables = tuple[tuple[str, str], ...]


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
    threads_base: int = 0
    threads_per_strand: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a build adds to make code for a CPU."""

    environment: Variables = ()
    flags: tuple[str, ...] = ()
    """The words of `{target}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How the programs of a runtime are made; words are templates (`toolchain.template`)."""

    commands: tuple[tuple[str, ...], ...]
    makes_folder: bool = False
    made: str = "{output}"
    """What must exist after the commands."""
    path: tuple[str, ...] = ()
    """The tools that other tools start by their names."""
    files: Variables = ()
    """Names and contents of files for the folder that the commands are started in."""
    environment: Variables = ()
    baseline: Target | None = None
    native: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilerBug:
    """How to recognise that the compiler made code which the next tool refuses: no error of the program."""

    tool: str
    """The name of the compiler."""
    pattern: str
    """A regular expression for the output of a failed build."""
    keep: str
    """The files of the build to keep, such as `*.ll`."""
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How the programs of a runtime are started."""

    command: tuple[str, ...] = ("{output}",)
    environment: Variables = ()
    settings: tuple[str, ...] = ()
    """The environment variables that change how a program runs, or their beginnings: `SEQ_*`. They are passed to it
    and recorded."""
    in_source_folder: bool = False
    """True when a program is started in a copy of the folder of its benchmark, otherwise in an empty one."""

    def reads(self, variable: str) -> bool:
        """Return whether an environment variable is one of the settings."""
        return any(variable.startswith(name[:-1]) if name.endswith("*") else variable == name for name in self.settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """The longest time that start-up and exit may add to the wall clock, without returning memory to the system."""

    most_ns: int
    per: tuple[tuple[str, int], ...] = ()
    """Settings that hold a number, and the nanoseconds that one of it adds."""
    processor_ns: int | None = None
    """The most processor time that they take; None where it is not known."""
    processor_per: tuple[tuple[str, int], ...] = ()
    """As `per`, of the processor time."""
    unset: tuple[tuple[str, int], ...] = ()
    """The numbers of settings that are not set; 0 for the others."""

    def limit_ns(self, settings: Mapping[str, str]) -> int:
        """Return the limit for a program with these settings."""
        return self.most_ns + self._added_ns(self.per, settings)

    def processor_limit_ns(self, settings: Mapping[str, str]) -> int | None:
        """Return the limit of the processor time for a program with these settings; None where it is not known."""
        if self.processor_ns is None:
            return None
        return self.processor_ns + self._added_ns(self.processor_per, settings)

    def _added_ns(self, per: tuple[tuple[str, int], ...], settings: Mapping[str, str]) -> int:
        texts = {name: str(number) for name, number in self.unset} | dict(settings)
        numbers = ((texts.get(name, ""), each_ns) for name, each_ns in per)
        return sum(each_ns * int(text) for text, each_ns in numbers if text.isdecimal())


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickStart:
    """The settings that shorten the start-up of a program with few strands.

    Only comparisons use them: their verdicts exclude the start-up, but the start-up uses their time budget.
    """

    settings: tuple[tuple[str, Formula], ...]
    """Variables with integer arithmetic over `live`, the most strands that live at once."""
    below: int
    """A value is used where it is less."""

    def variables(self, live: int) -> dict[str, str]:
        """Return the variables for a program with this number of live strands."""
        values = {name: formula.value({"live": live}) for name, formula in self.settings}
        return {name: str(value) for name, value in values.items() if value < self.below}


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReport:
    """How to read the runtime's own report, which is compared with the ledger of the program."""

    settings: Variables
    """Environment variables that turn the report on."""
    names: Variables
    """`spawned`, `completed`, `peak`, `sent`, `received`, `threads`, each with its key in the runtime's JSON object."""
    on_stderr: bool
    own_strands: int
    """Strands that the report counts and the ledger does not."""
    fix: str
    """What a report takes."""

    def read(self, stdout: str, stderr: str) -> Mapping[str, int] | None:
        """Return the counts of the last JSON object that holds all of them; None without one."""
        text = stderr if self.on_stderr else stdout
        decoder = json.JSONDecoder()
        for start in (place for place in range(len(text) - 1, -1, -1) if text[place] == "{"):
            try:
                found = decoder.raw_decode(text, start)[0]
                return {name: int(found[key]) for name, key in self.names}
            except (ValueError, KeyError, TypeError):
                continue
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A language runtime that benchmark programs are written for, as its file describes it."""

    name: str
    title: str
    extension: str
    tools: tuple[ToolNeed, ...]
    """The compiler comes first."""
    run: Run
    known_settings: tuple[Setting, ...] = ()
    """The variables that its programs read. Others are an error in a SPEC and a warning in the environment; without
    any, nothing is known."""
    build: Build | None = None
    """None where the source itself is run."""
    lint: tuple[tuple[str, ...], ...] = ()
    """Commands that must find nothing."""
    cost: StrandCost | None = None
    """None where nothing is known: the size is not adapted to the machine then."""
    startup: Startup | None = None
    """None where nothing is known: the own clock is not compared with the others then."""
    quick_start: QuickStart | None = None
    report: SelfReport | None = None
    """None when the runtime cannot report on itself."""
    compiler_bug: CompilerBug | None = None
    aliases: tuple[str, ...] = ()
    is_default: bool = False
    """True when the runtime runs by default. A run stops when a tool of a default runtime is missing.
    A missing tool of another runtime fails only the programs of that runtime."""
    shared: tuple[str, ...] = ()
    """Files in the suite's folder that are part of every program of this runtime."""
    entry: str = ""
    """What the first of these files must contain for each program, as a paragraph with NAME in place of the name."""
    library: str = ""
    """The name of the runtime that is the library below this one; may be empty."""
    template: Path | None = None
    """The complete program that `invoke new` writes, with NAME in place of the benchmark's name."""
    position: int = UNRANKED
    """The place among the columns; runtimes with the same one are in the order of their names."""

    @property
    def is_ranked(self) -> bool:
        """Return whether it has a place among the columns, and so takes part in `invoke explain`."""
        return self.position < UNRANKED

    @property
    def compiler(self) -> str:
        """Return the name of the first tool in a toolchain; empty without tools."""
        return self.tools[0].key if self.tools else ""
