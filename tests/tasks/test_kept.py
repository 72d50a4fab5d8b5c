"""What was measured is kept first and shown afterwards; a file that cannot be written costs only itself."""

import json
import os
from pathlib import Path

import pytest

from seqbench.sessions import latest_run
from tests.support.mounts import mounted_file
from tests.support.outcomes import RATIO, assert_fails, stored
from tests.support.short_tasks import EACH_TASK, TABLE, called, prepare
from tests.support.world import World, hangs, on_run, says

KEPT = {"bench": "2*", "bench-alpha": "2*"}


@pytest.fixture
def world(world: World) -> World:
    prepare(world)
    return world


def _files(world: World, name: str) -> list[Path]:
    return sorted(world.results.glob(f"{KEPT.get(name, f'{name}-*')}.json"))


@pytest.mark.parametrize("name", EACH_TASK)
def test_answer_that_cannot_be_written_costs_only_itself(world: World, name: str) -> None:
    said = called(world, name, "--json", "/dev/full")

    assert_fails(said, 2, "/dev/full: No space left on device")
    assert TABLE.search(said.out)
    (path,) = _files(world, name)
    assert json.loads(path.read_text())["schema"].startswith("seqbench/")
    if name == "bench":
        assert latest_run.parse(world.record.read_text()).ratios
        assert world.history.exists()


@pytest.mark.parametrize("name", EACH_TASK)
def test_two_runs_with_one_seed_have_files_of_their_own(world: World, name: str) -> None:
    for _ in range(2):
        assert called(world, name, "--seed", "1").code in (0, 5)

    assert len(_files(world, name)) == 2


def test_interrupt_before_anything_was_saved_offers_nothing_to_resume(world: World) -> None:
    seqc = str(world.tools / "seqc")
    words = ("compare", "--base", seqc, "--head", seqc, "--seed", "1", "--runs", "20")
    assert world.task(*words).code == 0
    world.add("beta", seq=says() + "# SLOW BUILD\n", go=says())
    before = {path: path.read_bytes() for path in world.results.iterdir()}
    with world.stopped():
        said = world.task(*words)

    assert said.code == 130
    assert "--resume" not in said.err
    assert "kept" not in said.err
    assert {path: path.read_bytes() for path in world.results.iterdir()} == before


def test_record_that_cannot_be_written_costs_only_itself(world: World) -> None:
    world.record.mkdir()
    said = world.task("bench", "--runs", "1", "--json", "out.json")

    assert_fails(said, 2, "LATEST_RUN.txt")
    assert RATIO.search(said.out)
    assert len(stored(world)) == 1
    assert (world.project / "out.json").exists()
    assert world.history.exists()


def test_record_and_answers_are_written_through_links(world: World) -> None:
    (world.root / "record.txt").write_text("old")
    world.record.symlink_to("../record.txt")
    (world.project / "latest.json").symlink_to(world.root / "session.json")
    assert world.task("bench", "--runs", "1", "--json", "latest.json").code == 0

    assert world.record.is_symlink()
    assert latest_run.parse((world.root / "record.txt").read_text()).ratios
    assert (world.project / "latest.json").is_symlink()
    assert json.loads((world.root / "session.json").read_text())["state"] == "complete"


def test_mounted_answer_and_record_are_written_in_place(world: World) -> None:
    mounted = world.project / "out.json"
    for name in ("session.json", "record.txt"):
        (world.root / name).touch()
    with mounted_file(world.root / "session.json", mounted), mounted_file(world.root / "record.txt", world.record):
        assert world.task("bench", "--runs", "1", "--json", "out.json").code == 0

    assert json.loads((world.root / "session.json").read_text())["state"] == "complete"
    assert latest_run.parse((world.root / "record.txt").read_text()).ratios


@pytest.mark.whole
def test_full_disk_during_a_comparison_costs_only_the_file(world: World) -> None:
    seqc = str(world.tools / "seqc")
    prefix = ("/bin/sh", "-c", 'ulimit -f 1; exec "$@"', "sh")
    words = ("compare", "--base", seqc, "--head", seqc, "--runs", "8", "--json", "-")
    said = world.invoke(*words, prefix=prefix)

    assert_fails(said, 2, "File too large", "results/compare-")
    assert len(json.loads(said.out)["sessions"]) == 2
    assert "kept in" not in said.err


@pytest.mark.whole
def test_standard_output_by_name_is_one_document_in_the_file_behind_it(world: World) -> None:
    out = world.root / "out"
    prefix = ("/bin/sh", "-c", f'exec "$@" >{out}', "sh")
    said = world.invoke("bench", "--runs", "1", "--json", "/dev/stdout", prefix=prefix)

    assert said.code == 0
    assert TABLE.search(said.err)
    assert json.loads(out.read_text())["state"] == "complete"
    assert Path("/dev/stdout").is_symlink()


@pytest.mark.whole
def test_standard_output_on_a_full_disk_costs_only_itself(world: World) -> None:
    prefix = ("/bin/sh", "-c", 'exec "$@" >/dev/full', "sh")
    said = world.invoke("bench", "--runs", "1", prefix=prefix)

    assert_fails(said, 2, "No space left on device")
    assert said.err.count("error: ") == 1
    assert len(stored(world)) == 1
    assert world.record.exists()
    assert world.history.exists()


@pytest.mark.whole
@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_letter_that_the_encoding_lacks_is_replaced_and_costs_nothing(world: World, variables: dict[str, str]) -> None:
    (world.suite / "alpha" / "benchmark.toml").write_text('title = "Fän-Out"\n', encoding="utf-8")
    for ending in ("seq", "go"):
        (world.suite / "alpha" / f"alpha.{ending}").write_text(says())
    world.environment |= {"PYTHONCOERCECLOCALE": "0", **variables}
    said = world.invoke("bench", "--runs", "1")

    assert said.code == 0, said.err
    assert "F?n-Out" in said.out
    assert "Fän-Out" in latest_run.parse(world.record.read_text(encoding="utf-8")).table
    assert world.history.exists()
    # The page is UTF-8, as it says itself.
    assert "Fän-Out" in world.invoke("report", "--out", "-").out


def test_interrupted_run_that_was_saved_says_where(world: World) -> None:
    world.add("alpha", seq=on_run(3, hangs(), says()), go=says(), toml="")
    with world.stopped():
        said = world.task("bench", "--runs", "4")

    assert said.code == 130
    assert [os.fspath(path.relative_to(world.project)) in said.out for path in world.results.iterdir()] == [True]
