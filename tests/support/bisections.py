"""Bisections with planted times, as they would be stored."""

from collections.abc import Sequence
from dataclasses import replace

from seqbench.experiments.bisect.document import BisectDocument, Compared
from seqbench.sessions.session import Outcome, Session, State
from seqbench.versions.version import Version
from tests.support.strategies import a_program, a_result, a_session, measured

ROUNDS = 16
"""Those of the first look."""


def times(factor: float = 1.0, *, rounds: int = ROUNDS, noise: float = 0.001) -> Outcome:
    """Return rounds of about 100 ms times a factor; the noise is another one for each factor."""
    steps = 1 + round(100 * factor) % 7
    return measured(*(100 * factor * (1 + noise * (n * steps % 11 - 5)) for n in range(rounds)))


def side(outcome: Outcome, name: str = "pingpong", executable: str = "") -> Session:
    """Return the session of one version; no two of them have the same executable unless they are given one."""
    program = replace(a_program(outcome), executable=executable or f"sha256:{hash(outcome)}")
    samples = getattr(outcome, "samples", (None,) * ROUNDS)
    result = replace(a_result(program, name=name, title=name.title()), rounds=len(samples))
    return a_session(result, runtimes=("seq",))


def together(*sessions: Session) -> Session:
    """Return one version with the benchmarks of several sessions."""
    return replace(sessions[0], results=tuple(result for session in sessions for result in session.results))


def ends(*outcomes: Outcome) -> Compared:
    """Return the first comparison, of good and bad."""
    return Compared(benchmark="", version=None, sessions=tuple(side(outcome) for outcome in outcomes))


def step(version: int, *outcomes: Outcome) -> Compared:
    """Return the rounds of good, a version and bad."""
    return Compared(benchmark="pingpong", version=version, sessions=tuple(side(outcome) for outcome in outcomes))


def bisection(
    *comparisons: Compared, versions: int = 4, runs: int | None = None, state: State = State.COMPLETE
) -> BisectDocument:
    """Return a bisection of versions `v0`, `v1` and so on, by a margin of 2 %."""
    return BisectDocument(
        runtime="seq",
        versions=tuple(Version(label=f"v{number}", spec=f"v{number}/seqc") for number in range(versions)),
        is_default_runtime=True,
        only=("pingpong",),
        size=None,
        seed=1,
        margin=0.02,
        runs=runs,
        target_cpu="baseline",
        state=state,
        comparisons=tuple(comparisons),
    )


def searching(*factors: float, versions: int = 4, runs: int | None = None) -> BisectDocument:
    """Return a bisection whose bad version is 10 % slower, with a step for each factor from the second version on."""
    found: Sequence[Compared] = [
        step(number, times(), times(factor), times(1.1)) for number, factor in enumerate(factors, start=1)
    ]
    return bisection(ends(times(), times(1.1)), *found, versions=versions, runs=runs)
