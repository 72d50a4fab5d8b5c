"""Draw the course of a benchmark as text: the ratio to the reference of each version, with marks at steps. Pure."""

from seqbench.experiments.timeline.analysis import Course
from seqbench.experiments.timeline.document import TimelineDocument

_WIDTH, _HEIGHT = 90, 16
_STEP_MARK = "S"
_MOST_TICKS = 12


def plot(course: Course, document: TimelineDocument) -> str:
    """Draw the ratios of a benchmark over the versions."""
    seen = _seen(course)
    if not seen:
        return "no plot: no version was measured"
    import plotext  # noqa: PLC0415 - large, and needed for this plot only

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(_WIDTH, _HEIGHT)
    places, ratios = [place for place, _ in seen], [ratio for _, ratio in seen]
    plotext.plot(places, ratios, marker="*")
    known = dict(seen)
    marks = [step.after for step in course.steps if step.after in known]
    if marks:
        plotext.scatter(marks, [known[place] for place in marks], marker=_STEP_MARK)
    every = max(1, -(-len(document.versions) // _MOST_TICKS))
    ticks = list(range(0, len(document.versions), every))
    plotext.xticks(ticks, [document.versions[place].label[-12:] for place in ticks])
    plotext.title(f"{course.name}: time relative to the reference")
    legend = [f"{_STEP_MARK}: a step"] if marks else []
    return "\n".join([str(plotext.uncolorize(plotext.build())).rstrip(), *legend])


def _seen(course: Course) -> list[tuple[int, float]]:
    found = []
    for point in course.points:
        if point.gap is None and point.is_reference:
            found.append((point.version, 1.0))
        elif point.gap is None and point.to_reference is not None:
            found.append((point.version, point.to_reference.ratio))
    return found
