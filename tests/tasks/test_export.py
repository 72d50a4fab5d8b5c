import csv
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from seqbench.publish.export.formats import FORMATS
from seqbench.sessions import store
from seqbench.sessions.session import Session, State
from seqbench.tasks.export import FORMAT_HELP
from tests.support.outcomes import assert_fails, assert_no_traceback
from tests.support.world import World, end_of, says

_NAMES = [each.name for each in FORMATS]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world in which the session of all tests was measured."""
    world = World(tmp_path_factory.mktemp("measured"))
    world.add_right("alpha", "beta")
    world.add("beta", seq=says() + "# COMPILE ERROR\n")
    assert world.task("bench", "--runs", "6", "--seed", "1").code == 4
    return world


@pytest.fixture
def measured(world: World, once: World) -> World:
    """A project with one session of two benchmarks; a Seq program of it failed."""
    world.take_over(once)
    return world


def the_session(world: World) -> tuple[Path, Session]:
    (path,) = world.results.glob("*.json")
    return path, store.load(path)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", _NAMES)
def test_the_last_session_goes_to_standard_output_and_all_else_to_standard_error(measured: World, name: str) -> None:
    said = measured.task("export", "--format", name)

    assert said.code == 0
    path, session = the_session(measured)
    assert said.out == next(each for each in FORMATS if each.name == name).render(session)
    assert said.err.splitlines()[0] == f"note: results/{path.name}"
    assert all(line.startswith("note: ") for line in said.err.splitlines())
    # What failed is told, in the format or beside it, and never a number.
    told = said.out if name in ("markdown", "json") else said.err
    assert "does not compile" in told


@pytest.mark.whole
def test_a_session_goes_through_a_pipe(world: World) -> None:
    world.add_right("alpha")
    pipe = '"$@" bench --runs 2 --json - --no-record 2>bench.err | "$@" export --session - --format csv'
    said = end_of(world.start(prefix=("/bin/sh", "-c", pipe, "sh")))

    assert said.code == 0, said.err
    assert [(row["benchmark"], row["runtime"], row["elapsed_ns"]) for row in rows(said.out)] == [
        ("alpha", runtime, time) for runtime, time in (("seq", "800000"), ("go", "400000")) for _ in range(2)
    ]
    assert "results/" not in said.err


@pytest.mark.whole
def test_a_reader_that_goes_away_is_no_error(measured: World) -> None:
    pipe = '{ "$@" export --format json; echo "code $?" >&2; } | true'
    said = end_of(measured.start(prefix=("/bin/sh", "-c", pipe, "sh")))

    assert said.err.endswith("code 0\n")
    assert_no_traceback(said)


def test_the_last_session_is_the_one_that_began_last_whatever_its_file_is_called(measured: World) -> None:
    _, session = the_session(measured)
    for name, days in (("a.json", 1), ("z.json", -1)):
        store.save(measured.results / name, replace(session, started_at=session.started_at + timedelta(days=days)))

    assert measured.task("export", "--format", "json").err == "note: results/a.json\n"


def test_what_else_lies_there_is_passed_over_and_what_cannot_be_read_is_named(measured: World) -> None:
    path, session = the_session(measured)
    later = store.to_json(replace(session, started_at=session.started_at + timedelta(days=1)))
    (measured.results / "compare-1.json").write_text('{"schema": "seqbench/comparison", "schema_version": 1}')
    (measured.results / "cut.json").write_text(later[:900])
    (measured.results / "newer.json").write_text(later.replace('"schema_version": 1', '"schema_version": 2'))
    (measured.results / "foreign.json").write_text('{"results": []}')
    said = measured.task("export", "--format", "csv")

    assert said.code == 0
    assert f"note: results/{path.name}\n" in said.err
    warnings = [line for line in said.err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 3
    for name, reason in (
        ("cut.json", "not JSON, or cut short"),
        ("newer.json", "schema version 2, expected 1"),
        ("foreign.json", "not a session of seqbench"),
    ):
        assert any(name in line and reason in line for line in warnings)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read"),
        ("", "not JSON, or cut short"),
        ('{"schema": "seqbench/session", "schema_version": 1, "seed"', "not JSON, or cut short"),
        ('{"results": [{"command": "sleep 1"}]}', "not a session of seqbench"),
        ('{"schema": "seqbench/comparison", "schema_version": 1}', "not a session of seqbench"),
        ('{"schema": "seqbench/session", "schema_version": 2}', "schema version 2, expected 1"),
        ('{"schema": "seqbench/session", "schema_version": 1}', "missing required field"),
    ],
)
def test_a_file_that_is_no_session_exits_with_2_and_is_named(world: World, content: str | None, reason: str) -> None:
    if content is not None:
        (world.project / "some.json").write_text(content)
    said = world.task("export", "--format", "csv", "--session", "some.json")

    assert_fails(said, 2, "some.json: ", reason)
    assert said.out == ""


@pytest.mark.whole
def test_standard_input_that_is_no_session_exits_with_2(world: World) -> None:
    said = end_of(world.start(prefix=("/bin/sh", "-c", '"$@" export --format csv --session - </dev/null', "sh")))

    assert_fails(said, 2, "/dev/stdin: not JSON")
    assert said.out == ""


def test_no_session_at_all_exits_with_2_and_says_how_to_get_one(world: World) -> None:
    assert_fails(world.task("export", "--format", "csv"), 2, "there is no stored session in", "invoke bench")
    world.results.mkdir()
    (world.results / "cut.json").write_text("{")
    assert_fails(world.task("export", "--format", "csv"), 2, "there is no stored session in", "cut.json: not JSON")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--format is missing: expected one of: markdown, json, csv"),
        (("--format", "hyprfine"), "did you mean 'hyperfine'"),
        (("--format", "yaml"), "no format named 'yaml'"),
    ],
)
def test_an_unknown_format_exits_with_2_before_anything_is_read(
    measured: World, words: tuple[str, ...], said: str
) -> None:
    found = measured.task("export", *words)

    assert_fails(found, 2, said, *_NAMES)
    assert found.out == ""
    assert "results/" not in found.err


def test_a_session_in_which_everything_failed_has_no_numbers_to_give(world: World) -> None:
    world.add("alpha", seq=says(41), go=says(42))
    assert world.task("bench", "--runs", "1").code == 4
    said = world.task("export", "--format", "benchfmt")

    assert_fails(said, 2, "no program of this session has samples", "programs disagree on result")
    assert said.out == ""
    assert "programs disagree on result" in world.task("export", "--format", "markdown").out


def test_an_interrupted_session_is_exported_and_told(measured: World) -> None:
    path, session = the_session(measured)
    store.save(path, replace(session, state=State.INTERRUPTED, results=session.results[:1]))
    said = measured.task("export", "--format", "benchfmt")

    assert said.code == 0
    assert "beta: not run" in said.err
    assert "is not complete: interrupted" in said.err


def test_help_names_every_format() -> None:
    assert f"one of {', '.join(_NAMES)}" == FORMAT_HELP
