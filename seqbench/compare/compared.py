"""Judge one benchmark of two sessions, by each metric. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from seqbench.compare.by_metric import Judged, Values, judge_metric
from seqbench.compare.comparable import result_of
from seqbench.compare.looks import looks_of
from seqbench.compare.metrics import Metric
from seqbench.compare.verdict import FAMILY_ERROR, Looks, PairedResult, Verdict, judge_looks
from seqbench.sessions.session import (
    BenchmarkResult,
    Failed,
    Measured,
    Sample,
    Session,
    Skipped,
    paired_times,
    rounding_share,
)
from seqbench.stats.signed_rank import fewest_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One benchmark of a comparison: its verdict with the figures, or the reason why there is none."""

    name: str
    title: str
    size_label: str
    paired_result: PairedResult | None
    """None if it is not comparable, and in an unpaired comparison."""
    unpaired_ratio: float | None
    """Head / base of the medians, in an unpaired comparison only."""
    reason: str
    """Why there is no paired result."""
    base: tuple[Sample, ...]
    head: tuple[Sample, ...]
    is_unfinished: bool = False
    """Nothing failed, but the budget held too few rounds for a verdict."""
    planned: int = 0
    """The rounds that were planned at first, where the benchmark may stop before; else 0."""
    metric: Metric = Metric.TIME
    """What it is judged by."""
    is_missing: bool = False
    """Nothing failed, but a side does not have this metric."""
    values: Values = (None, None)
    """The medians of both sides, in nanoseconds or bytes."""

    @property
    def by(self) -> str:
        """Return what it is judged by, for a sentence: ` by peak-memory`; empty for the time."""
        return self.metric.by

    @property
    def verdict(self) -> Verdict:
        """Return the verdict: that of the pairs, or else inconclusive or not comparable."""
        if self.paired_result:
            return self.paired_result.verdict
        return Verdict.INCONCLUSIVE if self.is_unfinished else Verdict.NOT_COMPARABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What the verdicts of a comparison have in common."""

    runtime: str
    """The runtime whose plain programs are compared."""
    margin: float
    """The relative difference that counts as the same."""
    family: int
    """How many benchmarks are judged together, each with an equal share of the error rate (Bonferroni)."""


def compare_all(
    base: Session,
    head: Session,
    tests: Sequence[str],
    judging: Judging,
    metrics: Sequence[Metric],
    *,
    paired: bool = True,
) -> list[Compared]:
    """Compare one benchmark by each metric; `tests` are the names of its tests, or its own name alone.

    Raises
    ------
    ValueError
        Neither session has the benchmark, or the margin is not above zero.
    """
    timed = [compare_one(base, head, name, judging, paired=paired) for name in tests if Metric.TIME in metrics]
    others = [metric for metric in metrics if metric is not Metric.TIME]
    return [*timed, *(_by_metric(base, head, tests, metric, judging) for metric in others)]


def compare_one(base: Session, head: Session, name: str, judging: Judging, *, paired: bool) -> Compared:
    """Compare one benchmark of two sessions, as `compare` does all of them.

    Raises
    ------
    ValueError
        Neither session has this benchmark, or the margin is not above zero.
    """
    before, after, runtime = result_of(base, name), result_of(head, name), judging.runtime
    shown = before or after
    if shown is None:
        raise ValueError(f"neither side has {name}")
    sides = (("base", before), ("head", after))
    reasons = [reason for side, result in sides if (reason := _obstacle(side, result, runtime))]
    samples = (_samples(before, runtime), _samples(after, runtime))
    pairs = paired_times(*samples)
    paired_result = None
    unpaired = None
    is_zero = not all(sample.elapsed_ns for side in samples for sample in side)
    is_judged = paired and not is_zero and not _has_failed(before, after, runtime)
    logs = [log(after / before) for before, after in pairs.values()]
    looks, error = looks_of(shown.design, list(pairs)), FAMILY_ERROR / judging.family
    unfinished = _unfinished(shown, looks, error) if is_judged else ""
    if not reasons and is_zero:
        reasons.append("its clock is too coarse to measure this time")
    elif unfinished:
        reasons = [unfinished]
    elif not reasons and paired:
        same_settings = effective_settings(base) == effective_settings(head)
        paired_result = judge_looks(
            logs,
            looks,
            margin=judging.margin,
            error=error,
            identical=same_settings and _identity(before, runtime) == _identity(after, runtime),
            rounding=_rounding(before, runtime) + _rounding(after, runtime),
        )
    elif not reasons:
        unpaired = median(s.elapsed_ns for s in samples[1]) / median(s.elapsed_ns for s in samples[0])
        reasons.append("measured at different times: the ratio may come from the machine as well as the compiler")
    return Compared(
        name=shown.name,
        title=shown.title,
        size_label=shown.size_label,
        paired_result=paired_result,
        unpaired_ratio=unpaired,
        reason="; ".join(reasons),
        base=samples[0],
        head=samples[1],
        is_unfinished=bool(unfinished),
        values=(_median_ns(samples[0]), _median_ns(samples[1])),
        planned=shown.design.planned if shown.design else 0,
    )


def _by_metric(base: Session, head: Session, tests: Sequence[str], metric: Metric, judging: Judging) -> Compared:
    """Compare one benchmark by a metric of whole processes, which is the same in the results of all its tests."""
    runtime = judging.runtime
    found = [(result_of(base, name), result_of(head, name)) for name in tests]
    both = [pair for pair in found if all(result and result.program(runtime, "") for result in pair)]
    before, after = (both or found)[0]
    shown = before or after
    if shown is None:
        raise ValueError(f"neither side has {tests[0]}")
    sides = (("base", before), ("head", after))
    reasons = [reason for side, result in sides if (reason := _obstacle(side, result, runtime))]
    programs = [result.program(runtime, "") if result else None for result in (before, after)]
    judged = Judged(reason="; ".join(reasons), is_unfinished=not _has_failed(before, after, runtime))
    if not reasons and programs[0] and programs[1]:
        same_settings = effective_settings(base) == effective_settings(head)
        judged = judge_metric(
            metric,
            programs[0],
            programs[1],
            shown.design,
            margin=judging.margin,
            error=FAMILY_ERROR / judging.family,
            identical=same_settings and _identity(before, runtime) == _identity(after, runtime),
        )
    return Compared(
        name=shown.benchmark,
        title=shown.title.partition(" / ")[0] if shown.test else shown.title,
        size_label=shown.size_label,
        paired_result=judged.result,
        unpaired_ratio=None,
        reason=judged.reason,
        base=_samples(before, runtime),
        head=_samples(after, runtime),
        is_unfinished=judged.is_unfinished,
        planned=shown.design.planned if shown.design else 0,
        metric=metric,
        is_missing=judged.is_missing,
        values=judged.values,
    )


def effective_settings(session: Session) -> dict[str, str]:
    """Return the settings that may change what the programs of a session do."""
    idle = dict(session.settings_without_effect)
    return {name: value for name, value in session.settings if name not in idle}


def times(compared: Compared) -> tuple[list[float], list[float]]:
    """Return the own times of base and head, in nanoseconds, in the rounds that both ran in."""
    pairs = paired_times(compared.base, compared.head).values()
    return [before for before, _ in pairs], [after for _, after in pairs]


def samples_of(session: Session, name: str, runtime: str) -> tuple[Sample, ...]:
    """Return the samples of a benchmark's plain program; none if it was not measured."""
    return _samples(result_of(session, name), runtime)


