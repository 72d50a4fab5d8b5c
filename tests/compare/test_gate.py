import dataclasses
from dataclasses import replace

import pytest

from seqbench.ci.annotations import Cause, causes, of_gate
from seqbench.compare.gate import GateOutcome, judge_gate
from seqbench.compare.metrics import Metric
from seqbench.compare.report import gate_text
from seqbench.compare.settle import settlings
from seqbench.sessions.session import Measured, Session
from tests.support.compared import CALM, FAILED, WILD, pair, probe, session_of, slowed
from tests.support.strategies import measured


@pytest.mark.parametrize(
    ("ratio", "outcome"), [(1.05, GateOutcome.FAIL), (0.95, GateOutcome.PASS), (1.0, GateOutcome.PASS)]
)
def test_a_fit_gate_fails_on_slower_only(ratio: float, outcome: GateOutcome) -> None:
    base, head = pair(slowed(CALM, ratio))
    gate = judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02)
    assert gate.outcome is outcome
    assert ("pingpong is slower" in "\n".join(gate.reasons)) == (outcome is GateOutcome.FAIL)


@pytest.mark.parametrize(
    ("probe", "reason"),
    [
        (probe(0.0), "a known slowdown of 10 % was not found"),
        (probe(0.1, plain=1.04), "false alarm: the same program was judged slower"),
    ],
)
def test_a_gate_whose_probe_does_not_hold_is_unfit_even_where_head_looks_slower(probe: Session, reason: str) -> None:
    base, head = pair(slowed(CALM, 1.05))
    gate = judge_gate(base, head, probe, runtime="seq", margin=0.02)
    assert gate.outcome is GateOutcome.UNFIT
    assert reason in gate.reasons[0]
    text = gate_text(gate, "7.7.3", "7.7.5")
    assert "gate: unfit" in text
    assert reason in text


@pytest.mark.parametrize("margin", [0.02, 0.15])
def test_known_slowdown_within_a_wide_margin_is_found_all_the_same(margin: float) -> None:
    gate = judge_gate(*pair(slowed(CALM, 1.0)), probe(0.1), runtime="seq", margin=margin)
    assert gate.outcome is GateOutcome.PASS, gate.reasons
    wide = judge_gate(*pair(slowed(CALM, 1.5)), probe(0.1), runtime="seq", margin=margin)
    assert wide.outcome is GateOutcome.FAIL


def test_a_failed_program_fails_the_gate_even_where_the_probe_does_not_hold() -> None:
    base, head = pair(FAILED)
    gate = judge_gate(base, head, probe(0.0), runtime="seq", margin=0.02)
    assert gate.outcome is GateOutcome.FAIL
    assert "killed by SIGABRT" in gate.reasons[0]


def test_a_gate_tells_of_a_slowdown_beside_a_program_that_failed() -> None:
    base, head = pair(slowed(CALM, 1.05))
    sides = []
    for session, outcome in ((base, measured(*CALM)), (head, FAILED), (probe(0.1), measured(*CALM))):
        (result,) = session.results
        (program,) = result.programs
        other = dataclasses.replace(result, name="skynet", programs=(dataclasses.replace(program, outcome=outcome),))
        sides.append(dataclasses.replace(session, results=(result, other)))
    gate = judge_gate(sides[0], sides[1], sides[2], runtime="seq", margin=0.02)
    assert gate.outcome is GateOutcome.FAIL
    assert ["skynet cannot be compared" in gate.reasons[0], "pingpong is slower" in gate.reasons[1]] == [True, True]
    assert causes(of_gate(gate, "7.7.3", "7.7.5")) == (Cause.FAILED, Cause.SLOWER)


def test_gate_that_the_budget_ended_early_is_inconclusive() -> None:
    base, head = pair(measured(*CALM[:5]), base=measured(*CALM[:5]))
    gate = judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02)
    assert (gate.outcome, gate.broken) == (GateOutcome.INCONCLUSIVE, ())
    assert gate.reasons == ("pingpong is inconclusive: 5 rounds, and a verdict needs 8",)
    # Enough rounds of both sides, and not enough of the probe.
    base, head = pair(slowed(CALM[:12], 1.0), base=measured(*CALM[:12]))
    gate = judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02)
    assert gate.outcome is GateOutcome.INCONCLUSIVE
    assert "too few rounds of its probe to check the gate" in gate.reasons[-1]


def test_a_gate_that_cannot_tell_is_inconclusive() -> None:
    base, head = pair(WILD)
    gate = judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02)
    assert gate.outcome is GateOutcome.INCONCLUSIVE
    assert "rounds would settle it, which take " in gate.reasons[0]
    # The probe ran too, which takes half as much again.
    (alone,) = settlings(gate.comparison)
    (with_probe,) = gate.settlings
    assert with_probe.rounds == alone.rounds
    assert with_probe.seconds[1] == pytest.approx(1.5 * alone.seconds[1], rel=0.2)
    assert "{invoke} gate --base 7.7.3 --head 7.7.5 --only pingpong --margin 2% --budget " in gate_text(
        gate, "7.7.3", "7.7.5"
    )


def test_gate_fails_on_memory_and_names_what_moved_with_it() -> None:
    base, head = pair(measured(*CALM))
    outcome = head.results[0].programs[0].outcome
    assert isinstance(outcome, Measured)
    larger = tuple(
        replace(
            sample, elapsed_ns=9 * sample.elapsed_ns // 10, max_rss_bytes=3 * sample.max_rss_bytes, minor_faults=9000
        )
        for sample in outcome.samples
    )
    head = session_of(Measured(samples=larger, warm_ups=()), "sha256:bb")
    assert judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02).outcome is GateOutcome.PASS

    metrics = (Metric.TIME, Metric.PEAK_MEMORY)
    found = judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02, metrics=metrics)
    assert found.outcome is GateOutcome.FAIL
    (reason,) = found.reasons
    assert reason.startswith(
        "pingpong is slower by peak-memory: +200.0 % [+200.0, +200.0]; moved with it: page faults +"
    )


def test_metric_that_is_missing_leaves_the_gate_inconclusive() -> None:
    sides = pair(measured(*CALM))
    found = judge_gate(*sides, probe(0.1), runtime="seq", margin=0.02, metrics=(Metric.TIME, Metric.SIZE))

    assert found.outcome is GateOutcome.INCONCLUSIVE
    assert found.reasons == ("pingpong is inconclusive by size: nothing is built for base, so that it has no size",)


@pytest.mark.parametrize(("rounds", "is_fit"), [(16, True), (20, False)])
def test_plain_probe_is_a_false_alarm_only_below_its_own_error(rounds: int, *, is_fit: bool) -> None:
    """Eight plain rounds on one side have a chance of 0.8 %, which is below 1 % and above 0.3 %; ten have 0.2 %."""
    base, head = pair(slowed(CALM[:rounds], 1.0), base=measured(*CALM[:rounds]))
    whole = probe(0.1, plain=1.04)
    (result,) = whole.results
    (program,) = result.programs
    assert isinstance(program.outcome, Measured)
    cut = replace(program, outcome=measured(*(s.elapsed_ns for s in program.outcome.samples[:rounds])))
    shortened = replace(whole, results=(replace(result, programs=(cut,)),))
    gate = judge_gate(base, head, shortened, runtime="seq", margin=0.02)
    assert (gate.unfit == ()) is is_fit
    assert len(gate.probe_results) == 1
