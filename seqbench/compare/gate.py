"""From the three sessions of a gate to its outcome: pass, fail, inconclusive, or unfit to say. Pure.

The third session is the probe: base again, in some of the rounds, and in every second one of these slowed down by a
known share. Its plain rounds with base are an A/A pair, which must not be told apart; its slowed rounds are a
regression, which must be found. A gate that does not pass both proves nothing about head.
"""

from dataclasses import dataclass
from enum import StrEnum

from seqbench.compare.comparison import Comparison, compare, samples_of
from seqbench.compare.verdict import Judgement, Verdict, judge
from seqbench.sessions.session import Session, paired_times


class Outcome(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the probe of one benchmark showed."""

    name: str
    plain: Judgement
    slowed: Judgement
    injected: float
    """The share of its time by which it was slowed down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The outcome with everything that led to it."""

    comparison: Comparison
    proofs: tuple[Proof, ...]
    broken: tuple[str, ...] = ()
    """What cannot be compared, each with its reason; it fails the gate even where the probe does not hold."""
    unfit: tuple[str, ...] = ()
    """What the probe did not show."""
    slower: tuple[str, ...] = ()
    """Of a fit gate: what has slowed down."""
    unsettled: tuple[str, ...] = ()
    """Of a fit gate: what cannot be told."""

    @property
    def outcome(self) -> Outcome:
        """Return the worst of it: a program that fails needs no statistics, and an unfit gate knows of no slowdown."""
        if self.broken or self.slower:
            return Outcome.FAIL
        if self.unfit:
            return Outcome.UNFIT
        return Outcome.INCONCLUSIVE if self.unsettled else Outcome.PASS

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return everything that keeps it from passing, the worst first."""
        return (*self.broken, *self.unfit, *self.slower, *self.unsettled)


def judge_gate(base: Session, head: Session, probe: Session, *, runtime: str, margin: float) -> Gate:
    """Judge head against base, and the gate itself by its probe.

    Raises
    ------
    ValueError
        Too few rounds (as `judge`).
    """
    comparison = compare(base, head, runtime=runtime, paired=True, margin=margin)
    proofs = tuple(
        _proof(each.name, base, probe, runtime=runtime, margin=margin, family=len(comparison.benchmarks))
        for each in comparison.benchmarks
        if each.judgement is not None
    )
    broken = tuple(f"{each.name} cannot be compared: {each.reason}" for each in comparison.benchmarks if each.reason)
    unfit = tuple(problem for proof in proofs if (problem := _problem(proof)))
    slower = tuple(
        f"{each.name} is slower: {_percent(each.judgement)}"
        for each in comparison.benchmarks
        if each.judgement is not None and each.verdict is Verdict.SLOWER
    )
    unsettled = tuple(
        f"{each.name} cannot be told: about {each.judgement.rounds_needed:,} rounds would settle it"
        for each in comparison.benchmarks
        if each.judgement is not None and each.judgement.rounds_needed is not None
    )
    return Gate(
        comparison=comparison,
        proofs=proofs,
        broken=broken,
        unfit=unfit,
        slower=() if unfit else slower,
        unsettled=() if unfit else unsettled,
    )


def _proof(name: str, base: Session, probe: Session, *, runtime: str, margin: float, family: int) -> Proof:
    rounds = paired_times(samples_of(base, name, runtime), samples_of(probe, name, runtime))
    judged = []
    for first in (0, 1):
        pairs = list(rounds.values())[first::2]
        judged.append(judge([pair[0] for pair in pairs], [pair[1] for pair in pairs], margin=margin, family=family))
    injected = next(result.slowed for result in probe.results if result.name == name)
    return Proof(name=name, plain=judged[0], slowed=judged[1], injected=injected)


def _problem(proof: Proof) -> str:
    if proof.plain.verdict in (Verdict.FASTER, Verdict.SLOWER):
        return f"{proof.name}: two runs of the same program were told apart ({_percent(proof.plain)})"
    if proof.slowed.verdict is not Verdict.SLOWER:
        return f"{proof.name}: a known slowdown of {proof.injected:.0%} was not found ({_percent(proof.slowed)})"
    return ""


def _percent(judgement: Judgement) -> str:
    low, high = (f"{100 * (end - 1):+.1f}%" for end in (judgement.interval.low, judgement.interval.high))
    return f"{100 * (judgement.ratio - 1):+.1f}% [{low}, {high}]"
