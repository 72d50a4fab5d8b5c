"""One verdict over machines, and where they disagree."""

import random
from dataclasses import replace

import pytest

from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.machines import Judged, OverMachines, Stratum, judge_machines, judge_strata
from seqbench.compare.verdict import Verdict
from tests.support.compared import CALM, pair, slowed

MARGIN = 0.02


@pytest.fixture
def compared() -> Comparison:
    return compare(*pair(slowed(CALM, 1.05)), runtime="seq", paired=True, margin=MARGIN)


def _stratum(seed: int, shift: float, count: int = 60, spread: float = 0.02) -> Stratum:
    generator = random.Random(seed)  # noqa: S311 - noise, not secrets
    return Stratum(logs=tuple(shift + generator.gauss(0, spread) for _ in range(count)))


def _over(*verdicts: Verdict) -> OverMachines:
    machines = tuple((name, Judged(verdict=verdict)) for name, verdict in zip("abcd", verdicts, strict=False))
    return OverMachines(name="x", title="X", overall=Judged(verdict=Verdict.INCONCLUSIVE), machines=machines)


@pytest.mark.parametrize(("shift", "expected"), [(0.05, Verdict.SLOWER), (-0.05, Verdict.FASTER), (0.0, Verdict.SAME)])
def test_common_change_gets_its_verdict(shift: float, expected: Verdict) -> None:
    judged = judge_strata([_stratum(seed, shift) for seed in range(3)], error=0.01, margin=MARGIN)
    assert judged.verdict is expected
    assert judged.rounds == 180


def test_too_few_rounds_are_inconclusive_without_a_ratio() -> None:
    judged = judge_strata([_stratum(1, 0.5, count=3)], error=0.01, margin=MARGIN)
    assert (judged.verdict, judged.ratio, judged.rounds) == (Verdict.INCONCLUSIVE, None, 3)


def test_identical_executables_are_the_same_on_every_machine() -> None:
    strata = [replace(_stratum(seed, 0.3), is_identical=True) for seed in range(2)]
    assert judge_strata(strata, error=0.01, margin=MARGIN).verdict is Verdict.SAME


def test_coarse_clock_widens_the_interval() -> None:
    strata = [replace(_stratum(seed, 0.03), rounding=0.05) for seed in range(3)]
    assert judge_strata(strata, error=0.01, margin=MARGIN).verdict is Verdict.INCONCLUSIVE


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
