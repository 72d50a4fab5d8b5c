"""One verdict over machines, and where they disagree."""

import random
from dataclasses import replace

import pytest

from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.machines import (
    Judged,
    OverMachines,
    Stratum,
    judge_machine,
    judge_machines,
    judge_together,
    overall_error,
    single_error,
    stratum,
)
from seqbench.compare.metrics import Metric
from seqbench.compare.verdict import Looks, Verdict
from tests.support.compared import CALM, heavier, pair, slowed

MARGIN = 0.02


@pytest.fixture
def compared() -> Comparison:
    return compare(*pair(slowed(CALM, 1.05)), runtime="seq", paired=True, margin=MARGIN)


def _stratum(seed: int, shift: float, count: int = 60, spread: float = 0.02) -> Stratum:
    generator = random.Random(seed)  # noqa: S311 - noise, not secrets
    logs = tuple(shift + generator.gauss(0, spread) for _ in range(count))
    return Stratum(logs=logs, looks=Looks.only_one(len(logs)))


def _over(*verdicts: Verdict) -> OverMachines:
    machines = tuple((name, Judged(verdict=verdict)) for name, verdict in zip("abcd", verdicts, strict=False))
    return OverMachines(name="x", title="X", overall=Judged(verdict=Verdict.INCONCLUSIVE), machines=machines)


@pytest.mark.parametrize(("shift", "expected"), [(0.05, Verdict.SLOWER), (-0.05, Verdict.FASTER), (0.0, Verdict.SAME)])
def test_common_change_gets_its_verdict(shift: float, expected: Verdict) -> None:
    judged = judge_together([_stratum(seed, shift) for seed in range(3)], error=0.01, margin=MARGIN)
    assert judged.verdict is expected
    assert judged.rounds == 180


def test_too_few_rounds_are_inconclusive_without_a_ratio() -> None:
    judged = judge_together([_stratum(1, 0.5, count=3)], error=0.01, margin=MARGIN)
    assert (judged.verdict, judged.ratio, judged.rounds) == (Verdict.INCONCLUSIVE, None, 3)


def test_identical_executables_are_the_same_on_every_machine() -> None:
    strata = [replace(_stratum(seed, 0.3), is_identical=True) for seed in range(2)]
    assert judge_together(strata, error=0.01, margin=MARGIN).verdict is Verdict.SAME


def test_coarse_clock_widens_the_interval() -> None:
    strata = [replace(_stratum(seed, 0.03), rounding=0.05) for seed in range(3)]
    assert judge_together(strata, error=0.01, margin=MARGIN).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("verdicts", "disagree"),
    [
        ((Verdict.SLOWER, Verdict.SLOWER, Verdict.SAME), True),
        ((Verdict.SLOWER, Verdict.FASTER), True),
        ((Verdict.SLOWER, Verdict.INCONCLUSIVE), False),
        ((Verdict.FASTER, Verdict.SAME), False),
    ],
)
def test_machines_disagree_where_one_is_slower_and_another_is_not(
    verdicts: tuple[Verdict, ...], *, disagree: bool
) -> None:
    assert _over(*verdicts).is_disagreement is disagree


def test_sentence_names_the_machines_of_each_verdict() -> None:
    found = _over(Verdict.SLOWER, Verdict.SLOWER, Verdict.SAME)
    assert found.sentence() == "slower on a and b, same on c"


def test_benchmark_that_a_machine_lacks_is_not_comparable(compared: Comparison) -> None:
    (judged,) = judge_machines({"a": compared, "b": replace(compared, benchmarks=())}, margin=MARGIN)
    assert judged.overall.verdict is Verdict.NOT_COMPARABLE
    assert dict(judged.machines)["a"].verdict is Verdict.SLOWER
    assert dict(judged.machines)["b"].verdict is Verdict.NOT_COMPARABLE


def test_verdict_over_machines_needs_fewer_rounds_than_that_of_one(compared: Comparison) -> None:
    (judged,) = judge_machines(dict.fromkeys("abc", compared), margin=MARGIN)
    assert judged.overall.verdict is Verdict.SLOWER
    assert judged.overall.rounds == 3 * len(compared.benchmarks[0].base)


_ALL = (Metric.TIME, Metric.PEAK_MEMORY, Metric.BUILD_TIME, Metric.SIZE)


def _heavy(ratio: float, metrics: tuple[Metric, ...] = _ALL) -> Comparison:
    base, head = pair(slowed(CALM, 1.0))
    sides = heavier(base, 1.0), heavier(head, ratio)
    return compare(*sides, runtime="seq", paired=True, margin=MARGIN, metrics=metrics)


def test_each_metric_is_judged_over_all_machines() -> None:
    judged = judge_machines({"a": _heavy(3.0), "b": _heavy(3.0)}, margin=MARGIN)
    slower = Verdict.SLOWER
    assert [(each.metric, each.overall.verdict, each.overall.rounds) for each in judged] == [
        (Metric.TIME, Verdict.SAME, 120),
        (Metric.PEAK_MEMORY, slower, 120),
        (Metric.BUILD_TIME, slower, 24),
        (Metric.SIZE, slower, 1),
    ]
    assert [each.overall.ratio for each in judged[1:]] == pytest.approx([3.0] * 3, rel=1e-3)
    assert [each.label for each in judged[:2]] == ["Ping-Pong", "Ping-Pong, peak-memory"]


