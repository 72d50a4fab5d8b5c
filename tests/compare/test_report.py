import re
from dataclasses import replace

import pytest

from seqbench.compare.calibration import Calibration, Characteristics
from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.gate import judge_gate
from seqbench.compare.report import calibration_text, full_text, gate_text, verdict_text
from seqbench.sessions.session import Session, ToolIdentity
from tests.support.compared import CALM, FAILED, WILD, pair, probe, slowed
from tests.support.strategies import NOON, measured


def _compared(base: Session, head: Session) -> Comparison:
    return compare(base, head, runtime="seq", paired=True, margin=0.02)


def _row(text: str, beginning: str) -> list[str]:
    """Return the cells of the only line that begins with this word and has columns."""
    (line,) = (line for line in text.splitlines() if re.match(rf"{re.escape(beginning)}\S*  ", line))
    return re.split(r" {2,}", line.strip())


def test_row_has_ratio_interval_verdict_and_rounds() -> None:
    first_table = full_text(_compared(*pair(slowed(CALM, 1.05))), "7.7.3", "7.7.5").partition("\n\n")[0]
    (row,) = [line for line in first_table.splitlines() if line.startswith("Ping-Pong")]

    assert re.search(r" 1\.0(49|50) \[1\.0\d\d, 1\.05\d\] +slower ", row)
    assert row.split()[-1] == "60"


@pytest.mark.parametrize(("ratio", "says"), [(1.05, "slower"), (0.95, "faster"), (1.0, "same")])
def test_verdict_text_is_the_verdict(ratio: float, says: str) -> None:
    (each,) = _compared(*pair(slowed(CALM, ratio))).benchmarks
    assert verdict_text(each) == says


def test_inconclusive_verdict_has_the_line_to_type_below_the_table() -> None:
    compared = _compared(*pair(WILD))
    (each,) = compared.benchmarks
    assert verdict_text(each) == "inconclusive"
    below = full_text(compared, "7.7.3", "7.7.5,SEQ_A=1 2").split("\n\n")[1]
    sentence, command = below.splitlines()
    assert re.fullmatch(
        r"Ping-Pong: inconclusive, would detect a slowdown of \d+ %; "
        r"[\d,]+ to [\d,]+ rounds would settle it, which take \d+ m?s to \d+ s:",
        sentence,
    )
    assert re.fullmatch(
        r"  \{invoke\} compare --base 7\.7\.3 --head '7\.7\.5,SEQ_A=1 2' --only pingpong --margin 2% --budget \d+s",
        command,
    )


def test_settled_comparison_has_no_line_to_type() -> None:
    text = full_text(_compared(*pair(slowed(CALM, 1.05))), "7.7.3", "7.7.5")
    assert "--budget" not in text
    assert "settle" not in text


def test_failed_side_has_a_reason_no_costs_and_its_details_once() -> None:
    text = full_text(_compared(*pair(FAILED, base=FAILED)), "7.7.3", "7.7.5")

    assert "not comparable: base failed (run): killed by SIGABRT; head failed (run): killed by SIGABRT" in text
    assert text.count("failed to alloc sys stack") == 1
    # Nothing was used that the second table could show.
    assert "Base memory" not in text
    assert not [line for line in text.split("\n\n")[1].splitlines() if line.startswith("Ping-Pong")]


def test_meaning_names_compilers_margin_tools_settings_machine_and_seed() -> None:
    base, head = pair(slowed(CALM, 1.05))
    seqc = ToolIdentity(name="seqc", version="7.7.5", digest="sha256:" + "d" * 64, provenance="built here")
    head = replace(head, toolchain=(seqc,), settings=(("SEQ_POOL_CAPACITY", "500"),))
    base = replace(base, results=tuple(replace(each, settings=(("SEQ_A", "1"),)) for each in base.results))
    text = full_text(_compared(base, head), "7.7.3", "checkout:.")

    for part in (
        "base is 7.7.3, head is checkout:.",
        "within 2.0 %",
        "head: seqc 7.7.5 (built here; ",
        "head: SEQ_POOL_CAPACITY=500",
        "pingpong: started with SEQ_A=1 on both sides",
        "A processor, 8 cores",
        "seed 7, 2026-03-01T12:00:00Z",
    ):
        assert part in text
    assert "A/A run" not in text


