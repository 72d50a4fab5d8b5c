"""From a sweep to the lines that people read: tables, growth, crossings, and why it stopped. Pure."""

from collections.abc import Callable, Sequence

from seqbench.experiments.sweep.analysis import Approach, Curve, Figures, SweptFindings, findings
from seqbench.experiments.sweep.chart import plot
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.sessions.report import harness_share, ratio_text
from seqbench.sessions.session import State
from seqbench.stats.growth import Estimate, Line
from seqbench.stats.intervals import EXCELLENT_LIMIT
from seqbench.text import fenced, table, without_tags, writable
from seqbench.units import duration, iso_utc, percent, short_bytes, time_writer

_TEXT, _MARKDOWN = "simple", "github"
_RATIO = "Ratio"
_COLUMNS = ("Elapsed", "Per strand", "Per message", "Peak memory", "Memory per strand", _RATIO)
_LEAST = ("Memory per strand", "Per message", "Per strand", "Peak memory")
_LEAST_OF_GROWTH = ("Misses by up to", "Fixed is half at", "Last step")
_NOTHING = "-"


def full_text(
    document: SweepDocument, found: Sequence[SweptFindings] | None = None, *, width: int | None = None
) -> str:
    """Return all of a sweep as `invoke sweep` shows it.

    `found` are its findings where they are known already: they take time. Tables that are wider than `width` leave out
    their least important columns; None is no limit.
    """
    found = findings(document) if found is None else found
    parts = [part for each in found for part in (_heading(each), *_parts(each, _TEXT, width))]
    return writable("\n\n".join([*parts, "\n".join(meaning(document))]))


def markdown(document: SweepDocument) -> str:
    """Return the same as Markdown, for a page of findings."""
    parts = []
    for each in findings(document):
        cells, drawn, growth, *blocks = _parts(each, _MARKDOWN)
        # What a program said last may stand in the blocks, and must keep its lines.
        parts += [
            f"### {without_tags(_heading(each))}",
            cells,
            fenced(drawn),
            growth,
            *(fenced(text) for text in blocks),
        ]
    parts.append("\n".join(f"- {without_tags(line)}" for line in meaning(document)))
    return writable("\n\n".join(parts) + "\n")


def meaning(document: SweepDocument) -> tuple[str, ...]:
    """Return the lines under it all: how to read it, tools, machine, and last how much of the time was measuring."""
    session = document.session
    rounds = f"{document.runs} a value" if document.runs else "as many as its share of the budget allows, 6 to 30"
    lines = [
        f"Times are medians of each program's own clock over its complete work; rounds: {rounds}.",
        "Intervals are 95%; none where a value has fewer than 6 rounds: marked ?.",
        "Exponent: time grows as the value to this power, by all values; growth need not be a power law, so the last",
        "step has its own. Fixed and one more: the straight line time = fixed + one more x value that has the least",
        "relative distances, and how far it is from the measured times at most; memory likewise.",
    ]
    if session.state is not State.COMPLETE:
        lines.append(f"{session.state.value.upper()}: {len(tuple(document.missing()))} points are missing")
    lines += [tool.sentence() for tool in session.toolchain]
    if session.settings:
        lines.append(f"settings: {' '.join(f'{key}={value}' for key, value in session.settings)}")
    return (
        *lines,
        f"machine: {session.machine.sentence()}; load {session.load_before:.2f} at the start",
        f"over {document.over}, compiler {document.spec}, seed {session.seed}, {iso_utc(session.started_at)}",
        harness_share(session),
    )


def _heading(each: SweptFindings) -> str:
    fixed = ", ".join(f"{name} = {value:,}" for name, value in each.fixed)
    return f"{each.name} over {each.unit}{f' ({fixed})' if fixed else ''}"


def _parts(each: SweptFindings, style: str, width: int | None = None) -> tuple[str, ...]:
    """Return the table, the plot, the table of growth, and blocks of sentences: crossings and limits."""
    sentences = [line for curve in each.curves if curve.approach for line in _approach(curve, curve.approach, each)]
    stops = list(_stops(each))
    blocks = ["\n".join(block) for block in (sentences, stops) if block]
    return (_cells(each, style, width), plot(each), _growth(each, style, width), *blocks)


def _cells(each: SweptFindings, style: str, width: int | None) -> str:
    """Lay out a row for each value and runtime; a column in which nothing could be said is left out."""
    told = {
        name
        for curve in each.curves
        for figure in curve.figures
        for name, cell in _figure_cells(figure).items()
        if cell != _NOTHING
    }
    columns = [name for name in _COLUMNS if name in told or name == _COLUMNS[0]]
    to = next((curve.approach.to for curve in each.curves if curve.approach), "")
    header = [each.unit.capitalize(), "Program", *(f"Ratio to {to}" if name == _RATIO else name for name in columns)]
    rows = []
    for value in each.values:
        for index, curve in enumerate(each.curves):
            cells = _row(curve, value)
            rows.append(["" if index else f"{value:,}", curve.title, *(cells.get(name, "") for name in columns)])
    return table(rows, header, style, width=width, least_important=_LEAST)


