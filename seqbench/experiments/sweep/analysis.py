"""From a sweep to what it says: figures at each value, growth, what is fixed, crossings, and where limits are. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from seqbench.experiments.sweep.document import Point, SweepDocument, SweptBenchmark
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

# Of fewer strands the share of one is not the cost of a strand: it is that of the process.
_MANY_STRANDS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a runtime's program took at one value: medians over the rounds."""

    value: int
    elapsed_ns: float
    per_strand_ns: float | None
    """None where there are no strands in the ledger, or too few to tell."""
    per_message_ns: float | None
    peak_bytes: float
    is_hidden: bool
    """The peak lies below the harness's own, which the kernel hands on: it may be anything below that."""
    per_strand_bytes: float | None
    ratio: Ratio | None
    """To the second runtime; None for that itself, and where one of them has no figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A value at which there are no figures of a runtime."""

    value: int
    words: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """How the ratio to the second runtime goes over the values."""

    to: str
    """The title of the second runtime."""
    ratios: tuple[tuple[int, Ratio], ...]
    break_even: BreakEven
    """From which value on it is at or below 2x."""
    settles_at: int | None
    """From which value on it is within 10 % of the last ratio; None where it has not settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One runtime of a benchmark over all values."""

    title: str
    figures: tuple[Figures, ...]
    stops: tuple[Stop, ...]
    growth: Growth | None
    """Of its own time; None for fewer than two values."""
    line: Line | None
    """Of its own time in nanoseconds; None for fewer than three values."""
    memory: Line | None
    """Of its peak memory in bytes, where that is not hidden; None for fewer than three values."""
    approach: Approach | None
    """None for the second runtime itself, and where no value has a ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptFindings:
    """What a sweep says of one benchmark, with a curve for each runtime in the order of the columns."""

    name: str
    parameter: str
    unit: str
    fixed: tuple[tuple[str, int], ...]
    values: tuple[int, ...]
    """Those that were reached."""
    curves: tuple[Curve, ...]


def findings(document: SweepDocument) -> tuple[SweptFindings, ...]:
    """Return what the sweep shows of each benchmark; of an interrupted one, as far as it came."""
    columns, seed = document.session.runtimes, document.session.seed
    return tuple(
        SweptFindings(
            name=swept.name,
            parameter=swept.parameter,
            unit=swept.unit,
            fixed=swept.fixed,
            values=tuple(point.value for point in swept.points),
            curves=tuple(_curve(swept, column, columns, seed) for column in columns),
        )
        for swept in document.benchmarks
    )


def _curve(swept: SweptBenchmark, column: RuntimeColumn, columns: Sequence[RuntimeColumn], seed: int) -> Curve:
    other = columns[1] if len(columns) > 1 and column != columns[1] else None
    measured = list(_measured(swept, column.name))
    figures = tuple(_figures(value, samples, _ratio(result, column.name, other)) for value, samples, result in measured)
    shown = [
        (value, samples) for (value, samples, _), each in zip(measured, figures, strict=True) if not each.is_hidden
    ]
    times = [[float(sample.elapsed_ns) for sample in samples] for _, samples, _ in measured]
    peaks = [[float(sample.max_rss_bytes) for sample in samples] for _, samples in shown]
    values = [value for value, _, _ in measured]
    ratios = tuple((each.value, each.ratio) for each in figures if each.ratio is not None)
    return Curve(
        title=column.title,
        figures=figures,
        stops=tuple(stop for point in swept.points if (stop := _stop(point, column.name))),
        growth=growth(values, times, seed=seed) if len(values) >= LEAST_FOR_GROWTH else None,
        line=straight_line(values, times, seed=seed) if len(values) >= LEAST_FOR_LINE else None,
        memory=straight_line([value for value, _ in shown], peaks, seed=seed) if len(shown) >= LEAST_FOR_LINE else None,
        approach=Approach(to=other.title, ratios=ratios, break_even=break_even(ratios), settles_at=settles_at(ratios))
        if other is not None and ratios
        else None,
    )


def _measured(swept: SweptBenchmark, runtime: str) -> Iterator[tuple[int, tuple[Sample, ...], BenchmarkResult]]:
    """Return value, samples and result of every point that has figures of a runtime."""
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


def _figures(value: int, samples: Sequence[Sample], ratio: Ratio | None) -> Figures:
    def middle(what: Callable[[Sample], float]) -> float:
        return float(median(what(sample) for sample in samples))

    # All runs of a point did the same work, or they would have failed.
    ledger = dict(samples[0].ledger)
    elapsed_ns, peak = middle(lambda sample: sample.elapsed_ns), peak_of(samples)
    strands = ledger.get("tasks", 0)
    messages = ledger.get("messages", 0)
    is_told = strands >= _MANY_STRANDS
    return Figures(
        value=value,
        elapsed_ns=elapsed_ns,
        per_strand_ns=elapsed_ns / strands if is_told else None,
        per_message_ns=elapsed_ns / messages if messages > 0 else None,
        peak_bytes=peak.size_bytes,
        is_hidden=peak.is_hidden,
        per_strand_bytes=peak.size_bytes / strands if is_told and not peak.is_hidden else None,
        ratio=ratio,
    )


def _stop(point: Point, runtime: str) -> Stop | None:
    """Return why a point has no figures of a runtime; None where it has."""
    for limit in point.limits:
        if limit.runtime == runtime:
            return Stop(value=point.value, words=limit.words, reason=limit.reason, remedy=limit.remedy)
    program = point.result.program(runtime, "") if point.result else None
    if program is not None and isinstance(program.outcome, Failed):
        failed = program.outcome
        return Stop(
            value=point.value, words=f"failed: {failed.reason}", reason=f"{failed.reason}: {failed.detail}", remedy=""
        )
    return None
