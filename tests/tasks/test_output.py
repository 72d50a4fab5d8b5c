"""`--json` of every task that has it, and what a terminal is shown."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from seqbench.project import Project
from seqbench.sessions import latest_run, recording
from seqbench.system import activity
from seqbench.tasks import namespace_of
from seqbench.text import PAGE_WIDTH, fits
from tests.support.outcomes import assert_fails, assert_no_traceback, stored
from tests.support.short_tasks import EACH_TASK, TABLE, TASKS, called, prepare
from tests.support.world import MANIFEST, World, says

# The colours of a terminal, in front and behind; bold and the like are none.
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")


@pytest.fixture
def world(world: World) -> World:
    prepare(world)
    return world


def test_these_are_all_the_tasks_that_have_it(world: World) -> None:
    tasks = namespace_of(Project(root=world.project)).tasks
    named = {name for name, task in tasks.items() if any(a.name == "json" for a in task.get_arguments())}
    assert named == TASKS.keys()
    with_tables = {name for name, task in tasks.items() if any(a.name == "wide" for a in task.get_arguments())}
    assert with_tables >= {*TASKS, "history"}


@pytest.mark.parametrize("name", EACH_TASK)
def test_standard_output_is_one_document_and_the_tables_are_beside_it(world: World, name: str) -> None:
    said = called(world, name, "--json", "-")

    assert json.loads(said.out)["schema"].startswith("seqbench/")
    assert said.out.endswith("}\n")
    assert TABLE.search(said.err)
    assert_no_traceback(said)


@pytest.mark.parametrize("name", ["bench", pytest.param("calibrate", marks=pytest.mark.whole), "sweep"])
def test_system_without_proc_stat_is_measured_and_says_what_is_missing(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(activity, "_STAT", world.project / "none")
    assert "what other processes used of the CPUs was not counted: it needs /proc/stat" in called(world, name).out


@pytest.mark.parametrize(
    "name", ["bench", "sweep", *(pytest.param(n, marks=pytest.mark.whole) for n in ("compare", "gate"))]
)
def test_clock_far_below_the_processor_time_is_remarked(world: World, name: str) -> None:
    """As in a program that prints microseconds as nanoseconds; a pool of 100 stacks makes the start of Seq short."""
    world.environment["SEQ_POOL_CAPACITY"] = "100"
    busy = f"{says('$1', 10_000)}i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done\n"
    world.add("alpha", seq=busy, go=busy, toml=MANIFEST.format(name="alpha"))
    said = called(world, name)
    assert "alpha, Seq: its own clock says 10.0 us, but the process used " in said.out
    assert "elapsed_ns must cover all of the work, in nanoseconds" in said.out


def test_a_file_has_the_same_document_and_standard_output_the_tables(world: World) -> None:
    beside = called(world, "bench", "--json", "-", "--seed", "1")
    into_a_file = called(world, "bench", "--json", "deep/out.json", "--seed", "1")

    written = json.loads((world.project / "deep" / "out.json").read_text())
    assert written.keys() == json.loads(beside.out).keys()
    assert TABLE.search(into_a_file.out)
    assert not TABLE.search(into_a_file.err)


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize(
    ("place", "said"), [("benchmarks", "it is a folder"), ("tasks.py/x.json", "cannot be written")]
)
def test_a_place_that_is_none_is_refused_before_anything_is_built(
    world: World, name: str, place: str, said: str
) -> None:
    assert_fails(called(world, name, "--json", place), 2, said)
    assert world.calls() == []


def test_stored_sessions_are_no_new_measurement_to_write(world: World) -> None:
    words = ("compare", "--base", "a.json", "--head", "b.json", "--json", "-")
    assert_fails(world.task(*words), 2, "which are files already")


@pytest.mark.whole
@pytest.mark.parametrize("is_right", [True, False])
def test_a_reader_that_goes_away_loses_nothing_of_the_work(world: World, is_right: bool) -> None:  # noqa: FBT001
    if not is_right:
        world.add("beta", seq=says(41), go=says(42))
    # More than a pipe's writer holds back, and the reader is gone before the first byte of it.
    prefix = ("/bin/sh", "-c", '{ "$@"; echo "code $?" >&2; } | true', "sh")
    said = world.invoke("bench", "--runs", "30", "--json", "-", prefix=prefix)

    assert "Traceback" not in said.err
    assert "Broken" not in said.err
    assert "Exception ignored" not in said.err
    assert said.err.endswith(f"code {0 if is_right else 4}\n")
    assert latest_run.parse(world.record.read_text()) == recording.record_of(stored(world)[0])
    assert world.history.exists()


@pytest.mark.whole
def test_a_disk_that_is_full_does_not_keep_the_document_from_standard_output(world: World) -> None:
    # No file may grow beyond a kilobyte; a session has several.
    said = world.invoke("bench", "--runs", "1", "--json", "-", prefix=("/bin/sh", "-c", 'ulimit -f 1; exec "$@"', "sh"))

    assert_fails(said, 2, "File too large")
    assert json.loads(said.out)["state"] == "complete"


@pytest.mark.whole
def test_a_reader_of_the_progress_that_goes_away_loses_nothing_of_the_work_either(world: World) -> None:
    prefix = ("/bin/sh", "-c", '{ "$@" 2>&1 >/dev/null; echo "code $?" >"$HOME/code"; } | true', "sh")
    world.invoke("bench", "--runs", "2", prefix=prefix)

    assert (world.home / "code").read_text() == "code 0\n"
    assert latest_run.parse(world.record.read_text()) == recording.record_of(stored(world)[0])


def on_a_terminal(world: World, *words: str, **variables: str) -> str:
    """Return all that a task writes on a terminal that knows colours."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        (sys.executable, "-m", "invoke", *words),
        cwd=world.project,
        env={**world.environment, "TERM": "xterm-256color", "PYTHONDONTWRITEBYTECODE": "1", **variables},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        written = b""
        # When the last writer has gone, Linux says that there is no such device, and others give nothing.
        with suppress(OSError):
            while part := os.read(ours, 1 << 16):
                written += part
        os.close(ours)
    assert process.returncode == 0, written
    return written.decode()


