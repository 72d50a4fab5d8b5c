"""One benchmark and runtime through time: its points and which of them are asked for. Pure."""

from dataclasses import dataclass
from datetime import datetime

from seqbench.stats.intervals import Interval
from seqbench.system.facts import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is wanted of the history; empty tuples mean all."""

    only: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    since: datetime | None = None
    machines: tuple[str, ...] = ()
    """Their identities."""
    limit: int = 30
    """Points of each series, the latest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One program in one session: the median of its own clock over the rounds, and what it was measured with."""

    started_at: datetime
    elapsed_ns: float
    interval: Interval | None
    """Of the median, in nanoseconds; None where there were too few rounds for 95 %."""
    rounds: int
    commit: str
    """Of the repository that the benchmarks lie in; empty where there was none."""
    dirty: bool
    tool: str
    """Name of the runtime's compiler; empty where the session does not tell."""
    tool_version: str
    tool_digest: str
    sources: str
    """Digest of all sources of the suite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One program at one size with one choice of settings on one machine, over time.

    `points` are its latest ones, oldest first; `sessions` and `failures` count all sessions that were asked for.
    """

    machine: Machine
    benchmark: str
    title: str
    parameters: tuple[tuple[str, int], ...]
    size_label: str
    """Empty where the benchmark has no size."""
    runtime: str
    runtime_title: str
    variant: str
    """Empty for the plain program."""
    label: str
    """Of the variant."""
    settings: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    sessions: int
    """In which it was measured."""
    failures: int
    """Sessions in which it failed."""

    @property
    def times_ns(self) -> tuple[float, ...]:
        """Return the median of each point; a nanosecond at least, for ratios."""
        return tuple(max(1.0, point.elapsed_ns) for point in self.points)

    @property
    def subject(self) -> str:
        """Write what was measured, with its size: `Ping-Pong [10,000 round trips]`."""
        size = self.size_label or " ".join(f"{key}={value}" for key, value in self.parameters)
        return f"{self.title} [{size}]" if size else self.title

    @property
    def program(self) -> str:
        """Write which program of the benchmark this is: `Seq`, or the label of its variant."""
        return self.label or self.runtime_title

    @property
    def settings_text(self) -> str:
        """Write the settings, with a comma before each: `, SEQ_POOL_CAPACITY=1000`."""
        return "".join(f", {key}={value}" for key, value in self.settings)

    @property
    def name(self) -> str:
        """Write which program this is, with its size: `Ping-Pong [10,000 round trips], Seq`."""
        return f"{self.subject}, {self.program}{self.settings_text}"
