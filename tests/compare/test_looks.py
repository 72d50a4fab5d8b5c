"""Verdicts at several looks: what they may not cost in false alarms, and which look stands."""

from dataclasses import replace

import numpy as np
import pytest

from seqbench.compare.comparison import compare
from seqbench.compare.looks import PLANNED_LOOKS, looks_of
from seqbench.compare.verdict import Looks, Verdict, judge_looks
from seqbench.sessions.design import Design, Look
from seqbench.sessions.session import Session
from seqbench.stats.intervals import Interval
from tests.support.compared import pair
from tests.support.strategies import measured


def _design(planned: int, *, looks: int = 5) -> Design:
    taken = [Look(rounds=round(look.fraction * planned), spent=look.spent) for look in PLANNED_LOOKS[:looks]]
    return Design(planned=planned, looks=tuple(taken))


def _looks(planned: int) -> Looks:
    design = _design(planned)
    return looks_of(design, list(range(1, planned + 1)))


def test_all_looks_together_keep_the_error_over_fair_coins() -> None:
    """Each look at the full error would say so in a quarter of these comparisons."""
    draw = np.random.default_rng(7)
    error, trials, looks = 0.1, 300, _looks(50)
    wrong = 0
    for _ in range(trials):
        logs = (draw.choice((-1.0, 1.0), size=50) * draw.exponential(0.05, size=50)).tolist()
        found = judge_looks(logs, looks, margin=1e-9, error=error)
        wrong += found.verdict in (Verdict.FASTER, Verdict.SLOWER)
    assert wrong / trials <= error + 2 * (error / trials) ** 0.5


def test_intervals_of_all_looks_together_hold_the_centre() -> None:
    draw = np.random.default_rng(8)
    error, trials, looks = 0.1, 300, _looks(50)
    missed = 0
    for _ in range(trials):
        logs = draw.laplace(loc=0.1, scale=0.05, size=50).tolist()
        interval = judge_looks(logs, looks, margin=0.02, error=error).interval
        missed += not interval.low <= np.exp(0.1) <= interval.high
    assert missed / trials <= error + 2 * (error / trials) ** 0.5


def test_first_look_with_a_verdict_stands() -> None:
    # Slower for half of the rounds, and then as much faster.
    logs = [0.1 + 0.001 * (n % 5) for n in range(100)] + [-0.1 - 0.001 * (n % 5) for n in range(100)]
    found = judge_looks(logs, _looks(200), margin=0.02, error=0.01)
    assert (found.verdict, found.pairs) == (Verdict.SLOWER, 16)
    assert found.rounds_range is None


@pytest.mark.parametrize(("sign", "verdict"), [(1, Verdict.SLOWER), (-1, Verdict.FASTER)])
@pytest.mark.parametrize(("margin", "pairs"), [(0.0140, 16), (0.0168, 200)])
def test_early_look_asks_for_a_centre_beyond_the_margin(sign: int, verdict: Verdict, margin: float, pairs: int) -> None:
    # Evenly between 0.001 and 0.031, so that every interval leaves out 1, and the centre is 0.016.
    logs = [sign * (0.001 + 0.03 * (n * 0.618034 % 1)) for n in range(200)]
    found = judge_looks(logs, _looks(200), margin=margin, error=0.01)
    assert (found.verdict, found.pairs) == (verdict, pairs)


def test_fewer_pairs_than_any_look_needs_are_refused() -> None:
    looks = Looks(pairs=(1, 2, 3, 5, 7), spent=tuple(look.spent for look in PLANNED_LOOKS))
    with pytest.raises(ValueError, match="7 pairs are too few for a verdict at any look"):
        judge_looks([0.1] * 7, looks, margin=0.02, error=0.01)


@pytest.mark.parametrize("margin", [0.0, -0.01])
def test_margin_that_is_not_above_zero_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="the margin must be above zero"):
        judge_looks([0.1] * 8, _looks(8), margin=margin, error=0.01)


def test_least_rounds_are_judged_as_by_one_look() -> None:
    logs = [0.1 + 0.001 * n for n in range(8)]
    alone = Looks(pairs=(8,), spent=(1.0,))
    assert judge_looks(logs, _looks(8), margin=0.02, error=0.01) == judge_looks(logs, alone, margin=0.02, error=0.01)


def _interval(logs: list[float], looks: Looks) -> Interval:
    return judge_looks(logs, looks, margin=0.02, error=0.01).interval


def test_tails_at_each_look_choose_its_ranks() -> None:
    """Tails that grow after the first look count, and a look that has none of them is judged with plain ranks."""
    calm = [0.01 * (n * 0.618034 % 1) for n in range(40)]
    grown = [*calm, *(wild for n in range(20) for wild in (1.0 + n, -1.0 - n))]
    for logs, is_long in ((calm, False), (grown, True)):
        looks = Looks(pairs=(len(logs),), spent=(0.3,))
        by_tails, capped, plain = (_interval(logs, replace(looks, is_capped=each)) for each in (None, True, False))
        assert capped != plain
        assert by_tails == (capped if is_long else plain)


@pytest.mark.parametrize("is_capped", [True, False])
def test_choice_of_ranks_of_a_stored_design_stands(*, is_capped: bool) -> None:
    stored = replace(_design(50), is_capped=is_capped)
    assert looks_of(stored, range(1, 51)).is_capped is is_capped
    assert looks_of(_design(50), range(1, 51)).is_capped is None


def _designed(sides: tuple[Session, Session], design: Design | None) -> tuple[Session, Session]:
    base, head = (
        replace(side, results=tuple(replace(result, design=design) for result in side.results)) for side in sides
    )
    return base, head


def test_stored_comparison_is_judged_look_by_look_again() -> None:
    calm = [100 + 0.01 * (n % 7) for n in range(100)]
    turned = [time * (1.1 if n < 50 else 0.9) for n, time in enumerate(calm)]
    sides = pair(measured(*turned), measured(*calm))

    (once,) = compare(*_designed(sides, None), runtime="seq", paired=True, margin=0.02).benchmarks
    assert once.verdict is not Verdict.SLOWER
    (found,) = compare(*_designed(sides, _design(100)), runtime="seq", paired=True, margin=0.02).benchmarks
    assert (found.verdict, found.planned) == (Verdict.SLOWER, 100)
    assert found.paired_result is not None
    assert found.paired_result.pairs == 16


def test_interrupted_comparison_is_inconclusive_before_its_first_usable_look() -> None:
    sides = pair(measured(*range(200, 230)), measured(*range(100, 130)))
    (found,) = compare(*_designed(sides, _design(100, looks=1)), runtime="seq", paired=True, margin=0.02).benchmarks
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason == "8 rounds, and the next look was still to come"
