"""Draw the plots of comparisons and sweeps, each with its numbers as a table. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from seqbench.compare.comparison import Comparison
from seqbench.compare.metrics import Metric
from seqbench.compare.report import metric_title, title_text, verdict_text
from seqbench.compare.verdict import FAMILY_ERROR
from seqbench.experiments.sweep.analysis import BenchmarkAnalysis, PointFigures
from seqbench.publish.html.plots.charts import Curve, curves
from seqbench.publish.html.plots.intervals import Mark, changes
from seqbench.publish.html.plots.parts import Caption, Key, Plot, change_tick, ratio_cell
from seqbench.units import duration, percent, short_bytes, time_writer, trimmed_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    """A quantity that is drawn over the values of a sweep; ticks are round multiples of `unit`."""

    name: str
    value: Callable[[PointFigures], float | None]
    write: Callable[[float], str]
    write_tick: Callable[[float], str]
    writer: Callable[[Iterable[float]], Callable[[float], str]]
    """Makes a writer with one unit for the values of a row."""
    unit: float


_TIME = _Measure(
    name="time",
    value=lambda figures: figures.elapsed_ns,
    write=duration,
    write_tick=trimmed_duration,
    writer=time_writer,
    unit=1.0,
)
_MEMORY = _Measure(
    name="peak memory",
    value=lambda figures: None if figures.is_hidden else figures.peak_bytes,
    write=short_bytes,
    write_tick=short_bytes,
    writer=lambda _values: short_bytes,
    unit=float(1 << 20),
)


def change_plot(comparison: Comparison, ident: str, *, is_dense: bool = False) -> tuple[Plot, ...]:
    """Draw the change of every benchmark with a verdict; return no plot if there is none."""
    judged = [(each, each.paired_result) for each in comparison.benchmarks if each.paired_result is not None]
    if not judged:
        return ()
    marks = [
        Mark(
            key=Key(label=metric_title(each), tone=0),
            value=result.ratio,
            low=result.interval.low,
            high=result.interval.high,
            text=f"{change_tick(result.ratio)} {result.verdict}",
        )
        for each, result in judged
    ]
    title = "Change from base to head"
    said = "; ".join(f"{mark.key.label} {mark.text}" for mark in marks)
    caption = Caption(ident=ident, title=title, description=f"{said}. The numbers follow as a table.")
    return (
        Plot(
            title=title,
            note="Right of 0 % head is slower. The dashed lines are 0 % and both ends of the margin that counts as "
            f"the same. The intervals of all benchmarks together have a confidence of {percent(1 - FAMILY_ERROR)}.",
            drawing=changes(marks, caption, comparison.margin, change_tick, is_dense=is_dense),
            header=("Benchmark", "Head / base", "From", "To", "Verdict", "Rounds"),
            rows=tuple(
                (
                    title_text(each) if each.metric is Metric.TIME else metric_title(each),
                    *(ratio_cell(value) for value in (result.ratio, result.interval.low, result.interval.high)),
                    verdict_text(each),
                    str(result.pairs),
                )
                for each, result in judged
            ),
        ),
    )


def growth_plots(swept: Sequence[BenchmarkAnalysis], ident: str) -> tuple[Plot, ...]:
    """Draw time and peak memory of every benchmark over its values; omit a plot without points."""
    return tuple(
        plot
        for number, found in enumerate(swept, start=1)
        for plot in (
            *_growth(found, f"{ident}-{number}-time", _TIME),
            *_growth(found, f"{ident}-{number}-memory", _MEMORY),
        )
    )


def _growth(found: BenchmarkAnalysis, ident: str, what: _Measure) -> tuple[Plot, ...]:
    by_title: dict[str, dict[int, float]] = {}
    lines = []
    for tone, curve in enumerate(found.runtimes):
        seen = {each.value: at for each in curve.figures if (at := what.value(each))}
        by_title[curve.title] = seen
        if seen:
            texts = tuple(f"{x:,} {found.unit}: {what.write(y)}" for x, y in seen.items())
            key = Key(label=curve.title, tone=tone)
            lines.append(Curve(key=key, xs=tuple(map(float, seen)), ys=tuple(seen.values()), texts=texts))
    if not lines:
        return ()
    title = f"{found.name}: {what.name}"
    said = "; ".join(f"{line.key.label}, {text}" for line in lines for text in line.texts)
    caption = Caption(ident=ident, title=title, description=f"{said}. The numbers follow as a table.")
    return (
        Plot(
            title=title,
            note="Medians over the rounds. Both scales are logarithmic; a value that could not be run has no point.",
            drawing=curves(
                lines,
                caption,
                x_label=found.unit,
                x_tick=lambda at: f"{at:,.0f}",
                y_tick=what.write_tick,
                y_unit=what.unit,
            ),
            header=(found.unit, *by_title),
            rows=tuple(_growth_row(at, by_title.values(), what) for at in found.values),
        ),
    )


def _growth_row(at: int, curves_of_it: Iterable[dict[int, float]], what: _Measure) -> tuple[str, ...]:
    cells = [seen.get(at) for seen in curves_of_it]
    write = what.writer(cell for cell in cells if cell is not None)
    return (f"{at:,}", *("-" if cell is None else write(cell) for cell in cells))
