"""The formats of services that keep one figure a run: Bencher's and that of github-action-benchmark. Pure.

The figure is the median of the program's own clock, its range the 95 % interval where there are rounds enough for one.
"""

from collections.abc import Mapping, Sequence

from seqbench.publish.export.programs import MeasuredProgram, json_text, measured_programs
from seqbench.sessions.session import Session
from seqbench.stats.intervals import Summary, summarize

_NS_PER_S = 1e9


def bencher(session: Session) -> str:
    """Return Bencher Metric Format: `latency` in nanoseconds, and `throughput` in items a second.

    These two measures every project at Bencher has, in these units.
    """
    return json_text({program.name: dict(_measures(program)) for program in measured_programs(session)})


def _measures(program: MeasuredProgram) -> Sequence[tuple[str, Mapping[str, float]]]:
    times_ns = [sample.elapsed_ns for sample in program.samples]
    measures = [("latency", _metric(summarize(times_ns)))]
    if program.rate_count is not None:
        rates = [program.rate_count * _NS_PER_S / time for time in times_ns]
        measures.append(("throughput", _metric(summarize(rates))))
    return measures


def _metric(summary: Summary) -> Mapping[str, float]:
    if summary.interval is None:
        return {"value": summary.median}
    return {"value": summary.median, "lower_value": summary.interval.low, "upper_value": summary.interval.high}
