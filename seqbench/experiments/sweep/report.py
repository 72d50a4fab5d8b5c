"""Write a sweep as text: tables, growth, break-even, and why a runtime could not be run. Pure."""

from collections.abc import Callable, Sequence

from seqbench.experiments.sweep.analysis import (
    BenchmarkAnalysis,
    PointFigures,
    RatioTrend,
    RuntimeAnalysis,
    analyze_sweep,
)
from seqbench.experiments.sweep.chart import plot
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.sessions.report import ratio_text
from seqbench.sessions.session import State
from seqbench.sessions.table_notes import harness_share, origin_lines
from seqbench.stats.growth import Estimate, Line
from seqbench.stats.intervals import EXCELLENT_LIMIT
from seqbench.text import MARKDOWN, SIMPLE, fenced, printable, table, without_tags
from seqbench.units import duration, iso_utc, percent, short_bytes, time_writer

_RATIO = "Ratio"
_COLUMNS = ("Elapsed", "Per strand", "Per message", "Peak memory", "Memory per strand", _RATIO)
_LEAST = ("Memory per strand", "Per message", "Per strand", "Peak memory")
_LEAST_OF_GROWTH = ("Max deviation", "Fixed is half at", "Last step")
_NOTHING = "-"


def full_text(
    document: SweepDocument, found: Sequence[BenchmarkAnalysis] | None = None, *, width: int | None = None
) -> str:
    """Return a sweep as `invoke sweep` prints it.

    Parameters
    ----------
    found : sequence of BenchmarkAnalysis or None
        The analysis, if the caller has computed it already.
    width : int or None
        Tables that are wider omit their least important columns; None means no limit.
    """
    found = analyze_sweep(document) if found is None else found
    parts = [part for each in found for part in (_heading(each), *_parts(each, SIMPLE, width))]
    return printable("\n\n".join([*parts, "\n".join(meaning(document))]))


def markdown(document: SweepDocument) -> str:
    """Return a sweep as Markdown."""
    parts = []
    for each in analyze_sweep(document):
        cells, drawn, growth, *blocks = _parts(each, MARKDOWN)
        # A block may quote the output of a program, which must keep its lines.
        parts += [
            f"### {without_tags(_heading(each))}",
            cells,
            fenced(drawn),
            growth,
            *(fenced(text) for text in blocks),
        ]
    parts.append("\n".join(f"- {without_tags(line)}" for line in meaning(document)))
    return printable("\n\n".join(parts) + "\n")


def meaning(document: SweepDocument) -> tuple[str, ...]:
    """Return the lines under the tables: how to read them, tools, machine, and the share of measurement."""
    session = document.session
    rounds = f"{document.runs} per value" if document.runs else "up to 30 per value, as the budget allows"
    lines = [
        f"Times are medians of each program's own clock over its complete work; rounds: {rounds}.",
        "Intervals are 95 %; ?: fewer than 6 rounds, no interval.",
        "Exponent: the power of the value that time grows with, fitted to all values. Growth need not be a power law;",
        "Last step is the exponent between the last two values.",
        "Fixed and Unit cost: the straight line time = fixed + unit cost x value, fitted by least squares of relative",
        "distances. Max deviation: the largest relative distance from that line. Memory likewise.",
    ]
    if session.state is not State.COMPLETE:
        lines.append(f"{session.state.value.upper()}: {len(tuple(document.missing()))} points are missing")
    return (
        *lines,
        *origin_lines((session,), *document.rounds),
        f"over {document.over}, compiler {document.spec}, seed {session.seed}, {iso_utc(session.started_at)}",
        harness_share(session),
    )


def _heading(each: BenchmarkAnalysis) -> str:
    fixed = ", ".join(f"{name} = {value:,}" for name, value in each.fixed)
    return f"{each.name} over {each.unit}{f' ({fixed})' if fixed else ''}"


def _parts(each: BenchmarkAnalysis, style: str, width: int | None = None) -> tuple[str, ...]:
    """Return the table, the plot, the table of growth, and blocks of sentences: ratios, and values not run."""
    sentences = [
        line
        for runtime in each.runtimes
        if runtime.ratio_trend
        for line in _ratio_lines(runtime, runtime.ratio_trend, each)
    ]
    stops = list(_stops(each))
    blocks = ["\n".join(block) for block in (sentences, stops) if block]
    return (_cells(each, style, width), plot(each), _growth(each, style, width), *blocks)


def _cells(each: BenchmarkAnalysis, style: str, width: int | None) -> str:
    """Lay out a row for each value and runtime, without the columns that have no figure."""
    filled = {
        name
        for runtime in each.runtimes
        for figure in runtime.figures
        for name, cell in _figure_cells(figure).items()
        if cell != _NOTHING
    }
    columns = [name for name in _COLUMNS if name in filled or name == _COLUMNS[0]]
    to = next((runtime.ratio_trend.to for runtime in each.runtimes if runtime.ratio_trend), "")
    header = [each.unit.capitalize(), "Program", *(f"Ratio to {to}" if name == _RATIO else name for name in columns)]
    rows = []
    for value in each.values:
        for index, runtime in enumerate(each.runtimes):
            cells = _row(runtime, value)
            rows.append(["" if index else f"{value:,}", runtime.title, *(cells.get(name, "") for name in columns)])
    return table(rows, header, style, width=width, texts=_COLUMNS[:1], least_important=_LEAST)


