"""Define the points of a program over time, and the selection of points to show. Pure."""

from dataclasses import dataclass
from datetime import datetime

from seqbench.sessions.interference import NO_INTERFERENCE, InterferenceCounts
from seqbench.stats.intervals import Interval
from seqbench.system.facts import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The part of the history to show; empty tuples mean everything."""

    only: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    since: datetime | None = None
    machines: tuple[str, ...] = ()
    """The identities of the machines."""
    limit: int = 30
    """The number of points of each series; the latest ones are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One program in one session: the median of its own clock over the rounds, with tools and sources."""

    started_at: datetime
    elapsed_ns: float
    interval: Interval | None
    """The 95 % interval of the median, in nanoseconds; None if there were too few rounds."""
    rounds: int
    commit: str
    """The commit of the repository of the benchmarks; empty if there is no repository."""
    dirty: bool
    tool: str
    """The name of the runtime's compiler; empty if it is unknown."""
    tool_version: str
    tool_digest: str
    sources: str
    """The digest of all sources of the suite."""
    system: str = ""
    """The system at that time, such as `Linux 6.1.0 x86_64`."""
    host: str = ""
    """The host name at that time; empty where it was not kept."""
    interference: InterferenceCounts = NO_INTERFERENCE
    """Of the rounds of the benchmark; no round was judged if the session did not count it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One program at one size, with one set of settings, on one machine, over time.

    `points` are the latest ones, the oldest of them first. `sessions` and `failures` count all selected sessions.
    """

    machine: Machine
    benchmark: str
    title: str
    parameters: tuple[tuple[str, int], ...]
    size_label: str
    """Empty if the benchmark has no size."""
    runtime: str
    runtime_title: str
    variant: str
    """Empty for the plain program."""
    label: str
    """The label of the variant."""
    settings: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    sessions: int
    """The number of sessions that measured the program."""
    failures: int
    """The number of sessions in which the program failed."""

    @property
    def times_ns(self) -> tuple[float, ...]:
        """Return the median of each point in nanoseconds, at least 1, so that ratios exist."""
        return tuple(max(1.0, point.elapsed_ns) for point in self.points)

    @property
    def subject(self) -> str:
        """Return the benchmark with its size: `Ping-Pong [10,000 round trips]`."""
        size = self.size_label or " ".join(f"{key}={value}" for key, value in self.parameters)
        return f"{self.title} [{size}]" if size else self.title

    @property
    def program(self) -> str:
        """Return the name of the program in its benchmark: `Seq`, or the label of its variant."""
        return self.label or self.runtime_title

    @property
    def settings_text(self) -> str:
        """Return the settings, with a comma before each: `, SEQ_POOL_CAPACITY=1000`."""
        return "".join(f", {key}={value}" for key, value in self.settings)

    @property
    def name(self) -> str:
        """Return the benchmark, its size and the program: `Ping-Pong [10,000 round trips], Seq`."""
        return f"{self.subject}, {self.program}{self.settings_text}"
