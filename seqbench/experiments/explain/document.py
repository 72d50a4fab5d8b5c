"""The data of one `invoke explain`: two sessions, and what programs told in runs of their own. Pure."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Failed, Session

EXPLANATION_SCHEMA = "seqbench/explanation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who is explained: the subject, against the reference, and the library that it is built on, by their names."""

    subject: str
    reference: str
    library: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one own run told of a program: figures by name, or why there are none."""

    benchmark: str
    runtime: str
    variant: str
    parameters: tuple[tuple[str, int], ...]
    ledger: tuple[tuple[str, int], ...] = ()
    """What the program itself counted in this run; empty where it failed."""
    figures: tuple[tuple[str, int], ...] = ()
    wanted: tuple[tuple[str, int], ...] = ()
    """What figures should be if the ledger is right."""
    problem: str = ""
    """Why there are no figures; empty where there are."""
    wall_ns: int = 0

    def figure(self, name: str) -> int:
        """Return a figure; 0 where it does not occur."""
        return dict(self.figures).get(name, 0)

    def agrees(self) -> bool:
        """Return whether all figures are as they should be."""
        return not self.problem and all(self.figure(name) == value for name, value in self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that one `invoke explain` measured and was told."""

    roles: Roles
    small: Session
    large: Session
    """The same programs at a larger size: the difference is work without the start of the process."""
    calls: tuple[Account, ...]
    """System calls by name, at both sizes."""
    no_calls: str
    """Why nothing could be traced here; empty where it could."""
    reports: tuple[Account, ...]
    """What runtimes said of themselves, at the larger size."""
    wall_ns: int
    watched_ns: int
    """Spent in the runs that were not timed."""

    def sessions(self) -> tuple[Session, ...]:
        """Return both sessions, in the order in which they were measured."""
        return self.small, self.large

    def title(self, runtime: str) -> str:
        """Return a runtime's title."""
        return next((column.title for column in self.large.runtimes if column.name == runtime), runtime)

    def has_failures(self) -> bool:
        """Return whether a program failed in a timed run."""
        return any(
            isinstance(program.outcome, Failed)
            for session in self.sessions()
            for result in session.results
            for program in result.programs
        )


def explanation_to_json(explanation: Explanation) -> str:
    """Write an explanation, with the schema's name and version first."""
    return write_document(explanation, EXPLANATION_SCHEMA)


def load_explanation(path: Path) -> Explanation:
    """Read an explanation from a file, as `load` reads a session; what earlier versions stored besides is ignored."""
    return read_document(read_text_file(path), str(path), Explanation, EXPLANATION_SCHEMA)
