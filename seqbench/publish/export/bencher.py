"""Export medians in Bencher Metric Format. Pure.

A value is the median of the program's own clock. Its bounds are the 95 % interval, if there are enough rounds for one.
"""

from collections.abc import Mapping, Sequence

from seqbench.publish.export.programs import MeasuredProgram, has_zero, json_text, measured_programs
from seqbench.sessions.session import Session
from seqbench.stats.intervals import Summary, summarize

_NS_PER_S = 1e9


def bencher(session: Session) -> str:
    """Return Bencher Metric Format: `latency` in nanoseconds, and `throughput` in items per second.

    Every project at Bencher has these two measures, in these units.
    """
    return json_text({program.name: dict(_measures(program)) for program in measured_programs(session)})


def _measures(program: MeasuredProgram) -> Sequence[tuple[str, Mapping[str, float]]]:
    times_ns = [sample.elapsed_ns for sample in program.samples]
    measures = [("latency", _metric(summarize(times_ns)))]
    # A clock that shows zero gives no rate.
    if program.rate_count is not None and not has_zero(program):
        rates = [program.rate_count * _NS_PER_S / time for time in times_ns]
        measures.append(("throughput", _metric(summarize(rates))))
    return measures


def _metric(summary: Summary) -> Mapping[str, float]:
    if summary.interval is None:
        return {"value": summary.median}
    return {"value": summary.median, "lower_value": summary.interval.low, "upper_value": summary.interval.high}
