"""The verdict on one benchmark, or why it has none."""

import dataclasses

import pytest

from seqbench.compare.compared import Judging, compare_all
from seqbench.compare.comparison import compare
from seqbench.compare.metrics import Metric
from seqbench.compare.report import full_text
from seqbench.compare.verdict import Verdict
from seqbench.sessions.session import Skipped
from tests.support.compared import CALM, FAILED, pair, session_of, slowed
from tests.support.strategies import measured


def test_a_side_that_fails_is_not_comparable_and_has_no_ratio() -> None:
    for sides in (pair(FAILED), pair(measured(*CALM), base=FAILED)):
        found = compare(*sides, runtime="seq", paired=True, margin=0.02)
        assert found.benchmarks[0].verdict is Verdict.NOT_COMPARABLE
        text = full_text(found, "7.7.3", "7.7.5")
        assert "killed by SIGABRT" in text
        assert "failed to alloc sys stack" in text
        row = next(line for line in text.splitlines() if "not comparable" in line)
        assert row.split("not comparable")[0].split()[-1] == "-", "a ratio of survivors"


def test_too_few_rounds_for_a_verdict_are_inconclusive_with_the_budget_that_holds_enough() -> None:
    base, head = pair(measured(*CALM[:5]), base=measured(*CALM[:5]))
    base = dataclasses.replace(
        base,
        results=tuple(
            dataclasses.replace(r, reduced=("5 of 60 planned rounds; --budget 3m holds them",)) for r in base.results
        ),
    )
    found = compare(base, head, runtime="seq", paired=True, margin=0.02)
    assert found.benchmarks[0].verdict is Verdict.INCONCLUSIVE
    assert "inconclusive: 5 rounds, and a verdict needs 8; 5 of 60 planned rounds; --budget 3m holds them" in full_text(
        found, "7.7.3", "7.7.5"
    )


def test_benchmark_that_does_not_fit_into_the_budget_is_inconclusive() -> None:
    skipped = Skipped(reason="does not fit into the budget", remedy="--budget 9m")
    sides = [
        dataclasses.replace(side, results=tuple(dataclasses.replace(r, rounds=0) for r in side.results))
        for side in pair(skipped, base=skipped)
    ]
    found = compare(sides[0], sides[1], runtime="seq", paired=True, margin=0.02)
    assert found.benchmarks[0].verdict is Verdict.INCONCLUSIVE
    assert found.benchmarks[0].reason == "0 rounds, and a verdict needs 8; --budget 9m"


def test_a_benchmark_that_only_one_side_has_is_not_comparable() -> None:
    base, head = pair(measured(*CALM))
    found = compare(base, dataclasses.replace(head, results=()), runtime="seq", paired=True, margin=0.02)
    assert found.benchmarks[0].reason == "head has no seq program"


def test_identical_executables_with_the_same_settings_are_an_a_a_run() -> None:
    base, head = session_of(measured(*CALM)), session_of(slowed(CALM, 1.5))
    found = compare(base, head, runtime="seq", paired=True, margin=0.02)
    assert found.benchmarks[0].verdict is Verdict.SAME
    assert "A/A run" in full_text(found, "7.7.5", "a/path/to/seqc")


def test_the_same_executable_with_another_setting_is_judged() -> None:
    base, head = session_of(measured(*CALM)), session_of(slowed(CALM, 1.5))
    head = dataclasses.replace(head, settings=(("SEQ_POOL_CAPACITY", "1"),))
    found = compare(base, head, runtime="seq", paired=True, margin=0.02)
    assert found.benchmarks[0].verdict is Verdict.SLOWER
    assert "A/A run" not in full_text(found, "7.7.5", "7.7.5,SEQ_POOL_CAPACITY=1")


@pytest.mark.parametrize("metric", [Metric.TIME, Metric.PEAK_MEMORY])
def test_benchmark_of_neither_side_cannot_be_compared(metric: Metric) -> None:
    base, head = pair(measured(*CALM))
    judging = Judging(runtime="seq", margin=0.02, family=1)
    with pytest.raises(ValueError, match="neither side has skynet"):
        compare_all(base, head, ["skynet"], judging, [metric])
