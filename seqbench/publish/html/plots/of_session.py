"""Draw the plots of a session, each with its numbers as a table. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from seqbench.publish.html.plots.charts import Split, bars, shares
from seqbench.publish.html.plots.intervals import Mark, medians, ratios
from seqbench.publish.html.plots.parts import (
    _NOTHING,
    Caption,
    Key,
    Plot,
    ends,
    milliseconds_cell,
    time_text,
    time_tick,
)
from seqbench.publish.html.plots.strips import Run, Strip, strips
from seqbench.sessions.interference import counts_of, of_result
from seqbench.sessions.peak_memory import peak_of
from seqbench.sessions.report import headline_rows, ratio_between, ratio_text, variants_of
from seqbench.sessions.session import BenchmarkResult, Measured, Sample, Session
from seqbench.sessions.table_notes import program_title
from seqbench.stats.intervals import Ratio, Summary, summarize
from seqbench.units import duration, durations, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlottedProgram:
    """A measured program, ready to plot."""

    key: Key
    samples: tuple[Sample, ...]

    def median(self, value: Callable[[Sample], float]) -> float:
        return float(median(value(sample) for sample in self.samples))


def overview(session: Session, ident: str) -> Plot | None:
    """Draw the ratios of the headline table on one scale; None if there is no ratio."""
    marks = [
        (_ratio_mark(Key(label=row.title, tone=0), row.ratio), row.ratio)
        for row in headline_rows(session)
        if row.ratio is not None
    ]
    if not marks:
        return None
    first, second = (column.title for column in session.runtimes[:2])
    title = f"{first} / {second}, all benchmarks"
    return _ratio_plot(marks, ident, title, f"The time of {first} divided by that of {second}.")


def benchmark_plots(session: Session, result: BenchmarkResult, ident: str) -> tuple[Plot, ...]:
    """Draw all plots of a benchmark; no plot if no program was measured."""
    entries = tuple(_entries(session, result))
    if not entries:
        return ()
    return (
        _runs(session, entries, result, f"{ident}-runs"),
        _medians(entries, result, f"{ident}-medians"),
        *_ratios(session, result, f"{ident}-ratios"),
        _processor(entries, result, f"{ident}-processor"),
        _memory(entries, result, f"{ident}-memory"),
    )


def _entries(session: Session, result: BenchmarkResult) -> Iterator[_PlottedProgram]:
    for program in result.programs:
        # A time that a clock cannot tell from zero has no place on an axis; the table has it.
        if isinstance(program.outcome, Measured) and program.outcome.samples and _times_of(program.outcome):
            label = program_title(session, result, program)
            yield _PlottedProgram(
                key=_key(session, program.runtime, label, program.variant), samples=program.outcome.samples
            )


def _times_of(measured: Measured) -> bool:
    return all(sample.elapsed_ns for sample in measured.samples)


def _key(session: Session, runtime: str, label: str, variant: str) -> Key:
    names = [column.name for column in session.runtimes]
    place = names.index(runtime) if runtime in names else len(names)
    return Key(label=label, tone=place, is_hollow=bool(variant))


def _runs(session: Session, entries: Sequence[_PlottedProgram], result: BenchmarkResult, ident: str) -> Plot:
    found = of_result(result, session.machine.cores)
    disturbed = {*found.disturbed, *found.throttled}
    rows = []
    for entry in entries:
        summary = _times(entry)
        runs = tuple(
            Run(
                round_number=each.round_number,
                elapsed_ns=each.elapsed_ns,
                text=duration(each.elapsed_ns),
                is_disturbed=each.round_number in disturbed,
            )
            for each in sorted(entry.samples, key=lambda sample: sample.round_number)
        )
        low, high = ends(summary.interval)
        text = time_text(summary.median, summary.interval)
        rows.append(Strip(key=entry.key, runs=runs, median=summary.median, low=low, high=high, text=text))
    title = "Every run"
    note = (
        "A point is one run: its distance from the median of its program, on one scale for all programs. "
        "The shaded area is the 95 % interval of the median."
    )
    if remark := counts_of((found,)).remark:
        note += f" A ring marks a disturbed round: {remark}."
    rounds = sorted({sample.round_number for entry in entries for sample in entry.samples})
    times = [{sample.round_number: sample.elapsed_ns for sample in entry.samples} for entry in entries]
    return Plot(
        title=title,
        note=note,
        drawing=strips(rows, _caption(ident, title, result, [f"{row.key.label} {row.text}" for row in rows])),
        header=("Round", *(f"{entry.key.label}, ms" for entry in entries), *(["Disturbed"] if disturbed else [])),
        rows=tuple(
            (
                str(number),
                *(f"{each[number] / 1e6:,.3f}" if number in each else _NOTHING for each in times),
                *(["yes" if number in disturbed else "no"] if disturbed else []),
            )
            for number in rounds
        ),
    )


def _medians(entries: Sequence[_PlottedProgram], result: BenchmarkResult, ident: str) -> Plot:
    summaries = [_times(entry) for entry in entries]
    marks = [
        Mark(
            key=entry.key,
            value=each.median,
            low=ends(each.interval)[0],
            high=ends(each.interval)[1],
            text=time_text(each.median, each.interval),
        )
        for entry, each in zip(entries, summaries, strict=True)
    ]
    title = "Median time"
    return Plot(
        title=title,
        is_repeated=True,
        note="Each program's own clock over its complete work; the bar is the 95 % interval. "
        "If the times are far apart, the scale is logarithmic.",
        drawing=medians(marks, _caption(ident, title, result, [f"{m.key.label} {m.text}" for m in marks]), time_tick),
        header=("Program", "Median, ms", "From, ms", "To, ms", "Rounds"),
        rows=tuple(
            (
                mark.key.label,
                *(milliseconds_cell(value) for value in (mark.value, mark.low, mark.high)),
                str(each.count),
            )
            for mark, each in zip(marks, summaries, strict=True)
        ),
    )


def _ratios(session: Session, result: BenchmarkResult, ident: str) -> tuple[Plot, ...]:
    if len(session.runtimes) < 2:  # noqa: PLR2004 - a ratio has two sides
        return ()
    reference = session.runtimes[1]
    marks = []
    for variant in variants_of(session, result):
        for column in (session.runtimes[0], *session.runtimes[2:]):
            sides = [result.program(each.name, variant) for each in (column, reference)]
            ratio = ratio_between(result, column.name, reference.name, variant)
            # For a variant of a third runtime, both sides would be those of the plain row.
            if ratio is None or None in sides or (variant and all(side and not side.variant for side in sides)):
                continue
            label = " / ".join(program_title(session, result, side) for side in sides if side)
            marks.append((_ratio_mark(_key(session, column.name, label, variant), ratio), ratio))
    note = f"Below 1x is faster than {reference.title}. A ratio is the median over the rounds in which both ran."
    if not marks:
        return ()
    plot = _ratio_plot(marks, ident, f"Ratio to {reference.title}", note, result)
    # The plot of all benchmarks has those of two runtimes.
    return (replace(plot, is_repeated=len(session.runtimes) == 2),)  # noqa: PLR2004 - as above


def _ratio_mark(key: Key, ratio: Ratio) -> Mark:
    low, high = ends(ratio.interval)
    return Mark(key=key, value=ratio.median, low=low, high=high, text=ratio_text(ratio))


def _ratio_plot(
    marks: Sequence[tuple[Mark, Ratio]], ident: str, title: str, note: str, result: BenchmarkResult | None = None
) -> Plot:
    said = [f"{mark.key.label} {mark.text} {' or '.join(ratio.bands())}" for mark, ratio in marks]
    return Plot(
        title=title,
        note=f"{note} The scale is logarithmic, the bar is the 95 % interval, the dashed lines are at 2x and 5x.",
        drawing=ratios([mark for mark, _ in marks], _caption(ident, title, result, said), lambda at: f"{at:g}x"),
        header=("Programs", "Ratio", "From", "To", "Band", "Rounds"),
        rows=tuple(
            (
                mark.key.label,
                *(_NOTHING if value is None else f"{value:.3f}" for value in (mark.value, mark.low, mark.high)),
                " or ".join(ratio.bands()),
                str(ratio.count),
            )
            for mark, ratio in marks
        ),
    )


def _processor(entries: Sequence[_PlottedProgram], result: BenchmarkResult, ident: str) -> Plot:
    rows = []
    for entry in entries:
        user, system = entry.median(lambda sample: sample.user_ns), entry.median(lambda sample: sample.system_ns)
        text = "{} user, {} system".format(*durations([user, system]))
        rows.append(Split(key=entry.key, user_ns=user, system_ns=system, text=text))
    title = "CPU time"
    return Plot(
        title=title,
        note="Solid: user time, of the program itself. Hatched: system time, of the kernel. Medians over the rounds, "
        "over all cores, for the whole process with its start and exit. All bars have the same scale.",
        drawing=shares(rows, _caption(ident, title, result, [f"{row.key.label} {row.text}" for row in rows])),
        header=("Program", "User, ms", "System, ms", "System of both"),
        rows=tuple(
            (row.key.label, milliseconds_cell(row.user_ns), milliseconds_cell(row.system_ns), _share(row))
            for row in rows
        ),
    )


def _memory(entries: Sequence[_PlottedProgram], result: BenchmarkResult, ident: str) -> Plot:
    marks = []
    for entry in entries:
        peak = peak_of(entry.samples)
        known = None if peak.is_hidden else peak.size_bytes
        marks.append(Mark(key=entry.key, value=peak.size_bytes, low=known, high=known, text=peak.text))
    title = "Peak memory"
    is_any_hidden = any(mark.low is None for mark in marks)
    return Plot(
        title=title,
        note="The median peak memory of the whole process."
        + (
            " Hollow: an upper bound, because the process that started the program had it too." if is_any_hidden else ""
        ),
        drawing=bars(marks, _caption(ident, title, result, [f"{mark.key.label} {mark.text}" for mark in marks])),
        header=("Program", "Peak memory"),
        rows=tuple((mark.key.label, mark.text) for mark in marks),
    )


def _caption(ident: str, title: str, result: BenchmarkResult | None, said: Sequence[str]) -> Caption:
    whole = f"{result.title}: {title}" if result else title
    return Caption(ident=ident, title=whole, description=f"{'; '.join(said)}. The numbers follow as a table.")


def _times(entry: _PlottedProgram) -> Summary:
    return summarize([float(sample.elapsed_ns) for sample in entry.samples])


def _share(row: Split) -> str:
    whole = row.user_ns + row.system_ns
    return percent(row.system_ns / whole) if whole else _NOTHING
