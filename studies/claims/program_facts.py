"""Run the small programs that answer one question each, and inspect one of them while it runs.

The inspection shows the unit of SEQ_STACK_SIZE, and which builds handle SIGQUIT.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.bench.prepare import build_side, prepared
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import Side, candidates
from seqbench.bench.request import Request
from seqbench.bench.run import measure
from seqbench.errors import ToolchainError, UsageError
from seqbench.events import Listener, Phase, Remark
from seqbench.experiments.tune.settings import DIAGNOSTICS, OFF, ON, STACK, Factor, Grid
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.report import failure_details
from seqbench.sessions.session import Session
from seqbench.suite.size_request import SizeName, SizeRequest
from seqbench.system.facts import Command
from seqbench.toolchain.compiler_spec import parse_spec
from studies.claims.quit_handler import handles_quit
from studies.claims.stack_unit import StackSeen, measure_stacks, unit_bytes

# Another prefix than the library's documents, so that `invoke report` ignores it.
SCHEMA = "seqbench-studies/program-facts"
_RUNS = 3
_INSPECTION_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramFacts:
    """The session of the small programs, and the inspection of one of them."""

    probes: Session
    stacks: tuple[StackSeen, ...]
    stack_problem: str
    """Why the unit of the stack size could not be measured; empty if it was."""
    quit_handlers: tuple[tuple[str, bool], ...]
    """By level of diagnostics: whether a program of that build handles SIGQUIT."""

    @property
    def stack_unit_bytes(self) -> float | None:
        """Return the bytes of one unit of SEQ_STACK_SIZE; None if they could not be measured."""
        return unit_bytes(self.stacks)


def run(request: Request, *, listen: Listener) -> ProgramFacts:
    """Run every program of a suite a few times, then inspect one of them; `request_of` makes the request.

    Raises
    ------
    UsageError, ToolchainError, KeyboardInterrupt
        As `bench`.
    """
    with prepared(request, listen) as ready:
        probes = measure(ready, ready.side, sizes=ready.rising_sizes(), listen=listen, save=lambda _session: None)
        listen(Phase(text="inspecting a running program"))
        commands = dict(_commands(ready, probes, listen))
    default = next(iter(commands.values()), None)
    stacks, problem = ((), "") if default is None else measure_stacks(default)
    handlers = [(level, handles_quit(command)) for level, command in commands.items()]
    return ProgramFacts(
        probes=probes,
        stacks=stacks,
        stack_problem=problem,
        quit_handlers=tuple((level, handled) for level, handled in handlers if handled is not None),
    )


def request_of(request: Request, folder: Path) -> Request:
    """Return the request that runs a folder of small programs at full size."""
    return replace(
        request,
        suite_folder=folder,
        suite_file=None,
        is_default_suite=False,
        only=(),
        runtimes=(COMPARED_RUNTIME,),
        size=SizeRequest(name=SizeName.FULL),
        runs=request.runs or _RUNS,
    )


def facts_text(facts: ProgramFacts) -> str:
    """Return the facts as text."""
    return "\n\n".join([*failure_details(facts.probes), _stack_text(facts), *_handlers(facts)])


def facts_to_json(facts: ProgramFacts) -> str:
    """Return the facts as JSON."""
    return write_document(facts, SCHEMA)


def load_facts(path: Path) -> ProgramFacts:
    """Read facts from a file."""
    return read_document(read_text_file(path), str(path), ProgramFacts, SCHEMA)


def _builds(request: Request) -> Grid:
    """Return a grid of the levels of diagnostics, with the level of the request first."""
    levels = (ON, OFF) if request.spec.diagnostics else (OFF, ON)
    return Grid(factors=(Factor(name=DIAGNOSTICS, levels=levels),))


def _commands(ready: Prepared, probes: Session, listen: Listener) -> Iterator[tuple[str, Command]]:
    """Build with each level of diagnostics, and yield the command of the first program that builds."""
    request = ready.request
    builds = _builds(request)
    for (level,) in builds.whole():
        try:
            spec = parse_spec(builds.spec_text(request.spec.text, (level,)))
            command = _command(ready, build_side(ready, spec.text, spec, listen), probes)
        except (UsageError, ToolchainError) as error:
            listen(Remark(text=f"not inspected: a program with {DIAGNOSTICS}={level}: {error.message}"))
            continue
        if command is not None:
            yield level, command


def _command(ready: Prepared, side: Side, probes: Session) -> Command | None:
    benchmarks = {each.name: each for each in ready.suite.benchmarks}
    for result in probes.results:
        for candidate in candidates(side, benchmarks[result.name], result.parameters, ready.request, {}):
            return Command(
                argv=(*candidate.executable.argv, *candidate.arguments),
                directory=Path("/"),
                environment=candidate.environment,
                timeout_s=_INSPECTION_TIMEOUT_S,
            )
    return None


def _stack_text(facts: ProgramFacts) -> str:
    if not facts.stacks:
        return f"The unit of {STACK} could not be measured: {facts.stack_problem or 'no program could be started'}."
    lines = [_seen(stack) for stack in facts.stacks]
    unit = facts.stack_unit_bytes
    if unit is None:
        return "\n".join([*lines, f"These do not agree on the unit of {STACK}."])
    return "\n".join([*lines, f"So {STACK} counts units of {unit:g} bytes{', not bytes' if unit != 1 else ''}."])


def _seen(stack: StackSeen) -> str:
    guard = f", each next to a guard page of {stack.guard_bytes:,}" if stack.guard_bytes else ""
    found = f"{stack.count:,} mappings of {stack.stack_bytes:,} bytes{guard}"
    return f"{STACK}={stack.asked}: {found}: {stack.stack_bytes / stack.asked:g} bytes per unit"


def _handlers(facts: ProgramFacts) -> Iterator[str]:
    said = {True: "handles SIGQUIT", False: "does not handle SIGQUIT"}
    found = [f"{DIAGNOSTICS}={level} {said[handled]}" for level, handled in facts.quit_handlers]
    if found:
        yield f"A running program: {', '.join(found)}."
