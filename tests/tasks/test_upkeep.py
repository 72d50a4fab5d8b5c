import io
import os
import re
import signal
import time

import pytest

from tests.support.outcomes import assert_fails
from tests.support.world import World, end_of, hangs, says


def test_new_writes_a_benchmark_that_is_a_task_at_once_and_says_what_to_do(world: World) -> None:
    said = world.task("new", "my-own")

    assert said.code == 0
    assert "wrote benchmarks/my-own/my-own.seq" in said.out
    assert "invoke bench-my-own" in said.out
    assert "bench-my-own" in world.task("--list").out
    # The fake compilers make of the skeletons programs that cannot run; the tests with the real ones run them.
    assert world.task("bench-my-own", "--runs", "1").code == 4


@pytest.fixture
def measured(world: World) -> World:
    world.add_right("alpha")
    world.environment["SEQC"] = "7.7.5"
    assert world.task("bench", "--runs", "1").code == 0
    return world


def test_clean_removes_built_programs_and_only_when_asked_the_compilers(measured: World) -> None:
    said = measured.task("clean")
    assert (said.code, said.out.count("removed ")) == (0, 1)
    assert "left 1 file in results: invoke clean --results removes them" in said.err
    assert len(list(measured.results.iterdir())) == 1
    assert not (measured.cache / "programs").exists()
    assert list(measured.cache.glob("seqc/*/bin/seqc"))
    assert measured.record.exists()

    assert measured.task("clean", "--toolchain").code == 0
    assert not list(measured.cache.glob("seqc/*/bin/seqc"))
    assert measured.task("clean").out == ""


def test_clean_removes_only_compilers_that_were_not_used_lately(world: World) -> None:
    for name, age_days in (("7.0.0", 40), ("7.7.5", 1)):
        home = world.cache / "seqc" / name
        (home / "bin").mkdir(parents=True)
        used = time.time() - age_days * 86_400
        os.utime(home, (used, used))
    (world.cache / "programs").mkdir()
    said = world.task("clean", "--toolchain", "--older-than", "30d")

    assert said.code == 0, said.err
    assert "seqc/7.0.0 (" in said.out
    assert "1 removed" in said.out
    assert "1 kept" in said.out
    assert (world.cache / "seqc" / "7.7.5").exists()
    assert (world.cache / "programs").exists()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--older-than", "30d"), "expected --toolchain and no other flag"),
        (("--toolchain", "--older-than", "30d", "--results"), "expected --toolchain and no other flag"),
        (("--toolchain", "--older-than", "soon"), "'soon' is neither an age"),
    ],
)
def test_clean_refuses_an_age_that_it_cannot_use(world: World, words: tuple[str, ...], problem: str) -> None:
    assert_fails(world.task("clean", *words), 2, problem)


def test_clean_removes_results_by_their_flag_and_never_unasked(
    measured: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert_fails(measured.task("clean", "--results"), 2, "--results removes 1 file in results", "add --yes")
    assert measured.results.exists()
    assert (measured.cache / "programs").exists()

    said = measured.task("clean", "--results", "--yes")
    assert said.code == 0
    assert "removed results (1 file)" in said.out
    assert not measured.results.exists()
    assert measured.task("clean", "--results").code == 0


def test_clean_without_standard_input_does_not_ask(measured: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert_fails(measured.task("clean", "--results"), 2, "--results removes 1 file in results", "add --yes")


def test_clean_with_yes_alone_names_the_flag_that_removes_results(measured: World) -> None:
    said = measured.task("clean", "--yes")
    assert "left 1 file in results: invoke clean --results --yes removes them" in said.err
    assert measured.results.exists()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 2), ("", 2)])
def test_clean_asks_before_it_removes_results(
    measured: World, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    said = measured.task("clean", "--results")

    assert said.code == code
    assert "Remove 1 file in results?" in said.err
    assert measured.results.exists() is (code == 2)


def test_clean_empties_results_behind_a_link(measured: World) -> None:
    elsewhere = measured.root / "elsewhere"
    measured.results.rename(elsewhere)
    measured.results.symlink_to(elsewhere)
    assert measured.task("clean", "--results", "--yes").code == 0

    assert measured.results.is_symlink()
    assert list(elsewhere.iterdir()) == []


def test_clean_beside_a_run_is_refused_with_the_run(world: World) -> None:
    world.add("alpha", seq=hangs(), go=says())
    running = world.start("bench")
    world.pids()
    programs = sorted((world.cache / "programs").rglob("*"))
    for words in (("clean",), ("clean", "--toolchain", "--results", "--yes")):
        said = world.task(*words)
        assert_fails(said, 2, f"another run (process {running.pid}) measures: `invoke bench`, since ")
    assert sorted((world.cache / "programs").rglob("*")) == programs

    running.send_signal(signal.SIGINT)
    assert end_of(running).code == 130
    assert world.task("clean").code == 0


def test_env_prints_the_line_that_puts_the_tools_on_path(world: World) -> None:
    world.add_right("alpha")
    said = world.task("env")
    assert said.code == 0, said.err
    line = re.fullmatch(r'export PATH=(\S+):"\$PATH"\n', said.out)
    assert line
    assert str(world.tools) in line[1].split(os.pathsep)
