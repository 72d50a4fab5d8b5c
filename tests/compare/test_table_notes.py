from dataclasses import replace

from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.metrics import Metric
from seqbench.compare.table_notes import DETECTS, meaning
from seqbench.sessions.session import Session
from tests.support.compared import CALM, pair, session_of, slowed
from tests.support.strategies import measured


def compared(base: Session, head: Session, *, paired: bool = True) -> Comparison:
    return compare(base, head, runtime="seq", paired=paired, margin=0.02)


def test_notes_name_both_sides_as_typed_and_explain_the_columns() -> None:
    lines = meaning(compared(*pair(slowed(CALM, 1.05))), "7.7.3", "checkout:.")
    assert lines[0] == "base is 7.7.3, head is checkout:."
    assert [line for line in lines if line.startswith(f"{DETECTS}: ")]


def test_same_executables_with_the_same_settings_are_an_a_a_run() -> None:
    base = session_of(measured(*CALM))
    assert [line for line in meaning(compared(base, base), "a", "b") if line.startswith("A/A run")]
    head = replace(base, settings=(("SEQ_POOL_CAPACITY", "500"),))
    assert not [line for line in meaning(compared(base, head), "a", "b") if line.startswith("A/A run")]


def test_metrics_are_named_only_if_more_than_the_time_is_judged() -> None:
    base, head = pair(slowed(CALM, 1.05))
    found = compare(base, head, runtime="seq", paired=True, margin=0.02, metrics=(Metric.TIME, Metric.PEAK_MEMORY))
    assert "Judged by time, peak-memory: " in "\n".join(meaning(found, "a", "b"))
    assert "Judged by" not in "\n".join(meaning(compared(base, head), "a", "b"))


def test_sides_that_ran_at_different_times_have_the_command_that_measures_both() -> None:
    text = "\n".join(meaning(compared(*pair(slowed(CALM, 1.05)), paired=False), "a.json", "b.json"))
    assert "`{invoke} compare --base SPEC --head SPEC`" in text
    assert DETECTS not in text
