from dataclasses import replace

import pytest

from seqbench.sessions import report
from seqbench.sessions.interference import (
    Interference,
    counts_in,
    interference_data,
    interference_lines,
    of_result,
    uncounted_lines,
)
from seqbench.sessions.session import BenchmarkResult, Measured, Sample, Session
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
    found = of_result(result(sample(1), sample(2, busy_ms=710), sample(3, busy_ms=590)), CORES)
    assert found == Interference(judged=3)


@pytest.mark.parametrize("kind", ["busy_ms", "steal_ms"])
def test_rounds_in_which_others_used_more_than_a_tenth_are_disturbed(kind: str) -> None:
    others = {"busy_ms": 1_200} if kind == "busy_ms" else {"steal_ms": 600}
    found = of_result(result(sample(1), sample(2, **others), sample(3)), CORES)

    assert (found.disturbed, found.judged) == ((2,), 3)
    # 600 of the 1,200 ms that two processors have in 600 ms.
    assert found.share == pytest.approx(0.5)


def test_short_rounds_are_joined_to_half_a_second() -> None:
    """A step of 10 ms in a round of 20 ms is a quarter of both processors, and says nothing."""
    short = [sample(number, window_ms=20, busy_ms=20, own_ms=10) for number in range(1, 26)]
    found = of_result(result(*short), CORES)
    assert (len(found.disturbed), found.judged) == (25, 25)
    noisy = [sample(n, window_ms=20, busy_ms=20 if n % 10 == 0 else 10, own_ms=10) for n in range(1, 26)]
    assert of_result(result(*noisy), CORES).disturbed == ()


def test_rounds_that_are_too_short_to_judge_are_not_counted() -> None:
    assert of_result(result(sample(1, window_ms=100, busy_ms=200)), CORES).judged == 0


def test_time_of_kernel_threads_is_not_that_of_others() -> None:
    """They give back the memory of a program: 14 GiB take them seconds."""
    freed = replace(sample(1, busy_ms=1_200), kernel_threads_ns=590 * MS)
    assert of_result(result(freed), CORES) == Interference(judged=1)


def session_of(*samples: Sample) -> Session:
    session = a_session(result(*samples))
    return replace(session, machine=replace(session.machine, cores=CORES))


def test_sentence_says_how_much_and_in_how_many_rounds() -> None:
    session = session_of(sample(1), sample(2, busy_ms=1_200), sample(3, busy_ms=960))

    (line,) = interference_lines((session,))
    assert line == "other processes used 40 % of the CPUs in 2 of 3 rounds: expect wider intervals"
    assert uncounted_lines((session,)) == ()


def test_sentence_says_how_long_a_task_waited() -> None:
    session = session_of(replace(sample(1, busy_ms=1_200), pressure_ns=450 * MS))
    (line,) = interference_lines((session,))
    assert "in 1 of 1 rounds (a task waited for a CPU in 75 % of the time): " in line


def test_waiting_alone_is_no_interference() -> None:
    """A program with more threads than there are processors waits for its own."""
    assert interference_lines((session_of(replace(sample(1), pressure_ns=600 * MS)),)) == ()


def test_throttling_by_a_quota_is_said() -> None:
    session = session_of(replace(sample(1), throttled_ns=250 * MS), replace(sample(2), throttled_ns=5 * MS))
    (line,) = interference_lines((session,))
    assert line == "a CPU quota stopped programs in 1 of 2 rounds, for 250 ms of CPU time: expect wider intervals"


def in_tests(of_run: Sample, *tests: str) -> tuple[BenchmarkResult, ...]:
    """Return the results of the tests of one run, as a program with several tests has them."""
    return tuple(replace(result(of_run), name=f"pingpong/{test}", test=test) for test in tests)


def test_runs_of_several_tests_and_of_a_row_by_the_wall_clock_are_counted_once() -> None:
    once = session_of(sample(1, busy_ms=1_200))
    several = replace(once, results=(*once.results, *in_tests(sample(1, busy_ms=1_200), "a", "b")))

    assert counts_in((several,)) == counts_in((once,))
    assert interference_data((several,)) == interference_data((once,))
    assert interference_lines((several,)) == interference_lines((once,))


def test_short_rounds_of_several_tests_are_no_longer_than_they_were() -> None:
    session = replace(session_of(), results=in_tests(sample(1, window_ms=300, busy_ms=600, own_ms=300), "a", "b"))
    assert counts_in((session,)).judged_rounds == 0


def test_programs_of_one_round_are_counted_together() -> None:
    short = Measured(samples=(sample(1, window_ms=300, busy_ms=600, own_ms=300),), warm_ups=())
    session = replace(session_of(), results=(a_result(a_program(short), a_program(short, "go")),))
    assert counts_in((session,)).judged_rounds == 1


def test_sides_of_the_same_rounds_are_judged_together() -> None:
    sides = [session_of(sample(1, window_ms=300, busy_ms=600, own_ms=300)) for _ in range(2)]
    assert interference_data(*([side] for side in sides))["judged_rounds"] == 0
    data = interference_data(sides)
    assert (data["judged_rounds"], data["disturbed_rounds"], data["others_share"]) == (1, 1, 0.5)
    assert data["lines"] == list(interference_lines(sides))


def test_session_without_counts_says_that_it_has_none() -> None:
    session = a_session(a_result(a_program(Measured(samples=(a_sample(500),), warm_ups=()))))

    assert interference_lines((session,)) == ()
    (line,) = uncounted_lines((session,))
    assert "was not counted" in line
    assert line in report.notes(session)
    assert interference_data((session,))["lines"] == [line]
    assert uncounted_lines((replace(session, results=()),)) == ()
