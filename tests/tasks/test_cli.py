import hashlib
import json
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seqbench.compare.document import StoredComparison, load_comparison
from seqbench.sessions import latest_run, store
from seqbench.sessions.latest_run import Record
from seqbench.sessions.session import Failed, Measured, Session, State
from tests.support.world import (
    MANIFEST,
    SYSTEM_PATH,
    Said,
    World,
    end_of,
    hangs,
    hollow_wheels,
    is_gone,
    on_run,
    says,
    script,
    until,
)

RATIO = re.compile(r"\d+(\.\d+)?x")
GIT = shutil.which("git", path=SYSTEM_PATH) or "git"


def stored(world: World) -> list[Session]:
    return [store.load(path) for path in sorted(world.results.glob("*.json"))]


def assert_no_traceback(said: Said) -> None:
    assert "Traceback" not in said.out + said.err
    assert "defect in seqbench" not in said.err


def assert_fails(said: Said, code: int, *words: str) -> None:
    """Make sure that it ended with this code and an error that has these words and a mend."""
    assert said.code == code, said.err
    assert_no_traceback(said)
    assert "error: " in said.err
    assert "mend: " in said.err
    for word in words:
        assert word in said.err


def table_of(said: Said) -> list[str]:
    """Give the rows of the headline table."""
    return said.out.partition("\n\n")[0].splitlines()[2:]


def row(text: str, title: str) -> str:
    """Give the row of the headline table, which is the first one that begins so."""
    return next(line for line in text.splitlines() if line.startswith(title))


# --- Real processes: what only a process of its own can show. Each costs half a second.


def test_a_whole_run_from_a_folder_of_the_project_shows_keeps_and_records(world: World) -> None:
    world.add_right("alpha", "beta")
    said = world.invoke("bench", "--runs", "2", "--seed", "7", "--json", "out.json", folder=world.suite)

    assert (said.code, [row.split() for row in table_of(said)]) == (
        0,
        [[name, "0.8ms", "0.4ms", "2.0x", "Excellent?"] for name in ("Alpha", "Beta")],
    )
    (session,) = stored(world)
    assert (session.state, session.seed) == (State.COMPLETE, 7)
    assert store.load(world.suite / "out.json") == session
    found = latest_run.parse(world.record.read_text())
    assert found == latest_run.record_of(session)
    assert found.is_complete
    assert said.out.rstrip("\n").endswith(found.text)
    assert "session: ../results/" in said.err
    assert "record: ../LATEST_RUN.txt" in said.err
    assert "alpha (Seq): round 1 of 2" in said.err + said.err.replace("(Go)", "(Seq)")


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


def test_the_second_of_two_runs_waits_for_the_first_and_says_so(world: World) -> None:
    world.add("alpha", seq=says() + "# WAIT TO BUILD\n", go=says())
    first = world.start("bench", "--runs", "1")
    until(lambda: world.calls("seqc build"), "the first run builds")
    second = world.start("bench", "--runs", "1", "--no-record", stderr=world.root / "stderr")
    waiting = f"another run (process {first.pid}) is measuring; waiting for its end"
    until(lambda: waiting in (world.root / "stderr").read_text(), "the second run says for whom it waits")
    (world.home / "go-on").touch()

    assert (end_of(first).code, end_of(second).code) == (0, 0)
    assert [session.state for session in stored(world)] == [State.COMPLETE] * 2
    # What the first one built, the second one did not build again.
    assert len(world.calls("seqc build")) == 1


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk at hand")
def test_a_reader_that_goes_away_is_no_error_and_a_full_disk_behind_standard_output_is_one(world: World) -> None:
    world.add_right("alpha")
    # The reader is gone long before the list is there.
    reader = world.start("doctor", prefix=("/bin/sh", "-c", '{ "$@"; echo "code $?" >&2; } | true', "sh"))
    disk = world.start("doctor", prefix=("/bin/sh", "-c", 'exec "$@" >/dev/full', "sh"))

    said = end_of(reader)
    assert said.err == "code 0\n"
    said = end_of(disk)
    assert_fails(said, 2, "error: No space left on device")
    assert "Exception ignored" not in said.err


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


