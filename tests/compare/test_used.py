from dataclasses import replace

import pytest

from seqbench.compare.compared import Compared
from seqbench.compare.comparison import compare
from seqbench.compare.used import used_lines, used_of, used_share
from tests.support.compared import CALM, pair, slowed


def _compared(planned: int, rounds: int, wall_ns: int) -> Compared:
    (found,) = compare(*pair(slowed(CALM, 1.1)), runtime="seq", paired=True, margin=0.02).benchmarks
    samples = tuple(replace(sample, wall_ns=wall_ns) for sample in found.base[:rounds])
    return replace(found, planned=planned, base=samples, head=samples)


def test_share_counts_the_time_of_rounds() -> None:
    cheap, expensive = _compared(10, 10, 1_000), _compared(40, 10, 3_000)
    assert used_share([cheap, expensive]) == pytest.approx((10 * 1 + 10 * 3) / (10 * 1 + 40 * 3))
    assert (used_of(cheap), used_of(expensive)) == (1.0, 0.25)
    assert used_lines([cheap, expensive]) == (
        "used 31 % of the time of the planned rounds: pingpong 100 %, pingpong 25 %",
    )


def test_nothing_is_said_of_benchmarks_that_run_all_of_their_rounds() -> None:
    fixed = _compared(0, 10, 1_000)
    assert (used_share([fixed]), used_of(fixed), used_lines([fixed])) == (None, None, ())
