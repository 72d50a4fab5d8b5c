import platform
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from seqbench.publish.history import database as history
from seqbench.publish.history.series import Selection
from seqbench.sessions import store
from seqbench.sessions.session import State
from tests.support.outcomes import RATIO, assert_fails, assert_no_traceback, stored, table_of
from tests.support.strategies import NOON, a_program, a_result, a_session, measured
from tests.support.world import Said, World, end_of, says


def kept(world: World) -> list[tuple[str, str, int]]:
    """Return benchmark, runtime and number of sessions of all that is in the history."""
    return [(each.benchmark, each.runtime, each.sessions) for each in history.series(world.history, Selection())]


def assert_run_stands(world: World, said: Said, *words: str, code: int = 0) -> None:
    """Make sure that the run ended as without a history, and that a warning says what is wrong with that."""
    assert said.code == code, said.err
    assert_no_traceback(said)
    assert RATIO.search(table_of(said)[0])
    (session,) = stored(world)
    assert session.state is State.COMPLETE
    assert world.record.exists()
    warning = said.err.partition("warning: not in the history: ")[2]
    for word in (*words, "fix: ", "then: invoke history --import results/"):
        assert word in warning


@pytest.fixture
def many(world: World) -> list[Path]:
    """Forty sessions, each in its file."""
    session = a_session(a_result(a_program(measured(500))))
    paths = [world.project / "from-ci" / f"{day:02}.json" for day in range(40)]
    for day, path in enumerate(paths):
        store.save(path, replace(session, started_at=NOON + timedelta(days=day), toolchain=()))
    return paths


def test_every_complete_run_is_in_the_history_and_shown_by_it(world: World) -> None:
    world.add_right("alpha")
    for words in (("bench",), ("bench-alpha", "--json", "-"), ("bench", "--only", "alpha")):
        said = world.task(*words, "--runs", "2")
        assert said.code == 0
        assert "history" not in said.err
    assert kept(world) == [("alpha", "seq", 3), ("alpha", "go", 3)]

    said = world.task("history")
    assert (said.code, said.err) == (0, "")
    (session, *_) = stored(world)
    assert said.out.startswith(f"machine {session.machine.identity}: {session.machine.sentence()}\n")
    assert "Alpha, Seq" in said.out
    assert "▅▅▅" in said.out
    said = world.task("history", "--only", "alpha", "--runtime", "go", "--since", "1d", "--limit", "2")
    assert "2 of 3" in said.out
    assert "Alpha, Seq" not in said.out


def test_a_run_with_a_failure_is_in_the_history_and_a_run_of_another_suite_in_no_trend(world: World) -> None:
    world.add("alpha", seq=says() + "# COMPILE ERROR\n", go=says())
    assert world.task("bench", "--runs", "1").code == 4
    shutil.copytree(world.suite, world.root / "other")
    world.task("bench", "--runs", "1", "--suite", str(world.root / "other"))
    assert kept(world) == [("alpha", "seq", 0), ("alpha", "go", 1)]
    assert "1 failed" in world.task("history").out


def test_comparisons_and_interrupted_runs_are_not_in_the_history(world: World) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")
    assert world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8").code == 0
    assert not world.history.exists()


def test_the_configuration_says_where_the_history_is(world: World) -> None:
    world.add_right("alpha")
    del world.environment["SEQBENCH_HISTORY"]
    with (world.project / "pyproject.toml").open("a") as file:
        print("history = 'data/own.db'", file=file)
    assert world.task("bench", "--runs", "1").code == 0
    assert (world.project / "data" / "own.db").exists()
    assert not world.history.exists()


# --- A history that cannot be written never loses the run


