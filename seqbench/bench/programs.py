"""The programs of one side, ready to run: executable, arguments, environment and what is expected of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from seqbench.bench.build import Executable
from seqbench.bench.check import Expected
from seqbench.bench.plan import PILOT
from seqbench.bench.request import Request
from seqbench.runtimes.base import Runtime
from seqbench.sessions.session import Failed, Session
from seqbench.suite.benchmarks import Benchmark, Program
from seqbench.system.facts import OUTPUT_LIMIT_BYTES, Pause
from seqbench.toolchain.toolchain import Toolchain

# Short against the work of any program, so that all of it is slowed down alike, wherever in the process it lies.
_PAUSE_EVERY_NS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A program that is ready to run, with its arguments, settings and what it must print."""

    name: str
    """Tells it from the others of its contest: `go.idiomatic`."""
    program: Program
    executable: Executable
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    expected: Expected
    is_probe: bool = False
    """It does not run in the pilot, and slowed down in every second round that it runs in."""
    every: int = 1
    """It runs in every so-many-th round."""
    slowed: float = 0.0
    """By this share of its time."""

    def takes_part(self, round_number: int) -> bool:
        """Say whether it runs in this round."""
        return not self.is_probe if round_number == PILOT else round_number % self.every == 0

    def pause(self, round_number: int) -> Pause | None:
        """Give what slows it down in this round; None in a plain one."""
        if not self.slowed or round_number // self.every % 2:
            return None
        return Pause(every_ns=_PAUSE_EVERY_NS, share=self.slowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One toolchain, what it built, and the session that its results go into; `name` is empty for an only one."""

    name: str
    tools: Toolchain
    executables: Mapping[Program, Executable | Failed]
    blank: Session
    is_probe: bool = False
    """Its programs run in some of the rounds only, slowed down by a known share of their time or plain."""


def entrants(
    side: Side,
    benchmark: Benchmark,
    parameters: tuple[tuple[str, int], ...],
    request: Request,
    more: Mapping[str, str] | None = None,
) -> tuple[Entrant, ...]:
    """Give every program of a benchmark that a side has built, ready to run with these parameters.

    `more` are settings on top of the user's and the SPEC's.
    """
    basics = {key: request.environment[key] for key in ("PATH", "HOME") if key in request.environment}
    values = dict(parameters)
    found = []
    for program in benchmark.programs:
        executable = side.executables.get(program)
        if not isinstance(executable, Executable):
            continue
        settings = settings_of(program.runtime, request.environment, side.tools)
        settings |= {key: value for key, value in (more or {}).items() if key.startswith(program.runtime.settings)}
        expected = Expected(
            result=benchmark.expected_result.value(values) if benchmark.expected_result else None,
            ledger=tuple((key, formula.value(values)) for key, formula in benchmark.expected_ledger),
            startup_ns=program.runtime.startup_ns(settings),
            timeout_s=request.timeout_s or benchmark.timeout_s,
            output_limit_bytes=OUTPUT_LIMIT_BYTES,
        )
        found.append(
            Entrant(
                name=_entrant_name(side, program),
                program=program,
                executable=executable,
                arguments=tuple(str(value) for value in values.values()),
                environment={**basics, **settings},
                expected=expected,
                is_probe=side.is_probe,
            )
        )
    return tuple(found)


def settings_of(runtime: Runtime, environment: Mapping[str, str], tools: Toolchain) -> dict[str, str]:
    """Give the variables that change how a runtime's programs run: the user's, then those of the SPEC."""
    passed = {key: value for key, value in environment.items() if key.startswith(runtime.settings)}
    compiler = runtime.tools[0].name
    own = next((tool.settings for tool in tools.tools if tool.name == compiler), ())
    return {**passed, **dict(own)}


def _entrant_name(side: Side, program: Program) -> str:
    return _name(side.name, program.runtime.name, program.variant)


def _name(*parts: str) -> str:
    return ".".join(part for part in parts if part)