def test_meaning_of_unpaired_sessions_asks_for_a_comparison_in_the_same_rounds() -> None:
    base, head = pair(slowed(CALM, 2.0))
    text = full_text(compare(base, head, runtime="seq", paired=False, margin=0.02), "a.json", "b.json")

    assert "2.000 (unpaired)" in text
    assert "no verdict: measured at different times" in text
    assert "compare --base SPEC --head SPEC" in text
    assert "within 2.0 %" not in text


def test_meaning_names_target_cpus_that_differ() -> None:
    base, head = pair(slowed(CALM, 1.05))
    head = replace(head, target_cpu="native")

    text = full_text(_compared(base, head), "7.7.5", "7.7.5")
    assert "compiled for different CPUs, a target CPU that was not recorded and native" in text
    assert "head: target CPU: native" in text
    assert "A/A run" not in text
    assert "different CPUs" not in full_text(_compared(head, head), "7.7.5", "7.7.5")


def test_gate_text_ends_with_the_outcome_and_every_reason() -> None:
    base, head = pair(slowed(CALM, 1.05))
    gate = judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02)
    text = gate_text(gate, "7.7.3", "7.7.5")

    assert text.startswith(full_text(gate.comparison, "7.7.3", "7.7.5"))
    assert text.rpartition("\n\n")[2].splitlines() == ["gate: fail", f"  - {gate.reasons[0]}"]


def test_gate_text_shows_the_probe_plain_and_slowed_down_with_their_verdicts() -> None:
    base, head = pair(slowed(CALM, 1.0))
    text = gate_text(judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02), "7.7.3", "7.7.5")
    name, plain, plain_verdict, injected, slow, slow_verdict, rounds = _row(text.split("\n\n")[-2], "pingpong")

    assert (name, plain_verdict, injected, slow_verdict, rounds) == ("pingpong", "same", "10 %", "slower", "60")
    assert plain.startswith("1.000 [")
    assert slow.startswith("1.100 [")


def _calibration(smallest: float | None) -> Calibration:
    found = Characteristics(
        name="pingpong",
        rounds=40,
        false_slower=0.004,
        false_faster=0.006,
        power=((0.01, 0.12), (0.1, 0.99)),
        smallest=smallest,
        spread=0.031,
        family=1,
    )
    return Calibration(machine="here", measured_at=NOON, benchmarks=(found,))


def test_calibration_text_has_rounds_noise_false_alarms_power_and_the_smallest_slowdown() -> None:
    text = calibration_text(_calibration(0.055), (), 120.0)
    table, plot, meaning = text.split("\n\n", 1)[0], text, text.rpartition("\n\n")[2]

    assert _row(table, "pingpong") == ["pingpong", "40", "3.1 %", "0.4 %", "0.6 %", "12 %", "99 %", "5.5 %"]
    assert [cell for cell in ("1 %", "10 %") if cell not in table.splitlines()[0]] == []
    assert "power: share of slowdowns that are detected" in plot
    assert "95 %" in meaning


def test_calibration_text_says_where_no_slowdown_was_found_and_how_the_probe_measured() -> None:
    base, head = pair(slowed(CALM, 1.0))
    probe_results = judge_gate(base, head, probe(0.1), runtime="seq", margin=0.02).probe_results
    text = calibration_text(_calibration(None), probe_results, 120.0)

    assert _row(text.split("\n\n", 1)[0], "pingpong")[-1] == "above 100 %"
    assert "pingpong: the probe, slowed down by 10 %, measured 1.100 [" in text


def test_slower_benchmark_names_the_counters_that_moved_with_it() -> None:
    base, head = pair(slowed(CALM, 1.1))
    text = full_text(compare(base, head, runtime="seq", paired=True, margin=0.02), "a", "b")
    # User and system time of these samples are in proportion to the time.
    assert "Ping-Pong: slower; moved with it: user time +10 % [+10, +10], system time +10 % [+10, +10]\n" in text
    assert "page faults" not in text

    same = full_text(compare(base, pair(measured(*CALM))[1], runtime="seq", paired=True, margin=0.02), "a", "b")
    assert "moved with it" not in same


def test_unfit_gate_says_what_to_do() -> None:
    base, head = pair(slowed(CALM, 1.0))
    text = gate_text(judge_gate(base, head, probe(0.0), runtime="seq", margin=0.02), "7.7.3", "7.7.5")
    outcome, reason, fix = text.rpartition("\n\n")[2].splitlines()

    assert outcome == "gate: unfit"
    assert "a known slowdown of 10 % was not found" in reason
    assert fix.startswith("  fix: stop other programs or give more --budget")
