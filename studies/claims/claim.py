"""Define a claim of another document: its words, the command that measures it, and its assessment. Pure.

A claimed figure is confirmed if the measured interval includes it, rounded as in the document, and if the interval is
narrow enough to exclude other figures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from seqbench.sessions.report import ratio_text
from seqbench.stats.intervals import Interval, Ratio
from studies.claims.evidence import ClaimEvidence, Measurement

# A wider interval (the ratio of its ends) includes too many figures to confirm one of them.
WIDEST = 1.5
# Leaves of skynet. With fewer, most strands get a stack from the pool, which is mapped before the work starts.
BEYOND_THE_POOL = 100_000
# Calls per strand or message: fewer count as none.
NEXT_TO_NONE = 0.05
EXPLAIN = "invoke explain"
FULL = "invoke bench, on a machine with room for full size (invoke doctor --fix)"
TRACED = "invoke explain with strace (apt install strace)"


class ClaimStatus(StrEnum):
    """The status of a claim after the measurements."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    NOT_MEASURED = "not measured here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The status of a claim, with the figures that support it."""

    status: ClaimStatus
    figures: str


Check = Callable[[ClaimEvidence], Assessment | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim of a document.

    `check` returns None if the evidence is missing; `command` measures it.
    """

    id: str
    words: str
    command: str
    check: Check

    def assess(self, evidence: ClaimEvidence) -> Assessment:
        """Return the assessment; NOT_MEASURED if the evidence is missing."""
        found = self.check(evidence)
        return found or Assessment(status=ClaimStatus.NOT_MEASURED, figures=f"needs {self.command}")


def assessment(is_confirmed: bool, figures: str) -> Assessment:  # noqa: FBT001 - the condition of the claim
    """Return the assessment of a claim with evidence."""
    return Assessment(status=ClaimStatus.CONFIRMED if is_confirmed else ClaimStatus.NOT_CONFIRMED, figures=figures)


def matches(interval: Interval, low: float, high: float) -> bool:
    """Return whether an interval overlaps a range, and is narrow enough to exclude other figures."""
    is_narrow = interval.low > 0 and interval.high / interval.low <= WIDEST
    return is_narrow and interval.low <= high and interval.high >= low


def sure_ratio(measurement: Measurement | None) -> tuple[Measurement, Ratio, Interval] | None:
    """Return a measurement with its ratio and the interval of it; None if there is no interval."""
    if measurement is None or measurement.ratio is None or measurement.ratio.interval is None:
        return None
    return measurement, measurement.ratio, measurement.ratio.interval


def at_size(measurement: Measurement, ratio: Ratio) -> str:
    """Return a ratio as text, with the benchmark and its size."""
    return f"{measurement.benchmark} {ratio_text(ratio)} ({measurement.size})"
