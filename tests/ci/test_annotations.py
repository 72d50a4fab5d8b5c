from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.ci import annotations as notes
from seqbench.ci.annotations import Annotation, Cause, Level
from seqbench.compare.gate import Gate, GateOutcome, judge_gate
from seqbench.sessions.session import Failed, Session, Stage
from seqbench.text import printable
from tests.support.compared import WILD, pair
from tests.support.compared import probe as a_probe
from tests.support.forge import Told, commands_in
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_session, any_text, measured, sessions

FAILED = Failed(stage=Stage.RUN, reason="killed by SIGABRT", detail="stderr ends with:\nno memory")
# Calm times with small differences, so that an interval has a width.
CALM = [500 + (7 * n) % 5 for n in range(40)]


def annotations() -> st.SearchStrategy[Annotation]:
    return st.builds(
        Annotation, cause=st.none() | st.sampled_from(Cause), title=any_text, message=any_text, file=any_text
    )


def a_gate(ratio: float, *, injected: float = 1.1, head: Failed | None = None) -> Gate:
    """Judge a head that takes so much of base's time, with a probe that was slowed down so much."""

    def session(*times: float, failed: Failed | None = None) -> Session:
        program = replace(a_program(failed or measured(*times)), executable=f"sha256:{times}")
        return a_session(replace(a_result(program), slowed=0.1), runtimes=("seq",))

    probe = session(*((injected if n % 2 else 1) * (time + 0.01 * (n % 3)) for n, time in enumerate(CALM)))
    slowed = session(*(ratio * (time + 0.01 * (n % 4)) for n, time in enumerate(CALM)), failed=head)
    return judge_gate(session(*CALM), slowed, probe, runtime="seq", margin=0.02)


@given(annotations(), st.sampled_from(Level))
def test_a_command_is_one_line_from_which_the_runner_reads_what_was_meant(annotation: Annotation, level: Level) -> None:
    line = notes.command(level, annotation)

    assert "\n" not in line
    assert "\r" not in line
    wanted = {"file": printable(annotation.file), "title": printable(annotation.title)}
    assert commands_in(line) == [
        Told(
            level=level,
            properties={key: value for key, value in wanted.items() if value},
            message=printable(annotation.message),
        )
    ]


@given(st.lists(annotations(), max_size=6), st.sets(st.sampled_from(Cause)))
def test_what_the_step_fails_on_is_an_error_and_comes_first(
    found: list[Annotation], fail_on: Collection[Cause]
) -> None:
    lines = notes.commands(found, fail_on)

    levels = [told.level for told in commands_in("\n".join(lines))]
    assert sorted(levels, key=["error", "warning", "notice"].index) == levels
    assert levels.count("error") == sum(each.cause in fail_on for each in found if each.cause)
    assert levels.count("notice") == sum(each.cause is None for each in found)
    assert len(levels) == len(found)


@given(st.lists(annotations(), max_size=6))
def test_the_verdict_has_every_cause_once_or_says_that_it_passed(found: list[Annotation]) -> None:
    there = {each.cause for each in found if each.cause}
    assert set(notes.causes(found)) == there
    assert notes.verdict(found).split(",") == ([cause.value for cause in Cause if cause in there] or ["passed"])


@FEW
@given(sessions)
def test_every_session_can_be_annotated_and_each_failure_is_one(session: Session) -> None:
    found = notes.of_session(session, {})

    assert sum(each.cause is Cause.FAILED for each in found) == len(session.failures()) + len(session.left_out())
    assert {each.cause for each in found} <= {Cause.FAILED, None}


def test_a_failure_names_program_stage_and_reason_and_stands_at_its_source() -> None:
    session = a_session(a_result(a_program(FAILED), a_program(measured(1), "go")))
    (found,) = notes.of_session(session, {("pingpong", "seq", ""): "benchmarks/pingpong/pingpong.seq"})

    assert found == Annotation(
        cause=Cause.FAILED,
        title="Ping-Pong, Seq: run failed",
        message="killed by SIGABRT\nstderr ends with:\nno memory",
        file="benchmarks/pingpong/pingpong.seq",
    )
    assert notes.of_session(session, {})[0].file == ""


