import json
import shutil
import signal
from pathlib import Path

import pytest

from seqbench.sessions import latest_run, recording, store
from seqbench.sessions.session import Failed, Measured, State
from tests.support.outcomes import RATIO, assert_fails, assert_no_traceback, row, stored, table_of
from tests.support.world import (
    World,
    end_of,
    hangs,
    hollow_wheels,
    is_gone,
    on_run,
    says,
    until,
)

# --- Real processes: what only a process of its own can show. Each costs half a second.


def test_a_whole_run_from_a_folder_of_the_project_shows_keeps_and_records(world: World) -> None:
    world.add_right("alpha", "beta")
    said = world.invoke("bench", "--runs", "2", "--seed", "7", "--json", "out.json", "--verbose", folder=world.suite)

    assert (said.code, [row.split() for row in table_of(said)]) == (
        0,
        [[name, "0.8ms", "0.4ms", "2.0x", "Excellent?"] for name in ("Alpha", "Beta")],
    )
    (session,) = stored(world)
    assert (session.state, session.seed) == (State.COMPLETE, 7)
    assert store.load(world.suite / "out.json") == session
    found = latest_run.parse(world.record.read_text())
    assert found == recording.record_of(session)
    assert found.is_complete
    assert said.out.rstrip("\n").endswith(found.text)
    assert "session: ../results/" in said.err
    assert "record: ../LATEST_RUN.txt" in said.err
    assert "alpha (Seq): round 1 of 2" in said.err + said.err.replace("(Go)", "(Seq)")


@pytest.mark.whole
def test_json_to_standard_output_is_json_and_nothing_else_even_where_a_program_fails(world: World) -> None:
    world.add_right("alpha", "beta")
    world.add("beta", seq=says() + "# COMPILE ERROR\n")
    said = world.invoke("bench-beta", "--json", "-", "--no-record", "--runs", "2")

    assert said.code == 4
    document = json.loads(said.out)
    assert (document["schema"], document["schema_version"]) == ("seqbench/session", 1)
    assert store.from_json(said.out, "standard output") == stored(world)[0]
    assert f"{world.suite / 'beta' / 'beta.seq'}:3: Error: Undefined word 'nosuchword'" in said.err
    assert_no_traceback(said)
    assert not world.record.exists()


@pytest.mark.whole
def test_a_stop_in_the_middle_ends_the_children_keeps_what_was_measured_and_exits_with_130(tmp_path: Path) -> None:
    # One is stopped with Ctrl-C, the other one by `kill`; the second was to write JSON to its standard output.
    worlds = [World(tmp_path / "int"), World(tmp_path / "term")]
    for world in worlds:
        world.add_right("alpha")
        world.add("beta", seq=on_run(2, hangs(), says()), go=says())
        world.record.write_text("the old record\n")
    running = [worlds[0].start("bench", "--runs", "3"), worlds[1].start("bench", "--runs", "3", "--json", "-")]
    for world, process, number in zip(worlds, running, (signal.SIGINT, signal.SIGTERM), strict=True):
        world.pids()
        process.send_signal(number)
    told, as_json = (end_of(process) for process in running)

    # There is no JSON of a session that was interrupted, and a table is none.
    assert as_json.out == ""
    for world, said, shown in zip(worlds, (told, as_json), (told.out, as_json.err), strict=True):
        assert said.code == 130
        assert_no_traceback(said)
        for pid in world.pids():
            until(lambda pid=pid: is_gone(pid), f"process {pid} is gone")  # type: ignore[misc]
        (session,) = stored(world)
        assert session.state is State.INTERRUPTED
        alpha = session.results[0].programs[0].outcome
        assert isinstance(alpha, Measured)
        assert len(alpha.samples) == 3
        assert RATIO.search(row(shown, "Alpha"))
        assert not RATIO.search(row(shown, "Beta"))
        assert "kept in results/" in shown
        assert "error: interrupted" in said.err
        assert world.record.read_text() == "the old record\n"


@pytest.mark.whole
def test_the_second_of_two_runs_waits_for_the_first_and_says_so(world: World) -> None:
    world.add("alpha", seq=says() + "# WAIT TO BUILD\n", go=says())
    first = world.start("bench", "--runs", "1")
    until(lambda: world.calls("seqc build"), "the first run builds")
    second = world.start("bench", "--runs", "1", "--no-record", stderr=world.root / "stderr")
    waiting = f"waiting for another run (process {first.pid}) to finish measuring"
    until(lambda: waiting in (world.root / "stderr").read_text(), "the second run says for whom it waits")
    (world.home / "go-on").touch()

    assert (end_of(first).code, end_of(second).code) == (0, 0)
    assert [session.state for session in stored(world)] == [State.COMPLETE] * 2
    # What the first one built, the second one did not build again.
    assert len(world.calls("seqc build")) == 1


@pytest.mark.whole
def test_a_disk_that_fills_up_exits_with_2_and_leaves_the_old_files_whole(world: World) -> None:
    world.add_right("alpha")
    assert world.task("bench", "--runs", "1", "--seed", "1").code == 0
    before = {path: path.read_bytes() for path in (world.record, *world.results.iterdir())}
    # No file may grow beyond a kilobyte; a session has several.
    said = world.invoke("bench", "--runs", "1", prefix=("/bin/sh", "-c", 'ulimit -f 1; exec "$@"', "sh"))

    assert_fails(said, 2, "File too large", str(world.results))
    assert {path: path.read_bytes() for path in (world.record, *world.results.iterdir())} == before
    # The work is not lost for those who watch.
    assert RATIO.search(table_of(said)[0])


