"""Draw the plots of timelines and bisections, each with its numbers as a table. Pure."""

from collections.abc import Sequence

from seqbench.experiments.bisect.analysis import Search
from seqbench.experiments.bisect.document import BisectDocument
from seqbench.experiments.timeline.analysis import Course
from seqbench.experiments.timeline.document import TimelineDocument
from seqbench.experiments.timeline.report import change_text, reference_text
from seqbench.publish.html.plots.intervals import Mark, changes
from seqbench.publish.html.plots.parts import Caption, Key, Plot, change_tick, ratio_cell
from seqbench.versions.contrasts import Contrast


def course_plots(courses: Sequence[Course], document: TimelineDocument, ident: str) -> tuple[Plot, ...]:
    """Draw the ratio of each version to the reference, a plot for each benchmark; leave out a plot without a point."""
    return tuple(
        plot
        for number, course in enumerate(courses, start=1)
        if (plot := _course(course, document, f"{ident}-{number}")) is not None
    )


def _course(course: Course, document: TimelineDocument, ident: str) -> Plot | None:
    steps = {step.after: change_text(step.size) for step in course.steps}
    marks, rows = [], []
    for point in course.points:
        label = document.versions[point.version].label
        if point.gap is not None:
            rows.append((label, "-", "-", "-", point.gap.reason))
        elif point.to_reference is not None:
            said = f"step {steps[point.version]}" if point.version in steps else ""
            marks.append(_mark(label, point.to_reference, said, tone=1 if said else 0))
            rows.append((label, *_cells(point.to_reference), said))
    if not marks:
        return None
    reference = reference_text(document)
    title = f"{course.name}: time relative to {reference}"
    return Plot(
        title=title,
        note=f"Right of 0 % a version is slower than {reference}. Intervals are 95 %; the dashed lines are 0 % and the "
        "margin within which a change is no step.",
        drawing=changes(marks, _caption(ident, title, marks), document.margin, change_tick),
        header=("Version", "Ratio", "From", "To", "Note"),
        rows=tuple(rows),
    )


def search_plots(searches: Sequence[Search], document: BisectDocument, ident: str) -> tuple[Plot, ...]:
    """Draw the ratio of each version of a bisection to good; leave out a plot without a version."""
    plots = []
    for number, search in enumerate(searches, start=1):
        found = [(document.versions[each.version].label, each) for each in search.judged if each.to_good is not None]
        last = document.versions[-1].label
        rows = [(label, each.to_good, str(each.nearer or "")) for label, each in found]
        ordered = sorted(zip([each.version for _, each in found], rows, strict=True), key=lambda row: row[0])
        shown = [row for _, row in ordered]
        if search.first is not None:
            shown.append((last, search.first, "bad"))
        if not found:
            continue
        marks = [
            _mark(label, ratio, f"nearer to {nearer}" if nearer else "", tone=int(nearer == "bad"))
            for label, ratio, nearer in shown
            if ratio is not None
        ]
        title = f"{search.name}: time relative to {document.versions[0].label}"
        plots.append(
            Plot(
                title=title,
                note="Right of 0 % a version is slower than good; the last one is bad.",
                drawing=changes(marks, _caption(f"{ident}-{number}", title, marks), document.margin, change_tick),
                header=("Version", "Ratio", "From", "To", "Nearer to"),
                rows=tuple((label, *_cells(ratio), nearer) for label, ratio, nearer in shown if ratio is not None),
            )
        )
    return tuple(plots)


def _mark(label: str, ratio: Contrast, said: str, *, tone: int) -> Mark:
    low, high = ratio.ends
    text = ", ".join(filter(None, (change_tick(ratio.ratio), said)))
    return Mark(key=Key(label=label, tone=tone), value=ratio.ratio, low=low, high=high, text=text)


def _caption(ident: str, title: str, marks: Sequence[Mark]) -> Caption:
    said = "; ".join(f"{mark.key.label} {mark.text}" for mark in marks)
    return Caption(ident=ident, title=title, description=f"{said}. The numbers follow as a table.")


def _cells(ratio: Contrast) -> tuple[str, str, str]:
    middle, low, high = (ratio_cell(value) for value in (ratio.ratio, *ratio.ends))
    return middle, low, high
