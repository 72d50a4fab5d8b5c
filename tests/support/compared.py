"""Sessions of two compilers and of a probe, with planted differences."""

import dataclasses

from seqbench.sessions.session import Failed, Measured, ProgramResult, Session, Stage
from seqbench.sessions.session import Outcome as Came
from tests.support.strategies import a_program, a_result, a_session, measured

CALM = [100 + 0.01 * (n % 7) for n in range(60)]

# One side in such noise is inconclusive against the calm one.
WILD = measured(*(time * (1.3 if n % 3 else 0.6) for n, time in enumerate(CALM)))

FAILED = Failed(stage=Stage.RUN, reason="killed by SIGABRT", detail="failed to alloc sys stack")


def session_of(outcome: Came, executable: str = "sha256:aa") -> Session:
    program = dataclasses.replace(a_program(outcome), executable=executable)
    return a_session(a_result(program), runtimes=("seq",))


def slowed(times: list[float], ratio: float) -> Measured:
    """Return samples whose noise is not that of the plain ones."""
    return measured(*(ratio * time + 0.005 * (n % 5) for n, time in enumerate(times)))


def pair(head: Came, base: Came | None = None) -> tuple[Session, Session]:
    return session_of(base or measured(*CALM)), session_of(head, "sha256:bb")


def heavier(session: Session, ratio: float) -> Session:
    """Return a session whose processes, executables and builds take this many times a fixed amount."""

    def heavy(program: ProgramResult) -> ProgramResult:
        outcome = program.outcome
        if isinstance(outcome, Measured):
            peak = round(ratio * (10 << 20))
            samples = (
                dataclasses.replace(sample, max_rss_bytes=peak, max_rss_floor_bytes=0) for sample in outcome.samples
            )
            outcome = Measured(samples=tuple(samples), warm_ups=())
        builds = tuple(round(ratio * 1e9) + 1_000 * n for n in range(12))
        return dataclasses.replace(program, outcome=outcome, size_bytes=round(1_000 * ratio), builds_ns=builds)

    results = (dataclasses.replace(each, programs=tuple(map(heavy, each.programs))) for each in session.results)
    return dataclasses.replace(session, results=tuple(results))


def probe(slowdown: float, plain: float = 1.0) -> Session:
    """Return the probe's session: plain in odd rounds, slowed in even ones; rounds count from 1."""
    times = [time * ((1 + slowdown) if n % 2 == 0 else plain) for n, time in enumerate(CALM, start=1)]
    session = session_of(measured(*(time + 0.004 * (n % 3) for n, time in enumerate(times))))
    return dataclasses.replace(session, results=tuple(dataclasses.replace(r, slowed=0.1) for r in session.results))
