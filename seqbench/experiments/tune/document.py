"""Define the data of one `invoke tune`: the request, the sessions of every stage, and the advice. Pure."""

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
class TuneStage:
    """Variants that ran in the same rounds, each with its session. The first one is the default."""

    variants: tuple[Variant, ...]
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneDocument:
    """One `invoke tune`, complete or interrupted: the request, the levels that were left out, and every stage."""

    seed: int
    spec: str
    only: tuple[str, ...]
    size: str
    margin: float
    budget_s: float
    grid: Grid
    left_out: tuple[LeftOut, ...]
    pilot: TuneStage | None
    is_whole: bool
    """Whether every combination was screened, or one level at a time."""
    whole_needs_s: float
    """The budget that the whole grid needs, in seconds; 0 before the pilot."""
    screening: TuneStage | None
    chosen: Variant | None
    """None if no variant was faster than the default."""
    confirmation: tuple[Session, ...]
    """The sessions of the default and of the chosen variant, in fresh rounds."""
    wall_ns: int

    def stages(self) -> tuple[tuple[Session, ...], ...]:
        """Return the sessions of each stage that was started."""
        stages = [stage.sessions for stage in (self.pilot, self.screening) if stage is not None]
        return (*stages, *([self.confirmation] if self.confirmation else []))

    def default_failed(self) -> bool:
        """Return whether the default failed in a benchmark, which therefore has no result."""
        return any(sessions[0].failures() for sessions in self.stages())

    @property
    def target_cpu(self) -> str:
        """Return what the programs were compiled for; empty before the pilot and where it was not recorded."""
        return self.pilot.sessions[0].target_cpu if self.pilot else ""

    @property
    def programs_ns(self) -> int:
        """Return the wall time of all runs in nanoseconds; each session of a stage stores the sum over all variants."""
        return sum(sessions[0].programs_ns for sessions in self.stages())


class Advice(StrEnum):
    """The advice on a variant after its confirmation."""

    USE = "use"
    MIXED = "mixed"
    """It makes some benchmarks faster and others slower."""
    KEEP = "keep"


def is_complete(sessions: Iterable[Session]) -> bool:
    """Return whether all sessions of a stage are complete."""
    return all(session.state is State.COMPLETE for session in sessions)


def confirmed(document: TuneDocument) -> Comparison | None:
    """Compare the chosen variant with the default; None if the confirmation is not complete."""
    if not document.confirmation or not is_complete(document.confirmation):
        return None
    base, head = document.confirmation
    return compare(base, head, runtime=base.runtimes[0].name, paired=True, margin=document.margin)


def advice(comparison: Comparison) -> Advice:
    """Return the advice: use a variant only if it is faster in some benchmark and failed in none."""
    verdicts = {each.verdict for each in comparison.benchmarks}
    if Verdict.FASTER not in verdicts or Verdict.NOT_COMPARABLE in verdicts:
        return Advice.KEEP
    return Advice.MIXED if Verdict.SLOWER in verdicts else Advice.USE


def tune_to_json(document: TuneDocument) -> str:
    """Return a tuning as JSON, which starts with the name and version of the schema."""
    return write_document(document, TUNE_SCHEMA, *document.stages())


def load_tune(path: Path) -> TuneDocument:
    """Read a tuning from a file. Fields that only earlier versions stored are ignored."""
    return read_document(read_text_file(path), str(path), TuneDocument, TUNE_SCHEMA)
