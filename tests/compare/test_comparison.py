import dataclasses

import pytest

from seqbench.ci.annotations import Cause, causes, of_gate
from seqbench.compare.comparison import compare, obstacles
from seqbench.compare.gate import Outcome, judge_gate
from seqbench.compare.report import full_text, gate_text
from seqbench.compare.verdict import Verdict
from seqbench.sessions.session import Failed, Measured, Session, Stage, State
from seqbench.sessions.session import Outcome as Came
from tests.support.strategies import a_program, a_result, a_session, measured

_CALM = [100 + 0.01 * (n % 7) for n in range(60)]
_FAILED = Failed(stage=Stage.RUN, reason="killed by SIGABRT", detail="failed to alloc sys stack")


def _session(outcome: Came, executable: str = "sha256:aa") -> Session:
    program = dataclasses.replace(a_program(outcome), executable=executable)
    return a_session(a_result(program), runtimes=("seq",))


def _slowed(times: list[float], ratio: float) -> Measured:
    """Give samples whose noise is not that of the plain ones."""
    return measured(*(ratio * time + 0.005 * (n % 5) for n, time in enumerate(times)))


def _pair(head: Came, base: Came | None = None) -> tuple[Session, Session]:
    return _session(base or measured(*_CALM)), _session(head, "sha256:bb")


@pytest.mark.parametrize(("ratio", "verdict"), [(1.05, Verdict.SLOWER), (0.95, Verdict.FASTER), (1.0, Verdict.SAME)])
def test_sessions_of_the_same_rounds_get_a_verdict(ratio: float, verdict: Verdict) -> None:
    found = compare(*_pair(_slowed(_CALM, ratio)), runtime="seq", paired=True, margin=0.02)
    assert [each.verdict for each in found.benchmarks] == [verdict]
    assert verdict in full_text(found, "7.7.3", "7.7.5")


def test_a_side_that_fails_is_not_comparable_and_has_no_ratio() -> None:
    for sides in (_pair(_FAILED), _pair(measured(*_CALM), base=_FAILED)):
        found = compare(*sides, runtime="seq", paired=True, margin=0.02)
        assert found.benchmarks[0].verdict is Verdict.NOT_COMPARABLE
        text = full_text(found, "7.7.3", "7.7.5")
        assert "killed by SIGABRT" in text
        assert "failed to alloc sys stack" in text
        row = next(line for line in text.splitlines() if "not comparable" in line)
        assert row.split("not comparable")[0].split()[-1] == "-", "a ratio of survivors"


def test_a_benchmark_that_only_one_side_has_is_not_comparable() -> None:
    base, head = _pair(measured(*_CALM))
    found = compare(base, dataclasses.replace(head, results=()), runtime="seq", paired=True, margin=0.02)
    assert found.benchmarks[0].reason == "head has no such program"


def test_identical_executables_with_the_same_settings_are_an_a_a_run() -> None:
    base, head = _session(measured(*_CALM)), _session(_slowed(_CALM, 1.5))
    found = compare(base, head, runtime="seq", paired=True, margin=0.02)
    assert found.benchmarks[0].verdict is Verdict.SAME
    assert "A/A run" in full_text(found, "7.7.5", "a/path/to/seqc")


def test_the_same_executable_with_another_setting_is_judged() -> None:
    base, head = _session(measured(*_CALM)), _session(_slowed(_CALM, 1.5))
    head = dataclasses.replace(head, settings=(("SEQ_POOL_CAPACITY", "1"),))
    found = compare(base, head, runtime="seq", paired=True, margin=0.02)
    assert found.benchmarks[0].verdict is Verdict.SLOWER
    assert "A/A run" not in full_text(found, "7.7.5", "7.7.5,SEQ_POOL_CAPACITY=1")


def test_sessions_of_different_times_get_a_ratio_and_no_verdict() -> None:
    found = compare(*_pair(_slowed(_CALM, 2.0)), runtime="seq", paired=False, margin=0.02)
    assert found.benchmarks[0].judgement is None
    assert found.benchmarks[0].unpaired_ratio == pytest.approx(2.0, rel=1e-3)
    text = full_text(found, "old.json", "new.json")
    assert "no verdict" in text
    assert "cannot tell a" in text


