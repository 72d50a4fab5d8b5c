"""Compare two sessions: whether they are comparable, and the verdict on each benchmark. Pure.

The sessions of one comparison ran in the same rounds and are judged in pairs. Sessions of different times get only the
ratio of their medians: the machine may have been faster or slower at one of these times, and the samples do not show
whether a difference comes from that or from the compiler.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from seqbench.compare.by_metric import Judged, Values, judge_metric
from seqbench.compare.looks import looks_of
from seqbench.compare.metrics import ONLY_TIME, Metric, benchmark_of, family_of
from seqbench.compare.moved import Moved, moved_counters
from seqbench.compare.verdict import FAMILY_ERROR, Looks, PairedResult, Verdict, judge_looks, pairs_to_judge
from seqbench.sessions.session import (
    BenchmarkResult,
    Failed,
    Measured,
    Sample,
    Session,
    Skipped,
    State,
    paired_times,
    rounding_share,
)


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
        return "" if self.metric is Metric.TIME else f" by {self.metric}"

    @property
    def verdict(self) -> Verdict:
        """Return the verdict: that of the pairs, or else inconclusive or not comparable."""
        if self.paired_result:
            return self.paired_result.verdict
        return Verdict.INCONCLUSIVE if self.is_unfinished else Verdict.NOT_COMPARABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The comparison of two sessions."""

    base: Session
    head: Session
    paired: bool
    margin: float
    benchmarks: tuple[Compared, ...]
    """Each benchmark by each metric."""
    metrics: tuple[Metric, ...] = ONLY_TIME

    @property
    def timed(self) -> tuple[Compared, ...]:
        """Return the verdicts on times."""
        return tuple(each for each in self.benchmarks if each.metric is Metric.TIME)

    def moved(self, each: Compared) -> tuple[Moved, ...]:
        """Return the counters that moved with a slower verdict, besides its own metric; none for any other verdict."""
        if not self.paired or each.verdict is not Verdict.SLOWER:
            return ()
        found = moved_counters(each.base, each.head, margin=self.margin)
        return tuple(moved for moved in found if moved.counter.replace(" ", "-") != each.metric)

    @property
    def rounds(self) -> tuple[tuple[Session, ...], ...]:
        """Return the sessions, those that ran in the same rounds together."""
        return ((self.base, self.head),) if self.paired else ((self.base,), (self.head,))


def obstacles(base: Session, head: Session) -> tuple[str, ...]:
    """Return every reason why these two sessions cannot be compared at all; none if they can."""
    found = []
    if not base.machine.is_same_as(head.machine):
        found.append(f"different machines: {base.machine.sentence()} and {head.machine.sentence()}")
    for side, session in (("base", base), ("head", head)):
        if session.state is not State.COMPLETE:
            found.append(f"{side} is {session.state}, expected a complete session")
    reasons = left_out(base, head)
    return (*found, *(reasons if len(reasons) == len(names_of(base, head)) else ()))


def left_out(base: Session, head: Session) -> tuple[str, ...]:
    """Return why benchmarks of two stored sessions cannot be compared, a reason for each of them."""
    return tuple(reason for name in names_of(base, head) if (reason := difference(base, head, name)))


def difference(base: Session, head: Session, name: str) -> str:
    """Return why a benchmark of two stored sessions cannot be compared; empty if it can."""
    before, after = result_of(base, name), result_of(head, name)
    if before is None or after is None:
        return f"{name} is only in {'head' if before is None else 'base'}"
    found = []
    if before.parameters != after.parameters:
        sizes = (" ".join(f"{key}={value:,}" for key, value in each.parameters) for each in (before, after))
        found.append(f"different sizes of {name}: {' and '.join(sizes)}")
    if before.sources and after.sources:
        if before.sources != after.sources:
            found.append(f"different sources of {name}: the programs do not do the same work")
    elif base.sources != head.sources:
        # A session of before has one digest for all of its benchmarks.
        found.append(f"different benchmark sources, perhaps of {name}: the programs may not do the same work")
    return "; ".join(found)


def names_of(base: Session, head: Session) -> tuple[str, ...]:
    """Return the names of the benchmarks of two sessions, each once."""
    return tuple(dict.fromkeys(result.name for session in (base, head) for result in session.results))


def compare(
    base: Session,
    head: Session,
    *,
    runtime: str,
    paired: bool,
    margin: float,
    metrics: tuple[Metric, ...] = ONLY_TIME,
) -> Comparison:
    """Compare the plain programs of one runtime in two sessions.

    Parameters
    ----------
    paired
        Whether the sessions ran in the same rounds; only then is there a verdict.
    margin
        The relative difference that counts as the same: 0.02 is 2 %.
    metrics
        What to judge; of sessions that did not run in the same rounds only the time is compared.

    Raises
    ------
    ValueError
        The margin is not above zero.
    """
    names = names_of(base, head)
    if not paired:
        names = tuple(name for name in names if not difference(base, head, name))
    metrics = metrics if paired else ONLY_TIME
    judging = Judging(runtime=runtime, margin=margin, family=family_of(names, metrics))
    return Comparison(
        base=base,
        head=head,
        paired=paired,
        margin=margin,
        benchmarks=tuple(
            each
            for benchmark in dict.fromkeys(map(benchmark_of, names))
            for each in compare_all(
                base, head, [name for name in names if benchmark_of(name) == benchmark], judging, metrics, paired=paired
            )
        ),
        metrics=metrics,
    )


def compare_all(
    base: Session,
    head: Session,
    tests: Sequence[str],
    judging: "Judging",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What the verdicts of a comparison have in common."""

    runtime: str
    """The runtime whose plain programs are compared."""
    margin: float
    """The relative difference that counts as the same."""
    family: int
    """How many benchmarks are judged together, each with an equal share of the error rate (Bonferroni)."""


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


def result_of(session: Session, name: str) -> BenchmarkResult | None:
    """Return the result of a benchmark; None if the session has none."""
    return next((result for result in session.results if result.name == name), None)


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
    looks, error = looks_of(shown.design, list(pairs), logs), FAMILY_ERROR / judging.family
    unfinished = _unfinished(shown, looks, error) if is_judged else ""
    if not reasons and is_zero:
        reasons.append("its clock cannot tell the time from zero")
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


def _has_failed(base: BenchmarkResult | None, head: BenchmarkResult | None, runtime: str) -> bool:
    """Return whether a side has no program, or one that failed."""
    programs = [result.program(runtime, "") if result else None for result in (base, head)]
    return any(program is None or isinstance(program.outcome, Failed) for program in programs)


def _unfinished(result: BenchmarkResult, looks: Looks, error: float) -> str:
    """Return why a benchmark has too few rounds for a verdict, with the budget that holds enough; empty if it has."""
    if looks.usable(error):
        return ""
    pairs, least = max(looks.pairs, default=0), pairs_to_judge(error)
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
