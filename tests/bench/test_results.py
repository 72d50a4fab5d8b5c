from dataclasses import replace

from seqbench.bench.plan import Plan
from seqbench.bench.results import Spent, sessions_of
from seqbench.sessions.session import Failed, Measured, Skipped, Stage, State
from tests.support.runs import a_benchmark_run, a_side
from tests.support.strategies import NOON, a_sample, a_session

_SPENT = Spent(wall_ns=3, build_ns=2, programs_ns=1)
_FAILED = Failed(stage=Stage.BUILD, reason="does not compile", detail="")
_RAN = Measured(samples=(a_sample(5), a_sample(6, round_number=2)), warm_ups=(a_sample(9, round_number=0),))


def test_each_side_has_a_session_with_its_own_samples_and_digest() -> None:
    base, head = a_side("base"), a_side("head")
    run = a_benchmark_run(base, head, outcomes={"base.seq": _RAN}, plan=Plan(rounds=2))
    blanks = [replace(a_session(), seed=number) for number in (1, 2)]
    sessions = sessions_of(list(zip((base, head), blanks, strict=True)), [run], State.RUNNING, _SPENT, NOON)

    assert [(each.seed, each.state, each.wall_ns, each.build_ns, each.programs_ns) for each in sessions] == [
        (1, State.RUNNING, 3, 2, 1),
        (2, State.RUNNING, 3, 2, 1),
    ]
    (of_base,), (of_head,) = (session.results[0].programs for session in sessions)
    assert (of_base.executable, of_base.outcome) == ("sha256:base", _RAN)
    assert (of_head.executable, of_head.outcome) == (
        "sha256:head",
        Skipped(reason="interrupted before its first run", remedy="invoke bench"),
    )


def test_program_that_was_not_built_has_its_failure_and_no_digest() -> None:
    side = a_side("", _FAILED)
    (session,) = sessions_of([(side, a_session())], [a_benchmark_run(side)], State.COMPLETE, _SPENT, NOON)

    (program,) = session.results[0].programs
    assert (program.runtime, program.executable, program.outcome) == ("seq", "", _FAILED)


def test_result_has_the_size_that_was_run_and_the_settings_of_its_programs() -> None:
    side = a_side("")
    run = a_benchmark_run(side, plan=Plan(rounds=7), settings={"SEQ_POOL_CAPACITY": "100"})
    (session,) = sessions_of([(side, a_session())], [run], State.COMPLETE, _SPENT, NOON)

    (result,) = session.results
    assert (result.parameters, result.is_full, result.size_label) == ((("leaves", 1_000),), False, "1,000 strands")
    assert "too few maps" in result.size_sentence
    assert result.remedies == ("raise them",)
    assert result.settings == (("SEQ_POOL_CAPACITY", "100"),)
    assert result.rounds == 7


def test_only_the_probe_says_when_it_ran_and_how_much_it_was_slowed_down() -> None:
    sides = (a_side("base"), a_side("probe", is_probe=True))
    run = a_benchmark_run(*sides, plan=Plan(rounds=12, probe_every=3, slowed=0.1))
    sessions = sessions_of([(side, a_session()) for side in sides], [run], State.COMPLETE, _SPENT, NOON)

    assert [(each.results[0].probe_every, each.results[0].slowed) for each in sessions] == [(1, 0.0), (3, 0.1)]
