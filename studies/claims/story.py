"""Write the answers of docs/FINDINGS.md, each with its figures, a plot and the command behind it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from seqbench.compare import report
from seqbench.compare.report import metric_title, verdict_text
from seqbench.compare.verdict import Verdict
from seqbench.experiments.explain.conclusions import cause_of_gap
from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.explain.evidence import Evidence, evidence_of
from seqbench.experiments.explain.unit_cost import MAPPING, Unit, UnitCost
from seqbench.experiments.sweep.analysis import BenchmarkAnalysis, RuntimeAnalysis, analyze_sweep
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.experiments.timeline.analysis import Course, analyze
from seqbench.experiments.timeline.document import TimelineDocument
from seqbench.experiments.timeline.report import change_text, reference_text
from seqbench.experiments.tune.document import TuneDocument, confirmed
from seqbench.publish.html.plots.charts import Curve, curves
from seqbench.publish.html.plots.intervals import Mark, medians, ratios
from seqbench.publish.html.plots.of_documents import change_plot, growth_plots
from seqbench.publish.html.plots.parts import Caption, Key, Plot, ends, time_text, time_tick
from seqbench.sessions.report import ratio_between, ratio_text
from seqbench.stats.intervals import Ratio
from seqbench.units import duration, short_bytes

# Beside its text; the answers fit two screens.
_PICTURE_WIDTH = 320
# The next answer begins below the picture.
_END = '<br clear="all">'


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
    """The file with all figures, in docs/."""

    def markdown(self) -> str:
        """Return the section of the page."""
        alt = self.question.removesuffix("?")
        shown = f'src="images/findings-{self.name}.svg" alt="{alt}" width="{_PICTURE_WIDTH}" align="right"'
        picture = f"<img {shown}>" if self.drawing else ""
        # The list of all commands below has the whole line; here it would be longer than the answer.
        task = " ".join(self.command.split()[:2])
        source = f"Measured by [`{task}`](#how-it-was-measured): [all figures]({self.full})."
        return _joined(f"## {self.question}", picture, self.text, f"{source}\n{_END}")


def strands(explanation: Explanation, sweep: SweepDocument | None, command: str) -> Answer:
    """Answer what a strand costs, and why."""
    evidence = evidence_of(explanation)
    costs = [each for each in evidence.costs if each.unit is Unit.STRAND and not each.variant]
    names_of_calls = _listed(MAPPING)
    parts: list[str] = []
    for each in costs:
        if each.runtime in (explanation.roles.subject, explanation.roles.reference):
            figures = _memory(each), f"{each.faults.value:.2g}", _stack_calls(evidence, each)
            kinds = ("", " page faults", f" calls of {names_of_calls}") if not parts else ("", "", "")
            values = [f"{figure}{kind}" for figure, kind in zip(figures, kinds, strict=True)]
            parts.append(f"{_listed(values)} in {explanation.title(each.runtime)}")
    taken = [f"{time_text(each.time.value, each.time.interval)} in {explanation.title(each.runtime)}" for each in costs]
    also = [f"It costs {'; '.join(parts)}."] if parts else []
    names = {each.benchmark for each in costs}
    drawn = growth_plots(analyze_sweep(sweep), "strands")[:1] if sweep is not None else ()
    return Answer(
        name="strands",
        question="What does a strand cost, and why?",
        text=_joined(
            "\n".join((_costs("Each additional strand, with the message that it sends,", taken), *also)),
            _gaps(explanation, evidence, names),
        ),
        drawing=drawn[0].drawing if drawn else "",
        command=command,
        full="findings/explain.txt",
    )


def messages(explanation: Explanation, command: str) -> Answer:
    """Answer what a message costs."""
    evidence = evidence_of(explanation)
    costs = [each for each in evidence.costs if each.unit is Unit.MESSAGE and not each.variant]
    names = list(dict.fromkeys(each.benchmark for each in costs))
    runtimes = list(dict.fromkeys(each.runtime for each in costs))
    main = [each for each in costs if each.runtime in (explanation.roles.subject, explanation.roles.reference)]
    marks = [
        Mark(
            key=Key(label=f"{each.benchmark}, {explanation.title(each.runtime)}", tone=runtimes.index(each.runtime)),
            value=each.time.value,
            low=ends(each.time.interval)[0],
            high=ends(each.time.interval)[1],
            text=time_text(each.time.value, each.time.interval),
        )
        for each in main
        if each.time.value > 0
    ]
    spans = [
        f"{_span([each.time.value for each in costs if each.runtime == runtime])} in {explanation.title(runtime)}"
        for runtime in runtimes
    ]
    caption = Caption(ident="messages", title="Time per message", description="; ".join(mark.text for mark in marks))
    return Answer(
        name="messages",
        question="What does a message cost?",
        text=_joined(
            _costs("Where the number of strands stays the same, each additional message", spans),
            _gaps(explanation, evidence, set(names)),
        ),
        drawing=medians(marks, caption, time_tick, is_dense=True) if marks else "",
        command=command,
        full="findings/explain.txt",
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
        judged: dict[str, list[str]] = {}
        for each in comparison.benchmarks:
            if each.paired_result is not None:
                judged.setdefault(verdict_text(each), []).append(f"{metric_title(each)} {report.ratio_text(each)}")
        text = _joined(
            f"Time with `{tuning.grid.label(tuning.chosen)}`, relative to the defaults, in rounds of their own:",
            "\n".join(f"- {verdict}: {', '.join(judged[verdict])}" for verdict in sorted(judged, key=_rank)),
        )
        drawn = change_plot(comparison, "settings", is_dense=True)
    return Answer(
        name="settings",
        question="Which settings help?",
        text=text,
        drawing=drawn[0].drawing if drawn else "",
        command=command,
        full="findings/tune.txt",
    )


def _rank(verdict: str) -> int:
    """Return the place of a verdict in the answer: what helps first, what is not known last."""
    order = (Verdict.FASTER, Verdict.SLOWER, Verdict.SAME, Verdict.INCONCLUSIVE, Verdict.NOT_COMPARABLE)
    return next((place for place, each in enumerate(order) if verdict.startswith(each)), len(order))


def runtimes(explanation: Explanation, command: str) -> Answer:
    """Answer how the other runtimes compare."""
    session = explanation.large
    reference = explanation.roles.reference
    others = [column for column in session.runtimes if column.name != reference]
    found = [
        (result.name, column, ratio)
        for result in session.results
        for column in others
        if (ratio := ratio_between(result, column.name, reference, "")) is not None
    ]
    # The subject has a picture of its own above the table of the README.
    marks = [
        Mark(
            key=Key(label=f"{name}, {column.title}", tone=others.index(column)),
            value=ratio.median,
            low=ends(ratio.interval)[0],
            high=ends(ratio.interval)[1],
            text=ratio_text(ratio),
        )
        for name, column, ratio in found
        if column.name != explanation.roles.subject
    ]
    lines = [
        f"- {column.title}: {_sides([(name, ratio) for name, each, ratio in found if each is column])}"
        for column in others
    ]
    title = f"Time relative to {explanation.title(reference)}"
    return Answer(
        name="runtimes",
        question="How do other runtimes compare?",
        text=_joined(
            f"Compared with {explanation.title(reference)}, as far as the intervals decide:", "\n".join(lines)
        ),
        drawing=_ratios(marks, "runtimes", title),
        command=command,
        full="findings/explain.txt",
    )


def releases(document: TimelineDocument, command: str) -> Answer:
    """Answer since when Seq is as fast as it is; the picture has the benchmark that changed most."""
    courses = [course for course in analyze(document) if course.whole is not None]
    labels = [version.label for version in document.versions]
    reference = reference_text(document)
    title = f"Time relative to {reference}"
    most = max(courses, key=lambda course: abs(log(course.whole.ratio)) if course.whole else 0.0, default=None)
    marks = [
        Mark(
            key=Key(label=labels[point.version], tone=0),
            value=point.to_reference.ratio,
            low=point.to_reference.ends[0],
            high=point.to_reference.ends[1],
            text=point.to_reference.text,
        )
        for point in (most.points if most else ())
        if point.to_reference is not None
    ]
    drawn = most.benchmark if most else "nothing"
    return Answer(
        name="releases",
        question="Since when is Seq as fast as it is?",
        text=_joined(
            f"{title}, in rounds that all versions share; the picture has {drawn}:",
            "\n".join(f"- {_course(course, labels)}" for course in courses),
        ),
        drawing=_ratios(marks, "releases", f"{drawn}: {title[0].lower()}{title[1:]}"),
        command=command,
        full="TIMELINE.md",
    )


def _ratios(marks: Sequence[Mark], ident: str, title: str) -> str:
    if not marks:
        return ""
    description = "; ".join(f"{mark.key.label} {mark.text}" for mark in marks)
    return ratios(
        marks, Caption(ident=ident, title=title, description=description), lambda ratio: f"{ratio:g}x", is_dense=True
    )


def _course(course: Course, labels: Sequence[str]) -> str:
    shown = [point for point in course.points if point.to_reference is not None]
    first, last = shown[0], shown[-1]
    parts = [f"{labels[each.version]} {each.to_reference.text}" for each in (first, last) if each.to_reference]
    parts += [
        f"a step of {change_text(step.size)} from {labels[step.before]} to {labels[step.after]}"
        for step in course.steps
    ]
    if course.open_candidates:
        parts.append(f"possible steps that are not decided: {len(course.open_candidates)}")
    elif not course.steps:
        parts.append("no step")
    return f"{course.benchmark}: {'; '.join(parts)}"


def _trend(each: BenchmarkAnalysis, runtime: RuntimeAnalysis) -> Iterator[str]:
    trend = runtime.ratio_trend
    if trend is None:
        return
    (first, at_first), (last, at_last) = trend.ratios[0], trend.ratios[-1]
    settled = f"; from {trend.settles_at:,} on within 10 % of that" if trend.settles_at is not None else ""
    yield (
        f"{runtime.title} / {trend.to}: {ratio_text(at_first)} at {first:,} and "
        f"{ratio_text(at_last)} at {last:,} {each.unit}{settled}"
    )


def _gaps(explanation: Explanation, evidence: Evidence, names: set[str]) -> str:
    """Return where the gaps come from, those with the same cause together."""
    sides = " / ".join(explanation.title(name) for name in (explanation.roles.subject, explanation.roles.reference))
    causes: dict[str, list[str]] = {}
    for split in evidence.gaps:
        if split.benchmark in names:
            cause = cause_of_gap(explanation, split)
            causes.setdefault(cause, []).append(f"{split.benchmark} {ratio_text(split.ratio)}")
    return "\n".join(f"- {sides} in {_listed(ratios)}; {cause}" for cause, ratios in causes.items())


def _sides(ratios: Sequence[tuple[str, Ratio]]) -> str:
    """Return in which benchmarks a runtime is faster, slower, or neither for sure."""
    by_side: dict[str, list[str]] = {"faster in": [], "slower in": [], "not decided in": []}
    for name, ratio in ratios:
        low, high = ends(ratio.interval)
        is_faster, is_slower = high is not None and high < 1, low is not None and low > 1
        by_side["faster in" if is_faster else "slower in" if is_slower else "not decided in"].append(name)
    return "; ".join(f"{side} {_listed(names)}" for side, names in by_side.items() if names)


def _stack_calls(evidence: Evidence, cost: UnitCost) -> str:
    calls = evidence.call(cost.benchmark, cost.runtime, cost.unit)
    return "-" if calls is None else f"{calls.per_unit_of(*MAPPING):.2g}"


def _memory(cost: UnitCost) -> str:
    return f"{'< ' if cost.is_memory_hidden else ''}{short_bytes(max(0.0, cost.memory_bytes.value))}"


def _costs(what: str, parts: Sequence[str]) -> str:
    return f"{what} takes {_listed(parts)}." if parts else "No cost was measured."


def _span(times_ns: Sequence[float]) -> str:
    """Return the least and the greatest of some times."""
    low, high = duration(min(times_ns)), duration(max(times_ns))
    return low if low == high else f"{low} to {high}"


def _listed(parts: Sequence[str]) -> str:
    """Return a list as part of a sentence."""
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def markdown(answers: Sequence[Answer]) -> str:
    """Return the sections of all answers."""
    return "\n\n".join(answer.markdown() for answer in answers)
