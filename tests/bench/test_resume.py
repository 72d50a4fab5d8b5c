from dataclasses import replace

import pytest

from seqbench.bench.plan import Plan
from seqbench.bench.results import BenchmarkRun, Spent, sessions_of
from seqbench.bench.resume import restore
from seqbench.errors import UsageError
from seqbench.sessions.session import Failed, Measured, Outcome, Session, Stage, State
from tests.support.runs import a_benchmark_run, a_side
from tests.support.strategies import NOON, a_sample, a_session

_SIDES = (a_side("base"), a_side("head"))
_BLANK = a_session()
_PLAN = Plan(rounds=8)


def _ran(rounds: int) -> Measured:
    samples = tuple(a_sample(5, round_number=number) for number in range(1, rounds + 1))
    return Measured(samples=samples, warm_ups=(a_sample(9, round_number=0),))


def _interrupted(outcomes: dict[str, Outcome], *, plan: Plan = _PLAN) -> tuple[Session, ...]:
    """Return the sessions of base and head that were stopped when they had these outcomes."""
    spent = Spent(wall_ns=1, build_ns=1, programs_ns=1)
    run = a_benchmark_run(*_SIDES, outcomes=outcomes, plan=plan)
    return sessions_of([(side, _BLANK) for side in _SIDES], [run], State.INTERRUPTED, spent, NOON)


def _restored(resumed: tuple[Session, ...], run: BenchmarkRun | None = None) -> BenchmarkRun:
    run = run or a_benchmark_run(*_SIDES)
    restore({"skynet": run}, [(side, _BLANK) for side in _SIDES], resumed)
    return run


def test_whole_rounds_are_restored_and_the_one_that_was_cut_short_is_dropped() -> None:
    run = _restored(_interrupted({"base.seq": _ran(3), "head.seq": _ran(2)}))

    assert run.plan == _PLAN
    for name in ("base.seq", "head.seq"):
        assert run.rounds.outcome(name) == _ran(2)
    # A warm-up and two rounds of each side, by the wall clock.
    assert run.rounds.spent_ns == 2 * (18_000_000 + 2 * 10_000_000)


def test_program_that_had_failed_stays_out() -> None:
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="")
    run = _restored(_interrupted({"base.seq": failed, "head.seq": _ran(2)}))

    assert run.rounds.outcome("base.seq") == failed
    assert [candidate.name for candidate in run.rounds.remaining()] == ["head.seq"]
    assert run.rounds.outcome("head.seq") == _ran(2)


def _on_another_machine(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
    return tuple(replace(each, machine=replace(each.machine, identity="cd34")) for each in sessions)


def _with_other_settings(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
    return tuple(
        replace(each, results=tuple(replace(result, settings=(("SEQ_A", "1"),)) for result in each.results))
        for each in sessions
    )


_WHOLE = _interrupted({"base.seq": _ran(3), "head.seq": _ran(3)})


@pytest.mark.parametrize(
    ("resumed", "said"),
    [
        ((*_WHOLE, _WHOLE[0]), "it has 3 sides, expected 2"),
        (_interrupted({}, plan=Plan(rounds=0)), "it was interrupted before its rounds were planned"),
        (tuple(replace(each, results=()) for each in _WHOLE), "it was interrupted before its rounds were planned"),
        (_with_other_settings(_WHOLE), "skynet was started with other settings"),
        (_on_another_machine(_WHOLE), "it was measured on another machine"),
        (tuple(replace(each, sources="sha256:2") for each in _WHOLE), "the benchmark sources have changed since"),
        ((_WHOLE[0], replace(_WHOLE[1], toolchain=())), "head is not what it was"),
    ],
)
def test_samples_that_may_not_stand_beside_new_ones_are_refused(resumed: tuple[Session, ...], said: str) -> None:
    run = a_benchmark_run(*_SIDES)
    with pytest.raises(UsageError, match=f"^cannot resume this comparison: {said}") as caught:
        _restored(resumed, run)

    assert "without --resume" in caught.value.remedy
    assert run.rounds.samples == {}
