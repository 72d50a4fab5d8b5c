"""Benchmarks of a comparison that stop when they are settled, and everything that may come between."""

import json
import re
from pathlib import Path

import pytest

from seqbench.compare.document import StoredComparison
from seqbench.sessions.design import Design
from seqbench.sessions.session import Measured
from tests.support.outcomes import assert_fails, assert_no_traceback, kept_comparison, row
from tests.support.world import COUNTED, World, hangs, says, script

# The compiler of head changes the first number of each line, so these are true on one side only.
IS_HEAD, IS_BASE = "[ 800000 = 1000000 ]", "[ 800000 != 1000000 ]"
# Head varies by a quarter around base, so no look settles it.
OPEN = f"elapsed=799999; {IS_HEAD} && elapsed=$((600000 + n * 37 % 11 * 40000))"
ANSWER = ("echo result: 42", "echo elapsed_ns: $elapsed")


def _sides(world: World, slower: str) -> tuple[str, ...]:
    return "--base", str(world.tools / "seqc"), "--head", slower


def _hanging(run: int, times: str) -> str:
    """Build the source of a program that hangs in one run on the side of base."""
    return script(COUNTED, f"if {IS_BASE} && [ $n = {run} ]; then", hangs(), "fi", times, *ANSWER)


def _rounds(kept: StoredComparison, benchmark: str = "alpha") -> list[list[int]]:
    """Return the scored rounds of each side."""
    found = []
    for session in kept.sessions:
        (outcome,) = (r.programs[0].outcome for r in session.results if r.name == benchmark)
        assert isinstance(outcome, Measured)
        found.append([sample.round_number for sample in outcome.samples])
    return found


def _designs(kept: StoredComparison, benchmark: str = "alpha") -> list[Design | None]:
    return [r.design for session in kept.sessions for r in session.results if r.name == benchmark]


def _looks(kept: StoredComparison, benchmark: str = "alpha") -> list[int]:
    design = _designs(kept, benchmark)[0]
    assert design is not None
    return [look.rounds for look in design.looks]


def test_benchmark_stops_when_its_verdict_stands_and_the_report_says_what_was_used(world: World, slower: str) -> None:
    words = ("--runs", "100", "--only", "alpha", "--json", "out.json")
    said = world.task("compare", *_sides(world, slower), *words)

    assert said.code == 0
    assert "alpha: slower, 1.250 [1.250, 1.250], after 16 of 100 rounds" in said.err
    assert row(said.out, "Alpha").split()[-3:] == ["16", "of", "100"]
    assert "used 16 % of the time of the planned rounds: alpha 16 %" in said.out
    assert _rounds(kept_comparison(world)) == [list(range(1, 17))] * 2
    answer = json.loads((world.project / "out.json").read_text())
    (verdict,) = answer["verdicts"]
    assert (verdict["rounds"], verdict["planned_rounds"], verdict["used_share"]) == (16, 100, 0.16)
    assert answer["used_share"] == pytest.approx(0.16)


def test_fixed_runs_everything_and_has_no_looks(world: World, slower: str) -> None:
    said = world.task("compare", *_sides(world, slower), "--runs", "30", "--fixed")

    assert said.code == 0
    assert "planned rounds" not in said.out
    assert _rounds(kept_comparison(world)) == [list(range(1, 31))] * 2
    assert _designs(kept_comparison(world)) == [None, None]


def test_identical_executables_stop_at_the_first_look_that_can_judge(world: World) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "100")

    assert said.code == 0
    assert "alpha: same, " in said.err
    assert _looks(kept_comparison(world)) == [8, 16]


def test_fewest_rounds_have_one_usable_look_at_their_end(world: World, slower: str) -> None:
    said = world.task("compare", *_sides(world, slower), "--runs", "8")

    assert said.code == 0
    assert " slower " in row(said.out, "Alpha")
    assert _looks(kept_comparison(world)) == [1, 2, 3, 6, 8]


@pytest.mark.parametrize("task", ["compare", "gate"])
@pytest.mark.parametrize("margin", ["0", "0%", "-1%"])
def test_margin_that_is_not_above_zero_is_refused_before_anything_is_built(
    world: World, slower: str, task: str, margin: str
) -> None:
    said = world.task(task, *_sides(world, slower), "--margin", margin)
    assert_fails(said, 2, f"--margin '{margin}' is not a percentage above 0")
    assert not world.calls("seqc build")


def test_settled_benchmark_is_not_run_again_and_cannot_fail_later(world: World, slower: str) -> None:
    failing = script(COUNTED, f"{IS_HEAD} && [ $n -ge 60 ] && exit 7", "elapsed=800000", *ANSWER)
    world.add("alpha", seq=failing)
    world.add("beta", seq=script(COUNTED, OPEN, *ANSWER))
    said = world.task("compare", *_sides(world, slower), "--runs", "60")

    assert said.code == 5, said.err
    assert " slower " in row(said.out, "Alpha")
    assert _looks(kept_comparison(world)) == [5, 10, 20]
    assert _looks(kept_comparison(world), "beta") == [5, 10, 20, 40, 60]


