"""The outcome of a gate on several machines."""

from dataclasses import replace

import pytest

from seqbench.compare.comparison import compare
from seqbench.compare.gate import GateOutcome
from seqbench.compare.machines import Judged, judge_machines
from seqbench.compare.machines_gate import (
    GateOverMachines,
    ProbeOverMachines,
    judge_gate_machines,
    judge_probes,
    probe_strata,
)
from seqbench.compare.metrics import Metric
from seqbench.compare.verdict import Verdict
from seqbench.sessions.session import Outcome, Session
from tests.support.compared import CALM, FAILED, WILD, heavier, pair, probe, slowed
from tests.support.strategies import measured

MARGIN = 0.02


def _gate(heads: dict[str, Outcome], probes: Session | dict[str, Session]) -> GateOverMachines:
    found = {name: compare(*pair(head), runtime="seq", paired=True, margin=MARGIN) for name, head in heads.items()}
    by_name = probes if isinstance(probes, dict) else dict.fromkeys(heads, probes)
    return judge_gate_machines(judge_machines(found, margin=MARGIN), found, by_name, runtime="seq", margin=MARGIN)


def _heads(ratio: float, names: str = "abc") -> dict[str, Outcome]:
    return {name: slowed(CALM, ratio) for name in names}


@pytest.mark.parametrize(
    ("ratio", "outcome"), [(1.05, GateOutcome.FAIL), (0.95, GateOutcome.PASS), (1.0, GateOutcome.PASS)]
)
def test_gate_of_several_machines_fails_on_slower_only(ratio: float, outcome: GateOutcome) -> None:
    gate = _gate(_heads(ratio), probe(0.1))
    assert gate.outcome is outcome
    assert [reason.partition(":")[0] for reason in gate.reasons] == (
        ["pingpong is slower over all machines"] if outcome is GateOutcome.FAIL else []
    )


def test_slowdown_of_a_single_machine_fails_the_gate_and_is_named() -> None:
    gate = _gate({**_heads(0.95, "ab"), "c": slowed(CALM, 1.05)}, probe(0.1))
    assert gate.outcome is GateOutcome.FAIL
    assert gate.slower[0].startswith("pingpong is slower on c: +")


@pytest.mark.parametrize(("ratio", "outcome"), [(1.0, GateOutcome.PASS), (3.0, GateOutcome.FAIL)])
def test_gate_of_sizes_alone_needs_no_share_of_the_error(ratio: float, outcome: GateOutcome) -> None:
    base, head = pair(slowed(CALM, 1.0))
    sides = heavier(base, 1.0), heavier(head, ratio)
    found = {
        name: compare(*sides, runtime="seq", paired=True, margin=MARGIN, metrics=(Metric.SIZE,)) for name in ("a", "b")
    }
    judged = judge_machines(found, margin=MARGIN)
    gate = judge_gate_machines(judged, found, dict.fromkeys(found, probe(0.1)), runtime="seq", margin=MARGIN)
    assert gate.outcome is outcome, gate.reasons


def test_known_slowdown_within_a_wide_margin_is_found_over_all_machines() -> None:
    strata = [probe_strata("pingpong", pair(slowed(CALM, 1.0))[0], probe(0.1), "seq")] * 2
    found = judge_probes("pingpong", strata, family=1, margin=0.15)
    assert (found.slowed.verdict, found.problem) == (Verdict.SLOWER, "")


def test_metrics_of_all_machines_fail_the_gate_and_are_named() -> None:
    base, head = pair(slowed(CALM, 1.0))
    metrics = (Metric.TIME, Metric.PEAK_MEMORY)
    sides = heavier(base, 1.0), heavier(head, 3.0)
    found = {name: compare(*sides, runtime="seq", paired=True, margin=MARGIN, metrics=metrics) for name in ("a", "b")}
    judged = judge_machines(found, margin=MARGIN)
    gate = judge_gate_machines(judged, found, dict.fromkeys(found, probe(0.1)), runtime="seq", margin=MARGIN)
    assert [each.name for each in gate.probes] == ["pingpong"]
    assert gate.outcome is GateOutcome.FAIL
    assert [reason.partition(": +")[0] for reason in gate.reasons] == [
        "pingpong is slower by peak-memory over all machines"
    ]


@pytest.mark.parametrize(
    ("session", "reason"),
    [
        (probe(0.0), "pingpong: a known slowdown of 10 % was not found over all machines ("),
        (probe(0.1, plain=1.04), "pingpong: false alarm: over all machines the same program was judged slower ("),
    ],
)
def test_probes_of_all_machines_make_the_gate_unfit(session: Session, reason: str) -> None:
    gate = _gate(_heads(1.05), session)
    assert gate.outcome is GateOutcome.UNFIT
    assert gate.reasons[0].startswith(reason)
    assert gate.slower == ()


def test_machine_need_not_find_its_own_probe() -> None:
    """Its noise is the reason why several machines judge together."""
    gate = _gate(_heads(1.0), {"a": probe(0.1), "b": probe(0.1), "c": probe(0.0)})
    assert gate.outcome is GateOutcome.PASS


def test_open_verdict_and_missing_rounds_of_the_probes_are_inconclusive() -> None:
    gate = _gate(dict.fromkeys("ab", WILD), probe(0.1))
    assert (gate.outcome, len(gate.unsettled)) == (GateOutcome.INCONCLUSIVE, 1)
    assert gate.reasons[0].startswith("pingpong is inconclusive over all machines: ")
    short = probe(0.1)
    (result,) = short.results
    (program,) = result.programs
    program = replace(program, outcome=measured(*CALM[:3]))
    gate = _gate(_heads(1.0), replace(short, results=(replace(result, programs=(program,)),)))
    assert gate.outcome is GateOutcome.INCONCLUSIVE
    assert gate.reasons == (
        "pingpong is inconclusive over all machines: too few rounds of its probes to check the gate",
    )


def test_program_that_failed_on_a_machine_fails_the_gate() -> None:
    gate = _gate({**_heads(1.0, "ab"), "c": FAILED}, probe(0.1))
    assert gate.outcome is GateOutcome.FAIL
    assert gate.broken[0].startswith("pingpong cannot be compared on c: ")
    assert "killed by SIGABRT" in gate.broken[0]


def test_benchmark_that_a_machine_did_not_measure_does_not_pass() -> None:
    found = {name: compare(*pair(slowed(CALM, 1.0)), runtime="seq", paired=True, margin=MARGIN) for name in "ab"}
    found["b"] = replace(found["b"], benchmarks=())
    judged = judge_machines(found, margin=MARGIN)
    gate = judge_gate_machines(judged, found, dict.fromkeys("ab", probe(0.1)), runtime="seq", margin=MARGIN)
    assert gate.outcome is GateOutcome.INCONCLUSIVE
    assert gate.reasons == ("pingpong cannot be compared on b: it was not measured there",)


def test_probe_is_settled_once_its_slowdown_or_a_false_alarm_is_found() -> None:
    base, _ = pair(slowed(CALM, 1.0))
    for slowdown, plain, is_settled in ((0.1, 1.0, True), (0.1, 1.04, True), (0.0, 1.0, True)):
        strata = [probe_strata("pingpong", base, probe(slowdown, plain), "seq")] * 2
        assert judge_probes("pingpong", strata, family=1, margin=MARGIN).is_settled is is_settled
    open_one = Judged(verdict=Verdict.INCONCLUSIVE)
    found = ProbeOverMachines(name="hop", plain=open_one, slowed=open_one, injected=(0.3, 0.1, 0.1))
    assert (found.is_settled, found.slowed_by, found.problem) == (False, "10 % to 30 %", "")
