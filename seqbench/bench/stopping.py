"""Define when a benchmark is looked at, and when it stops before all of its rounds have run. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from seqbench.sessions.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a look says about a benchmark."""

    text: str = ""
    """The verdicts that stand, for the user."""
    is_settled: bool = False
    """Nothing about it is open, so it stops."""
    is_probe_found: bool = False
    """The gate's probe has been found in it, and need not run any more."""
    waited_ns: int = 0
    """How long this machine waited for others that measure the same; it counts against no budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLook:
    """A look, as it is fixed before the first scored round."""

    fraction: float
    """Of the planned rounds."""
    spent: float
    """The share of the benchmark's error rate that may be spent up to this look, however many rounds it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """The looks at each benchmark, and what decides whether it stops."""

    looks: tuple[PlannedLook, ...]
    judge: Callable[[tuple[Session, ...], str], Standing]
    """The sessions of all sides so far, and the name of the benchmark that was looked at."""
    most_rounds: int
    """To which a benchmark's plan may grow with the time that others leave."""


ALL_ROUNDS = Stopping(
    looks=(PlannedLook(fraction=1.0, spent=1.0),), judge=lambda _sessions, _benchmark: Standing(), most_rounds=0
)
"""Every benchmark runs all of its rounds."""