def test_benchmark_that_fails_after_its_verdict_stood_fails_the_gate(world: World, slower: str) -> None:
    # The probe of programs with painted clocks is never found, so the benchmark goes on.
    failing = script(COUNTED, f"{IS_HEAD} && [ $n -ge 60 ] && exit 7", "elapsed=800000", *ANSWER)
    world.add("alpha", seq=failing)
    said = world.task("gate", *_sides(world, slower), "--runs", "60")

    assert said.code == 1, said.out
    assert "alpha cannot be compared: head failed (run): exit status 7" in said.out
    assert_no_traceback(said)


def test_side_that_fails_ends_its_benchmark_at_the_next_look(world: World, slower: str) -> None:
    world.add("alpha", seq=script(COUNTED, f"{IS_HEAD} && [ $n -ge 22 ] && exit 7", "elapsed=800000", *ANSWER))
    said = world.task("compare", *_sides(world, slower), "--runs", "60")

    assert said.code == 4
    assert "alpha: not comparable: head failed (run): exit status 7" in said.err
    assert _looks(kept_comparison(world)) == [5]


@pytest.mark.parametrize(
    ("benchmark", "run"),
    [
        pytest.param("alpha", 22, id="within the first look"),
        pytest.param("beta", 21, id="between two benchmarks"),
        pytest.param("alpha", 24, id="between two looks"),
        pytest.param("beta", 45, id="within the last look"),
    ],
)
@pytest.mark.whole
def test_interrupted_comparison_goes_on_at_the_right_look(world: World, slower: str, benchmark: str, run: int) -> None:
    for name in ("alpha", "beta"):
        world.add(name, seq=_hanging(run if name == benchmark else 0, OPEN))
    with world.stopped():
        said = world.task("compare", *_sides(world, slower), "--runs", "30", "--seed", "1")
    assert said.code == 130
    before = _designs(kept_comparison(world))[0]
    assert before is not None
    (kept,) = world.results.glob("*.json")

    said = world.task("compare", "--resume", f"results/{kept.name}")
    assert said.code == 5, said.err
    for name in ("alpha", "beta"):
        assert _looks(kept_comparison(world), name) == [3, 5, 10, 20, 30]
        assert _rounds(kept_comparison(world), name) == [list(range(1, 31))] * 2
    after = _designs(kept_comparison(world))[0]
    assert after is not None
    assert after.looks[: len(before.looks)] == before.looks


@pytest.mark.parametrize("is_of_before", [False, True])
def test_stored_comparison_of_the_fixed_design_goes_on_as_fixed(
    world: World, slower: str, *, is_of_before: bool
) -> None:
    world.add("alpha", seq=_hanging(30, "elapsed=800000"))
    with world.stopped():
        assert world.task("compare", *_sides(world, slower), "--runs", "30", "--fixed").code == 130
    (kept,) = world.results.glob("*.json")
    if is_of_before:
        _without_designs(kept)

    said = world.task("compare", "--resume", f"results/{kept.name}")
    assert said.code == 0, said.err
    assert _rounds(kept_comparison(world)) == [list(range(1, 31))] * 2
    assert _designs(kept_comparison(world)) == [None, None]


def _without_designs(path: Path) -> None:
    """Write a comparison as it was stored before there were designs."""
    document = json.loads(path.read_text())
    for session in document["sessions"]:
        for result in session["results"]:
            del result["design"]
    path.write_text(json.dumps(document))


def test_time_of_the_only_benchmark_is_left_when_it_is_settled(world: World, slower: str) -> None:
    said = world.task("compare", *_sides(world, slower), "--only", "alpha", "--budget", "2s")

    assert said.code == 0, said.err
    design = _designs(kept_comparison(world))[0]
    assert design is not None
    assert _looks(kept_comparison(world))[-1] < design.planned
    assert re.search(r"used \d+ % of the time of the planned rounds", said.out)


@pytest.mark.whole
def test_benchmark_whose_budget_ends_in_the_pilot_is_inconclusive_beside_a_settled_one(
    world: World, slower: str
) -> None:
    world.add("beta", seq=script("sleep 2", says(elapsed_ns=1_900_000_000)))
    said = world.task("compare", *_sides(world, slower), "--budget", "6s", "--wide")

    assert said.code == 5, said.err
    assert_no_traceback(said)
    assert " slower " in row(said.out, "Alpha")
    assert "a verdict needs 9" in row(said.out, "Beta")