def test_a_new_folder_has_its_task_at_once(world: World) -> None:
    world.add_right("my-own")
    said = world.task("--list")

    assert said.code == 0
    for task in ("bench", "bench-my-own", "check-fresh", "ci", "clean", "doctor", "new"):
        assert re.search(rf"^  {task}  ", said.out, re.MULTILINE)
    assert "my-own alone" in said.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bench", "--only", "alhpa"), "did you mean alpha?"),
        (("bench", "--runtimes", "rust"), "no runtime of that name"),
        (("bench", "--size", "huge"), "there is no such size"),
        (("bench", "--size", "20000"), "20,000 is not a power of 10"),
        (("bench", "--runs", "0"), "'0' is not a whole number above zero"),
        (("bench", "--seqc", "7.7"), "is not a whole version"),
        (("bench", "--suite", "/nonexistent"), "there is no benchmark in /nonexistent"),
        (("bench", "--json", "tasks.py/x.json"), "cannot be written"),
        (("bench", "--json", "benchmarks"), "it is a folder"),
        (("bench-alpha", "--seed", "one"), "is not a whole number"),
        (("new", "My_Bench"), "cannot name a benchmark"),
        (("new", "alpha"), "is there already"),
    ],
)
def test_a_usage_error_exits_with_2_before_anything_is_done(world: World, words: tuple[str, ...], said: str) -> None:
    world.add("alpha", seq=says(), go=says(), toml="[parameters.n]\nfull=100\nquick=10\nscales=true\npower-of=10\n")
    found = world.task(*words)

    assert_fails(found, 2, said)
    assert found.out == ""
    assert world.calls() == []
    assert not world.record.exists()


def test_a_broken_manifest_exits_with_2_names_the_line_and_leaves_the_tasks_listed(world: World) -> None:
    world.add_right("alpha")
    folder = world.add("beta", seq=says(), toml='title = "b"\ntimeout = "soon"\n')

    assert_fails(world.task("bench"), 2, f"error: {folder / 'benchmark.toml'}:2: timeout: 'soon'")
    assert "bench-beta" in world.task("--list").out


@pytest.mark.parametrize("name", ["alpha.old", "My Copy"])
def test_a_folder_that_cannot_be_a_task_exits_with_2_and_leaves_the_tasks_listed(world: World, name: str) -> None:
    world.add_right("alpha")
    shutil.copytree(world.add("beta", toml=""), world.suite / name)
    world.add("beta", seq=says(), go=says())

    assert_fails(world.task("bench-alpha"), 2, f"{name!r} cannot name a benchmark", "rename the folder")
    assert "bench-beta" in world.task("--list").out


def test_a_suite_that_cannot_be_looked_into_exits_with_2_and_leaves_the_tasks_listed(world: World) -> None:
    # No file system takes so long a name; a folder without rights says nothing to root.
    (world.project / "pyproject.toml").write_text(f"[tool.seqbench]\nsuite = '{'x' * 300}'\n")

    assert "check-fresh" in world.task("--list").out
    assert_fails(world.task("bench"), 2, "File name too long")


@pytest.mark.parametrize(
    "text", ["[tool.seqbench]\ncolour = 1\n", "[tool.seqbench]\nbudget = 'soon'\n", "[", "[tool]\nseqbench = 3\n"]
)
def test_a_broken_configuration_exits_with_2_and_names_the_file(world: World, text: str) -> None:
    (world.project / "pyproject.toml").write_text(text)

    for task in ("bench", "check-fresh", "doctor"):
        world.record.write_text("x")
        assert_fails(world.task(task), 2, str(world.project / "pyproject.toml"))


