"""`--metric` of compare and gate."""

import json
import re
from pathlib import Path

import pytest

from tests.support.outcomes import assert_fails, kept_comparison
from tests.support.world import World


@pytest.fixture
def trading(world: World) -> str:
    """The path of a compiler whose programs are a tenth faster, with several times the memory."""
    world.add_right("alpha")
    text = (world.tools / "seqc").read_text()
    link = 'clang "$source" "$output"'
    assert link in text
    trade = (
        'sed "s/800000/720000/; 2i x=\\$(printf %04000000d 0)" "$source" >"$source.new" && mv "$source.new" "$source"'
    )
    return str(world.tool("trading-seqc", text.replace(link, f"{trade}; {link}")))


def verdicts(path: Path) -> dict[str, dict[str, object]]:
    return {each["metric"]: each for each in json.loads(path.read_text())["verdicts"]}


def test_time_that_is_bought_with_memory_is_slower_by_peak_memory(world: World, trading: str, tmp_path: Path) -> None:
    seqc, file = str(world.tools / "seqc"), tmp_path / "x.json"
    words = ("compare", "--base", seqc, "--head", trading, "--runs", "12", "--json", str(file))
    assert world.task(*words).code == 0
    assert [each["verdict"] for each in verdicts(file).values()] == ["faster"]

    said = world.task(*words, "--metric", "time,peak-memory,size")
    assert said.code == 0, said.err
    found = verdicts(file)
    assert {metric: each["verdict"] for metric, each in found.items()} == {
        "time": "faster",
        "peak-memory": "slower",
        "size": "slower",
    }
    assert float(str(found["peak-memory"]["ratio"])) > 2
    assert re.search(r"^Alpha +peak-memory +\S+ [KM]iB +\S+ [KM]iB .* slower ", said.out, re.MULTILINE)
    # The counters that moved with it are the first hint of why.
    assert re.search(r"^Alpha: slower by peak-memory, size; moved with it: .*page faults \d", said.out, re.MULTILINE)
    counters = [each["counter"] for each in found["peak-memory"]["moved"]]  # type: ignore[attr-defined]
    assert "page faults" in counters
    assert "peak memory" not in counters
    assert found["time"]["moved"] == []


def test_every_metric_counts_in_the_error_that_they_share(world: World, trading: str) -> None:
    seqc = str(world.tools / "seqc")
    words = ("compare", "--base", seqc, "--head", trading, "--metric", "time,peak-memory")

    assert_fails(world.task(*words, "--runs", "8"), 2, "by 2 metrics from fewer than 9 rounds")
    assert world.task(*words, "--runs", "9").code in (0, 5)


def test_unknown_metric_is_refused_with_a_similar_name(world: World) -> None:
    world.add_right("alpha")
    for task in ("compare", "gate"):
        said = world.task(task, "--base", "7.7.5", "--head", "7.7.5", "--metric", "peak-memroy")
        assert_fails(said, 2, "--metric: no metric named 'peak-memroy'", "did you mean 'peak-memory'")
    assert world.calls() == []


def test_builds_are_timed_in_pairs_and_kept(world: World) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "9", "--metric", "time,build-time")

    assert said.code in (0, 5), said.err
    stored = kept_comparison(world)
    assert stored.metrics == ("time", "build-time")
    assert [len(session.results[0].programs[0].builds_ns) for session in stored.sessions] == [9, 9]
    assert re.search(r"^Alpha +build-time +\S+ ms +\S+ ms ", said.out, re.MULTILINE)


@pytest.mark.whole
def test_interrupt_while_builds_are_timed_keeps_the_rounds_and_resume_times_them(world: World) -> None:
    world.add_right("alpha")
    counter = '"$HOME/builds"'
    hang = (
        f"n=0; [ -e {counter} ] && read -r n <{counter}; n=$((n + 1)); echo $n >{counter}",
        'if [ $n -eq 4 ]; then sleep 300 & echo "$$ $!" >"$HOME/pids.new"; mv "$HOME/pids.new" "$HOME/pids"; wait; fi',
    )
    text = (world.tools / "seqc").read_text()
    world.tool("seqc", text.replace("build)\n", "build)\n" + "\n".join(hang) + "\n", 1))
    seqc = str(world.tools / "seqc")
    with world.stopped():
        said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "9", "--metric", "time,build-time")
    assert said.code == 130
    stored = kept_comparison(world)
    assert [session.results[0].programs[0].builds_ns for session in stored.sessions] == [(), ()]

    (kept,) = world.results.glob("*.json")
    said = world.task("compare", "--resume", f"results/{kept.name}")
    assert said.code in (0, 5), said.err
    assert "build-time" in said.out
    resumed = kept_comparison(world)
    assert [session.results[0].programs[0].builds_ns != () for session in resumed.sessions] == [True, True]


def test_metric_that_a_side_does_not_have_is_a_line_and_no_crash(world: World) -> None:
    said = world.task(
        *("compare", "--base", "run:true", "--head", "run:true", "--runs", "9", "--metric", "time,size,build-time")
    )
    assert said.code == 5, said.err
    assert "not comparable: nothing is built for base, so that it has no size" in said.out
    assert "not comparable: nothing is built, so that there is no build to time" in said.out


def test_metric_is_for_what_is_measured_now(world: World) -> None:
    said = world.task("compare", "--base", "a.json", "--head", "b.json", "--metric", "size")
    assert_fails(said, 2, "flags for measuring cannot be combined with stored sessions")
