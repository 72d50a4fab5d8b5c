from dataclasses import replace

import pytest

from seqbench.experiments.bisect.report import full_text
from seqbench.sessions.session import Failed, Stage, State
from seqbench.versions.version import Gap
from tests.support.bisections import ROUNDS, bisection, ends, searching, step, times
from tests.support.strategies import measured

WILD = measured(*(100 * (1.5 if n % 2 else 0.7) for n in range(ROUNDS)))


def test_nothing_compared_yet_has_no_answer() -> None:
    text = full_text(bisection(state=State.INTERRUPTED))
    assert text.startswith("Ratios are times of own clocks")
    assert "INTERRUPTED: --resume continues it" in text


def test_first_version_that_changed_is_named_with_the_one_before_and_a_command() -> None:
    text = full_text(searching(1.0, 1.1))
    assert "Pingpong: v2 is the first version that is slower (v3 against v0 is 1.1" in text
    assert "  v1, the one before it, is not" in text
    assert "  to repeat it: {invoke} compare --base v1/seqc --head v2/seqc --only pingpong\n" in text
    assert "INTERRUPTED" not in text


def test_unfinished_search_says_the_range_that_is_left() -> None:
    text = full_text(replace(searching(1.0, versions=9), state=State.INTERRUPTED))
    assert "Pingpong: not finished: slower after v1," in text
    assert "  at v8 or before (v8 against v0 is 1.1" in text
    assert "--base v1/seqc --head v8/seqc" in text


@pytest.mark.parametrize("runs", [None, ROUNDS])
def test_noise_that_hides_a_difference_says_what_may_help(runs: int | None) -> None:
    text = full_text(bisection(ends(times(), WILD), runs=runs))
    assert "inconclusive: v3 against v0 is 1.0" in text
    assert f"after {ROUNDS} rounds" in text
    assert "more rounds (--runs, --budget) or a less busy machine may decide" in text
    assert "to repeat it" not in text


def test_end_that_failed_says_why() -> None:
    failed = Failed(stage=Stage.CHECK, reason="wrong result", detail="expected 42, found 7")
    text = full_text(bisection(ends(times(), failed)))
    assert text.startswith("Pingpong: not comparable: wrong result\n    expected 42, found 7\n")


def test_what_was_not_decided_is_listed_with_its_reason() -> None:
    document = bisection(ends(times(), times(1.1)), step(1, times(), WILD, times(1.1)), versions=4, runs=ROUNDS)
    gap = Gap(version=2, benchmark="", reason="does not build", detail="error: no such crate")
    text = full_text(replace(document, gaps=(gap,)))
    assert "Pingpong: slower after v0, at v3 or before" in text
    assert "  between them, not decided: v1: not nearer to one end for certain" in text
    assert "  between them, not decided: v2: does not build" in text
    table = [line.split() for line in text.splitlines() if line.startswith(("v1", "v2"))]
    assert table[0][-2:] == ["neither", str(ROUNDS)]
    assert table[1][-4:] == ["does", "not", "build", "-"]


def test_long_list_of_what_was_not_decided_is_cut() -> None:
    gaps = tuple(Gap(version=number, benchmark="", reason="does not build") for number in range(1, 15))
    text = full_text(replace(searching(versions=16), gaps=gaps))
    assert text.count("between them, not decided") == 12
    assert "\n  and 2 more\n" in text


def test_command_repeats_runtime_and_size() -> None:
    document = replace(searching(1.0, 1.1), runtime="seq", is_default_runtime=False, size="pingpong=100")
    line = "compare --base v1/seqc --head v2/seqc --only pingpong --runtime seq --size pingpong=100\n"
    assert line in full_text(document)