def test_a_missing_tool_exits_with_3(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_right("alpha")
    monkeypatch.syspath_prepend(hollow_wheels(world.root / "hollow"))
    world.record.write_text("the old record\n")
    world.environment |= {"GO": "", "PATH": str(world.home)}

    assert_fails(world.task("bench"), 3, "no Go: looked at", "pip install")
    assert_fails(world.task("bench", "--runtimes", "seq", "--seqc", "7.7.5"), 3, "no cargo")
    assert world.record.read_text() == "the old record\n"
    assert stored(world) == []


def test_a_version_that_does_not_exist_exits_with_3(world: World) -> None:
    world.add_right("alpha")

    assert_fails(world.task("bench", "--seqc", "9.9.9"), 3, 'requirement `seq-compiler = "=9.9.9"`')


@pytest.mark.parametrize("folder", ["results", "cache"])
def test_a_folder_that_cannot_be_written_exits_with_2_before_anything_is_built(world: World, folder: str) -> None:
    world.add_right("alpha")
    path = world.results if folder == "results" else world.cache
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


def test_new_writes_a_benchmark_that_is_a_task_at_once_and_says_what_to_do(world: World) -> None:
    said = world.task("new", "my-own")

    assert said.code == 0
    assert "wrote benchmarks/my-own/my-own.seq" in said.out
    assert "invoke bench-my-own" in said.out
    assert "bench-my-own" in world.task("--list").out
    # The fake compilers make of the skeletons programs that cannot run; the tests with the real ones run them.
    assert world.task("bench-my-own", "--runs", "1").code == 4


def test_clean_removes_programs_and_sessions_and_only_when_asked_the_compilers(world: World) -> None:
    world.add_right("alpha")
    world.environment["SEQC"] = "7.7.5"
    assert world.task("bench", "--runs", "1").code == 0

    said = world.task("clean")
    assert (said.code, said.out.count("removed ")) == (0, 2)
    assert not world.results.exists()
    assert not (world.cache / "programs").exists()
    assert list(world.cache.glob("seqc/*/bin/seqc"))
    assert world.record.exists()

    assert world.task("clean", "--toolchain").code == 0
    assert not list(world.cache.glob("seqc/*/bin/seqc"))
    assert world.task("clean").out == ""


def test_doctor_lists_everything_and_exits_with_3_where_something_is_missing(world: World) -> None:
    world.add_right("alpha")
    world.tool("cc", "#!/bin/sh\n")
    said = world.task("doctor")
    assert said.code == 0
    for subject in ("Python", "cargo", "seqc", "clang", "go", "load"):
        assert re.search(rf"^(ok|warning) +{subject} ", said.out, re.MULTILINE)

    world.environment["GO"] = "/nonexistent/go"
    said = world.task("doctor")
    assert said.code == 3
    assert re.search(r"^missing +go .*GO is '/nonexistent/go'.*\n +mend: ", said.out, re.MULTILINE)


# --- check-fresh


@pytest.fixture(scope="module")
def fresh_record(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a run of two benchmarks records."""
    world = World(tmp_path_factory.mktemp("recorded"))
    world.add_right("alpha", "beta")
    assert world.task("bench", "--runs", "1").code == 0
    return world.record.read_bytes()


@pytest.fixture
def recorded(world: World, fresh_record: bytes) -> World:
    """A world with a fresh and whole record."""
    world.add_right("alpha", "beta")
    world.record.write_bytes(fresh_record)
    return world


def rewrite(world: World, **changes: object) -> None:
    """Write the record anew with these values, as a run that had them would have."""
    found = latest_run.parse(world.record.read_text())
    changed = replace(found, **changes)  # type: ignore[arg-type]
    world.record.write_text(latest_run.render(changed))


def retell(world: World, old: str, new: str) -> None:
    """Write the record in other words, with a digest that fits them."""
    body = world.record.read_text().rpartition("digest: ")[0]
    assert old in body
    body = body.replace(old, new)
    world.record.write_text(f"{body}digest: sha256:{hashlib.sha256(body.encode()).hexdigest()}\n")


def stamp(world: World) -> Record:
    return latest_run.parse(world.record.read_text())


def test_a_fresh_and_whole_record_exits_with_0(recorded: World) -> None:
    said = recorded.task("check-fresh")

    assert said.code == 0
    assert said.out.startswith("Benchmarks are fresh: run at ")
    assert "2 benchmarks" in said.out


def test_a_record_that_is_missing_exits_with_1_and_says_how_to_make_one(recorded: World) -> None:
    recorded.record.unlink()

    assert_fails(recorded.task("check-fresh"), 1, "LATEST_RUN.txt is missing", "invoke bench && git add LATEST_RUN.txt")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda _text: b"", "it is empty"),
        (lambda _text: b"\n \n", "it is empty"),
        (lambda text: text[: len(text) // 2], "it is cut short"),
        (lambda text: text[:-1], "it is cut short"),
        (lambda text: text.replace(b"0.8ms", b"0.3ms", 1), "it was altered"),
        (lambda text: text.replace(b"timestamp: 20", b"timestamp: 21", 1), "it was altered"),
        (lambda text: text + b"# a note\n", "it was altered"),
        (lambda text: text.replace(b"Alpha", b"\xff\xfe", 1), "utf-8"),
        (lambda _text: b"Last run: yesterday\n", "it is cut short"),
    ],
)
def test_a_record_that_cannot_be_believed_exits_with_1(recorded: World, spoil: object, said: str) -> None:
    assert callable(spoil)
    recorded.record.write_bytes(spoil(recorded.record.read_bytes()))

    assert_fails(recorded.task("check-fresh"), 1, "cannot be believed", said, "invoke bench")


def test_a_record_that_is_a_folder_exits_with_1(recorded: World) -> None:
    recorded.record.unlink()
    recorded.record.mkdir()

    assert_fails(recorded.task("check-fresh"), 1, "cannot be believed")


def test_a_record_is_fresh_up_to_24_hours_and_stale_from_then_on(recorded: World) -> None:
    # A minute is ample for the test itself.
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=23, minutes=59))
    assert recorded.task("check-fresh").code == 0

    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24))
    assert_fails(recorded.task("check-fresh"), 1, "Benchmarks are stale", "24 hours", "git commit")


def test_a_record_from_the_future_exits_with_1(recorded: World) -> None:
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))

    assert_fails(recorded.task("check-fresh"), 1, "from the future")


@pytest.mark.parametrize("hours", [9, -7])
def test_a_record_in_another_time_zone_is_read_in_that_zone(recorded: World, hours: int) -> None:
    moment = stamp(recorded).timestamp
    elsewhere = moment + timedelta(hours=hours)
    retell(recorded, f"{moment:%Y-%m-%dT%H:%M:%S}Z", f"{elsewhere:%Y-%m-%dT%H:%M:%S}{hours:+03}:00")
    assert stamp(recorded).timestamp == moment
    assert recorded.task("check-fresh").code == 0

    old = elsewhere - timedelta(hours=24)
    retell(recorded, f"timestamp: {elsewhere:%Y-%m-%dT%H}", f"timestamp: {old:%Y-%m-%dT%H}")
    assert_fails(recorded.task("check-fresh"), 1, "Benchmarks are stale")


def test_a_moment_without_a_time_zone_is_not_guessed_at(recorded: World) -> None:
    retell(recorded, f"{stamp(recorded).timestamp:%Y-%m-%dT%H:%M:%S}Z", "2026-01-01T00:00:00")

    assert_fails(recorded.task("check-fresh"), 1, "cannot be believed", "no time zone")


def test_the_time_zone_of_the_machine_does_not_matter(recorded: World) -> None:
    recorded.environment["TZ"] = "Pacific/Auckland"

    assert recorded.task("check-fresh").code == 0


def test_a_source_that_has_changed_since_exits_with_1(recorded: World) -> None:
    recorded.add("beta", go=says(elapsed_ns=300_000))

    assert_fails(recorded.task("check-fresh"), 1, "the benchmark sources have changed since the run")


def test_everything_that_does_not_hold_is_told_at_once(recorded: World) -> None:
    recorded.add_right("gamma")
    recorded.add(
        "beta", seq=says(41), go=says(41), toml="[parameters.n]\nfull = 100\nquick = 10\n[expect]\nresult = 41\n"
    )
    recorded.add("delta", seq=says() + "exit 1\n", go=says())
    assert recorded.task("bench", "--runs", "1", "--only", "beta,delta", "--size", "quick").code == 4
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(days=3))
    recorded.add("gamma", go=says(elapsed_ns=300_000))

    said = recorded.task("check-fresh")
    assert_fails(
        said,
        1,
        "Benchmarks are stale",
        "alpha was not run",
        "beta was scaled down (n=10)",
        "delta failed",
        "gamma was not run",
        "the benchmark sources have changed",
        "invoke doctor --fix",
        "invoke bench-delta shows why",
    )
    assert len(re.findall(r"^  - ", said.err, re.MULTILINE)) == 6


def test_a_run_of_one_runtime_is_no_whole_run(recorded: World) -> None:
    assert recorded.task("bench", "--runs", "1", "--runtimes", "go").code == 0

    assert_fails(recorded.task("check-fresh"), 1, "left out a runtime")


def test_at_commit_counts_up_to_the_commit_and_not_to_now(recorded: World) -> None:
    when = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    assert_fails(recorded.task("check-fresh", "--at-commit"), 2, "there is no commit here")

    who = {f"GIT_{role}_{key}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    environment = {"PATH": SYSTEM_PATH, "HOME": str(recorded.home), "GIT_COMMITTER_DATE": when.isoformat(), **who}
    for words in (("init", "--quiet"), ("add", "benchmarks"), ("commit", "--quiet", "--message", "x")):
        subprocess.run((GIT, *words), cwd=recorded.project, env=environment, check=True)

    rewrite(recorded, timestamp=when - timedelta(hours=23))
    assert recorded.task("check-fresh", "--at-commit").code == 0
    assert_fails(recorded.task("check-fresh"), 1, "Benchmarks are stale")
    rewrite(recorded, timestamp=when - timedelta(hours=25))
    assert_fails(recorded.task("check-fresh", "--at-commit"), 1, "Benchmarks are stale", "25 hours")
    rewrite(recorded, timestamp=when + timedelta(hours=1))
    assert_fails(recorded.task("check-fresh", "--at-commit"), 1, "from the future")


def test_the_limit_of_the_configuration_holds(recorded: World) -> None:
    (recorded.project / "pyproject.toml").write_text("[tool.seqbench]\nmax-age-hours = 1\n")
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2))

    assert_fails(recorded.task("check-fresh"), 1, "Benchmarks are stale", "1 hours is the limit")


# --- compare and gate


@pytest.fixture
def slower(world: World) -> str:
    """The path of a compiler whose programs take a quarter longer than those of the other one."""
    world.add_right("alpha")
    text = (world.tools / "seqc").read_text()
    link = 'clang "$source" "$output"'
    assert link in text
    slow_down = 'sed s/800000/1000000/ "$source" >"$source.new" && mv "$source.new" "$source"'
    return str(world.tool("slower-seqc", text.replace(link, f"{slow_down}; {link}")))


def kept_comparison(world: World) -> StoredComparison:
    (path,) = world.results.glob("*.json")
    return load_comparison(path)


def test_a_compiler_is_the_same_as_itself_and_a_slower_one_is_told(world: World, slower: str) -> None:
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")
    assert said.code == 0
    assert re.search(r"800 us +800 us +1\.000 \[1\.000, 1\.000\] +same ", row(said.out, "Alpha"))

    said = world.task("compare", "--base", seqc, "--head", slower, "--runs", "8")
    assert said.code == 0
    assert re.search(r"0\.800 ms +1\.00 ms +1\.250 \[1\.250, 1\.250\] +slower ", row(said.out, "Alpha"))
    said = world.task("compare", "--base", slower, "--head", seqc, "--runs", "8")
    assert said.code == 0
    assert re.search(r" 0\.800 \[0\.800, 0\.800\] +faster ", row(said.out, "Alpha"))
    # Each compiler built the program once.
    assert len(world.calls("seqc build")) == 2


def test_a_comparison_with_a_side_that_fails_exits_with_4_and_has_no_ratio(world: World) -> None:
    world.add("alpha", seq=says() + "# COMPILE ERROR\n")
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")

    assert said.code == 4
    assert "does not compile" in said.out
    assert not re.search(r"\d\.\d", row(said.out, "Alpha"))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--base", "{seqc}", "--head", "{seqc}", "--runs", "7"), 2, "cannot be judged from fewer than 8 rounds"),
        (("--base", "{seqc}"), 2, "--head is missing"),
        (("--base", "7.7", "--head", "{seqc}"), 2, "--base: '7.7'"),
        (("--base", "{seqc}", "--head", "{seqc}", "--margin", "much"), 2, "--margin"),
        (("--base", "{seqc}", "--head", "/nonexistent/seqc"), 3, "head (/nonexistent/seqc): no compiler at"),
        (("--base", "none.json", "--head", "none.json"), 2, "none.json: cannot be read"),
        (("--resume", "none.json"), 2, "none.json: cannot be read"),
        (
            ("--resume", "none.json", "--margin", "5%"),
            2,
            "--resume goes on at the settings of its file, and others were given",
        ),
        (("--base", "none.json", "--head", "none.json", "--only", "alpha"), 2, "flags for measuring were given"),
    ],
)
def test_a_comparison_that_cannot_be_made_says_which_side_and_why(
    world: World, words: tuple[str, ...], code: int, said: str
) -> None:
    world.add_right("alpha")
    seqc = str(world.tools / "seqc")

    assert_fails(world.task("compare", *(word.format(seqc=seqc) for word in words)), code, said)
    assert not list(world.results.glob("*.json"))


def test_an_interrupted_comparison_exits_with_130_and_can_be_gone_on_with(world: World) -> None:
    # Both sides run the same file, so the twenty rounds of the pilot and three more are 46 runs.
    world.add("alpha", seq=on_run(47, hangs(), says()))
    seqc = str(world.tools / "seqc")

    with world.stopped():
        said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")
    assert said.code == 130
    assert_no_traceback(said)
    (kept,) = world.results.glob("*.json")
    assert f"invoke compare --resume results/{kept.name}" in said.err
    assert {session.state for session in kept_comparison(world).sessions} == {State.INTERRUPTED}

    said = world.task("compare", "--resume", f"results/{kept.name}")
    assert said.code == 0, said.err
    for session in kept_comparison(world).sessions:
        outcome = session.results[0].programs[0].outcome
        assert session.state is State.COMPLETE
        assert isinstance(outcome, Measured)
        assert [sample.round_number for sample in outcome.samples] == [1, 2, 3, 4, 5, 6, 7, 8]
    # 46 runs, the one that hung, and five rounds more.
    (counter,) = (world.cache / "programs").glob("*/alpha.runs")
    assert counter.read_text() == "57\n"


def test_a_comparison_that_was_started_with_another_pool_is_not_gone_on_with(world: World) -> None:
    manifest = MANIFEST.format(name="alpha") + "[needs]\nlive-strands = 2\n"
    world.add("alpha", seq=on_run(47, hangs(), says("$1")), toml=manifest)
    seqc = str(world.tools / "seqc")
    with world.stopped():
        assert world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8", "--only", "alpha").code == 130
    (kept,) = world.results.glob("*.json")

    world.environment["SEQ_POOL_CAPACITY"] = "500"
    said = world.task("compare", "--resume", f"results/{kept.name}")
    assert_fails(said, 2, "alpha was started with other settings", "without --resume")


def test_an_interrupted_gate_goes_on_with_the_rounds_of_its_probe_too(world: World) -> None:
    # Twenty rounds of the pilot by two sides, three rounds by three, and two runs of the fourth.
    world.add("alpha", seq=on_run(52, hangs(), says()))
    seqc = str(world.tools / "seqc")
    with world.stopped():
        said = world.task("gate", "--base", seqc, "--head", seqc, "--runs", "16")
    assert said.code == 130
    (kept,) = world.results.glob("*.json")
    assert f"invoke gate --resume results/{kept.name}" in said.err

    said = world.task("gate", "--resume", f"results/{kept.name}")
    assert "alpha: a known slowdown of 10% was not found" in said.out
    for session in kept_comparison(world).sessions:
        outcome = session.results[0].programs[0].outcome
        assert isinstance(outcome, Measured)
        assert [sample.round_number for sample in outcome.samples] == list(range(1, 17))
    # The comparison of two sides is no gate, and the other way round.
    assert_fails(world.task("compare", "--resume", f"results/{kept.name}"), 2, "it has 3 sides, expected 2")


def test_a_comparison_is_made_at_the_smallest_size_at_which_there_is_work_enough(world: World) -> None:
    lines = (
        "if [ $1 -ge 100 ]; then sleep 0.021; time=20000000; else time=4000000; sleep 0.004; fi",
        says("$1", "$time"),
    )
    world.add("alpha", seq=script(*lines), toml=MANIFEST.format(name="alpha"))
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")

    assert said.code == 0, said.err
    assert row(said.out, "The alpha").startswith("The alpha [100 messages]")


@pytest.mark.parametrize(
    ("strands", "setting", "base_pool", "head_pool"),
    [
        (2, "", 100, 100),
        (300, "", 600, 600),
        # It needs more than the default; 0 stands for a variable that was not set.
        (6000, "", 0, 0),
        # What a user has set is what is compared, and the other side keeps the default.
        (2, ",SEQ_POOL_CAPACITY=7000", 0, 7000),
    ],
)
def test_both_sides_of_a_comparison_start_sooner_unless_a_setting_is_compared(
    world: World, strands: int, setting: str, base_pool: int, head_pool: int
) -> None:
    needs = f'[needs]\nlive-strands = "{strands}"\n'
    source = says("$1", "$((400000 + ${SEQ_POOL_CAPACITY:-0}))")
    world.add("alpha", seq=source, toml=MANIFEST.format(name="alpha") + needs)
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", f"{seqc}{setting}", "--runs", "8")

    assert said.code == 0, said.err
    for session, pool in zip(kept_comparison(world).sessions, (base_pool, head_pool), strict=True):
        outcome = session.results[0].programs[0].outcome
        assert isinstance(outcome, Measured)
        assert {sample.elapsed_ns for sample in outcome.samples} == {400_000 + pool}
    started = f"alpha: started with SEQ_POOL_CAPACITY={base_pool} on both sides"
    assert (started in said.out) is bool(base_pool)


def test_a_size_at_which_a_program_fails_ends_the_pilot_and_is_told(world: World) -> None:
    world.add("alpha", seq=script("[ $1 -eq 100 ] && exit 7", says("$1")), toml=MANIFEST.format(name="alpha"))
    seqc = str(world.tools / "seqc")
    said = world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8")

    assert said.code == 4
    assert "The alpha [100 messages]" in said.out
    assert "exit status 7" in said.out


def test_a_gate_that_cannot_see_a_known_slowdown_is_unfit_and_exits_with_5(world: World, slower: str) -> None:
    # The clocks of these programs are painted on, so nothing can slow them down.
    said = world.task("gate", "--base", str(world.tools / "seqc"), "--head", slower, "--runs", "16")

    assert said.code == 5
    assert "alpha: a known slowdown of 10% was not found" in said.out


def test_a_gate_whose_head_fails_exits_with_1_and_one_without_a_baseline_with_2(world: World) -> None:
    world.add("alpha", seq=says() + "# COMPILE ERROR\n")
    said = world.task("gate", "--base", str(world.tools / "seqc"), "--runs", "16")

    assert said.code == 1
    assert "alpha cannot be compared" in said.out
    assert_fails(world.task("gate"), 2, "there is no baseline")


# --- ci


def test_ci_ticks_every_step_shows_the_problems_and_writes_the_job_summary(recorded: World) -> None:
    for name in ("ruff", "zizmor", "pytest"):
        recorded.tool(name, "#!/bin/sh\n")
    recorded.tool("mypy", "#!/bin/sh\necho 'types are wrong\n```\n<b>bold</b>'; exit 1\n")
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24))
    recorded.environment["GITHUB_STEP_SUMMARY"] = str(recorded.root / "summary.md")
    said = recorded.task("ci")

    assert said.code == 1
    marks = [line for line in said.out.splitlines() if line[:2] in ("✓ ", "✗ ")]
    assert len(marks) >= 11
    assert [line for line in marks if line.startswith("✗")] == ["✗ types", "✗ benchmarks fresh"]
    assert "types are wrong" in said.out
    assert recorded.task("check-fresh").err.removeprefix("error: ").strip() in said.out
    summary = (recorded.root / "summary.md").read_text()
    assert all(f"- {mark}" in summary for mark in marks)
    # What a tool says cannot end the block that it stands in.
    assert "````text\n--- types ---\ntypes are wrong\n```\n<b>bold</b>\n````" in summary
    assert "Excellent?" in summary


def test_ci_with_a_baseline_ends_with_the_gate_and_a_gate_that_cannot_tell_makes_it_exit_with_5(
    recorded: World, slower: str
) -> None:
    for name in ("ruff", "zizmor", "pytest", "mypy"):
        recorded.tool(name, "#!/bin/sh\n")
    with (recorded.project / "pyproject.toml").open("a") as file:
        print(f"baseline = {slower!r}\ncompare-budget = '1s'", file=file)
    said = recorded.task("ci")

    # The clocks of these programs are painted on, so the probe cannot be slowed down.
    assert said.code == 5, said.out
    assert "? no slowdown since the baseline" in said.out
    assert "a known slowdown of 10% was not found" in said.out
    # What no statistics is needed for comes first.
    recorded.add("alpha", seq=says() + "# COMPILE ERROR\n")
    said = recorded.task("ci")
    assert said.code == 1
    assert "✗ no slowdown since the baseline" in said.out


def test_a_gate_fails_where_a_benchmark_has_lost_its_program(world: World) -> None:
    world.add("alpha", go=says())
    said = world.task("gate", "--base", str(world.tools / "seqc"), "--runs", "16")

    assert said.code == 1
    assert "alpha cannot be compared: base has no such program; head has no such program" in said.out
