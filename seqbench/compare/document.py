"""Store a comparison as a JSON file: the request, and the sessions as far as they were measured."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from seqbench.compare.comparison import Comparison
from seqbench.compare.metrics import ONLY_TIME, Metric
from seqbench.compare.moved import Moved
from seqbench.compare.settle import Settling
from seqbench.compare.used import used_of
from seqbench.sessions.document import read_document, read_text_file, write_document
from seqbench.sessions.session import Session
from seqbench.suite.commands import COMMAND
from seqbench.toolchain.compiler_spec import Spec

COMPARISON_SCHEMA = "seqbench/comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRequest:
    """What `invoke compare` adds to a request: two compilers, and the relative difference that counts as the same."""

    base: Spec
    head: Spec
    margin: float
    values: tuple[tuple[str, int], ...] = ()
    """What `{name}` in commands stands for."""
    pattern: str = ""
    """What finds the time in the output of commands; empty for the wall clock."""
    is_fixed: bool = False
    """All planned rounds run, and are judged at once."""
    metrics: tuple[Metric, ...] = ONLY_TIME
    """What is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict:
    """The verdict on one benchmark, for programs that read the file; seqbench itself judges the samples again."""

    benchmark: str
    verdict: str
    metric: Metric = Metric.TIME
    """What was judged."""
    reason: str = ""
    """Why it is not comparable."""
    ratio: float | None = None
    """Head / base; None if it is not comparable, as all that follow."""
    low: float | None = None
    high: float | None = None
    rounds: int = 0
    would_detect: float | None = None
    """The smallest slowdown that was likely to be detected: 0.34 is 34 %."""
    rounds_to_settle: tuple[int, int] | None = None
    """The range of rounds that would settle an inconclusive verdict."""
    seconds_to_settle: tuple[float, float] | None = None
    planned_rounds: int = 0
    """Where it may stop before all of its rounds have run: how many were planned at first."""
    used_share: float | None = None
    """The rounds that ran over those that were planned."""
    moved: tuple[Moved, ...] = ()
    """The counters that moved with a slower verdict, the first hint of why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComparison:
    """A comparison as it is stored: the request, and the sessions as far as they were measured.

    The sessions are base, head and, for a gate, the probe.
    """

    base_spec: str
    head_spec: str
    only: tuple[str, ...]
    margin: float
    sessions: tuple[Session, ...]
    runtime: str = ""
    """The runtime whose programs are compared; empty for the first one of seqbench."""
    size: str | None = None
    """As typed; None if each benchmark ran at the smallest size with enough work."""
    metrics: tuple[Metric, ...] = ONLY_TIME
    """What was judged."""
    layouts: tuple[Session, ...] = ()
    """For a calibration: base in each layout of its code, the one without padding first."""
    layout_problem: str = ""
    """Why a calibration has no layouts."""
    values: tuple[tuple[str, int], ...] = ()
    pattern: str = ""
    """As in `ComparisonRequest`."""
    suite: str = ""
    """The folder of a suite that is not the project's own."""
    suite_file: str = ""
    """What describes the suite in place of the file in its folder."""
    hosts: int = 0
    """How many hosts of `--hosts` measured it together, of which this is one; 0 without the flag."""

    def flags(self) -> tuple[tuple[str, str], ...]:
        """Return the flags, with their values, that say beside the sides what is compared."""
        values = ",".join(f"{name}={value}" for name, value in self.values)
        named = (
            ("runtime", "" if self.runtime == COMMAND.name else self.runtime),
            ("suite", self.suite),
            ("suite-file", self.suite_file),
            ("set", values),
            ("pattern", self.pattern),
            ("hosts", self.sessions[0].machine.host or "HOST" if self.hosts and self.sessions else ""),
        )
        return tuple((flag, value) for flag, value in named if value)


def verdicts_of(comparison: Comparison, settlings: Sequence[Settling]) -> tuple[StoredVerdict, ...]:
    """Return the verdicts of a comparison in the form that is stored."""
    open_ones = {(each.name, each.metric): each for each in settlings}
    found = []
    for each in comparison.benchmarks:
        stored = StoredVerdict(
            benchmark=each.name,
            verdict=each.verdict.value,
            metric=each.metric,
            reason=each.reason,
            planned_rounds=each.planned,
            used_share=used_of(each),
            moved=comparison.moved(each),
        )
        if (result := each.paired_result) is not None:
            settling = open_ones.get((each.name, each.metric))
            stored = replace(
                stored,
                ratio=result.ratio,
                low=result.interval.low,
                high=result.interval.high,
                rounds=result.pairs,
                would_detect=result.detectable,
                rounds_to_settle=result.rounds_range,
                seconds_to_settle=settling.seconds if settling else None,
            )
        found.append(stored)
    return tuple(found)


def comparison_to_json(comparison: StoredComparison) -> str:
    """Return a comparison as JSON, with the name and version of its schema first."""
    return write_document(comparison, COMPARISON_SCHEMA, comparison.sessions[:2])


def judged_to_json(
    comparison: StoredComparison,
    verdicts: Sequence[StoredVerdict],
    warnings: Sequence[str] = (),
    used: float | None = None,
) -> str:
    """Return a finished comparison as JSON with its verdicts and warnings, which readers of a comparison leave out.

    `used` is the share of the planned rounds' time that it took, where benchmarks could stop before.
    """
    stored = {field.name: getattr(comparison, field.name) for field in fields(comparison)}
    further = {"verdicts": verdicts, "warnings": warnings, "used_share": used}
    return write_document({**stored, **further}, COMPARISON_SCHEMA)


def comparison_from_json(text: str, name: str) -> StoredComparison:
    """Return the comparison that a JSON document describes, as `from_json` does for a session."""
    return read_document(text, name, StoredComparison, COMPARISON_SCHEMA)


def load_comparison(path: Path) -> StoredComparison:
    """Read a comparison from a file, as `load` does for a session."""
    return comparison_from_json(read_text_file(path), str(path))