@pytest.mark.whole
def test_no_color_is_heeded_on_a_terminal_and_elsewhere_there_is_nothing_to_heed(world: World) -> None:
    words = ("sweep", *TASKS["sweep"])
    coloured, plain = on_a_terminal(world, *words), on_a_terminal(world, *words, NO_COLOR="1")
    for text in (coloured, plain):
        assert "alpha over messages" in text
    assert COLOUR.search(coloured)
    assert not COLOUR.search(plain)

    piped = world.task(*words)
    assert "\x1b" not in piped.out + piped.err


@pytest.mark.whole
def test_bands_are_coloured_on_a_terminal(world: World) -> None:
    assert "\x1b[32mExcellent\x1b[0m?" in on_a_terminal(world, "bench", "--runs", "1")
    assert "\x1b[32mok\x1b[0m " in on_a_terminal(world, "doctor")


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (("bench", "--runs", "1"), "\x1b[32mExcellent\x1b[0m?"),
        (("compare", "--base", "SEQC", "--head", "SEQC", "--runs", "8"), "\x1b[36msame\x1b[0m"),
        (("gate", "--base", "SEQC", "--runs", "16"), "gate: \x1b[3"),
        (("doctor",), "\x1b[32mok\x1b[0m "),
    ],
)
def test_forced_colour_is_in_the_report_and_draws_no_bar_into_a_pipe(
    world: World, words: tuple[str, ...], verdict: str
) -> None:
    world.environment["FORCE_COLOR"] = "1"
    said = world.task(*(str(world.tools / "seqc") if word == "SEQC" else word for word in words))

    assert verdict in said.out
    # Only colours.
    assert "\x1b" not in re.sub(r"\x1b\[\d+m", "", said.err)


@pytest.mark.whole
def test_tables_keep_to_the_terminal_unless_wide_and_to_100_columns_in_a_pipe(world: World) -> None:
    world.add("beta", seq=says(elapsed_ns=800_000), go=says(), toml=f'title = "{"A long title " * 4}"\n')
    words = ("bench", "--runs", "1")
    narrow, wide = (on_a_terminal(world, *words, *more, COLUMNS="60") for more in ((), ("--wide",)))
    piped = world.task(*words).out

    assert "--wide shows all)" in narrow
    for text in (piped, wide):
        assert "--wide" not in text
    assert "Page faults  " in wide
    tables = ["\n".join(text.split("\n\n")[:2]) for text in (piped, wide, world.task(*words, "--wide").out)]
    assert [fits(text, 100) for text in tables] == [True, False, False]
    assert latest_run.parse(world.record.read_text()).table in piped


@pytest.mark.whole
def test_a_place_that_is_a_pipe_is_written_as_it_is(world: World) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    prefix = (bash, "-c", '"$@" --json >(cat >piped.json); wait $!', "bash")
    assert world.invoke("bench", "--runs", "1", prefix=prefix).code == 0
    assert json.loads(Path(world.project / "piped.json").read_text())["schema"] == "seqbench/session"


@pytest.mark.parametrize("name", EACH_TASK)
def test_tables_of_every_task_fit_a_page_in_a_pipe(world: World, name: str) -> None:
    title = "messages between two hundred workers in a ring that is closed at the end"
    world.add("alpha", toml=MANIFEST.format(name=title))
    text = called(world, name).out + world.task("history").out
    found = [block for block in text.split("\n\n") if TABLE.search(block)]

    assert found
    for block in found:
        assert fits(block, PAGE_WIDTH), block


@pytest.mark.whole
def test_checks_of_doctor_keep_their_columns_on_a_terminal(world: World) -> None:
    world.tool("cc", "#!/bin/sh\n")
    lines = on_a_terminal(world, "doctor", COLUMNS="70", NO_COLOR="1").splitlines()
    indent = re.compile(" {12,}")

    assert max(len(line) for line in lines if "  fix: " not in line) <= 70
    # What was found takes more than one line.
    assert [line for line in lines if indent.match(line) and "  fix: " not in line]
    assert len(world.task("doctor").out.splitlines()) < len(lines)


@pytest.mark.whole
def test_closed_standard_error_leaves_the_document_alone_on_standard_output(world: World) -> None:
    prefix = ("/bin/sh", "-c", 'exec "$@" 2>&-', "sh")
    said = world.invoke("bench", "--runs", "1", "--json", "-", prefix=prefix)
    assert (said.code, json.loads(said.out)["state"]) == (0, "complete")


@pytest.mark.whole
def test_history_with_a_closed_standard_output_is_no_defect(world: World) -> None:
    assert world.task("bench", "--runs", "1").code == 0
    said = world.invoke("history", prefix=("/bin/sh", "-c", 'exec "$@" >&-', "sh"))
    assert (said.code, said.out, said.err) == (0, "", "")