def _row(runtime: RuntimeAnalysis, value: int) -> dict[str, str]:
    """Return the cells of a runtime at a value, by column."""
    words = next((stop.words for stop in runtime.stops if stop.value == value), "")
    figure = next((figure for figure in runtime.figures if figure.value == value), None)
    return {_COLUMNS[0]: words} if figure is None else _figure_cells(figure)


def _figure_cells(figure: PointFigures) -> dict[str, str]:
    def written(amount: float | None, write: Callable[[float], str]) -> str:
        return _NOTHING if amount is None else write(amount)

    peak = f"{'< ' if figure.is_hidden else ''}{short_bytes(figure.peak_bytes)}"
    write_unit = time_writer(time for time in (figure.per_strand_ns, figure.per_message_ns) if time is not None)
    cells = (
        duration(figure.elapsed_ns),
        written(figure.per_strand_ns, write_unit),
        written(figure.per_message_ns, write_unit),
        peak,
        written(figure.per_strand_bytes, short_bytes),
        _NOTHING if figure.ratio is None else ratio_text(figure.ratio),
    )
    return dict(zip(_COLUMNS, cells, strict=True))


def _growth(each: BenchmarkAnalysis, style: str, width: int | None) -> str:
    """Lay out exponents and straight lines of time, and of memory where it is known."""
    header = ["Program", "Exponent", "Last step", "Fixed", "Unit cost", "Fixed is half at", "Max deviation"]
    rows = []
    for runtime in each.runtimes:
        growth, line = runtime.growth, runtime.line
        exponents = (_number(growth.exponent), _number(growth.last_step)) if growth else (_NOTHING, _NOTHING)
        half_at = _NOTHING if line is None or line.half_fixed_at is None else _three_digits(line.half_fixed_at)
        fixed, unit_cost, misfit = _line_cells(line, lambda value: time_writer([value]))
        rows.append([runtime.title, *exponents, fixed, unit_cost, half_at, misfit])
    tables = [table(rows, header, style, width=width, least_important=_LEAST_OF_GROWTH)]
    lines = [(runtime.title, runtime.memory) for runtime in each.runtimes if runtime.memory]
    if lines:
        header = ["Program", "Memory fixed", "Unit cost", "Max deviation"]
        rows = [[title, *_line_cells(line, lambda _value: short_bytes)] for title, line in lines]
        tables.append(table(rows, header, style, width=width, least_important=_LEAST_OF_GROWTH))
    return "\n\n".join(tables)


def _three_digits(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"  # noqa: PLR2004 - three digits


def _number(estimate: Estimate) -> str:
    return estimate.text(lambda value: f"{value:.2f}")


def _line_cells(line: Line | None, writer_for: Callable[[float], Callable[[float], str]]) -> tuple[str, str, str]:
    """Lay out both parts, each in its own unit of time: the fixed part may be far larger than the unit cost."""
    if line is None:
        return _NOTHING, _NOTHING, _NOTHING
    fixed, unit_cost = (part.text(writer_for(part.value)) for part in (line.fixed, line.unit_cost))
    return fixed, unit_cost, percent(line.misfit)


def _ratio_lines(runtime: RuntimeAnalysis, trend: RatioTrend, each: BenchmarkAnalysis) -> Sequence[str]:
    """Return the break-even, where the ratio is at or below 2x from then on, and the value from which on it settles."""
    pair, limit = f"{runtime.title} / {trend.to}", f"{EXCELLENT_LIMIT:g}x"
    (first, _), (last, at_last) = trend.ratios[0], trend.ratios[-1]
    found = trend.break_even
    how = "whole interval" if found.is_sure else "medians only: fewer than 6 rounds have no interval"
    if found.value is None:
        which = "the last value" if last == each.values[-1] else "the last value that both could be run at"
        reached = f"no break-even: not at or below {limit} at {last:,} {each.unit}, {which} ({how})"
    elif found.value == first:
        reached = f"at or below {limit} at all values from {first:,} to {last:,} {each.unit} ({how})"
    else:
        reached = f"break-even at {found.value:,} {each.unit}: at or below {limit} from there on ({how})"
    if trend.settles_at is None:
        settled = "not settled" if len(trend.ratios) > 1 else "the only value"
    else:
        settled = f"within 10 % of that from {trend.settles_at:,} on"
    return (f"{pair}: {reached}", f"{pair}: {ratio_text(at_last)} at {last:,} {each.unit}, {settled}")


def _stops(each: BenchmarkAnalysis) -> Sequence[str]:
    """Return a line for each runtime and reason, with the values at which it could not be run."""
    lines: dict[str, list[str]] = {}
    for runtime in each.runtimes:
        for stop in runtime.stops:
            reason, *more = stop.reason.splitlines()
            fix = f"; fix: {stop.fix}" if stop.fix else ""
            text = "\n".join([f"{reason}{fix}", *(f"    {line}" for line in more)])
            lines.setdefault(f"{runtime.title} at {{}}: {text}", []).append(f"{stop.value:,}")
    return [template.replace("{}", ", ".join(values), 1) for template, values in lines.items()]
