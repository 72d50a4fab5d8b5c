from dataclasses import replace
from math import log

import pytest

from seqbench.sessions.session import Failed, Measured, Outcome, Session, Stage
from seqbench.versions.joined import joined, joined_all, log_times, rounds_of, samples_of
from tests.support.strategies import a_program, a_result, a_session, measured

FAILED = Failed(stage=Stage.CHECK, reason="wrong result", detail="7")


def session(outcome: Outcome, rounds: int = 2) -> Session:
    return a_session(replace(a_result(a_program(outcome)), rounds=rounds), runtimes=("seq",))


def test_rounds_of_both_parts_follow_each_other() -> None:
    whole = joined(session(measured(1, 2)), session(measured(3, 4)))
    samples = samples_of(whole, "pingpong", "seq")
    assert not isinstance(samples, Failed)
    assert log_times(samples) == {n: pytest.approx(log(n * 1e6)) for n in (1, 2, 3, 4)}
    assert rounds_of(whole, "pingpong") == 4
    assert joined_all((), (whole,)) == (whole,)


@pytest.mark.parametrize("parts", [(measured(1), FAILED), (FAILED, measured(1))])
def test_a_program_that_failed_in_a_part_failed(parts: tuple[Outcome, Outcome]) -> None:
    whole = joined(*(session(part, 1) for part in parts))
    assert samples_of(whole, "pingpong", "seq") == FAILED


def test_a_benchmark_of_one_part_alone_stays() -> None:
    other = a_session(a_result(a_program(measured(1)), name="other"))
    assert [result.name for result in joined(session(measured(1)), other).results] == ["pingpong", "other"]


def test_what_has_no_time_says_why() -> None:
    zero = measured(1)
    assert isinstance(zero, Measured)
    zero = Measured(samples=(replace(zero.samples[0], elapsed_ns=0),), warm_ups=())
    for outcome, runtime, reason in (
        (zero, "seq", "too coarse"),
        (measured(), "seq", "not run"),
        (measured(1), "go", "program"),
    ):
        found = samples_of(session(outcome), "pingpong", runtime)
        assert isinstance(found, Failed)
        assert reason in found.reason
