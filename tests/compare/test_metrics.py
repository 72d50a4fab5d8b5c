from dataclasses import replace

import pytest

from seqbench.compare.metrics import Metric, family_of, missing, pairs_of, parse_metrics
from seqbench.compare.stop import standing
from seqbench.errors import UsageError
from seqbench.sessions.session import Measured, Session
from tests.support.compared import CALM, pair, session_of
from tests.support.strategies import a_sample, measured


def test_metrics_are_named_in_any_order_and_the_time_is_the_default() -> None:
    assert parse_metrics(None) == (Metric.TIME,)
    assert parse_metrics("size, peak-memory,time,size") == (Metric.TIME, Metric.PEAK_MEMORY, Metric.SIZE)


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("peak-memroy", "no metric named 'peak-memroy'", "did you mean 'peak-memory'"),
        ("time,xyz", "no metric named 'xyz'", "use one of: time, peak-memory, cpu-time, build-time, size"),
        (" , ", "--metric ' , ' contains no name", "--metric time,peak-memory"),
    ],
)
def test_unknown_metric_is_an_error_with_a_similar_name(text: str, message: str, fix: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_metrics(text)
    assert message in caught.value.message
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("metrics", "family"),
    [
        ((Metric.TIME,), 3),
        ((Metric.TIME, Metric.PEAK_MEMORY), 5),
        # An exact one costs no error, and a family has one verdict at least.
        ((Metric.TIME, Metric.SIZE), 3),
        ((Metric.PEAK_MEMORY, Metric.BUILD_TIME), 4),
        ((Metric.SIZE,), 1),
    ],
)
def test_family_is_the_benchmarks_times_the_metrics_with_noise(metrics: tuple[Metric, ...], family: int) -> None:
    assert family_of(["alpha", "beta/a", "beta/b"], metrics) == family


def test_pairs_are_the_values_of_the_rounds_that_both_ran_in() -> None:
    base = [replace(a_sample(100, round_number=number), user_ns=number, system_ns=1) for number in (1, 2, 3)]
    head = [replace(a_sample(100, round_number=number), user_ns=10 * number, system_ns=1) for number in (2, 3, 4)]

    assert pairs_of(Metric.CPU_TIME, base, head) == {2: (3.0, 21.0), 3: (4.0, 31.0)}
    assert pairs_of(Metric.PEAK_MEMORY, base, head[:1]) == {2: (197 << 20, 197 << 20)}


def test_peak_memory_below_that_of_the_launcher_is_missing() -> None:
    samples = [a_sample(100)]
    hidden = [replace(sample, max_rss_floor_bytes=sample.max_rss_bytes) for sample in samples]

    assert missing(Metric.PEAK_MEMORY, "base", samples) == ""
    assert missing(Metric.PEAK_MEMORY, "head", hidden) == (
        "the peak memory of head is not known: it is hidden by that of its launcher, < 197 MiB"
    )
    assert missing(Metric.TIME, "head", hidden) == ""


def test_value_of_zero_has_no_ratio() -> None:
    samples = [replace(a_sample(100), user_ns=0, system_ns=0)]
    assert missing(Metric.CPU_TIME, "base", samples) == (
        "a run of base was too short for the kernel to count its processor time"
    )
    assert "a time of zero" in missing(Metric.TIME, "base", [replace(samples[0], elapsed_ns=0)])
    assert missing(Metric.TIME, "base", []) == "base has no samples"


def test_benchmark_stops_when_all_its_metrics_are_settled() -> None:
    base, head = pair(measured(*CALM))

    def is_settled(*metrics: Metric, changed: Session = head) -> bool:
        return standing((base, changed), "pingpong", runtime="seq", margin=0.02, metrics=metrics).is_settled

    assert is_settled(Metric.TIME)
    assert is_settled(Metric.TIME, Metric.PEAK_MEMORY, Metric.SIZE, Metric.BUILD_TIME)
    outcome = head.results[0].programs[0].outcome
    assert isinstance(outcome, Measured)
    wild = tuple(
        replace(sample, max_rss_bytes=sample.max_rss_bytes * (70 + 37 * sample.round_number % 61) // 100)
        for sample in outcome.samples
    )
    open_one = session_of(Measured(samples=wild, warm_ups=()), "sha256:bb")
    assert is_settled(Metric.TIME, changed=open_one)
    assert not is_settled(Metric.TIME, Metric.PEAK_MEMORY, changed=open_one)
