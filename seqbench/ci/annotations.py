"""Build the annotations of a commit, which a forge shows beside it or in the log, and the verdict on all. Pure.

docs/CI.md describes each cause.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from seqbench.compare.gate import Gate, GateOutcome
from seqbench.sessions.report import headline_rows, ratio_text
from seqbench.sessions.session import Session
from seqbench.sessions.table_notes import program_title
from seqbench.stats.intervals import Band
from seqbench.text import printable

PASSED = "passed"
"""The verdict where no cause was found."""


class Cause(StrEnum):
    """The causes that a step can fail on, the worst first."""

    FAILED = "failed"
    SLOWER = "slower"
    INCONCLUSIVE = "inconclusive"
    STALE = "stale"


class Level(StrEnum):
    """The level of an annotation, as GitHub's workflow commands name it."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One message beside a commit."""

    cause: Cause | None
    """None for a notice, which never fails the step."""
    title: str
    message: str
    file: str = ""
    """The file that it is about, relative to the checkout; empty if there is none."""


def of_session(session: Session, sources: Mapping[tuple[str, str, str], str]) -> tuple[Annotation, ...]:
    """Return an annotation for each program that failed, each benchmark that was scaled down, and each slow ratio.

    A ratio is slow if its whole interval lies in the band to investigate.

    Parameters
    ----------
    sources
        The file of each program in the checkout, by benchmark, runtime and variant.
    """
    failed = [
        Annotation(
            cause=Cause.FAILED,
            title=f"{result.title}, {program_title(session, result, program)}: {outcome.stage} failed",
            message="\n".join(text for text in (outcome.reason, outcome.detail) if text),
            file=sources.get((result.benchmark, program.runtime, program.variant), ""),
        )
        for result, program, outcome in session.failures()
    ]
    failed += [
        Annotation(cause=Cause.FAILED, title=f"{name} was not run", message="the budget is too short for a round of it")
        for name in session.left_out()
    ]
    scaled = [
        Annotation(cause=None, title=f"{result.title} was scaled down", message=result.size_sentence)
        for result in session.results
        # Only a benchmark that the machine could not hold at full size has a fix for it.
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


def of_gate(gate: Gate, base: str, head: str) -> tuple[Annotation, ...]:
    """Return an annotation for every reason for which a gate does not pass; `base` and `head` are the compilers."""
    commands = [each.command("gate", base, head, gate.comparison) for each in gate.settlings]
    # What no command would settle comes last.
    unsettled = [f"{reason}:\n{line}" for reason, line in zip(gate.unsettled, commands, strict=False)]
    unsettled += gate.unsettled[len(commands) :]
    found = (
        (Cause.FAILED, f"cannot be compared with {base}", gate.broken),
        (Cause.SLOWER, f"slower than {base}", gate.slower),
        (Cause.INCONCLUSIVE, f"{GateOutcome.UNFIT}: no verdict against {base}", gate.unfit),
        (Cause.INCONCLUSIVE, f"{GateOutcome.INCONCLUSIVE}: no verdict against {base}", unsettled),
    )
    return tuple(
        Annotation(cause=cause, title=title, message=reason) for cause, title, reasons in found for reason in reasons
    )


def of_warnings(warnings: Iterable[str]) -> tuple[Annotation, ...]:
    """Return a notice for each warning of the calibration about a gate."""
    return tuple(
        Annotation(cause=None, title="the calibration of this machine warns", message=text) for text in warnings
    )


def causes(annotations: Iterable[Annotation]) -> tuple[Cause, ...]:
    """Return the causes of these annotations, the worst first."""
    found = {annotation.cause for annotation in annotations}
    return tuple(cause for cause in Cause if cause in found)


def verdict(annotations: Iterable[Annotation]) -> str:
    """Return all causes, separated by commas, or `passed` if there is none."""
    return ",".join(causes(annotations)) or PASSED


def commands(annotations: Sequence[Annotation], fail_on: Collection[Cause]) -> tuple[str, ...]:
    """Return annotations as workflow commands: errors first, then warnings and notices."""
    levels = [_level(annotation, fail_on) for annotation in annotations]
    # GitHub shows only the first ten of each level.
    return tuple(
        command(level, annotation)
        for wanted in Level
        for level, annotation in zip(levels, annotations, strict=True)
        if level is wanted
    )


def command(level: Level, annotation: Annotation) -> str:
    """Return an annotation as a workflow command: a single line, whatever characters its texts have."""
    properties = {"file": annotation.file, "title": annotation.title}
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{level}{' ' if given else ''}{given}::{_data(annotation.message)}"


def _level(annotation: Annotation, fail_on: Collection[Cause]) -> Level:
    if annotation.cause is None:
        return Level.NOTICE
    return Level.ERROR if annotation.cause in fail_on else Level.WARNING


def _data(text: str) -> str:
    """Escape the characters that would end the command, and first the escape character itself."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
