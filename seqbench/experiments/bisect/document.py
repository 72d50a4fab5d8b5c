"""Define the data of one `invoke bisect`: the versions, every comparison, and what could not be built. Pure."""

from dataclasses import dataclass, replace
from pathlib import Path

from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Session, State
from seqbench.versions.joined import joined_all
from seqbench.versions.version import Gap, Version

BISECT_SCHEMA = "seqbench/bisect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The common rounds of good, a version and bad; without a version the first comparison."""

    benchmark: str
    """Empty for the first comparison, which has all of them."""
    version: int | None
    """The place of the version."""
    sessions: tuple[Session, ...]
    """Good, the version if there is one, and bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BisectDocument:
    """One bisection, with everything that resuming it needs."""

    runtime: str
    versions: tuple[Version, ...]
    """From good to bad."""
    is_default_runtime: bool
    only: tuple[str, ...]
    size: str | None
    """As typed."""
    seed: int
    margin: float
    runs: int | None
    """The most rounds of each comparison; None: as many as it takes."""
    target_cpu: str
    state: State
    gaps: tuple[Gap, ...] = ()
    comparisons: tuple[Compared, ...] = ()

    def with_rounds(self, benchmark: str, version: int | None, sessions: tuple[Session, ...]) -> "BisectDocument":
        """Return this bisection with more rounds of a comparison, which is new or the last one of its benchmark."""
        for place, each in enumerate(self.comparisons):
            if (each.benchmark, each.version) == (benchmark, version):
                more = replace(each, sessions=joined_all(each.sessions, sessions))
                return replace(self, comparisons=(*self.comparisons[:place], more, *self.comparisons[place + 1 :]))
        new = Compared(benchmark=benchmark, version=version, sessions=sessions)
        return replace(self, comparisons=(*self.comparisons, new))

    @property
    def first(self) -> Compared | None:
        """Return the comparison of good and bad; None before its first round."""
        return next((each for each in self.comparisons if each.version is None), None)

    @property
    def ends(self) -> tuple[Session, ...]:
        """Return good and bad of the first comparison; none before its first round."""
        return self.first.sessions if self.first else ()

    def steps(self, benchmark: str) -> tuple[Compared, ...]:
        """Return the comparisons of the versions between good and bad, in the order in which they were begun."""
        return tuple(each for each in self.comparisons if each.version is not None and each.benchmark == benchmark)

    @property
    def rounds(self) -> tuple[tuple[Session, ...], ...]:
        """Return the sessions, those that ran in the same rounds together."""
        return tuple(each.sessions for each in self.comparisons)


def bisect_to_json(document: BisectDocument) -> str:
    """Return a bisection as JSON, which starts with the name and version of the schema."""
    return write_document(document, BISECT_SCHEMA, *document.rounds)


def load_bisect(path: Path) -> BisectDocument:
    """Read a bisection from a file, as `load` does for a session."""
    return read_document(read_text_file(path), str(path), BisectDocument, BISECT_SCHEMA)