def test_metrics_with_noise_share_the_error_over_all_machines() -> None:
    """The size costs nothing, and three others get a third each."""
    found = {"a": _heavy(1.0), "b": _heavy(1.0)}
    (timed, *_), strata = judge_machines(found, margin=MARGIN), [stratum(each, "pingpong") for each in found.values()]
    assert timed.overall == judge_together(strata, error=overall_error(3), margin=MARGIN)
    assert timed.machines[0][1] == judge_machine(strata[0], error=single_error(3, 2), margin=MARGIN)


def test_largest_size_of_all_machines_is_judged() -> None:
    (_, size) = judge_machines(
        {name: _heavy(ratio, (Metric.TIME, Metric.SIZE)) for name, ratio in (("a", 0.9), ("b", 1.1), ("c", 1.0))},
        margin=MARGIN,
    )
    assert (size.overall.verdict, size.overall.ratio) == (Verdict.SLOWER, 1.1)
    assert size.sentence() == "faster on a, slower on b, same on c"


def test_size_that_was_not_measured_yet_leaves_the_verdict_open() -> None:
    """A benchmark that the budget of one machine did not hold."""
    skipped = _heavy(1.0, (Metric.TIME, Metric.SIZE))
    skipped = replace(
        skipped,
        benchmarks=tuple(
            replace(each, paired_result=None, is_unfinished=True, reason="no time") for each in skipped.benchmarks
        ),
    )
    judged = judge_machines({"a": _heavy(1.0, (Metric.TIME, Metric.SIZE)), "b": skipped}, margin=MARGIN)
    assert judged[1].overall.verdict is Verdict.INCONCLUSIVE
    assert dict(judged[1].machines)["b"].verdict is Verdict.INCONCLUSIVE


def test_machine_without_a_single_pair_leaves_the_verdict_open() -> None:
    some = replace(_stratum(1, 0.3, count=12), looks=Looks.only_one(12))
    none = Stratum(logs=(), looks=Looks.only_one(0))
    found = judge_together([some, none], error=0.005, margin=MARGIN)
    assert (found.verdict, found.ratio) == (Verdict.INCONCLUSIVE, None)


def test_metric_that_a_machine_lacks_is_not_comparable() -> None:
    judged = judge_machines({"a": _heavy(3.0), "b": _heavy(0.0)}, margin=MARGIN)
    assert [each.overall.verdict for each in judged] == [Verdict.SAME, *[Verdict.NOT_COMPARABLE] * 3]


def _in_looks(found: Stratum, *looks: tuple[int, float]) -> Stratum:
    pairs, spent = zip(*looks, strict=True)
    return replace(found, looks=Looks(pairs=pairs, spent=spent))


def test_first_common_look_with_a_verdict_stands_and_single_machines_are_judged_there() -> None:
    looks = ((10, 0.03), (30, 0.09), (60, 0.33))
    strata = [_in_looks(_stratum(seed, 0.05), *looks) for seed in range(3)]
    judged = judge_together(strata, error=0.005, margin=MARGIN)
    assert (judged.verdict, judged.rounds) == (Verdict.SLOWER, 30)
    assert judge_machine(strata[0], error=0.001, margin=MARGIN).rounds == 60


def test_look_that_a_machine_does_not_have_uses_what_it_had_before() -> None:
    longer = _in_looks(_stratum(1, 0.0, spread=0.2), (20, 0.09), (40, 0.33), (60, 1.0))
    stopped = _in_looks(_stratum(2, 0.0, spread=0.2), (20, 0.09), (60, 1.0))
    assert judge_together([longer, stopped], error=0.005, margin=MARGIN).rounds == 120


def test_machine_without_a_look_leaves_the_verdict_open() -> None:
    none = replace(_stratum(1, 0.5), looks=Looks(pairs=(), spent=()))
    judged = judge_together([_stratum(2, 0.5), none], error=0.005, margin=MARGIN)
    assert (judged.verdict, judged.ratio) == (Verdict.INCONCLUSIVE, None)
    assert judge_machine(none, error=0.001, margin=MARGIN).verdict is Verdict.INCONCLUSIVE


@pytest.mark.slow
def test_common_looks_keep_the_error_with_machines_that_differ() -> None:
    """Identical compilers on three unlike machines, whose looks do not grow in proportion: 5 % of false alarms."""
    trials, error, alarms = 2000, 0.05, 0
    looks = (((8, 0.05), (20, 0.3), (40, 1.0)), ((10, 0.05), (12, 0.3), (60, 1.0)), ((5, 0.05), (30, 0.3), (35, 1.0)))
    for trial in range(trials):
        strata = [
            _in_looks(_stratum(3 * trial + machine, 0.0, count=60, spread=spread), *looks[machine])
            for machine, spread in enumerate((0.01, 0.1, 1.0))
        ]
        alarms += judge_together(strata, error=error, margin=1e-6).verdict in (Verdict.SLOWER, Verdict.FASTER)
    assert 0.02 < alarms / trials < 0.06
