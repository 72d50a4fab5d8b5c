"""Define the data of one `invoke explain`: two timed sessions and the instrumented runs. Pure."""

from dataclasses import dataclass
from pathlib import Path

from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Failed, Session

EXPLANATION_SCHEMA = "seqbench/explanation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Names of the runtimes: the subject, the reference it is compared with, and the library under the subject."""

    subject: str
    reference: str
    library: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentedRun:
    """One run of a program with strace or with a report of its runtime, never timed.

    It has figures by name, or the problem that prevented them.
    """

    benchmark: str
    runtime: str
    variant: str
    parameters: tuple[tuple[str, int], ...]
    ledger: tuple[tuple[str, int], ...] = ()
    """The counts of work that the program reported in this run; empty if it failed."""
    figures: tuple[tuple[str, int], ...] = ()
    wanted: tuple[tuple[str, int], ...] = ()
    """The figures that the ledger lets expect."""
    problem: str = ""
    """Why there are no figures; empty if there are."""
    wall_ns: int = 0

    def figure(self, name: str) -> int:
        """Return a figure by its name; 0 if the run did not report it."""
        return dict(self.figures).get(name, 0)

    def agrees(self) -> bool:
        """Return whether every figure equals the expected one."""
        return not self.problem and all(self.figure(name) == value for name, value in self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that one `invoke explain` measured."""

    roles: Roles
    small: Session
    large: Session
    """The same programs at a larger size. The difference between the sizes excludes the start of the process."""
    calls: tuple[InstrumentedRun, ...]
    """System calls by name, at both sizes."""
    no_calls: str
    """Why no program could be traced; empty if tracing worked."""
    reports: tuple[InstrumentedRun, ...]
    """The reports of the runtimes about themselves, at the larger size."""
    wall_ns: int
    watched_ns: int
    """Time of the instrumented runs, in nanoseconds."""
    budget_s: float | None = None
    """The time for all runs; None if it was not limited, and in earlier files."""

    def sessions(self) -> tuple[Session, ...]:
        """Return both sessions in the order of measurement."""
        return self.small, self.large

    @property
    def rounds(self) -> tuple[tuple[Session, ...], ...]:
        """Return each session alone, because the two sizes have rounds of their own."""
        return tuple((session,) for session in self.sessions())

    def title(self, runtime: str) -> str:
        """Return the title of a runtime."""
        return next((column.title for column in self.large.runtimes if column.name == runtime), runtime)

    def has_failures(self) -> bool:
        """Return whether a program failed in a timed run, or was not run because the budget was too short."""
        return any(session.left_out() for session in self.sessions()) or any(
            isinstance(program.outcome, Failed)
            for session in self.sessions()
            for result in session.results
            for program in result.programs
        )


def explanation_to_json(explanation: Explanation) -> str:
    """Return an explanation as JSON, which starts with the name and version of the schema."""
    return write_document(explanation, EXPLANATION_SCHEMA, *explanation.rounds)


def load_explanation(path: Path) -> Explanation:
    """Read an explanation from a file. Fields that only earlier versions stored are ignored."""
    return read_document(read_text_file(path), str(path), Explanation, EXPLANATION_SCHEMA)
