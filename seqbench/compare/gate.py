"""Judge the three sessions of a gate: pass, fail, inconclusive, or unfit to judge. Pure.

The third session is the probe: base again, in some of the rounds. In every second one of these it is slowed down by a
known share of its time. Its plain rounds are an A/A pair with base, which must not get the verdict faster or slower.
Its slowed rounds are a regression, which must get the verdict slower. Otherwise the gate is unfit and does not judge
head.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import log

from seqbench.compare.comparable import names_of, result_of
from seqbench.compare.compared import Judging, samples_of
from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.looks import looks_of
from seqbench.compare.metrics import ONLY_TIME, Metric, benchmark_of, family_of
from seqbench.compare.moved import moved_text
from seqbench.compare.settle import Settling, settlings
from seqbench.compare.verdict import FAMILY_ERROR, PLAIN_ERROR, Looks, PairedResult, Verdict, judge_looks
from seqbench.sessions.session import Session, paired_times
from seqbench.units import change, percent


class GateOutcome(StrEnum):
    """The outcome of a gate."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """The reasons for the outcome of a gate."""

    broken: tuple[str, ...] = ()
    """The benchmarks that cannot be compared, with the reasons; they fail the gate even if it is unfit."""
    unfit: tuple[str, ...] = ()
    """The benchmarks with a wrong verdict on the probe."""
    slower: tuple[str, ...] = ()
    """The benchmarks that are slower; none if the gate is unfit."""
    unsettled: tuple[str, ...] = ()
    """The benchmarks with an inconclusive verdict; none if the gate is unfit."""

    @property
    def outcome(self) -> GateOutcome:
        """Return the worst outcome of all benchmarks: fail, unfit, inconclusive, pass."""
        if self.broken or self.slower:
            return GateOutcome.FAIL
        if self.unfit:
            return GateOutcome.UNFIT
        return GateOutcome.INCONCLUSIVE if self.unsettled else GateOutcome.PASS

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return every reason for which the gate does not pass, the worst first."""
        return (*self.broken, *self.unfit, *self.slower, *self.unsettled)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """The verdicts on the probe of one benchmark against base: in its plain rounds and in its slowed ones."""

    name: str
    plain: PairedResult
    slowed: PairedResult
    injected: float
    """The share of its time by which the probe was slowed down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Reasons):
    """The outcome of a gate, with the figures and reasons for it."""

    comparison: Comparison
    probe_results: tuple[ProbeResult, ...]
    settlings: tuple[Settling, ...] = ()
    """What would settle each benchmark with an inconclusive verdict."""


def judge_gate(
    base: Session,
    head: Session,
    probe: Session,
    *,
    runtime: str,
    margin: float,
    metrics: tuple[Metric, ...] = ONLY_TIME,
) -> Gate:
    """Judge head against base, and check the gate itself with its probe.

    Raises
    ------
    ValueError
        There are too few rounds (as in `judge`).
    """
    comparison = compare(base, head, runtime=runtime, paired=True, margin=margin, metrics=metrics)
    names = names_of(base, head)
    judging = Judging(runtime=runtime, margin=margin, family=family_of(names, metrics))
    has_result = {each.name for each in comparison.benchmarks if each.paired_result}
    judged = [judge_probe(name, base, probe, judging) for name in names if has_result & {name, benchmark_of(name)}]
    probe_results = tuple(each for each in judged if each is not None)
    broken = tuple(
        f"{each.name} cannot be compared{each.by}: {each.reason}"
        for each in comparison.benchmarks
        if each.reason and not each.is_unfinished and not each.is_missing
    )
    unfit = tuple(problem for result in probe_results if (problem := _problem(result)))
    slower = tuple(
        "; ".join(
            filter(
                None,
                (
                    f"{each.name} is slower{each.by}: {_percent(each.paired_result)}",
                    moved_text(comparison.moved(each)),
                ),
            )
        )
        for each in comparison.benchmarks
        if each.paired_result is not None and each.verdict is Verdict.SLOWER
    )
    probes = [(each.name, samples_of(probe, each.name, runtime)) for each in comparison.benchmarks]
    open_ones = settlings(comparison, probes)
    unsettled = tuple(f"{each.name} is inconclusive{each.by}: {each.sentence()}" for each in open_ones)
    checked = {result.name for result in probe_results} | {benchmark_of(result.name) for result in probe_results}
    unsettled += tuple(
        f"{each.name} is inconclusive{each.by}: {each.reason or 'too few rounds of its probe to check the gate'}"
        for each in comparison.benchmarks
        if each.is_unfinished or each.is_missing or (each.paired_result is not None and each.name not in checked)
    )
    unsettled += tuple(
        f"{each.name} is inconclusive{each.by}: {_percent(each.paired_result)} of {each.paired_result.pairs} builds"
        for each in comparison.benchmarks
        if each.paired_result and each.verdict is Verdict.INCONCLUSIVE and not each.metric.is_sampled
    )
    return Gate(
        comparison=comparison,
        probe_results=probe_results,
        broken=broken,
        unfit=unfit,
        slower=() if unfit else slower,
        unsettled=() if unfit else unsettled,
        settlings=open_ones,
    )


def judge_probe(name: str, base: Session, probe: Session, judging: Judging) -> ProbeResult | None:
    """Judge the probe of one benchmark; None while it has too few rounds to be judged."""
    result = result_of(probe, name)
    injected = result.slowed if result else 0.0
    errors = (PLAIN_ERROR / judging.family, FAMILY_ERROR / judging.family)
    margins = (judging.margin, margin_of_probe(injected, judging.margin))
    found = []
    pairs = probe_pairs(name, base, probe, judging.runtime)
    for (logs, looks), error, margin in zip(pairs, errors, margins, strict=True):
        if looks.usable(error):
            found.append(judge_looks(logs, looks, margin=margin, error=error))
        elif looks.usable(FAMILY_ERROR / judging.family):
            # With the fewest rounds there are figures, and no outcome that would be as rare as a false alarm may be.
            figures = judge_looks(logs, looks, margin=margin, error=FAMILY_ERROR / judging.family)
            found.append(replace(figures, verdict=Verdict.INCONCLUSIVE))
        else:
            return None
    return ProbeResult(name=name, plain=found[0], slowed=found[1], injected=injected)


def margin_of_probe(injected: float, margin: float) -> float:
    """Return the margin for the slowed rounds of a probe: its slowdown counts even where the user's margin is larger.

    Examples
    --------
    >>> margin_of_probe(0.1, 0.02), margin_of_probe(0.1, 0.15)
    (0.02, 0.05)
    """
    return min(margin, injected / 2) if injected > 0 else margin


def probe_pairs(name: str, base: Session, probe: Session, runtime: str) -> tuple[tuple[list[float], Looks], ...]:
    """Return the log ratios of the probe and the looks at them: of its plain rounds, then of its slowed ones."""
    result = result_of(probe, name)
    pairs = paired_times(samples_of(base, name, runtime), samples_of(probe, name, runtime))
    found = []
    for first in (0, 1):
        rounds = list(pairs)[first::2]
        logs = [log(after / before) for before, after in (pairs[number] for number in rounds)]
        found.append((logs, looks_of(result.design if result else None, rounds)))
    return tuple(found)


def is_false_alarm(result: ProbeResult) -> bool:
    """Return whether the probe differs from base in its plain rounds, though both are the same program."""
    return result.plain.verdict in (Verdict.FASTER, Verdict.SLOWER)


def _problem(result: ProbeResult) -> str:
    if is_false_alarm(result):
        return (
            f"{result.name}: false alarm: the same program was judged {result.plain.verdict} ({_percent(result.plain)})"
        )
    if result.slowed.verdict is not Verdict.SLOWER:
        return (
            f"{result.name}: a known slowdown of {percent(result.injected)} was not found ({_percent(result.slowed)})"
        )
    return ""


def _percent(result: PairedResult) -> str:
    return change(result.ratio, result.interval.low, result.interval.high)
