"""Define the data of one `invoke timeline`: the versions, their common rounds, and what could not be measured. Pure."""

from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Session, State
from seqbench.versions.joined import joined_all
from seqbench.versions.version import Gap, Version

TIMELINE_SCHEMA = "seqbench/timeline"
OWN_CLOCK, WALL_CLOCK = "own", "wall"
"""Where the times come from: the clock of the programs, or that of the process without its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rounds of the reference and some of the versions."""

    benchmark: str
    """Empty: all benchmarks and versions. Otherwise the versions at both sides of what may be a step."""
    places: tuple[int, ...]
    """The versions of the sessions after the first one."""
    sessions: tuple[Session, ...]
    """The reference first."""
    looks: int = 1
    """How often rounds were added, after each of which the part was judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineDocument:
    """One timeline, with everything that resuming it needs."""

    runtime: str
    versions: tuple[Version, ...]
    reference: str
    """As typed; empty for the first version that can be measured."""
    reference_runtime: str
    """That of the versions, or another one."""
    reference_place: int | None
    """The place of the reference among the versions; None if it is none of them."""
    is_default_runtime: bool
    only: tuple[str, ...]
    size: str | None
    seed: int
    margin: float
    step: float
    """The relative step that is to be found: 0.05 is 5 %."""
    runs: int | None
    """The rounds of all versions; None: as many as the step takes."""
    target_cpu: str
    state: State
    clock: str = OWN_CLOCK
    starts: tuple[tuple[str, int, int], ...] = ()
    """With the wall clock: benchmark, place of the version (-1: the reference), its start and end in ns."""
    gaps: tuple[Gap, ...] = ()
    planned: tuple[tuple[str, int], ...] = ()
    """The rounds that were planned for each part, by its benchmark."""
    parts: tuple[Part, ...] = ()

    def start_ns(self, benchmark: str, place: int | None) -> int:
        """Return what is taken off the wall clock of a version; of the reference if it is none of them."""
        wanted = (benchmark, -1 if place is None else place)
        return next((ns for name, at, ns in self.starts if (name, at) == wanted), 0)

    def part(self, benchmark: str) -> Part | None:
        """Return a part; None before its first round."""
        return next((part for part in self.parts if part.benchmark == benchmark), None)

    def with_rounds(self, benchmark: str, places: tuple[int, ...], sessions: tuple[Session, ...]) -> "TimelineDocument":
        """Return this timeline with more rounds of a part."""
        had = self.part(benchmark)
        if had is None:
            return replace(self, parts=(*self.parts, Part(benchmark=benchmark, places=places, sessions=sessions)))
        more = replace(had, sessions=joined_all(had.sessions, sessions), looks=had.looks + 1)
        return replace(self, parts=tuple(more if part is had else part for part in self.parts))

    @property
    def rounds(self) -> tuple[tuple[Session, ...], ...]:
        """Return the sessions, those that ran in the same rounds together."""
        return tuple(part.sessions for part in self.parts)


def timeline_to_json(document: TimelineDocument) -> str:
    """Return a timeline as JSON, which starts with the name and version of the schema."""
    return write_document(document, TIMELINE_SCHEMA, *document.rounds)


def load_timeline(path: Path) -> TimelineDocument:
    """Read a timeline from a file, as `load` does for a session."""
    return read_document(read_text_file(path), str(path), TimelineDocument, TIMELINE_SCHEMA)
