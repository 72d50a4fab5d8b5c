"""Predict what the missing points of a sweep take, from those that were measured. Pure."""

from math import inf

from seqbench.bench.sizing import predicted_cost_ns
from seqbench.experiments.sweep.document import SweepDocument, SweptBenchmark
from seqbench.sessions.session import Measured


def predicted_round_ns(swept: SweptBenchmark, value: int) -> float:
    """Return what a round at a value takes, predicted from the last point that was measured; 0 if there is none."""
    for point in reversed(swept.points):
        if point.result is not None:
            outcomes = [program.outcome for program in point.result.programs]
            samples = [each.samples[-1] for each in outcomes if isinstance(each, Measured) and each.samples]
            return predicted_cost_ns(samples, value / point.value)
    return 0.0


def missing_ns(document: SweepDocument, rounds: int) -> float:
    """Return what the missing points take with this number of rounds and a pilot each.

    It is infinite while a benchmark has no point, so that nothing is known of it.
    """
    if any(not each.points for each in document.benchmarks):
        return inf
    return sum((1 + rounds) * predicted_round_ns(swept, value) for swept, value in document.missing())