def test_every_obstacle_is_named_at_once() -> None:
    base, head = _pair(measured(*_CALM))
    machine = dataclasses.replace(head.machine, identity="other")
    resized = tuple(dataclasses.replace(r, parameters=(("round_trips", 10),)) for r in head.results)
    other = dataclasses.replace(head, machine=machine, sources="sha256:ff", state=State.INTERRUPTED, results=resized)
    reasons = "\n".join(obstacles(base, other))
    for part in ("another machine", "other benchmark sources", "head is interrupted", "other sizes of pingpong"):
        assert part in reasons
    assert obstacles(base, head) == ()


def _probe(slowdown: float, plain: float = 1.0) -> Session:
    """Give the probe's session: plain in odd rounds, slowed in even ones; rounds count from 1."""
    times = [time * ((1 + slowdown) if n % 2 == 0 else plain) for n, time in enumerate(_CALM, start=1)]
    session = _session(measured(*(time + 0.004 * (n % 3) for n, time in enumerate(times))))
    return dataclasses.replace(session, results=tuple(dataclasses.replace(r, slowed=0.1) for r in session.results))


@pytest.mark.parametrize(("ratio", "outcome"), [(1.05, Outcome.FAIL), (0.95, Outcome.PASS), (1.0, Outcome.PASS)])
def test_a_fit_gate_fails_on_slower_only(ratio: float, outcome: Outcome) -> None:
    base, head = _pair(_slowed(_CALM, ratio))
    gate = judge_gate(base, head, _probe(0.1), runtime="seq", margin=0.02)
    assert gate.outcome is outcome
    assert ("pingpong is slower" in "\n".join(gate.reasons)) == (outcome is Outcome.FAIL)


@pytest.mark.parametrize(
    ("probe", "reason"),
    [(_probe(0.0), "a known slowdown of 10% was not found"), (_probe(0.1, plain=1.04), "were told apart")],
)
def test_a_gate_whose_probe_does_not_hold_is_unfit_even_where_head_looks_slower(probe: Session, reason: str) -> None:
    base, head = _pair(_slowed(_CALM, 1.05))
    gate = judge_gate(base, head, probe, runtime="seq", margin=0.02)
    assert gate.outcome is Outcome.UNFIT
    assert reason in gate.reasons[0]
    text = gate_text(gate, "7.7.3", "7.7.5")
    assert "gate: unfit" in text
    assert reason in text


def test_a_failed_program_fails_the_gate_even_where_the_probe_does_not_hold() -> None:
    base, head = _pair(_FAILED)
    gate = judge_gate(base, head, _probe(0.0), runtime="seq", margin=0.02)
    assert gate.outcome is Outcome.FAIL
    assert "killed by SIGABRT" in gate.reasons[0]


def test_a_gate_tells_of_a_slowdown_beside_a_program_that_failed() -> None:
    base, head = _pair(_slowed(_CALM, 1.05))
    sides = []
    for session, outcome in ((base, measured(*_CALM)), (head, _FAILED), (_probe(0.1), measured(*_CALM))):
        (result,) = session.results
        (program,) = result.programs
        other = dataclasses.replace(result, name="skynet", programs=(dataclasses.replace(program, outcome=outcome),))
        sides.append(dataclasses.replace(session, results=(result, other)))
    gate = judge_gate(sides[0], sides[1], sides[2], runtime="seq", margin=0.02)
    assert gate.outcome is Outcome.FAIL
    assert ["skynet cannot be compared" in gate.reasons[0], "pingpong is slower" in gate.reasons[1]] == [True, True]
    assert causes(of_gate(gate, "7.7.3")) == (Cause.FAILED, Cause.SLOWER)


def test_a_gate_that_cannot_tell_is_inconclusive() -> None:
    wild = measured(*(time * (1.3 if n % 3 else 0.6) for n, time in enumerate(_CALM)))
    base, head = _pair(wild)
    gate = judge_gate(base, head, _probe(0.1), runtime="seq", margin=0.02)
    assert gate.outcome is Outcome.INCONCLUSIVE
    assert "rounds would settle it" in gate.reasons[0]