# --- The same tasks within this process, which is quick enough for every case.


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_while_it_builds_ends_the_compiler_with_its_children_and_exits_with_130(
    world: World, number: signal.Signals
) -> None:
    world.add("alpha", seq=says() + "# SLOW BUILD\n", go=says())

    with world.stopped(number):
        said = world.task("bench", "--json", "-")

    assert (said.code, said.out) == (130, "")
    assert_no_traceback(said)
    assert stored(world) == []
    assert not world.record.exists()
    assert not list((world.cache / "programs").glob("*/.build-*"))


def test_programs_that_fail_make_the_exit_code_4_and_have_no_figures(world: World) -> None:
    world.add_right("alpha")
    world.add("beta", seq=says() + "# COMPILE ERROR\n", go=says())
    world.add("gamma", seq=says(41), go="#!/bin/sh\nulimit -c 0; kill -ABRT $$\n")
    said = world.task("bench", "--runs", "2")

    assert said.code == 4
    assert_no_traceback(said)
    alpha, beta, gamma = table_of(said)
    assert RATIO.search(alpha)
    assert not RATIO.search(beta)
    assert not RATIO.search(gamma)
    assert "Undefined word 'nosuchword'" in said.out
    assert "killed by SIGABRT" in said.out
    statuses = {b.name: b.status.value for b in latest_run.parse(world.record.read_text()).benchmarks}
    assert statuses == {"alpha": "measured", "beta": "failed", "gamma": "failed"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bench", "--only", "alhpa"), "did you mean 'alpha'?"),
        (("bench", "--runtimes", "ruby"), "no runtime named 'ruby'"),
        (("bench", "--size", "huge"), "unknown size"),
        (("bench", "--size", "20000"), "20,000 is not a power of 10"),
        (("bench", "--runs", "0"), "'0' is not a whole number above zero"),
        (("bench", "--seqc", "7.7"), "is not a complete version"),
        (("bench", "--suite", "/nonexistent"), "no benchmark in /nonexistent"),
        (("bench", "--json", "tasks.py/x.json"), "cannot be written"),
        (("bench", "--json", "benchmarks"), "it is a folder"),
        (("bench-alpha", "--seed", "one"), "is not a whole number"),
        (("new", "My_Bench"), "is not a valid name of a benchmark"),
        (("new", "alpha"), "already exists"),
    ],
)
def test_a_usage_error_exits_with_2_before_anything_is_done(world: World, words: tuple[str, ...], said: str) -> None:
    world.add("alpha", seq=says(), go=says(), toml="[parameters.n]\nfull=100\nquick=10\nscales=true\npower-of=10\n")
    found = world.task(*words)

    assert_fails(found, 2, said)
    assert found.out == ""
    assert world.calls() == []
    assert not world.record.exists()


def test_a_missing_tool_exits_with_3(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_right("alpha")
    monkeypatch.syspath_prepend(hollow_wheels(world.root / "hollow"))
    world.record.write_text("the old record\n")
    world.environment |= {"GO": "", "PATH": str(world.home)}

    assert_fails(world.task("bench"), 3, "go not found: checked", "pip install")
    assert_fails(world.task("bench", "--runtimes", "seq", "--seqc", "7.7.5"), 3, "cargo not found")
    assert world.record.read_text() == "the old record\n"
    assert stored(world) == []


def test_a_version_that_does_not_exist_exits_with_3(world: World) -> None:
    world.add_right("alpha")

    assert_fails(world.task("bench", "--seqc", "9.9.9"), 3, "error: no seqc 9.9.9; newest is 7.7.5")


@pytest.mark.parametrize("folder", ["results", "cache"])
def test_a_folder_that_cannot_be_written_exits_with_2_before_anything_is_built(world: World, folder: str) -> None:
    world.add_right("alpha")
    path = world.results if folder == "results" else world.cache
    shutil.rmtree(path, ignore_errors=True)
    path.write_text("a file where the folder should be")

    assert_fails(world.task("bench"), 2, f"{path} cannot be written")
    assert path.read_text() == "a file where the folder should be"
    assert world.calls() == []


def test_a_run_without_record_and_one_of_another_suite_leave_the_record_alone(world: World) -> None:
    world.add_right("alpha")
    world.record.write_text("the old record\n")
    shutil.copytree(world.suite, world.root / "other")

    assert world.task("bench", "--runs", "1", "--no-record").code == 0
    assert world.task("bench", "--runs", "1", "--suite", str(world.root / "other")).code == 0
    assert world.record.read_text() == "the old record\n"
    assert [session.is_default_suite for session in stored(world)].count(False) == 1


def test_a_run_in_which_everything_failed_is_no_record(world: World) -> None:
    world.add("alpha", seq=says(41), go=says(42))
    world.record.write_text("the old record\n")

    said = world.task("bench", "--runs", "1")
    assert said.code == 4
    assert world.record.read_text() == "the old record\n"
    assert isinstance(stored(world)[0].results[0].programs[0].outcome, Failed)


def test_the_same_seed_gives_the_same_order_of_every_round(world: World) -> None:
    world.add("alpha", seq=says(), go=says(), a_go=says(), b_go=says())

    def orders(seed: str) -> list[list[int]]:
        assert world.task("bench", "--runs", "4", "--seed", seed, "--json", f"{seed}.json").code == 0
        programs = json.loads((world.project / f"{seed}.json").read_text())["results"][0]["programs"]
        return [[sample["position"] for sample in program["outcome"]["samples"]] for program in programs]

    assert orders("5") == orders("5") != orders("6")


def test_json_into_a_device_writes_to_it_and_does_not_replace_it(world: World) -> None:
    world.add_right("alpha")
    (world.project / "null").symlink_to("/dev/null")

    assert world.task("bench", "--runs", "1", "--json", "null").code == 0
    assert (world.project / "null").is_char_device()
