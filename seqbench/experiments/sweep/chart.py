"""Draw the plot of a swept benchmark as text: a line per runtime, and marks where one could not be run. Pure."""

from seqbench.experiments.sweep.analysis import BenchmarkAnalysis
from seqbench.units import trimmed_duration

_WIDTH, _HEIGHT = 90, 22
_LIMIT_MARK = "X"
# Powers of ten of a nanosecond: up to a century.
_MOST_TENS = 21


def plot(each: BenchmarkAnalysis) -> str:
    """Draw the time of each runtime over the values, on logarithmic scales, with marks where it could not be run."""
    if not any(runtime.figures for runtime in each.runtimes):
        return "no plot: no value could be run"
    # A time that a coarse clock printed as zero has no place on a logarithmic scale.
    drawn = [
        (runtime.title, {figure.value: figure.elapsed_ns for figure in runtime.figures if figure.elapsed_ns})
        for runtime in each.runtimes
    ]
    times = [time for _, curve in drawn for time in curve.values()]
    if not times:
        return "no plot: no time is above zero"
    import plotext  # noqa: PLC0415 - large, and needed for this plot only

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(_WIDTH, _HEIGHT)
    plotext.xscale("log")
    plotext.yscale("log")
    marks: dict[str, str] = {}
    for title, curve in drawn:
        if curve:
            # Without colours, a letter of its name distinguishes each line.
            marks[title] = next((x for x in title if x.isalpha() and x not in marks.values()), "*")
            plotext.plot([*curve], [*curve.values()], label=title, marker=marks[title])
    stopped = [(runtime, runtime.stops[0]) for runtime in each.runtimes if runtime.stops]
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
        f"{_LIMIT_MARK} at the top: {runtime.title} could not be run at {stop.value:,}: {stop.words}"
        for runtime, stop in stopped
    ]
    return "\n".join([str(plotext.uncolorize(plotext.build())).rstrip(), *legend])


def _tick(value: int) -> str:
    """Write a value in few characters: `500`, `30k`, `2M`."""
    for limit, suffix in ((10**6, "M"), (10**3, "k")):
        if value >= limit and value % limit == 0:
            return f"{value // limit}{suffix}"
    return str(value)
