"""`--suite` and `--suite-file` in every task that reads a suite: a foreign folder is described from outside."""

import json
from pathlib import Path

import pytest

from tests.support.world import World, hangs, on_run, says, script

LAYOUT = """\
[layout]
sources = "{runtime}/{benchmark}{extension}"

[benchmarks.hop.parameters.n]
full = 1000
quick = 10
scales = true
"""


@pytest.fixture
def foreign(world: World) -> list[str]:
    """The flags for a folder that nobody wrote for seqbench."""
    folder = world.root / "foreign"
    for name, program in (("seq", says(elapsed_ns=800_000)), ("go", script("sleep 0.02", says()))):
        (folder / name).mkdir(parents=True)
        (folder / name / f"Hop.{name}").write_text(program)
    (world.root / "hop.toml").write_text(LAYOUT)
    world.add_right("alpha")
    return ["--suite", str(folder), "--suite-file", str(world.root / "hop.toml")]


def files_of(folder: str) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "task", ["bench", "compare", "gate", "calibrate", "sweep", "explain", "tune", "doctor", "new", "env"]
)
def test_task_has_both_flags(world: World, task: str) -> None:
    words = world.task("--help", task).out

    assert "--suite=STRING" in words
    assert "--suite-file=STRING" in words


@pytest.mark.whole
@pytest.mark.parametrize(
    "words",
    [
        ("compare", "--runtime", "go", "--base", "GOGC=100", "--head", "GOGC=200", "--runs", "8"),
        ("gate", "--runtime", "go", "--base", "GOGC=100", "--head", "GOGC=200", "--runs", "16"),
        ("sweep", "--over", "n=10:1000", "--runtimes", "go", "--runs", "2", "--steps", "2"),
        ("explain", "--budget", "20s", "--size", "quick"),
    ],
    ids=lambda words: words[0],
)
def test_foreign_suite_is_measured_and_left_as_it_was(world: World, foreign: list[str], words: tuple[str, ...]) -> None:
    before = files_of(foreign[1])
    said = world.task(*words, *foreign, "--json", "found.json")

    assert said.code in (0, 5), said.err
    assert '"hop"' in (world.project / "found.json").read_text()
    assert files_of(foreign[1]) == before


def test_doctor_names_the_sizes_of_another_suite(world: World, foreign: list[str]) -> None:
    said = world.task("doctor", *foreign)

    assert "size of hop" in said.out
    assert "size of alpha" not in said.out


def test_new_benchmark_is_written_into_another_suite(world: World) -> None:
    suite = world.root / "mine"
    suite.mkdir()
    said = world.task("new", "leap", "--suite", str(suite), "--runtimes", "go")

    assert said.code == 0, said.err
    assert files_of(str(suite)) == ["leap/benchmark.toml", "leap/leap.go"]
    assert "invoke bench --suite ../mine --only leap" in said.out


def test_run_with_a_suite_file_is_not_recorded(world: World) -> None:
    world.add_right("alpha")
    (world.root / "suite.toml").write_text("")
    said = world.task("bench", "--runs", "1", "--suite-file", str(world.root / "suite.toml"))

    assert said.code == 0, said.err
    assert not world.record.exists()


def test_runtimes_of_another_suite_that_do_not_run_by_default_are_named(world: World) -> None:
    suite = world.root / "theirs"
    (suite / "hop").mkdir(parents=True)
    for extension in ("go", "py"):
        (suite / "hop" / f"hop.{extension}").write_text(says())
    words = ("bench", "--runs", "1", "--no-record", "--suite", str(suite))
    remark = "not run by default: python; --runtimes go,python runs them"

    assert remark in world.task(*words).err
    assert "not run" not in world.task(*words, "--runtimes", "go").err
    world.add_right("alpha")
    assert "not run" not in world.task("bench", "--runs", "1").err


def test_interrupted_sweep_of_another_suite_is_resumed_there(world: World, foreign: list[str]) -> None:
    (Path(foreign[1]) / "go" / "Hop.go").write_text(on_run(5, hangs(), says()))
    with world.stopped():
        said = world.task(
            *("sweep", "--over", "n=10:1000", "--runs", "2", "--steps", "3", "--runtimes", "seq,go"),
            *("--reference", "seq", *foreign),
        )
    assert said.code == 130, said.err
    (kept,) = world.results.glob("*.json")
    said = world.task("sweep", "--resume", f"results/{kept.name}", "--json", "found.json")

    assert said.code == 0, said.err
    stored = json.loads((world.project / "found.json").read_text())
    assert [each["name"] for each in stored["benchmarks"]] == ["hop"]
    assert len(stored["benchmarks"][0]["points"]) == 3
    assert [column["name"] for column in stored["session"]["runtimes"]] == ["go", "seq"]
    assert "1,000" in said.out


def test_sweep_of_a_program_with_several_tests_is_refused(world: World) -> None:
    world.add("hop", go=script("sleep 0.02", "echo 'CASE a 1 ms'", "echo 'CASE b 2 ms'"))
    (world.suite / "suite.toml").write_text(
        "[output]\nformat = 'pattern'\n[output.pattern]\nline = 'CASE (?P<test>\\S+) (?P<elapsed_ms>\\S+) ms'\n"
        "[benchmarks.hop.parameters.n]\nfull = 100\nquick = 10\nscales = true\n"
    )
    said = world.task("sweep", "--over", "n=10:100", "--runtimes", "go", "--runs", "1", "--steps", "2")

    assert said.code == 2
    assert "a sweep shows one time of each program, and hop has several: hop/a, hop/b" in said.err
