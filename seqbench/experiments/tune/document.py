"""The data of one `invoke tune`, from what was asked to the sessions of every stage, and what to make of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.verdict import Verdict
from seqbench.experiments.tune.settings import Grid, LeftOut, Variant
from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Session, State

TUNE_SCHEMA = "seqbench/tune"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Variants that ran in the same rounds, each with its session; the first one is the default."""

    variants: tuple[Variant, ...]
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneDocument:
    """One `invoke tune`, as far as it came: what was asked, what could not be tried, and every stage's sessions."""

    seed: int
    spec: str
    only: tuple[str, ...]
    size: str
    margin: float
    budget_s: float
    grid: Grid
    left_out: tuple[LeftOut, ...]
    pilot: Stage | None
    is_whole: bool
    """Every combination was screened; else one level at a time."""
    whole_needs_s: float
    """What the whole grid would have taken of the budget; 0 before the pilot."""
    screening: Stage | None
    chosen: Variant | None
    """None where nothing was faster than the default."""
    confirmation: tuple[Session, ...]
    """Of the default and of the chosen variant, in fresh rounds."""
    wall_ns: int

    def stages(self) -> tuple[tuple[Session, ...], ...]:
        """Return the sessions of each stage that was reached."""
        stages = [stage.sessions for stage in (self.pilot, self.screening) if stage is not None]
        return (*stages, *([self.confirmation] if self.confirmation else []))

    def default_failed(self) -> bool:
        """Return whether there is a benchmark that the default failed in, and so nothing to tell of it."""
        return any(sessions[0].failures() for sessions in self.stages())

    @property
    def programs_ns(self) -> int:
        """Return the sum of all programs' outside clocks; the sessions of a stage each hold that of all sides."""
        return sum(sessions[0].programs_ns for sessions in self.stages())


class Advice(StrEnum):
    """What to do with a variant that was confirmed, or was not."""

    USE = "use"
    MIXED = "mixed"
    """It makes some benchmarks faster and others slower."""
    KEEP = "keep"


def is_complete(sessions: Iterable[Session]) -> bool:
    """Return whether a stage came to its end."""
    return all(session.state is State.COMPLETE for session in sessions)


def confirmed(document: TuneDocument) -> Comparison | None:
    """Compare the chosen variant with the default; None where that was not measured to its end."""
    if not document.confirmation or not is_complete(document.confirmation):
        return None
    base, head = document.confirmation
    return compare(base, head, runtime=base.runtimes[0].name, paired=True, margin=document.margin)


def advice(comparison: Comparison) -> Advice:
    """Return what to do: only what is faster somewhere, and failed nowhere, is worth using."""
    verdicts = {each.verdict for each in comparison.benchmarks}
    if Verdict.FASTER not in verdicts or Verdict.NOT_COMPARABLE in verdicts:
        return Advice.KEEP
    return Advice.MIXED if Verdict.SLOWER in verdicts else Advice.USE


def tune_to_json(document: TuneDocument) -> str:
    """Write a tuning, with the schema's name and version first."""
    return write_document(document, TUNE_SCHEMA)


def load_tune(path: Path) -> TuneDocument:
    """Read a tuning from a file, as `load` reads a session; what earlier versions stored besides is ignored."""
    return read_document(read_text_file(path), str(path), TuneDocument, TUNE_SCHEMA)
