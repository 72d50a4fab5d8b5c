"""Time the builds of the programs of two sides: each program is built again and again, in pairs.

The pairs come one after the other and nothing else runs meanwhile. The sides take turns to be built first, so that what
the first build of a pair finds in the caches of the system falls to both alike. A first pair counts for nothing: it
warms these caches, and tells what a pair costs.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from seqbench.bench.budget import Budget
from seqbench.bench.build import Executable, program_label, timed_build
from seqbench.bench.programs import Side
from seqbench.bench.request import Request
from seqbench.events import Detail, Listener, Phase
from seqbench.sessions.session import BenchmarkResult, Failed, ProgramResult, Session
from seqbench.suite.benchmarks import Program
from seqbench.units import NS_PER_S

MOST_BUILDS = 30
"""More pairs of builds say little more, and take minutes."""
_Build = Callable[[Side, Program], int | Failed]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTimes:
    """The times of the builds of a program, in nanoseconds, for each side; or why there are none."""

    sides: tuple[tuple[int, ...], ...] = ()
    problem: str = ""


def build_times(
    sides: Sequence[Side],
    request: Request,
    *,
    least: int,
    budget: Budget,
    listen: Listener,
    known: Sequence[Session] = (),
) -> Iterator[dict[Program, BuildTimes]]:
    """Yield the build times of every program that all of these sides have built, after each program those so far.

    Parameters
    ----------
    least
        The fewest pairs that a verdict needs. A program for which the budget holds fewer is not timed.
    known
        Sessions of these sides; what they have build times of is not timed again.
    """
    build = partial(_built, request)
    timed = {
        _key(result, each)
        for session in known
        for result in session.results
        for each in result.programs
        if each.builds_ns
    }
    programs = [
        program
        for program in sides[0].executables
        if all(isinstance(side.executables.get(program), Executable) for side in sides)
        and (program.benchmark, program.runtime.name, program.variant) not in timed
    ]
    found: dict[Program, BuildTimes] = {}
    for place, program in enumerate(programs):
        if program.runtime.build is None:
            found[program] = BuildTimes(problem=f"{program_label(program)} is not built: its sources are run")
            yield found
            continue
        listen(Phase(text=f"timing builds of {program_label(program)}"))
        share = budget.part(1 / (len(programs) - place), time.monotonic_ns())
        found[program] = _times(
            sides,
            program,
            build,
            least=least,
            wanted=request.runs,
            share=share,
            listen=listen,
        )
        yield found


def with_build_times(sessions: Sequence[Session], times: Mapping[Program, BuildTimes]) -> tuple[Session, ...]:
    """Return the sessions of the timed sides with the build times of their programs."""
    known = {(program.benchmark, program.runtime.name, program.variant): found for program, found in times.items()}

    def of_program(result: BenchmarkResult, program: ProgramResult, side: int) -> ProgramResult:
        found = known.get(_key(result, program))
        if found is None:
            return program
        return replace(program, builds_ns=found.sides[side] if found.sides else (), builds_problem=found.problem)

    return tuple(
        replace(
            session,
            results=tuple(
                replace(result, programs=tuple(of_program(result, program, side) for program in result.programs))
                for result in session.results
            ),
        )
        for side, session in enumerate(sessions)
    )


def with_kept_builds(sessions: Sequence[Session], then: Sequence[Session]) -> tuple[Session, ...]:
    """Return the sessions with the build times that interrupted sessions of the same sides have."""

    def kept(session: Session, before: Session) -> Session:
        had = {_key(result, each): each.builds_ns for result in before.results for each in result.programs}
        results = tuple(
            replace(
                result,
                programs=tuple(replace(each, builds_ns=had.get(_key(result, each), ())) for each in result.programs),
            )
            for result in session.results
        )
        return replace(session, results=results)

    return tuple(map(kept, sessions, then)) if then else tuple(sessions)


def built_s(sessions: Sequence[Session]) -> float:
    """Return how long the timed builds of these sessions took, in seconds."""
    programs = {
        (side, *_key(result, each)): each.builds_ns
        for side, session in enumerate(sessions)
        for result in session.results
        for each in result.programs
    }
    return sum(map(sum, programs.values())) / NS_PER_S


def _key(result: BenchmarkResult, program: ProgramResult) -> tuple[str, str, str]:
    """Return what names a program; all tests of a benchmark have the same."""
    return result.benchmark, program.runtime, program.variant


def _times(
    sides: Sequence[Side],
    program: Program,
    build: _Build,
    *,
    least: int,
    wanted: int | None,
    share: Budget,
    listen: Listener,
) -> BuildTimes:
    began_ns = time.monotonic_ns()
    taken: list[list[int]] = [[] for _ in sides]
    pairs = MOST_BUILDS if wanted is None else min(MOST_BUILDS, max(least, wanted))
    for number in range(pairs + 1):
        order = range(len(sides)) if number % 2 else range(len(sides) - 1, -1, -1)
        listen(Detail(text=f"pair {number} of {pairs}" if number else "a pair that counts for nothing"))
        for side in order:
            took = build(sides[side], program)
            if isinstance(took, Failed):
                return BuildTimes(problem=f"a repeated build of {program_label(program)} failed: {took.reason}")
            if number:
                taken[side].append(took)
        if not number and share.is_limited:
            pair_ns = time.monotonic_ns() - began_ns
            pairs = min(pairs, int(share.left_ns(time.monotonic_ns()) / pair_ns))
            if pairs < least:
                # One more than the verdict needs: that which counts for nothing.
                needs_s = (least + 1) * pair_ns / NS_PER_S
                problem = f"its share of the budget holds {pairs} pairs of builds, and a verdict needs {least}"
                return BuildTimes(problem=f"{problem}; {share.flag(needs_s)} is enough")
        if number >= pairs:
            break
    return BuildTimes(sides=tuple(tuple(side) for side in taken))


def _built(request: Request, side: Side, program: Program) -> int | Failed:
    return timed_build(program, side.tools, cache=request.cache, environment=request.environment)
