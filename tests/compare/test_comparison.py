import pytest

from seqbench.compare.comparison import compare
from seqbench.compare.report import full_text
from seqbench.compare.verdict import Verdict
from tests.support.compared import CALM, pair, slowed


@pytest.mark.parametrize(("ratio", "verdict"), [(1.05, Verdict.SLOWER), (0.95, Verdict.FASTER), (1.0, Verdict.SAME)])
def test_sessions_of_the_same_rounds_get_a_verdict(ratio: float, verdict: Verdict) -> None:
    found = compare(*pair(slowed(CALM, ratio)), runtime="seq", paired=True, margin=0.02)
    assert [each.verdict for each in found.benchmarks] == [verdict]
    assert verdict in full_text(found, "7.7.3", "7.7.5")


def test_sessions_of_different_times_get_a_ratio_and_no_verdict() -> None:
    found = compare(*pair(slowed(CALM, 2.0)), runtime="seq", paired=False, margin=0.02)
    assert found.benchmarks[0].paired_result is None
    assert found.benchmarks[0].unpaired_ratio == pytest.approx(2.0, rel=1e-3)
    text = full_text(found, "old.json", "new.json")
    assert "no verdict" in text
    assert "so there is no verdict" in text
