"""Write the answers of docs/FINDINGS.md, each with its figures, a plot and the command behind it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seqbench.compare import report
from seqbench.compare.report import title_text, verdict_text
from seqbench.experiments.explain.conclusions import finding_lines
from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.explain.evidence import Evidence, evidence_of
from seqbench.experiments.explain.unit_cost import MAPPING, Unit, UnitCost
from seqbench.experiments.sweep.analysis import BenchmarkAnalysis, RuntimeAnalysis, analyze_sweep
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.experiments.tune.document import TuneDocument, confirmed
from seqbench.publish.html.plots.charts import Curve, curves
from seqbench.publish.html.plots.intervals import Mark, medians, ratios
from seqbench.publish.html.plots.of_documents import change_plot, growth_plots
from seqbench.publish.html.plots.parts import Caption, Key, Plot, ends, time_tick
from seqbench.sessions.report import ratio_between, ratio_text
from seqbench.stats.growth import Estimate
from seqbench.text import MARKDOWN, table
from seqbench.units import duration, short_bytes

_PICTURE_WIDTH = 620
# The findings that the tables have, and those that explain no gap; docs/findings/ has all of them.
_LEFT_OUT = ("each additional", "context switches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question with its answer: sentences and a table as Markdown, a drawing, and where the figures come from."""

    name: str
    """The name of its picture, without an ending."""
    question: str
    text: str
    drawing: str
    """The text of an inline SVG; empty if there is nothing to draw."""
    command: str
    full: str
    """The file with all figures, in docs/findings/."""

    def markdown(self) -> str:
        """Return the section of the page."""
        picture = (
            f'<img src="images/findings-{self.name}.svg" alt="{self.question}" width="{_PICTURE_WIDTH}">'
            if self.drawing
            else ""
        )
        source = f"Measured by `{self.command}`: [all figures](findings/{self.full}.txt)."
        return "\n\n".join(part for part in (f"## {self.question}", self.text, picture, source) if part)


def strands(explanation: Explanation, sweep: SweepDocument | None, command: str) -> Answer:
    """Answer what a strand costs, and why."""
    evidence = evidence_of(explanation)
    costs = [each for each in evidence.costs if each.unit is Unit.STRAND and not each.variant]
    rows = [
        (
            explanation.title(each.runtime),
            _time(each.time),
            _memory(each),
            f"{each.faults.value:.2g}",
            _stack_calls(evidence, each),
        )
        for each in costs
    ]
    names = {each.benchmark for each in costs}
    drawn = growth_plots(analyze_sweep(sweep), "strands")[:1] if sweep is not None else ()
    return Answer(
        name="strands",
        question="What does a strand cost, and why?",
        text=_joined(
            "Each additional strand, with the message that it sends:",
            table(rows, ["runtime", "time", "memory", "page faults", f"calls of {', '.join(MAPPING)}"], MARKDOWN),
            _bullets(explanation, evidence, names),
        ),
        drawing=drawn[0].drawing if drawn else "",
        command=command,
        full="explain",
    )


def messages(explanation: Explanation, command: str) -> Answer:
    """Answer what a message costs."""
    evidence = evidence_of(explanation)
    costs = [each for each in evidence.costs if each.unit is Unit.MESSAGE and not each.variant]
    names = list(dict.fromkeys(each.benchmark for each in costs))
    runtimes = list(dict.fromkeys(each.runtime for each in costs))
    cells = {(each.benchmark, each.runtime): _time(each.time) for each in costs}
    rows = [(name, *(cells.get((name, runtime), "-") for runtime in runtimes)) for name in names]
    marks = [
        Mark(
            key=Key(label=f"{each.benchmark}, {explanation.title(each.runtime)}", tone=runtimes.index(each.runtime)),
            value=each.time.value,
            low=ends(each.time.interval)[0],
            high=ends(each.time.interval)[1],
            text=_time(each.time),
        )
        for each in costs
        if each.time.value > 0
    ]
    caption = Caption(ident="messages", title="Time per message", description="; ".join(mark.text for mark in marks))
    return Answer(
        name="messages",
        question="What does a message cost?",
        text=_joined(
            "Each additional message, where the number of strands stays the same:",
            table(rows, ["benchmark", *(explanation.title(runtime) for runtime in runtimes)], MARKDOWN),
            _bullets(explanation, evidence, set(names)),
        ),
        drawing=medians(marks, caption, time_tick) if marks else "",
        command=command,
        full="explain",
    )


