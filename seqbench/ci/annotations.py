"""From what was measured to what GitHub shows beside a commit: annotations, and the verdict that they add up to. Pure.

docs/GITHUB.md says what each cause stands for.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from seqbench.compare.gate import Gate, GateOutcome
from seqbench.sessions.report import headline_rows, program_title, ratio_text
from seqbench.sessions.session import Session
from seqbench.stats.intervals import Band
from seqbench.text import writable

PASSED = "passed"
"""The verdict where no cause was found."""


class Cause(StrEnum):
    """What a step can be told to fail on, the worst first."""

    FAILED = "failed"
    SLOWER = "slower"
    INCONCLUSIVE = "inconclusive"
    STALE = "stale"


class Level(StrEnum):
    """How loud an annotation is: the names of GitHub's workflow commands."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One thing that somebody who looks at the commit should see."""

    cause: Cause | None
    """None where it is worth a look and nothing to fail on."""
    title: str
    message: str
    file: str = ""
    """Relative to the checkout, so that GitHub shows it there; empty where it is about no file of it."""


def of_session(session: Session, sources: Mapping[tuple[str, str, str], str]) -> tuple[Annotation, ...]:
    """Annotate programs that failed, benchmarks that were scaled down, and ratios that surely want a look.

    `sources` gives the file of a program by its benchmark, runtime and variant, where the checkout has it.
    """
    failed = [
        Annotation(
            cause=Cause.FAILED,
            title=f"{result.title}, {program_title(session, result, program)}: {outcome.stage} failed",
            message="\n".join(text for text in (outcome.reason, outcome.detail) if text),
            file=sources.get((result.name, program.runtime, program.variant), ""),
        )
        for result, program, outcome in session.failures()
    ]
    scaled = [
        Annotation(cause=None, title=f"{result.title} was scaled down", message=result.size_sentence)
        for result in session.results
        # Remedies are there where it was the machine that could hold no more.
        if result.remedies and not result.is_full
    ]
    slow = [
        Annotation(
            cause=None,
            title=f"{row.title} is slow",
            message=f"{' / '.join(column.title for column in session.runtimes[:2])} is {ratio_text(row.ratio)}",
        )
        for row in headline_rows(session)
        if row.ratio is not None and row.ratio.interval is not None and row.ratio.bands() == (Band.INVESTIGATE,)
    ]
    return (*failed, *scaled, *slow)


def of_gate(gate: Gate, base: str) -> tuple[Annotation, ...]:
    """Annotate every reason for which a gate does not pass; `base` is the compiler that was compared with."""
    found = (
        (Cause.FAILED, f"not to be compared with {base}", gate.broken),
        (Cause.SLOWER, f"slower than {base}", gate.slower),
        (Cause.INCONCLUSIVE, f"{GateOutcome.UNFIT}: not to be told from {base}", gate.unfit),
        (Cause.INCONCLUSIVE, f"{GateOutcome.INCONCLUSIVE}: not to be told from {base}", gate.unsettled),
    )
    return tuple(
        Annotation(cause=cause, title=title, message=reason) for cause, title, reasons in found for reason in reasons
    )


def causes(annotations: Iterable[Annotation]) -> tuple[Cause, ...]:
    """Return every cause that was found, the worst first."""
    found = {annotation.cause for annotation in annotations}
    return tuple(cause for cause in Cause if cause in found)


def verdict(annotations: Iterable[Annotation]) -> str:
    """Return all causes in one line with commas between, or that it passed."""
    return ",".join(causes(annotations)) or PASSED


def commands(annotations: Sequence[Annotation], fail_on: Collection[Cause]) -> tuple[str, ...]:
    """Write annotations as workflow commands, those first that the step fails on."""
    levels = [_level(annotation, fail_on) for annotation in annotations]
    # GitHub shows ten of each level and forgets the others.
    return tuple(
        command(level, annotation)
        for wanted in Level
        for level, annotation in zip(levels, annotations, strict=True)
        if level is wanted
    )


def command(level: Level, annotation: Annotation) -> str:
    """Write one as a workflow command: a single line, whatever its texts hold."""
    properties = {"file": annotation.file, "title": annotation.title}
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{level}{' ' if given else ''}{given}::{_data(annotation.message)}"


def _level(annotation: Annotation, fail_on: Collection[Cause]) -> Level:
    if annotation.cause is None:
        return Level.NOTICE
    return Level.ERROR if annotation.cause in fail_on else Level.WARNING


def _data(text: str) -> str:
    """Escape what would end the command; the escape itself first."""
    return writable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
