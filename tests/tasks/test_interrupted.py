"""Ctrl-C in every phase of every task: what is kept, and whether the hint to resume is true."""

import os
import re
import signal
from pathlib import Path

import pytest

from seqbench.compare.resampling import Trials
from seqbench.experiments.explain.document import load_explanation
from seqbench.experiments.explain.report import full_text
from seqbench.sessions.session import State
from tests.support.outcomes import assert_no_traceback
from tests.support.short_tasks import TASKS, called, prepare
from tests.support.world import MANIFEST, World, hangs, on_run, says

RESUME = re.compile(r"invoke (\S+) --resume (\S+) continues it")
# Which run of the Seq program hangs. Both sides of a comparison share it, and its pilot has 20 rounds of two or three
# sides. None: its build hangs.
RUNS = {
    "bench": (None, 1, 2),
    "bench-alpha": (None, 1, 2),
    "compare": (None, 1, 30, 50),
    "gate": (None, 1, 30, 66),
    "calibrate": (None, 1, 30, 66),
    "bisect": (None, 1, 10, 30),
    "timeline": (None, 1, 6),
    "sweep": (None, 1, 2, 3),
    "tune": (None, 1, 2),
    "explain": (None, 1, 3),
}
# From this run on the task can be resumed: its rounds were planned, or a point was measured.
# The first comparison of a bisection has 3 runs of each side for its size, and 17 rounds with the pilot.
RESUMABLE = {"compare": 41, "bisect": 21, "gate": 61, "calibrate": 61, "sweep": 3}


# Thirty runs take a second.
CASES = [
    pytest.param(name, run, marks=[pytest.mark.whole] if (run or 0) > 9 else [])
    for name, runs in RUNS.items()
    for run in runs
]


def test_every_task_that_measures_is_interrupted() -> None:
    assert RUNS.keys() == TASKS.keys()


@pytest.mark.parametrize(("name", "run"), CASES)
def test_interrupt_keeps_what_was_measured_and_its_hint_is_true(world: World, name: str, run: int | None) -> None:
    # `$1` is the number of messages.
    right = says("$1", 800_000)
    # Only once: the program of another version may come to its run of that number after the interrupt.
    hangs_once = f'if [ -e "$HOME/pids" ]; then\n{right}\nelse\n{hangs()}\nfi'
    program = right + "# SLOW BUILD\n" if run is None else on_run(run, hangs_once, right)
    world.add("alpha", seq=program, go=right, toml=MANIFEST.format(name="alpha"))
    with world.stopped():
        said = called(world, name)

    assert said.code == 130, said.err
    assert_no_traceback(said)
    assert "all started programs have been stopped" in said.err
    kept = sorted(path.name for path in world.results.iterdir()) if world.results.exists() else []
    assert all(path.endswith(".json") for path in kept)
    assert bool(kept) == ("kept" in said.out + said.err)
    assert run is not None or not kept
    found = RESUME.search(said.err)
    assert bool(found) == (run is not None and run >= RESUMABLE.get(name, 1000))
    if found:
        task, file = found.groups()
        assert task == name
        resumed = world.task(task, "--resume", file)
        assert resumed.code in (0, 5), resumed.err
        assert sorted(path.name for path in world.results.iterdir()) == kept


def test_interrupted_session_says_how_many_rounds_were_measured(world: World) -> None:
    # The pilot and two rounds of six; of Go as many or one more.
    world.add("alpha", seq=on_run(4, hangs(), says()), go=says())
    world.add_right("beta")
    with world.stopped():
        said = world.task("bench", "--runs", "6")

    assert "rounds: alpha 2 of 6, beta 0 of 6." in said.out


def test_session_that_was_interrupted_in_the_pilot_says_that_no_rounds_were_planned(world: World) -> None:
    world.add("alpha", seq=on_run(1, hangs(), says()), go=says())
    with world.stopped():
        said = world.task("bench", "--runs", "6")

    assert "rounds: alpha 0 of an unknown number." in said.out