def _row(curve: Curve, value: int) -> dict[str, str]:
    """Return the cells of a runtime at a value by the names of their columns."""
    words = next((stop.words for stop in curve.stops if stop.value == value), "")
    figure = next((figure for figure in curve.figures if figure.value == value), None)
    return {_COLUMNS[0]: words} if figure is None else _figure_cells(figure)


def _figure_cells(figure: Figures) -> dict[str, str]:
    def written(amount: float | None, write: Callable[[float], str]) -> str:
        return _NOTHING if amount is None else write(amount)

    peak = f"{'< ' if figure.is_hidden else ''}{short_bytes(figure.peak_bytes)}"
    of_one = time_writer(time for time in (figure.per_strand_ns, figure.per_message_ns) if time is not None)
    cells = (
        duration(figure.elapsed_ns),
        written(figure.per_strand_ns, of_one),
        written(figure.per_message_ns, of_one),
        peak,
        written(figure.per_strand_bytes, short_bytes),
        _NOTHING if figure.ratio is None else ratio_text(figure.ratio),
    )
    return dict(zip(_COLUMNS, cells, strict=True))


def _growth(each: SweptFindings, style: str, width: int | None) -> str:
    """Lay out exponents and what is fixed, and the same of memory where that can be told."""
    header = ["Program", "Exponent", "Last step", "Fixed", "One more", "Fixed is half at", "Misses by up to"]
    rows = []
    for curve in each.curves:
        growth, line = curve.growth, curve.line
        exponents = (_number(growth.exponent), _number(growth.last_step)) if growth else (_NOTHING, _NOTHING)
        half_fixed_at = _NOTHING if line is None or line.half_fixed_at is None else _three_digits(line.half_fixed_at)
        fixed, one_more, misfit = _line_cells(line, lambda value: time_writer([value]))
        rows.append([curve.title, *exponents, fixed, one_more, half_fixed_at, misfit])
    tables = [table(rows, header, style, width=width, least_important=_LEAST_OF_GROWTH)]
    lines = [(curve.title, curve.memory) for curve in each.curves if curve.memory]
    if lines:
        header = ["Program", "Memory fixed", "One more", "Misses by up to"]
        rows = [[title, *_line_cells(line, lambda _value: short_bytes)] for title, line in lines]
        tables.append(table(rows, header, style, width=width, least_important=_LEAST_OF_GROWTH))
    return "\n\n".join(tables)


def _three_digits(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"  # noqa: PLR2004 - three digits


def _number(estimate: Estimate) -> str:
    return estimate.text(lambda value: f"{value:.2f}")


def _line_cells(line: Line | None, writer_for: Callable[[float], Callable[[float], str]]) -> tuple[str, str, str]:
    """Lay out both parts, each in a unit of its own: what is fixed is not of the same kind as what one more costs."""
    if line is None:
        return _NOTHING, _NOTHING, _NOTHING
    fixed, unit_cost = (part.text(writer_for(part.value)) for part in (line.fixed, line.unit_cost))
    return fixed, unit_cost, percent(line.misfit)


def _approach(curve: Curve, approach: Approach, each: SweptFindings) -> Sequence[str]:
    """Return whether and where the ratio is at or below 2x for good, and where it settles."""
    pair, limit = f"{curve.title} / {approach.to}", f"{EXCELLENT_LIMIT:g}x"
    (first, _), (last, at_last) = approach.ratios[0], approach.ratios[-1]
    found = approach.break_even
    how = "with its whole interval" if found.is_sure else "by the medians alone: fewer than 6 rounds have no interval"
    if found.value is None:
        which = "the last value" if last == each.values[-1] else "the last value that both could be run at"
        crossed = f"there is no crossing: at {last:,} {each.unit}, {which}, it is not at or below {limit} ({how})"
    elif found.value == first:
        crossed = f"at or below {limit} at all values from {first:,} to {last:,} {each.unit} ({how})"
    else:
        crossed = f"at or below {limit} from {found.value:,} {each.unit} on ({how})"
    if approach.settles_at is None:
        settled = "and has not settled there" if len(approach.ratios) > 1 else "the only value"
    else:
        settled = f"and within 10% of that from {approach.settles_at:,} on"
    return (f"{pair}: {crossed}", f"{pair}: {ratio_text(at_last)} at {last:,} {each.unit}, {settled}")


def _stops(each: SweptFindings) -> Sequence[str]:
    """Say for each runtime at which values it could not be run, and why; the same reason once."""
    lines: dict[str, list[str]] = {}
    for curve in each.curves:
        for stop in curve.stops:
            reason, *more = stop.reason.splitlines()
            fix = f"; fix: {stop.remedy}" if stop.remedy else ""
            text = "\n".join([f"{reason}{fix}", *(f"    {line}" for line in more)])
            lines.setdefault(f"{curve.title} at {{}}: {text}", []).append(f"{stop.value:,}")
    return [template.replace("{}", ", ".join(values), 1) for template, values in lines.items()]
