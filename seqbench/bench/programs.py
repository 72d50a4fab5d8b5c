"""The programs of one side, ready to run: executable, arguments, environment and what is expected of them."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.bench.build import Executable
from seqbench.bench.check import Expected
from seqbench.bench.plan import PILOT
from seqbench.bench.request import Request
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.settings import known_to
from seqbench.sessions.session import Failed
from seqbench.suite.benchmarks import Benchmark, Program
from seqbench.suite.sizes import Size
from seqbench.system.facts import OUTPUT_LIMIT_BYTES, Pause
from seqbench.toolchain.template import fill
from seqbench.toolchain.toolchain import Toolchain

# Short against the work of any program, so that all of it is slowed down alike, wherever in the process it lies.
_PAUSE_EVERY_NS = 10_000_000
_ELF = b"\x7fELF"
# Variables of the dynamic linker and of glibc, which no executable needs to name.
_SYSTEM_PREFIXES = ("LD_", "MALLOC_", "GLIBC_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A program of a side that is ready to run, with its arguments, settings and what it must print."""

    name: str
    """Unique among the candidates of its benchmark: `go.idiomatic`."""
    program: Program
    executable: Executable
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    expected: Expected
    is_probe: bool = False
    """It does not run in the pilot, and is slowed down in every second round that it runs in."""
    every: int = 1
    """It runs in one of this number of rounds; 0 in none."""
    slowed: float = 0.0
    """By this share of its time."""

    def takes_part(self, round_number: int) -> bool:
        """Return whether it runs in this round."""
        if round_number == PILOT:
            return not self.is_probe
        return bool(self.every) and round_number % self.every == 0

    def pause(self, round_number: int) -> Pause | None:
        """Return what slows it down in this round; None where nothing does."""
        if not self.slowed or round_number // self.every % 2:
            return None
        return Pause(every_ns=_PAUSE_EVERY_NS, share=self.slowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the things compared: a toolchain and what it built; `name` is empty for an only one."""

    name: str
    tools: Toolchain
    executables: Mapping[Program, Executable | Failed]
    is_probe: bool = False
    """Its programs run in some of the rounds only, slowed down by a known share of their time or plain."""

    def only(self, wanted: Callable[[Program], bool]) -> "Side":
        """Return this side with those of its programs that are wanted."""
        return replace(self, executables={p: built for p, built in self.executables.items() if wanted(p)})

    def candidate_name(self, program: Program) -> str:
        """Return the name of a program of this side among the candidates of its benchmark."""
        return candidate_name(self.name, program.runtime.name, program.variant)


def candidate_name(side: str, runtime: str, variant: str) -> str:
    """Return the name of a candidate from its parts, of which side and variant may be empty."""
    return ".".join(part for part in (side, runtime, variant) if part)


def candidates(
    side: Side,
    benchmark: Benchmark,
    parameters: tuple[tuple[str, int], ...],
    request: Request,
    settings: Mapping[str, str],
) -> tuple[Candidate, ...]:
    """Return every program of a benchmark that a side has built, ready to run with these parameters.

    `settings` come on top of the user's and those of the SPEC.
    """
    values = dict(parameters)
    found = []
    for program in benchmark.programs:
        executable = side.executables.get(program)
        if not isinstance(executable, Executable):
            continue
        runtime = program.runtime
        all_settings = settings_of(runtime, request.environment, side.tools)
        all_settings |= {key: value for key, value in settings.items() if runtime.run.reads(key)}
        expected = Expected(
            result=benchmark.expected_result.value(values) if benchmark.expected_result else None,
            ledger=tuple((key, formula.value(values)) for key, formula in benchmark.expected_ledger),
            startup_ns=runtime.startup.limit_ns(all_settings) if runtime.startup else None,
            startup_cpu_ns=runtime.startup.processor_limit_ns(all_settings) if runtime.startup else None,
            timeout_s=request.timeout_s or benchmark.timeout_s,
            output_limit_bytes=OUTPUT_LIMIT_BYTES,
            output=program.output,
        )
        found.append(
            Candidate(
                name=side.candidate_name(program),
                program=program,
                executable=executable,
                arguments=_arguments(program if executable.arguments is None else executable, values),
                environment={**_basics(request.environment), **all_settings, **dict(executable.environment)},
                expected=expected,
                is_probe=side.is_probe,
            )
        )
    return tuple(found)


def _arguments(program: Program | Executable, values: Mapping[str, int]) -> tuple[str, ...]:
    texts = {name: str(value) for name, value in values.items()}
    return tuple(texts.values()) if program.arguments is None else fill(program.arguments, texts)


def settings_of(runtime: Runtime, environment: Mapping[str, str], tools: Toolchain) -> dict[str, str]:
    """Return the variables that change how a runtime's programs run: the user's, then those of the SPEC."""
    passed = {key: value for key, value in environment.items() if runtime.run.reads(key)}
    own = next((tool.settings for tool in tools.tools if tool.name == runtime.compiler), ())
    return {**passed, **dict(own)}


def unread_settings(side: Side, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of those settings that no program of a side reads.

    An executable contains the names of the variables that it reads: a runtime without diagnostics lacks SEQ_REPORT. A
    program that is not machine code is started by another one, and may read everything that its runtime knows.
    """
    built = [(program.runtime, made) for program, made in side.executables.items() if isinstance(made, Executable)]
    return tuple(name for name in settings if built and not any(_reads(made, runtime, name) for runtime, made in built))


def _reads(executable: Executable, runtime: Runtime, name: str) -> bool:
    if name.startswith(_SYSTEM_PREFIXES) or _contains(executable.path, executable.digest, name):
        return True
    return known_to(runtime, name) is not None and not _is_machine_code(executable.path)


@functools.cache
def _contains(path: Path, _digest: str, name: str) -> bool:
    return path.is_file() and name.encode() in path.read_bytes()


def _is_machine_code(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_ELF)) == _ELF


def quick_start(
    benchmark: Benchmark, size: Size, sides: Sequence[Side], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the settings with which the programs of all sides start sooner; those of the user come first.

    Where only one side has such a setting the other keeps the default, because that is what is compared.
    """
    if benchmark.live_strands is None:
        return {}
    live = benchmark.live_strands.value(dict(size.parameters))
    found: dict[str, str] = {}
    for runtime in dict.fromkeys(program.runtime for program in benchmark.programs):
        settings = runtime.quick_start.variables(live) if runtime.quick_start else {}
        users = [settings_of(runtime, environment, side.tools) for side in sides]
        if not any(settings.keys() & each.keys() for each in users):
            found |= settings
    return found


def _basics(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: environment[key] for key in ("PATH", "HOME") if key in environment}