def amortization(sweep: SweepDocument, command: str, full: str) -> Answer:
    """Answer when long-lived actors earn the cost of their start back."""
    found = analyze_sweep(sweep)
    sentences = [line for each in found for runtime in each.runtimes for line in _trend(each, runtime)]
    lines = [
        Curve(
            key=Key(label=runtime.title, tone=tone),
            xs=tuple(float(value) for value, _ in runtime.ratio_trend.ratios),
            ys=tuple(ratio.median for _, ratio in runtime.ratio_trend.ratios),
            texts=tuple(f"{value:,} {each.unit}: {ratio_text(ratio)}" for value, ratio in runtime.ratio_trend.ratios),
        )
        for each in found
        for tone, runtime in enumerate(each.runtimes)
        if runtime.ratio_trend is not None
    ]
    caption = Caption(ident="amortization", title="Ratio over messages per actor", description=" ".join(sentences))
    return Answer(
        name="amortization",
        question="When do long-lived actors pay off?",
        text="\n".join(f"- {line}" for line in sentences) or "No ratio was measured.",
        drawing=curves(
            lines,
            caption,
            x_label=found[0].unit,
            x_tick=lambda at: f"{at:,.0f}",
            y_tick=lambda at: f"{at:g}x",
        )
        if lines
        else "",
        command=command,
        full=full,
    )


def settings(tuning: TuneDocument, command: str) -> Answer:
    """Answer which settings help."""
    comparison = confirmed(tuning)
    if comparison is None or tuning.chosen is None:
        drawn: tuple[Plot, ...] = ()
        text = "No setting was confirmed as faster than the defaults."
    else:
        rows = [
            (title_text(each), report.ratio_text(each), verdict_text(each))
            for each in comparison.benchmarks
            if each.paired_result is not None
        ]
        text = _joined(
            f"Time with `{tuning.grid.label(tuning.chosen)}`, relative to the defaults, in rounds of their own:",
            table(rows, ["benchmark", "time relative to the defaults", "verdict"], MARKDOWN),
        )
        drawn = change_plot(comparison, "settings")
    return Answer(
        name="settings",
        question="Which settings help?",
        text=text,
        drawing=drawn[0].drawing if drawn else "",
        command=command,
        full="tune",
    )


def runtimes(explanation: Explanation, command: str) -> Answer:
    """Answer how the other runtimes compare."""
    session = explanation.large
    reference = explanation.roles.reference
    marks, rows = [], []
    others = [column for column in session.runtimes if column.name != reference]
    for result in session.results:
        cells = []
        for tone, column in enumerate(others):
            ratio = ratio_between(result, column.name, reference, "")
            cells.append("-" if ratio is None else ratio_text(ratio))
            if ratio is None:
                continue
            low, high = ends(ratio.interval)
            label = f"{result.name}, {column.title}"
            key = Key(label=label, tone=tone)
            marks.append(Mark(key=key, value=ratio.median, low=low, high=high, text=ratio_text(ratio)))
        size = ", ".join(f"{key} = {value:,}" for key, value in result.parameters)
        rows.append((f"{result.name} ({size})", *cells))
    title = f"Time relative to {explanation.title(reference)}"
    caption = Caption(
        ident="runtimes", title=title, description="; ".join(f"{mark.key.label} {mark.text}" for mark in marks)
    )
    return Answer(
        name="runtimes",
        question="How do other runtimes compare?",
        text=_joined(f"{title}:", table(rows, ["benchmark", *(column.title for column in others)], MARKDOWN)),
        drawing=ratios(marks, caption, lambda ratio: f"{ratio:g}x") if marks else "",
        command=command,
        full="explain",
    )


def _trend(each: BenchmarkAnalysis, runtime: RuntimeAnalysis) -> Iterator[str]:
    trend = runtime.ratio_trend
    if trend is None:
        return
    (first, at_first), (last, at_last) = trend.ratios[0], trend.ratios[-1]
    settled = f", and stays within 10 % of that from {trend.settles_at:,} on" if trend.settles_at is not None else ""
    yield (
        f"{runtime.title} / {trend.to} goes from {ratio_text(at_first)} at {first:,} "
        f"to {ratio_text(at_last)} at {last:,} {each.unit}{settled}."
    )


def _bullets(explanation: Explanation, evidence: Evidence, names: set[str]) -> str:
    lines = (line.partition(": ") for line in finding_lines(explanation, evidence))
    return "\n".join(f"- {name}: {text}" for name, _, text in lines if name in names and not text.startswith(_LEFT_OUT))


def _stack_calls(evidence: Evidence, cost: UnitCost) -> str:
    calls = evidence.call(cost.benchmark, cost.runtime, cost.unit)
    return "-" if calls is None else f"{calls.per_unit_of(*MAPPING):.2g}"


def _time(estimate: Estimate) -> str:
    return estimate.text(duration)


def _memory(cost: UnitCost) -> str:
    return f"{'< ' if cost.is_memory_hidden else ''}{short_bytes(max(0.0, cost.memory_bytes.value))}"


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def markdown(answers: Sequence[Answer]) -> str:
    """Return the sections of all answers."""
    return "\n\n".join(answer.markdown() for answer in answers)