@pytest.mark.parametrize(
    ("go_ms", "titles"), [(10.0, ["Ping-Pong is slow"]), (100.0, ["Ping-Pong is slow"]), (101.0, []), (400.0, [])]
)
def test_a_ratio_that_surely_wants_a_look_is_a_notice_and_no_cause(go_ms: float, titles: list[str]) -> None:
    result = a_result(a_program(measured(*[501.0] * 6)), a_program(measured(*[go_ms] * 6), "go"))
    found = notes.of_session(a_session(result), {})

    assert [each.title for each in found] == titles
    assert all(each.cause is None for each in found)
    assert notes.verdict(found) == "passed"
    assert all(each.message.startswith("Seq / Go is 5") for each in found)


def test_a_ratio_from_too_few_rounds_is_not_told() -> None:
    result = a_result(a_program(measured(*[501.0] * 5)), a_program(measured(*[10.0] * 5), "go"))
    assert notes.of_session(a_session(result), {}) == ()


def test_what_the_machine_could_not_hold_is_told_and_a_small_size_that_was_asked_for_is_not() -> None:
    asked = replace(a_result(), is_full=False, size_sentence="10 leaves (full is 1,000,000 leaves)")
    forced = replace(asked, remedies=("sysctl -w vm.max_map_count=4000000",))

    assert notes.of_session(a_session(asked), {}) == ()
    (found,) = notes.of_session(a_session(forced), {})
    assert (found.cause, found.title, found.message) == (None, "Ping-Pong was scaled down", asked.size_sentence)


@pytest.mark.parametrize(
    ("gate", "outcome", "cause", "said"),
    [
        (a_gate(1.0), GateOutcome.PASS, None, ""),
        (a_gate(0.9), GateOutcome.PASS, None, ""),
        (a_gate(1.1), GateOutcome.FAIL, Cause.SLOWER, "pingpong is slower: +10."),
        (a_gate(1.1, injected=1.0), GateOutcome.UNFIT, Cause.INCONCLUSIVE, "a known slowdown of 10 % was not found"),
        (a_gate(1.1, injected=1.0, head=FAILED), GateOutcome.FAIL, Cause.FAILED, "killed by SIGABRT"),
    ],
)
def test_a_gate_says_of_each_reason_whether_it_is_slower_broken_or_not_to_be_told(
    gate: Gate, outcome: GateOutcome, cause: Cause | None, said: str
) -> None:
    assert gate.outcome is outcome
    found = notes.of_gate(gate, "7.7.3", "7.7.5")

    assert [each.cause for each in found] == ([cause] if cause else [])
    for each in found:
        assert said in each.message
        assert "7.7.3" in each.title


def test_inconclusive_gate_is_a_warning_with_the_line_to_type() -> None:
    gate = judge_gate(*pair(WILD), a_probe(0.1), runtime="seq", margin=0.02)
    (found,) = notes.of_gate(gate, "7.7.3", "7.7.5")
    sentence, command = found.message.splitlines()

    assert gate.outcome is GateOutcome.INCONCLUSIVE
    assert notes.causes([found]) == (Cause.INCONCLUSIVE,)
    assert sentence.startswith("pingpong is inconclusive: ")
    assert command.startswith("{invoke} gate --base 7.7.3 --head 7.7.5 --only pingpong ")


def test_warning_of_the_calibration_is_a_notice_that_never_fails_the_step() -> None:
    (found,) = notes.of_warnings(["alpha: the margin of 2.0 % is below the spread of code layouts"])

    assert notes.causes([found]) == ()
    (line,) = notes.commands([found], list(Cause))
    assert line.startswith("::notice title=the calibration of this machine warns::alpha: the margin of 2.0 %25")


def test_annotation_of_a_slower_benchmark_names_the_counters_that_moved_with_it() -> None:
    (found,) = notes.of_gate(a_gate(1.1), "7.7.3", "7.7.5")
    assert found.cause is Cause.SLOWER
    assert "; moved with it: user time +10 %" in found.message
    assert "page faults" not in found.message