def test_a_locked_history_is_a_warning(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BUSY_TIMEOUT_S", 0.01)
    world.add_right("alpha")
    world.history.parent.mkdir()
    with closing(sqlite3.connect(world.history, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = world.task("bench", "--runs", "1")
    assert_run_stands(world, said, str(world.history), "is locked by another program")

    # The fix is what it says.
    again = said.err.rpartition("then: invoke ")[2].split()
    assert world.task(*again).out.endswith("added 1, already there 0\n")
    assert kept(world) == [("alpha", "seq", 1), ("alpha", "go", 1)]


def test_a_folder_that_cannot_be_made_is_a_warning(world: World) -> None:
    world.add_right("alpha")
    world.history.parent.write_text("a file where the folder should be")
    assert_run_stands(world, world.task("bench", "--runs", "1"), "cannot create the folder of the history")


def test_a_broken_history_is_a_warning_and_stays_as_it_is(world: World) -> None:
    world.add_right("alpha")
    world.history.parent.mkdir()
    world.history.write_bytes(b"not a database, by no means\n" * 99)
    assert_run_stands(world, world.task("bench", "--runs", "1"), "is broken", f"mv {world.history}")
    assert world.history.read_bytes() == b"not a database, by no means\n" * 99
    assert_fails(world.task("history"), 2, str(world.history), "is broken")


def test_a_newer_history_is_a_warning(world: World) -> None:
    world.add_right("alpha")
    assert world.task("bench", "--runs", "1").code == 0
    shutil.rmtree(world.results)
    with closing(sqlite3.connect(world.history)) as database:
        database.execute("PRAGMA user_version = 9")
    assert_run_stands(world, world.task("bench", "--runs", "1"), "version 9; expected ")
    assert_fails(world.task("history"), 2, "version 9", "update seqbench")


@pytest.mark.whole
def test_a_full_disk_is_a_warning_and_leaves_the_history_as_it_was(world: World, many: list[Path]) -> None:
    world.add_right("alpha")
    # No file may grow beyond 40 KiB: a session is smaller, an empty history is not.
    limit = ("/bin/sh", "-c", 'ulimit -f 80; exec "$@"', "sh")
    said = world.invoke("bench", "--runs", "1", prefix=limit)
    assert_run_stands(world, said, str(world.history), "the disk is full")
    assert world.task("history", "--import", "results", "--import", "from-ci").code == 0
    before = kept(world)
    shutil.rmtree(world.results)
    assert_run_stands(world, world.invoke("bench", "--runs", "1", prefix=limit), "the disk is full")
    assert kept(world) == before


# --- import


def test_import_takes_files_folders_and_patterns_and_twice_does_no_harm(world: World, many: list[Path]) -> None:
    said = world.task("history", "--import", "from-ci/0*.json", "--import", str(many[10]))
    assert (said.code, said.out) == (0, "../data/history.db: added 11, already there 0\n")
    said = world.task("history", "--import", "from-ci")
    assert said.out == "../data/history.db: added 29, already there 11\n"
    assert kept(world) == [("pingpong", "seq", 40)]


def test_import_names_what_it_cannot_read_and_takes_the_rest(world: World, many: list[Path]) -> None:
    many[3].write_text("{")
    (world.project / "from-ci" / "tune-1.json").write_text('{"schema": "seqbench/tune"}')
    said = world.task("history", "--import", "from-ci", "--import", "missing.json")
    assert_fails(said, 2, "2 files cannot be read", str(many[3]), "missing.json: cannot be read")
    assert "added 39, already there 0; skipped 1 that are not complete sessions" in said.out
    assert kept(world) == [("pingpong", "seq", 39)]


@pytest.mark.whole
def test_two_imports_at_once_put_every_session_in_once(world: World, many: list[Path]) -> None:
    running = [world.start("history", "--import", "from-ci") for _ in range(2)]
    said = [end_of(each) for each in running]
    assert [each.code for each in said] == [0, 0], said
    added = [int(each.out.partition("added ")[2].split(",")[0]) for each in said]
    assert sum(added) == 40
    assert kept(world) == [("pingpong", "seq", 40)]


# --- history


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "pinpong"), "did you mean 'pingpong'?"),
        (("--only", ","), "contains no name"),
        (("--runtime", "x'; DROP TABLE session; --"), "use one of: seq"),
        (("--since", "soon"), "'soon' is neither an age such as 30d"),
        (("--since", "99999999w"), "is neither an age"),
        (("--limit", "0"), "'0' is not a whole number above zero"),
        (("--import", "*.yaml"), "no file matches"),
        (("--import", "from-ci", "--limit", "3"), "--import cannot be combined with"),
    ],
)
def test_a_usage_error_of_history_exits_with_2(
    world: World, many: list[Path], words: tuple[str, ...], said: str
) -> None:
    assert world.task("history", "--import", "from-ci").code == 0
    found = world.task("history", *words)
    assert_fails(found, 2, said)
    assert found.out == ""


def test_without_a_history_it_says_how_to_get_one(world: World) -> None:
    assert_fails(world.task("history"), 2, "there is no history yet", "invoke bench, or invoke history --import")
    assert not world.history.exists()


@pytest.mark.whole
def test_a_terminal_without_unicode_gets_ascii(world: World, many: list[Path]) -> None:
    assert world.task("history", "--import", "from-ci").code == 0
    world.environment |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    said = world.invoke("history")
    assert said.code == 0
    assert said.out.isascii()
    assert "====" in said.out


@pytest.mark.whole
@pytest.mark.skipif(shutil.which("setarch") is None, reason="this system has no setarch")
def test_history_and_resume_go_on_with_another_kernel(world: World) -> None:
    world.add_right("alpha")
    assert world.invoke("bench", "--runs", "2").code == 0
    said = world.invoke("bench", "--runs", "2", "--json", "new.json", prefix=("setarch", "--uname-2.6"))
    assert said.code == 0, said.err
    assert kept(world) == [("alpha", "seq", 2), ("alpha", "go", 2)]

    said = world.task("history")
    assert said.out.count("machine ") == 1
    kernel = platform.release()
    assert f"kernel {kernel} -> 2.6." in said.out