def _has_failed(base: BenchmarkResult | None, head: BenchmarkResult | None, runtime: str) -> bool:
    """Return whether a side has no program, or one that failed."""
    programs = [result.program(runtime, "") if result else None for result in (base, head)]
    return any(program is None or isinstance(program.outcome, Failed) for program in programs)


def _unfinished(result: BenchmarkResult, looks: Looks, error: float) -> str:
    """Return why a benchmark has too few rounds for a verdict, with the budget that holds enough; empty if it has."""
    if looks.usable(error):
        return ""
    pairs, least = max(looks.pairs, default=0), fewest_values(error)
    if pairs >= least:
        return f"{pairs} rounds, and the next look was still to come"
    skipped = (program.outcome for program in result.programs if isinstance(program.outcome, Skipped))
    fixes = [each.remedy for each in skipped] if not result.rounds else []
    return "; ".join([f"{pairs} rounds, and a verdict needs {least}", *fixes[:1], *(result.reduced if pairs else ())])


def _obstacle(side: str, result: BenchmarkResult | None, runtime: str) -> str:
    program = result.program(runtime, "") if result else None
    if program is None:
        return f"{side} has no {runtime} program"
    if isinstance(program.outcome, Failed):
        return f"{side} failed ({program.outcome.stage}): {program.outcome.reason}"
    if not isinstance(program.outcome, Measured) or not program.outcome.samples:
        return f"{side} has no samples"
    return ""


def _samples(result: BenchmarkResult | None, runtime: str) -> tuple[Sample, ...]:
    program = result.program(runtime, "") if result else None
    return program.outcome.samples if program and isinstance(program.outcome, Measured) else ()


def _rounding(result: BenchmarkResult | None, runtime: str) -> float:
    program = result.program(runtime, "") if result else None
    return rounding_share(program) if program else 0.0


def _median_ns(samples: Sequence[Sample]) -> float | None:
    return float(median(sample.elapsed_ns for sample in samples)) if samples else None


def _identity(result: BenchmarkResult | None, runtime: str) -> str:
    program = result.program(runtime, "") if result else None
    return program.executable if program else ""
