"""The door: `python -m seqbench`, within this process but for what only a process of its own can show."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seqbench.sessions import latest_run
from seqbench.suite.manifest import benchmark_names
from tests.support.outcomes import assert_fails, assert_no_traceback, table_of
from tests.support.world import REPOSITORY, World


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def started(*words: str, folder: Path, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run `python -m seqbench` to its end."""
    return subprocess.run(
        (*prefix, sys.executable, "-m", "seqbench", *words),
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_it_has_the_tasks_of_the_project_that_a_folder_belongs_to(world: World) -> None:
    world.add_right("alpha", "beta")
    deep = world.suite / "alpha"
    listed = world.door("--list", folder=deep)
    assert listed.code == 0
    assert re.findall(r"^  (bench-\S+)", listed.out, re.MULTILINE) == ["bench-alpha", "bench-beta"]

    said = world.door("bench", "--runs", "1", folder=deep)
    assert said.code == 0, said.err
    assert [line.split()[0] for line in table_of(said)] == ["Alpha", "Beta"]
    assert latest_run.parse(world.record.read_text()).is_complete
    assert "record: ../../LATEST_RUN.txt" in said.err
    # Whichever door one comes by, it is the same project.
    assert world.task("check-fresh") == world.door("check-fresh", folder=deep)


def test_an_empty_folder_is_a_project_with_the_suite_that_comes_with_seqbench(world: World, empty: Path) -> None:
    world.add_right("alpha")
    listed = world.door("--list", folder=empty)
    own = [f"bench-{name}" for name in benchmark_names(REPOSITORY / "benchmarks")]
    assert re.findall(r"^  (bench-\S+)", listed.out, re.MULTILINE) == own

    # The compilers here are played and make nothing that runs of real sources: each program fails, and is found.
    said = world.door("bench", "--only", "pingpong", "--runs", "1", folder=empty)
    assert said.code == 4
    assert_no_traceback(said)
    assert table_of(said)[0].startswith("Ping-Pong")
    assert [path.parent for path in empty.rglob("*.json")] == [empty / "results"]
    assert not world.results.exists()

    said = world.door("bench", "--runs", "1", "--suite", str(world.suite), folder=empty)
    assert said.code == 0, said.err
    assert [line.split()[0] for line in table_of(said)] == ["Alpha"]
    assert not (empty / "LATEST_RUN.txt").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("check-fresh",), 1, ("LATEST_RUN.txt is missing", "fix: seqbench bench && git add")),
        (("new", "mine"), 2, ("has no suite of its own", 'add [tool.seqbench] with suite = "benchmarks" to')),
        (("ci",), 2, ("is not a clone of seqbench", "in seqbench/", "seqbench check-fresh")),
        (("readme",), 2, ("README.md does not exist", "<!-- begin: LATEST_RUN.txt -->")),
        (("gate",), 2, ("there is no baseline", "--base SPEC")),
        (("export", "--format", "csv"), 2, ("there is no stored session", "seqbench bench")),
        (("history",), 2, ("there is no history yet", "seqbench history --import")),
    ],
)
def test_a_task_that_needs_more_than_an_empty_folder_says_what(
    world: World, empty: Path, words: tuple[str, ...], code: int, said: tuple[str, ...]
) -> None:
    found = world.door(*words, folder=empty)

    assert_fails(found, code, *said)
    assert "invoke " not in found.err
    assert list(empty.iterdir()) == []


def test_new_in_a_project_of_ones_own_makes_its_first_benchmark(world: World, empty: Path) -> None:
    (empty / "pyproject.toml").write_text('[tool.seqbench]\nsuite = "benchmarks"\n')
    said = world.door("new", "mine", folder=empty)

    assert said.code == 0, said.err
    assert said.out.endswith("now: seqbench bench-mine\n")
    assert (empty / "benchmarks" / "mine" / "mine.seq").is_file()


def test_clean_removes_the_results_of_a_project_and_of_no_other_folder(world: World, empty: Path) -> None:
    (empty / "results").mkdir()
    (empty / "results" / "thesis.csv").touch()
    said = world.door("clean", folder=empty)
    assert (said.code, said.out) == (0, "")
    assert "has no [tool.seqbench], so it may contain other files" in said.err
    assert (empty / "results" / "thesis.csv").exists()

    (empty / "pyproject.toml").write_text("[tool.seqbench]\n")
    assert world.door("clean", "--results", "--yes", folder=empty).out == "removed results (1 file)\n"
    assert not (empty / "results").exists()


def test_a_broken_configuration_leaves_the_tasks_listed_and_is_told_by_each(world: World, empty: Path) -> None:
    path = empty / "pyproject.toml"
    path.write_text("[tool.seqbench]\ncolour = 1\n")

    assert "check-fresh" in world.door("--list", folder=empty).out
    assert_fails(world.door("bench", folder=empty), 2, f"{path}, [tool.seqbench]: ", f"fix {path}")


@pytest.mark.whole
def test_it_says_its_name_and_version_and_how_it_was_called(empty: Path) -> None:
    assert re.fullmatch(r"seqbench \d+\.\d+\.\d+\n", started("--version", folder=empty).stdout)
    assert started("--help", folder=empty).stdout.startswith("Usage: python -m seqbench ")
    assert "fix: python -m seqbench bench &&" in started("check-fresh", folder=empty).stderr
    said = started("no-such-task", folder=empty)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("error: no task named 'no-such-task'\n  fix: ")
    assert "Traceback" not in said.stderr


@pytest.mark.whole
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk")
def test_a_reader_that_goes_away_a_full_disk_and_a_folder_that_is_gone_make_no_traceback(empty: Path) -> None:
    shell = ("/bin/sh", "-c")
    said = started("--list", folder=empty, prefix=(*shell, '{ "$@"; echo "code $?" >&2; } | true', "sh"))
    assert said.stderr == "code 0\n"
    said = started("--list", folder=empty, prefix=(*shell, 'exec "$@" >/dev/full', "sh"))
    assert (said.returncode, said.stderr.splitlines()[0]) == (2, "error: No space left on device")
    assert "Exception ignored" not in said.stderr

    gone = empty / "gone"
    gone.mkdir()
    said = started("--list", folder=gone, prefix=(*shell, 'rmdir "$PWD"; exec "$@"', "sh"))
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "error: the current folder no longer exists\n  fix: cd to another folder\n"


@pytest.mark.whole
def test_completion_is_offered_for_its_own_name(empty: Path) -> None:
    script = started("--print-completion-script", "bash", folder=empty).stdout
    assert "seqbench --complete --" in script
    assert "complete -F _complete_seqbench -o default seqbench" in script
    bash = shutil.which("bash")
    if bash is not None:
        assert subprocess.run((bash, "-n"), input=script, text=True, timeout=600, check=False).returncode == 0
