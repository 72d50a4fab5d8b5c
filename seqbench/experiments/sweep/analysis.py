"""Analyze a sweep: figures at each value, growth, fixed and unit cost, break-even, and values without figures. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.experiments.sweep.document import SweepDocument, SweepPoint, SweptBenchmark
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, RuntimeColumn, Sample, paired_times
from seqbench.stats.growth import (
    LEAST_FOR_GROWTH,
    LEAST_FOR_LINE,
    BreakEven,
    Growth,
    Line,
    break_even,
    growth,
    settles_at,
    straight_line,
)
from seqbench.stats.intervals import Ratio, paired_ratio

# With fewer strands, the start of the process dominates the time per strand.
_MANY_STRANDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFigures:
    """The medians over the rounds of one program at one value."""

    value: int
    elapsed_ns: float
    per_strand_ns: float | None
    """None if the ledger has no strands, or too few."""
    per_message_ns: float | None
    peak_bytes: float
    is_hidden: bool
    """Whether the harness's own peak hides the program's peak, which is then an upper bound."""
    per_strand_bytes: float | None
    ratio: Ratio | None
    """To the second runtime; None for the second runtime itself, and if one of the two has no figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A value at which a runtime has no figures, and why."""

    value: int
    words: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioTrend:
    """How the ratio to the second runtime changes over the values."""

    to: str
    """The title of the second runtime."""
    ratios: tuple[tuple[int, Ratio], ...]
    break_even: BreakEven
    """The value from which on the ratio is at or below 2x."""
    settles_at: int | None
    """The value from which on the ratio is within 10 % of the last one; None if it has not settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeAnalysis:
    """The results of one runtime in one benchmark, over all values."""

    title: str
    figures: tuple[PointFigures, ...]
    stops: tuple[Stop, ...]
    growth: Growth | None
    """Of the own time; None for fewer than two values with times above zero."""
    line: Line | None
    """Of the own time in nanoseconds; None for fewer than three such values."""
    memory: Line | None
    """Of the peak memory in bytes where it is not hidden; None for fewer than three values."""
    ratio_trend: RatioTrend | None
    """None for the second runtime itself, and if no value has a ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkAnalysis:
    """The results of one benchmark of a sweep, with its runtimes in the order of the columns."""

    name: str
    parameter: str
    unit: str
    fixed: tuple[tuple[str, int], ...]
    values: tuple[int, ...]
    """The values that were measured so far."""
    runtimes: tuple[RuntimeAnalysis, ...]


def analyze_sweep(document: SweepDocument) -> tuple[BenchmarkAnalysis, ...]:
    """Return the analysis of each benchmark, over the values that were measured so far."""
    columns, seed = document.session.runtimes, document.session.seed
    return tuple(
        BenchmarkAnalysis(
            name=swept.name,
            parameter=swept.parameter,
            unit=swept.unit,
            fixed=swept.fixed,
            values=tuple(point.value for point in swept.points),
            runtimes=tuple(_runtime_analysis(swept, column, columns, seed) for column in columns),
        )
        for swept in document.benchmarks
    )


def _runtime_analysis(
    swept: SweptBenchmark, column: RuntimeColumn, columns: Sequence[RuntimeColumn], seed: int
) -> RuntimeAnalysis:
    other = columns[1] if len(columns) > 1 and column != columns[1] else None
    measured = list(_measured(swept, column.name))
    figures = tuple(_figures(value, samples, _ratio(result, column.name, other)) for value, samples, result in measured)
    times = _above_zero([(value, [sample.elapsed_ns for sample in samples]) for value, samples, _ in measured])
    peaks = _above_zero(
        [
            (value, [sample.max_rss_bytes for sample in samples])
            for (value, samples, _), each in zip(measured, figures, strict=True)
            if not each.is_hidden
        ]
    )
    ratios = tuple((each.value, each.ratio) for each in figures if each.ratio is not None)
    return RuntimeAnalysis(
        title=column.title,
        figures=figures,
        stops=tuple(stop for point in swept.points if (stop := _stop(point, column.name))),
        growth=growth([*times], [*times.values()], seed=seed) if len(times) >= LEAST_FOR_GROWTH else None,
        line=straight_line([*times], [*times.values()], seed=seed) if len(times) >= LEAST_FOR_LINE else None,
        memory=straight_line([*peaks], [*peaks.values()], seed=seed) if len(peaks) >= LEAST_FOR_LINE else None,
        ratio_trend=RatioTrend(
            to=other.title, ratios=ratios, break_even=break_even(ratios), settles_at=settles_at(ratios)
        )
        if other is not None and ratios
        else None,
    )


def _above_zero(figures: Iterable[tuple[int, Sequence[float]]]) -> dict[int, Sequence[float]]:
    """Return the figures of each value, without the values where one is zero, which has no logarithm."""
    return {value: each for value, each in figures if all(each)}


def _measured(swept: SweptBenchmark, runtime: str) -> Iterator[tuple[int, tuple[Sample, ...], BenchmarkResult]]:
    """Yield value, samples and result of every point at which a runtime has figures."""
    for point in swept.points:
        if point.result is not None and (samples := _samples(point.result, runtime)):
            yield point.value, samples, point.result


def _samples(result: BenchmarkResult, runtime: str) -> tuple[Sample, ...]:
    program = result.program(runtime, "")
    return program.outcome.samples if program and isinstance(program.outcome, Measured) else ()


def _ratio(result: BenchmarkResult, runtime: str, other: RuntimeColumn | None) -> Ratio | None:
    if other is None:
        return None
    pairs = paired_times(_samples(result, runtime), _samples(result, other.name)).values()
    return paired_ratio([pair[0] for pair in pairs], [pair[1] for pair in pairs]) if pairs else None


def _figures(value: int, samples: Sequence[Sample], ratio: Ratio | None) -> PointFigures:
    def middle(figure: Callable[[Sample], float]) -> float:
        return float(median(figure(sample) for sample in samples))

    # All runs of a point did the same work: a run with another ledger fails.
    ledger = dict(samples[0].ledger)
    elapsed_ns, peak = middle(lambda sample: sample.elapsed_ns), peak_of(samples)
    strands = ledger.get("tasks", 0)
    messages = ledger.get("messages", 0)
    has_many_strands = strands >= _MANY_STRANDS
    return PointFigures(
        value=value,
        elapsed_ns=elapsed_ns,
        per_strand_ns=elapsed_ns / strands if has_many_strands else None,
        per_message_ns=elapsed_ns / messages if messages > 0 else None,
        peak_bytes=peak.size_bytes,
        is_hidden=peak.is_hidden,
        per_strand_bytes=peak.size_bytes / strands if has_many_strands and not peak.is_hidden else None,
        ratio=ratio,
    )


def _stop(point: SweepPoint, runtime: str) -> Stop | None:
    """Return why a runtime has no figures at a point; None if it has."""
    for limit in point.limits:
        if limit.runtime == runtime:
            return Stop(value=point.value, words=limit.words, reason=limit.reason, fix=limit.remedy)
    program = point.result.program(runtime, "") if point.result else None
    if program is not None and isinstance(program.outcome, Failed):
        failed = program.outcome
        return Stop(
            value=point.value, words=f"failed: {failed.reason}", reason=f"{failed.reason}: {failed.detail}", fix=""
        )
    return None