def test_explanation_that_is_interrupted_after_its_timed_runs_keeps_these(world: World) -> None:
    prepare(world)
    world.tool("strace", hangs())
    with world.stopped():
        said = called(world, "explain")

    assert said.code == 130
    (path,) = world.results.iterdir()
    assert f"kept in results/{path.name}" in said.err
    kept = load_explanation(path)
    assert (kept.large.state, kept.calls) == (State.COMPLETE, ())
    assert "System calls were not counted: interrupted before that" in full_text(kept)


def test_explanation_that_is_interrupted_in_its_first_rounds_keeps_and_shows_them(world: World) -> None:
    prepare(world)
    # The pilot and two rounds at the small size.
    world.add("alpha", seq=on_run(4, hangs(), says("$1", 800_000)))
    with world.stopped():
        said = called(world, "explain")

    assert said.code == 130
    (path,) = world.results.iterdir()
    kept = load_explanation(path)
    assert (kept.small.state, kept.large.state, kept.large.results) == (State.INTERRUPTED, State.INTERRUPTED, ())
    assert "INTERRUPTED: only what was measured before the interrupt is shown and kept." in said.out
    assert re.search(r"Rounds: alpha 2 of \d+ at quick size; nothing at reduced size\.\n", said.out)
    assert f"kept in results/{path.name}" in said.err


def test_tuning_that_is_interrupted_shows_what_it_has(world: World) -> None:
    prepare(world)
    world.add("alpha", seq=on_run(9, hangs(), says("$1", 800_000)))
    with world.stopped():
        said = world.task("tune", "--budget", "5m")

    assert said.code == 130
    assert "recommendation: none, because the tuning is not complete" in said.out
    assert "kept in results/tune-" in said.err


def test_benchmark_that_was_added_since_does_not_keep_a_comparison_from_being_resumed(world: World) -> None:
    world.add("alpha", seq=on_run(47, hangs(), says()))
    seqc = str(world.tools / "seqc")
    with world.stopped():
        assert world.task("compare", "--base", seqc, "--head", seqc, "--only", "alpha", "--runs", "8").code == 130
    (path,) = world.results.iterdir()
    world.add_right("beta")
    assert world.task("compare", "--resume", f"results/{path.name}").code == 0

    world.add("alpha", seq=says() + "# a comment\n")
    said = world.task("compare", "--resume", f"results/{path.name}")
    assert said.code == 2
    assert "the benchmark sources have changed since" in said.err


@pytest.mark.whole
def test_calibration_that_is_interrupted_while_it_judges_can_be_judged_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(world)
    monkeypatch.setattr(Trials, "run", lambda _trials: os.kill(os.getpid(), signal.SIGINT))
    said = called(world, "calibrate")
    monkeypatch.undo()

    assert said.code == 130
    (path,) = world.results.iterdir()
    assert f"kept: invoke calibrate --resume results/{path.name} judges it" in said.err
    assert not (world.cache / "calibration.json").exists()
    said = world.task("calibrate", "--resume", f"results/{path.name}")
    assert said.code == 0, said.err
    assert (world.cache / "calibration.json").exists()


def test_interrupted_checks_show_the_problems_so_far(world: World) -> None:
    world.add_right("alpha")
    for name in ("codespell", "proselint", "lint-imports", "zizmor", "pytest"):
        world.tool(name, "#!/bin/sh\n")
    world.tool("ruff", "#!/bin/sh\necho not as it should be; exit 1\n")
    world.tool("mypy", hangs())
    with world.stopped():
        said = world.task("ci")

    assert said.code == 130
    assert "not as it should be" in said.out


@pytest.mark.parametrize(
    ("words", "tool"),
    [(("ci",), "ruff"), (("check-fresh", "--at-commit"), "git"), (("doctor",), "go"), (("env",), "go")],
)
def test_interrupt_of_a_tool_ends_the_task_and_leaves_everything_as_it_was(
    world: World, words: tuple[str, ...], tool: str
) -> None:
    world.add_right("alpha")
    assert world.task("bench", "--runs", "1").code == 0
    world.tool(tool, hangs())

    def kept() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in (world.record, world.history, *world.results.iterdir())}

    before = kept()
    with world.stopped():
        said = world.task(*words)

    assert said.code == 130, said.err
    assert_no_traceback(said)
    assert "kept" not in said.out + said.err
    assert kept() == before
