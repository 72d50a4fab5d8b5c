from dataclasses import replace

import pytest

from seqbench.compare.comparison import compare
from seqbench.compare.report import full_text
from seqbench.sessions.peak_memory import Peak, peak_of
from seqbench.sessions.session import Measured
from tests.support.strategies import a_program, a_result, a_sample, a_session

_MIB = 1 << 20


def _of(*peaks_mib: int, floor_mib: int) -> Measured:
    samples = tuple(
        replace(a_sample(number), max_rss_bytes=peak * _MIB, max_rss_floor_bytes=floor_mib * _MIB, round_number=number)
        for number, peak in enumerate(peaks_mib, start=1)
    )
    return Measured(samples=samples, warm_ups=())


@pytest.mark.parametrize(
    ("peaks", "floor", "text"),
    [((80, 90, 85), 46, "85.0 MiB"), ((46, 46, 80), 46, "< 46.0 MiB"), ((46,), 45, "46.0 MiB")],
)
def test_a_peak_that_the_harness_hides_is_only_known_to_be_less(peaks: tuple[int, ...], floor: int, text: str) -> None:
    found = peak_of(_of(*peaks, floor_mib=floor).samples)
    assert found == Peak(size_bytes=sorted(peaks)[len(peaks) // 2] * _MIB, is_hidden=text.startswith("<"))
    assert found.text == text


def test_a_comparison_does_not_show_the_harness_as_the_memory_of_a_program() -> None:
    sides = [a_session(a_result(a_program(_of(*[peak] * 10, floor_mib=54))), runtimes=("seq",)) for peak in (54, 90)]
    text = full_text(compare(sides[0], sides[1], runtime="seq", paired=True, margin=0.02), "7.7.3", "7.7.5")
    (row,) = [line for line in text.splitlines() if "MiB" in line and line.startswith("Ping-Pong")]
    assert row.split("  ")[0] == "Ping-Pong"
    assert "< 54.0 MiB" in row
    assert " 90.0 MiB" in row
