from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from seqbench.sessions.freshness import FIX, Policy, Violation, violations
from seqbench.sessions.latest_run import Record, RecordedBenchmark, Status
from tests.support.strategies import NOON

_POLICY = Policy(max_age=timedelta(hours=24), allow_scaled=False)
_NAMES = ("fanout", "pingpong", "skynet")


def _benchmark(name: str, *, status: Status = Status.MEASURED, is_full: bool = True) -> RecordedBenchmark:
    return RecordedBenchmark(name=name, status=status, is_full=is_full, size="leaves=1000")


_RECORD = Record(
    timestamp=NOON,
    commit="0123456789abcdef",
    dirty=False,
    is_complete=True,
    benchmarks=tuple(_benchmark(name) for name in _NAMES),
    left_out=(),
    toolchain=(),
    settings=(),
    machine="a machine",
    sources="sha256:1",
    ratios=(),
    costs="",
    notes="",
    table="",
)


def _found(
    record: Record = _RECORD,
    *,
    policy: Policy = _POLICY,
    now: datetime = NOON,
    benchmarks: tuple[str, ...] = _NAMES,
    sources: str = "sha256:1",
) -> tuple[Violation, ...]:
    return violations(record, policy, now=now, benchmarks=benchmarks, sources=sources)


def _reasons(found: tuple[Violation, ...]) -> list[str]:
    return [violation.reason for violation in found]


def _with(changed: RecordedBenchmark) -> Record:
    return replace(_RECORD, benchmarks=tuple(changed if b.name == changed.name else b for b in _RECORD.benchmarks))


def test_a_fresh_and_whole_record_holds() -> None:
    assert _found() == ()


@pytest.mark.parametrize("rows", [("fib/naive", "fib/memo"), ("fib/wall",), ("fib", "fib/wall")])
def test_benchmark_whose_rows_are_tests_or_wall_clocks_was_run(rows: tuple[str, ...]) -> None:
    record = replace(_RECORD, benchmarks=tuple(_benchmark(name) for name in (*rows, "skynet")))
    assert _found(record, benchmarks=("fib", "skynet")) == ()
    assert _reasons(_found(record, benchmarks=("fib", "naive", "skynet"))) == ["naive was not run"]


def test_test_that_failed_or_was_scaled_down_is_named() -> None:
    rows = (
        _benchmark("fib/naive"),
        _benchmark("fib/memo", status=Status.FAILED),
        _benchmark("fib/loop", is_full=False),
    )
    found = _found(replace(_RECORD, benchmarks=rows), benchmarks=("fib",))

    assert _reasons(found) == ["fib/memo failed", "fib/loop was scaled down (leaves=1000)"]
    assert found[0].fix == "run {invoke} bench-fib to see why"


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=23, minutes=59, seconds=59)])
def test_a_record_is_fresh_for_a_second_less_than_24_hours(age: timedelta) -> None:
    assert _found(now=NOON + age) == ()


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(hours=24), "24 hours"),
        (timedelta(hours=24, seconds=1), "24 hours"),
        (timedelta(days=100), "2400 hours"),
    ],
)
def test_a_record_is_stale_from_24_hours_on(age: timedelta, said: str) -> None:
    (violation,) = _found(now=NOON + age)
    assert violation.reason == (
        f"Benchmarks are stale: the run of 2026-03-01T12:00:00Z is {said} old, the limit is 24 hours"
    )
    assert violation.fix == FIX
    assert FIX.startswith("{invoke} bench && git add LATEST_RUN.txt && ")


def test_another_limit_is_kept_and_named() -> None:
    policy = replace(_POLICY, max_age=timedelta(minutes=45))
    assert _found(policy=policy, now=NOON + timedelta(minutes=44, seconds=59)) == ()
    (reason,) = _reasons(_found(policy=policy, now=NOON + timedelta(minutes=45)))
    assert reason.endswith("is 45 minutes old, the limit is 45 minutes")


def test_the_age_is_the_same_in_every_time_zone() -> None:
    later = (NOON + timedelta(hours=24)).astimezone(timezone(timedelta(hours=-11)))
    assert len(_found(now=later)) == 1
    assert _found(now=later - timedelta(seconds=1)) == ()


def test_a_record_from_the_future_does_not_hold_but_clocks_may_differ_by_minutes() -> None:
    assert _found(now=NOON - timedelta(minutes=5)) == ()
    (reason,) = _reasons(_found(now=NOON - timedelta(minutes=5, seconds=1)))
    assert (
        reason == "the run is from the future: its timestamp is 2026-03-01T12:00:00Z, the time is 2026-03-01T11:54:59Z"
    )


def test_a_benchmark_that_was_not_run_is_named() -> None:
    assert _reasons(_found(benchmarks=(*_NAMES, "mesh"))) == ["mesh was not run"]
    assert _reasons(_found(replace(_RECORD, benchmarks=(), is_complete=False))) == [
        f"{name} was not run" for name in _NAMES
    ]


def test_a_benchmark_that_failed_is_named_with_the_task_that_shows_why() -> None:
    (violation,) = _found(_with(_benchmark("skynet", status=Status.FAILED)))
    assert violation == Violation(reason="skynet failed", fix="run {invoke} bench-skynet to see why")


def test_a_benchmark_that_was_scaled_down_is_named_with_its_size_unless_the_policy_allows_it() -> None:
    scaled = _with(_benchmark("skynet", is_full=False))
    (violation,) = _found(scaled)
    assert violation.reason == "skynet was scaled down (leaves=1000)"
    assert "{invoke} doctor --fix" in violation.fix
    assert _found(scaled, policy=replace(_POLICY, allow_scaled=True)) == ()


def test_a_policy_that_allows_scaling_allows_no_failure() -> None:
    failed = _with(_benchmark("skynet", status=Status.FAILED, is_full=False))
    assert _reasons(_found(failed, policy=replace(_POLICY, allow_scaled=True))) == ["skynet failed"]


def test_a_benchmark_that_failed_and_was_scaled_down_has_both_reasons() -> None:
    failed = _with(_benchmark("skynet", status=Status.FAILED, is_full=False))
    assert _reasons(_found(failed)) == ["skynet failed", "skynet was scaled down (leaves=1000)"]


def test_a_run_of_every_benchmark_may_still_be_incomplete() -> None:
    assert _reasons(_found(replace(_RECORD, is_complete=False))) == ["the run left out a runtime or used another suite"]


def test_changed_sources_are_a_reason() -> None:
    assert _reasons(_found(sources="sha256:2")) == ["the benchmark sources have changed since the run"]


def test_a_benchmark_of_the_record_that_there_is_no_more_is_no_reason() -> None:
    assert _found(benchmarks=_NAMES[:2]) == ()


def test_all_reasons_are_given_at_once() -> None:
    record = replace(
        _RECORD,
        is_complete=False,
        benchmarks=(_benchmark("fanout", status=Status.FAILED), _benchmark("pingpong", is_full=False)),
    )
    reasons = _reasons(_found(record, now=NOON + timedelta(days=2), sources="sha256:2"))
    assert [reason.split(":")[0] for reason in reasons] == [
        "Benchmarks are stale",
        "fanout failed",
        "pingpong was scaled down (leaves=1000)",
        "skynet was not run",
        "the benchmark sources have changed since the run",
    ]
