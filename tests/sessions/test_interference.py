from dataclasses import replace

import pytest

from seqbench.sessions.interference import interference, interference_text, was_counted
from seqbench.sessions.session import BenchmarkResult, Measured, Sample
from tests.support.strategies import a_program, a_result, a_sample, a_session

CORES = 2
MS = 1_000_000


def sample(number: int, *, window_ms: int = 600, busy_ms: int = 600, steal_ms: int = 0, own_ms: int = 600) -> Sample:
    return replace(
        a_sample(500),
        round_number=number,
        window_ns=window_ms * MS,
        machine_busy_ns=busy_ms * MS,
        machine_steal_ns=steal_ms * MS,
        own_cpu_ns=own_ms * MS,
    )


def result(*samples: Sample) -> BenchmarkResult:
    return a_result(a_program(Measured(samples=samples, warm_ups=(sample(0, busy_ms=9_999),))))


def test_quiet_machine_has_none() -> None:
    found = interference(result(sample(1), sample(2, busy_ms=710), sample(3, busy_ms=590)), CORES)
    assert (found.disturbed, found.rounds, found.share) == ((), 3, 0.0)


@pytest.mark.parametrize("kind", ["busy_ms", "steal_ms"])
def test_rounds_in_which_others_used_more_than_a_tenth_are_disturbed(kind: str) -> None:
    others = {"busy_ms": 1_200} if kind == "busy_ms" else {"steal_ms": 600}
    found = interference(result(sample(1), sample(2, **others), sample(3)), CORES)

    assert (found.disturbed, found.rounds) == ((2,), 3)
    # 600 of the 1,200 ms that two processors have in 600 ms.
    assert found.share == pytest.approx(0.5)


def test_short_rounds_are_joined_to_half_a_second() -> None:
    """A step of 10 ms in a round of 20 ms is a quarter of both processors, and says nothing."""
    short = [sample(number, window_ms=20, busy_ms=20, own_ms=10) for number in range(1, 26)]
    found = interference(result(*short), CORES)
    assert (len(found.disturbed), found.rounds) == (25, 25)
    noisy = [sample(n, window_ms=20, busy_ms=20 if n % 10 == 0 else 10, own_ms=10) for n in range(1, 26)]
    assert interference(result(*noisy), CORES).disturbed == ()


def test_rounds_that_are_too_short_to_judge_are_not_counted() -> None:
    assert interference(result(sample(1, window_ms=100, busy_ms=200)), CORES).rounds == 0


def test_sentence_says_how_much_and_in_how_many_rounds() -> None:
    disturbed = result(sample(1), sample(2, busy_ms=1_200), sample(3, busy_ms=960))
    session = a_session(disturbed)
    session = replace(session, machine=replace(session.machine, cores=CORES))

    assert interference_text(session) == "other processes used 40 % of the CPUs in 2 of 3 rounds"
    assert was_counted(session)


def test_session_of_before_has_no_sentence() -> None:
    session = a_session(a_result(a_program(Measured(samples=(a_sample(500),), warm_ups=()))))

    assert not was_counted(session)
    assert interference_text(session) == ""
