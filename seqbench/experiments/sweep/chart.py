"""From what a sweep says of a benchmark to its plot: a line for each runtime, and marks where one stopped. Pure."""

from seqbench.experiments.sweep.analysis import SweptFindings
from seqbench.units import trimmed_duration

_WIDTH, _HEIGHT = 90, 22
_LIMIT_MARK = "X"
# In nanoseconds: up to a century.
_MOST_TENS = 21


def plot(each: SweptFindings) -> str:
    """Draw the time of each runtime over the values, both on scales of powers, and mark where one could not be run."""
    if not any(curve.figures for curve in each.curves):
        return "there is nothing to draw: no value could be run"
    import plotext  # noqa: PLC0415 - as numpy in stats: after the measuring, it is large

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(_WIDTH, _HEIGHT)
    plotext.xscale("log")
    plotext.yscale("log")
    marks: dict[str, str] = {}
    for curve in (curve for curve in each.curves if curve.figures):
        # Without colours the curves are told apart by letters of their names.
        marks[curve.title] = next((x for x in curve.title if x.isalpha() and x not in marks.values()), "*")
        times = [figure.elapsed_ns for figure in curve.figures]
        plotext.plot([figure.value for figure in curve.figures], times, label=curve.title, marker=marks[curve.title])
    times = [figure.elapsed_ns for curve in each.curves for figure in curve.figures]
    stopped = [(curve, curve.stops[0]) for curve in each.curves if curve.stops]
    if stopped:
        places = [stop.value for _, stop in stopped]
        plotext.scatter(places, [max(times)] * len(places), label="could not be run", marker=_LIMIT_MARK)
    plotext.xticks(each.values, [_tick(value) for value in each.values])
    tens = [10**power for power in range(_MOST_TENS) if min(times) <= 10**power <= max(times)]
    marks_of_time = tens if len(tens) > 1 else sorted({min(times), max(times)})
    plotext.yticks(marks_of_time, [trimmed_duration(time) for time in marks_of_time])
    plotext.title(f"{each.name}: time")
    plotext.xlabel(each.unit)
    legend = [
        f"{_LIMIT_MARK} at the top: {curve.title} could not be run at {stop.value:,}: {stop.words}"
        for curve, stop in stopped
    ]
    return "\n".join([str(plotext.uncolorize(plotext.build())).rstrip(), *legend])


def _tick(value: int) -> str:
    """Write a value in few characters: `500`, `30k`, `2M`."""
    for limit, suffix in ((10**6, "M"), (10**3, "k")):
        if value >= limit and value % limit == 0:
            return f"{value // limit}{suffix}"
    return str(value)
