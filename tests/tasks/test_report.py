"""`invoke report`, the whole command."""

import importlib
import json
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqbench.sessions import store
from tests.support.outcomes import assert_fails, assert_no_traceback
from tests.support.page import read_page, rows_of
from tests.support.strategies import a_program, a_result, a_session, measured
from tests.support.world import World


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world in which the session of all tests was measured."""
    world = World(tmp_path_factory.mktemp("measured"))
    world.add_right("alpha")
    assert world.task("bench", "--runs", "2", "--seed", "7").code == 0
    return world


@pytest.fixture
def measured_world(world: World, once: World) -> World:
    """A world in which `alpha` was measured."""
    world.take_over(once)
    return world


def test_the_page_of_the_last_run_is_written_where_the_results_are(measured_world: World) -> None:
    said = measured_world.task("report")
    assert (said.code, said.out) == (0, "report: results/report.html\n"), said.err
    page = read_page((measured_world.results / "report.html").read_text())
    assert rows_of(page.one("table", class_="headline"))[1] == ["Alpha", "0.8ms", "0.4ms", "2.0x? Excellent?"]


@pytest.mark.whole
def test_it_can_be_written_elsewhere_and_to_standard_output(measured_world: World, tmp_path: Path) -> None:
    page = tmp_path / "new" / "page.html"
    assert measured_world.task("report", "--out", str(page)).code == 0
    said = measured_world.task("report", "--out", "-")
    assert said.code == 0
    assert said.out == page.read_text()
    assert not (measured_world.results / "report.html").exists()


def test_named_sessions_are_reported_side_by_side(measured_world: World) -> None:
    other = a_session(a_result(a_program(measured(30)), a_program(measured(10), "go")))
    store.save(measured_world.project / "from ci.json", other)
    said = measured_world.task("report", "--session", "results/*.json", "--session", "from ci.json")
    assert said.code == 0, said.err
    page = read_page((measured_world.results / "report.html").read_text())
    assert len(list(page.all("section", class_="session"))) == 2


@pytest.mark.whole
def test_files_that_cannot_be_read_are_named_the_rest_is_reported_and_the_exit_code_says_it(
    measured_world: World,
) -> None:
    folder = measured_world.project
    (session,) = measured_world.results.glob("*.json")
    document = json.loads(session.read_text())
    (folder / "cut.json").write_text(session.read_text()[:500])
    (folder / "foreign.json").write_text('{"results": []}')
    (folder / "newer.json").write_text(json.dumps(document | {"schema_version": 2}))
    words = [f"--session={name}" for name in ("cut.json", "missing.json", str(session), "foreign.json", "newer.json")]
    said = measured_world.task("report", *words)
    assert_fails(
        said, 2, "cut.json: not JSON, or cut short", "missing.json: cannot be read", "foreign.json", "newer.json"
    )
    page = read_page((measured_world.results / "report.html").read_text())
    named = page.one("section", aria_labelledby="unread").text
    assert all(name in named for name in ("cut.json", "missing.json", "foreign.json", "newer.json"))
    assert len(list(page.all("section", class_="session"))) == 1


def test_a_comparison_in_the_results_is_part_of_the_page(measured_world: World) -> None:
    seqc = str(measured_world.tools / "seqc")
    assert measured_world.task("compare", "--base", seqc, "--head", seqc, "--runs", "8").code == 0
    assert measured_world.task("report").code == 0
    page = read_page((measured_world.results / "report.html").read_text())
    assert [each.text for each in page.all("h2")][1:] == ["History", "Comparisons"]
    assert "A/A run" in page.text


@pytest.mark.whole
def test_the_history_is_part_of_the_page(measured_world: World) -> None:
    for _ in range(2):
        assert measured_world.task("bench", "--runs", "1").code == 0
    assert measured_world.task("report").code == 0
    page = read_page((measured_world.results / "report.html").read_text())
    assert [each.text for each in page.all("h2")][1:] == ["History"]
    section = next(each for each in page.all("details") if each.attributes.get("class") == "section")
    assert section.one("h4").text == "Alpha"
    rows = rows_of(section.one("figure").one("details"))[1:]
    assert [(row[0], row[2]) for row in rows] == [("Seq", "0.800")] * 3 + [("Go", "0.400")] * 3
    assert "All programs: 3 sessions since" in page.one("dl", class_="answers").text


def test_a_history_that_cannot_be_read_is_named_and_the_rest_is_reported(measured_world: World) -> None:
    measured_world.history.write_bytes(b"not a database, by no means\n" * 99)
    said = measured_world.task("report")
    assert_fails(said, 2, str(measured_world.history), "is broken", f"mv {measured_world.history}")
    page = read_page((measured_world.results / "report.html").read_text())
    assert str(measured_world.history) in page.one("section", aria_labelledby="unread").text
    assert len(list(page.all("section", class_="session"))) == 1


def test_that_there_is_no_history_is_no_problem(measured_world: World) -> None:
    measured_world.history.unlink()
    said = measured_world.task("report")
    assert said.code == 0
    assert "history" not in said.err
    page = read_page((measured_world.results / "report.html").read_text())
    assert "There is no history of this machine." in page.one("dl", class_="answers").text
    assert not measured_world.history.exists()


def test_without_a_session_it_says_how_to_get_one(world: World) -> None:
    assert_fails(world.task("report"), 2, "there is no stored session", "invoke bench")
    assert not (world.results / "report.html").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--out", "benchmarks"), "it is a folder"),
        (("--out", "-", "--open"), "--out -, which writes no file"),
        (("--session", "nothing/*.json"), "no file matches"),
    ],
)
def test_flags_that_make_no_sense_are_refused(measured_world: World, words: tuple[str, ...], told: str) -> None:
    assert_fails(measured_world.task("report", *words), 2, told)


def test_a_place_that_cannot_be_written_is_an_error(measured_world: World) -> None:
    (measured_world.project / "file").write_text("")
    assert_fails(measured_world.task("report", "--out", "file/report.html"), 2, "file")


def _browser(world: World, text: str) -> None:
    world.environment["BROWSER"] = str(world.tool("browser", text))


@pytest.fixture
def unknown_browsers() -> Iterator[None]:
    """Python remembers which browsers there are; here it has to look again."""
    importlib.reload(webbrowser)
    yield
    importlib.reload(webbrowser)


def test_open_shows_the_page_in_the_browser(measured_world: World, unknown_browsers: None) -> None:
    _browser(measured_world, f'#!/bin/sh\necho "$1" >"{measured_world.home}/shown"\n')
    said = measured_world.task("report", "--open")
    assert said.code == 0, said.err
    page = measured_world.results / "report.html"
    assert (measured_world.home / "shown").read_text() == f"{page.as_uri()}\n"
    assert "no browser" not in said.err


@pytest.mark.whole
def test_without_a_browser_the_page_is_named_and_all_is_well(measured_world: World, unknown_browsers: None) -> None:
    measured_world.environment |= {"BROWSER": "/nonexistent/browser", "PATH": str(measured_world.tools)}
    said = measured_world.task("report", "--open")
    assert said.code == 0, said.err
    assert f"no browser could be started; the page is {measured_world.results / 'report.html'}" in said.err
    assert_no_traceback(said)
