"""How a claim of another document is judged: its words, what it takes to judge it, and a verdict with figures. Pure.

A claimed figure is confirmed when the interval that was measured holds it, rounded as it was written, and is narrow
enough to tell it from others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from seqbench.sessions.report import ratio_text
from seqbench.stats.intervals import Interval, Ratio
from studies.claims.evidence import ClaimEvidence, Measurement

# An interval whose ends are further apart than this holds too many figures to confirm one of them.
WIDEST = 1.5
# Leaves of skynet: with fewer, most strands get a stack from the pool, which was mapped before the work began.
BEYOND_THE_POOL = 100_000
# Calls for each strand or message that are as good as none.
NEXT_TO_NONE = 0.05
EXPLAIN = "invoke explain"
FULL = "invoke bench, where the machine holds full size (invoke doctor --fix)"
TRACED = "invoke explain with strace (apt install strace)"


class Verdict(StrEnum):
    """What the measurements say of a claim."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    NOT_MEASURED = "not measured here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with the figures behind it."""

    verdict: Verdict
    figures: str


Judge = Callable[[ClaimEvidence], Judgement | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that a document says; `judge` gives None where the evidence is missing, which `command` measures."""

    id: str
    words: str
    command: str
    judge: Judge

    def verdict(self, evidence: ClaimEvidence) -> Judgement:
        """Judge it."""
        found = self.judge(evidence)
        return found or Judgement(verdict=Verdict.NOT_MEASURED, figures=f"it takes {self.command}")


def judgement(holds: bool, figures: str) -> Judgement:  # noqa: FBT001 - it is what the verdict says
    """Return the verdict on a claim that was looked at."""
    return Judgement(verdict=Verdict.CONFIRMED if holds else Verdict.NOT_CONFIRMED, figures=figures)


def holds(interval: Interval, low: float, high: float) -> bool:
    """Return whether an interval reaches into a range, and is no wider than can tell it from others."""
    is_narrow = interval.low > 0 and interval.high / interval.low <= WIDEST
    return is_narrow and interval.low <= high and interval.high >= low


def sure_ratio(measurement: Measurement | None) -> tuple[Measurement, Ratio, Interval] | None:
    """Return a measurement that has a ratio with an interval, with both of these."""
    if measurement is None or measurement.ratio is None or measurement.ratio.interval is None:
        return None
    return measurement, measurement.ratio, measurement.ratio.interval


def at_size(measurement: Measurement, ratio: Ratio) -> str:
    """Write a ratio with the benchmark and its size."""
    return f"{measurement.benchmark} {ratio_text(ratio)} ({measurement.size})"
