from dataclasses import replace
from math import inf

import pytest

from seqbench.experiments.sweep.expected import missing_ns, predicted_round_ns
from tests.support.sweeps import a_sweep, both


def test_missing_points_take_what_the_last_point_predicts() -> None:
    document = a_sweep(both(10, 2, 1), both(100, 20, 10))
    assert missing_ns(document, 6) == 0

    (swept,) = document.benchmarks
    swept = replace(swept, values=(10, 100, 1_000, 10_000))
    waiting = replace(document, benchmarks=(swept,))
    costs_ns = [predicted_round_ns(swept, value) for value in (1_000, 10_000)]
    assert costs_ns[0] > 10 * 30e6
    assert missing_ns(waiting, 6) == pytest.approx(7 * sum(costs_ns))


def test_nothing_is_known_while_a_benchmark_has_no_point() -> None:
    document = a_sweep(both(10, 2, 1))
    (swept,) = document.benchmarks
    unknown = replace(swept, name="other", points=())

    assert predicted_round_ns(unknown, 10) == 0
    assert missing_ns(replace(document, benchmarks=(swept, unknown)), 6) == inf
    assert [each.name for each, _ in replace(document, benchmarks=(swept, unknown)).missing()] == ["other"]
