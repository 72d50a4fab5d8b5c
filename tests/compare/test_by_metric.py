from collections.abc import Sequence
from dataclasses import replace

import pytest

from seqbench.compare.by_metric import Judged, judge_metric
from seqbench.compare.metrics import Metric
from seqbench.compare.verdict import Verdict
from seqbench.sessions.design import Design, Look
from seqbench.sessions.session import Measured, ProgramResult, Sample
from tests.support.strategies import a_program, a_sample

MIB = 1 << 20


def a_side(memory_mib: Sequence[float], **changes: int) -> ProgramResult:
    """Return a program with these peaks, one in each round."""
    samples: list[Sample] = [
        replace(a_sample(100, round_number=number), max_rss_bytes=round(mib * MIB), max_rss_floor_bytes=0)
        for number, mib in enumerate(memory_mib, start=1)
    ]
    return replace(a_program(Measured(samples=tuple(samples), warm_ups=())), size_bytes=changes.get("size", 1000))


def judge(metric: Metric, base: ProgramResult, head: ProgramResult, *, error: float = 0.005) -> Judged:
    return judge_metric(metric, base, head, None, margin=0.02, error=error, identical=False)


def verdict(judged: Judged) -> Verdict:
    assert judged.result is not None, judged.reason
    return judged.result.verdict


def test_constant_peaks_are_judged_with_an_interval_of_no_width() -> None:
    base = a_side([10.0] * 12)
    for ratio, wanted in ((1.0, Verdict.SAME), (1.01, Verdict.SAME), (3.0, Verdict.SLOWER), (0.5, Verdict.FASTER)):
        judged = judge(Metric.PEAK_MEMORY, base, a_side([10.0 * ratio] * 12))
        assert verdict(judged) is wanted
        assert judged.result is not None
        assert judged.result.interval.low == pytest.approx(judged.result.interval.high)
        assert judged.result.ratio == pytest.approx(ratio, rel=1e-6)
    assert judge(Metric.PEAK_MEMORY, base, base).values == (10.0 * MIB, 10.0 * MIB)


def test_peaks_with_many_ties_are_judged() -> None:
    base = a_side([10.0] * 20 + [10.5])
    assert verdict(judge(Metric.PEAK_MEMORY, base, a_side([10.0] * 21))) is Verdict.SAME
    assert verdict(judge(Metric.PEAK_MEMORY, base, a_side([11.0] * 21))) is Verdict.SLOWER


def test_too_few_rounds_are_unfinished() -> None:
    judged = judge(Metric.PEAK_MEMORY, a_side([10.0] * 8), a_side([10.0] * 8))

    assert (judged.result, judged.is_unfinished) == (None, True)
    assert judged.reason == "8 rounds, and a verdict needs 9"


def test_rounds_before_the_next_look_are_unfinished() -> None:
    design = Design(planned=100, looks=(Look(rounds=8, spent=0.01),))
    sides = a_side([10.0] * 30), a_side([11.0] * 30)
    judged = judge_metric(Metric.PEAK_MEMORY, *sides, design, margin=0.02, error=0.01, identical=False)
    assert (judged.result, judged.is_unfinished) == (None, True)
    assert judged.reason == "30 rounds, and the next look was still to come"


def test_metric_that_a_side_does_not_have_is_missing_with_the_reason() -> None:
    base, none = a_side([10.0] * 12), a_side([0.0] * 12, size=0)
    for metric, reason in (
        (Metric.PEAK_MEMORY, "the peak memory of head is not known"),
        (Metric.SIZE, "nothing is built for head, so that it has no size"),
        (Metric.BUILD_TIME, "nothing is built, so that there is no build to time"),
    ):
        judged = judge(metric, base, none)
        assert (judged.is_missing, judged.result) == (True, None)
        assert judged.reason.startswith(reason)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [(1000, Verdict.SAME), (1020, Verdict.SAME), (1021, Verdict.SLOWER), (980, Verdict.FASTER), (3000, Verdict.SLOWER)],
)
def test_size_differs_by_more_than_the_margin_or_not(size: int, wanted: Verdict) -> None:
    judged = judge(Metric.SIZE, a_side([1.0]), a_side([1.0], size=size))

    assert verdict(judged) is wanted
    assert judged.values == (1000.0, float(size))
    assert judged.result is not None
    assert judged.result.interval.low == judged.result.interval.high == size / 1000


def test_builds_are_judged_in_their_own_pairs() -> None:
    base, head = a_side([1.0]), a_side([1.0])
    times = [1_000_000_000 + 1_000 * (n * n % 11) for n in range(12)]
    base = replace(base, builds_ns=tuple(times))
    slower = replace(head, builds_ns=tuple(round(1.2 * time) for time in times))

    assert verdict(judge(Metric.BUILD_TIME, base, slower)) is Verdict.SLOWER
    assert verdict(judge(Metric.BUILD_TIME, base, base)) is Verdict.SAME
    few = judge(Metric.BUILD_TIME, replace(base, builds_ns=base.builds_ns[:8]), slower)
    assert few.reason == "8 pairs of builds, and a verdict needs 9"
    untimed = judge(Metric.BUILD_TIME, replace(base, builds_ns=(), builds_problem="its share is too short"), head)
    assert (untimed.reason, untimed.is_unfinished) == ("its share is too short", True)
