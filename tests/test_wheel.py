"""The wheel, built and installed: all of it works away from the clone that it was made from."""

import re
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from seqbench.sessions import latest_run
from seqbench.suite.manifest import benchmark_names, load_suite, sources_digest
from tests.support.outcomes import assert_fails, table_of
from tests.support.world import REPOSITORY, Said, World

pytestmark = pytest.mark.whole


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def run(folder: Path, environment: Mapping[str, str], *words: str) -> Said:
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Said(code=done.returncode, out=done.stdout, err=done.stderr)


def files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def sources(folder: Path) -> set[Path]:
    """Return the files of a suite of this clone, but for what was built there and what only git needs."""
    return {path for path in files(folder) if path.parts[0] != "target" and not path.name.startswith(".")}


def test_building_it_leaves_nothing_in_the_clone(wheel: Path) -> None:
    clone = wheel.parent / "clone"
    left = [path.name for path in clone.iterdir() if path.name == "build" or path.suffix == ".egg-info"]
    assert (clone / "pyproject.toml").is_file()
    assert left == []


def test_it_has_every_source_of_the_suite_and_nothing_that_was_built(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    packed, suite = tmp_path / "seqbench" / "benchmarks", REPOSITORY / "benchmarks"

    assert files(packed) == sources(suite)
    assert sources_digest(load_suite(packed)) == sources_digest(load_suite(suite))
    # Beside the package there is but what tells of it.
    assert {path.name.rpartition(".")[2] for path in tmp_path.iterdir()} == {"seqbench", "dist-info"}


def test_from_an_empty_folder_it_lists_its_benchmarks_and_is_the_installed_one(
    world: World, installed: Path, empty: Path
) -> None:
    for door in ((str(installed / "python"), "-m", "seqbench"), (str(installed / "seqbench"),)):
        listed = run(empty, world.environment, *door, "--list")
        assert (listed.code, listed.err) == (0, "")
        names = [f"bench-{name}" for name in benchmark_names(REPOSITORY / "benchmarks")]
        assert re.findall(r"^  (bench-\S+)", listed.out, re.MULTILINE) == names

        said = run(empty, world.environment, *door, "new", "mine")
        assert_fails(said, 2, f"{empty} has no suite of its own")
    where = run(empty, world.environment, str(installed / "python"), "-c", "import seqbench; print(seqbench.__file__)")
    assert Path(where.out.strip()).is_relative_to(installed.parent)
    assert list(empty.iterdir()) == []


def test_it_measures_and_records_in_the_project_it_is_called_from(world: World, installed: Path, empty: Path) -> None:
    world.add_right("alpha")
    (world.project / "tasks.py").unlink()
    (world.project / "seqbench").unlink()
    door = str(installed / "seqbench")

    said = run(world.suite, world.environment, door, "bench", "--runs", "1")
    assert said.code == 0, said.err
    assert table_of(said)[0].startswith("Alpha")
    assert latest_run.parse(world.record.read_text()).is_complete
    said = run(world.suite, world.environment, door, "check-fresh")
    assert (said.code, said.out.startswith("Benchmarks are fresh")) == (0, True)

    said = run(empty, world.environment, door, "bench", "--runs", "1", "--suite", str(world.suite))
    assert said.code == 0, said.err
    assert [path.name for path in empty.iterdir()] == ["results"]
    assert_fails(run(empty, world.environment, door, "check-fresh"), 1, "LATEST_RUN.txt is missing", "seqbench bench")


def test_the_tasks_file_of_the_configuration_page_puts_them_under_invoke(
    world: World, installed: Path, empty: Path
) -> None:
    page = (REPOSITORY / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8")
    chapter = page.partition("\n## The tasks beside your own\n")[2]
    (empty / "bench_tasks.py").write_text(chapter.partition("```python\n")[2].partition("```")[0])
    (empty / "deep").mkdir()
    invoke = (str(installed / "python"), "-m", "invoke", "-c", "bench_tasks")

    listed = run(empty / "deep", world.environment, *invoke, "--list")
    assert (listed.code, listed.err) == (0, "")
    assert "bench-skynet" in listed.out
    assert_fails(run(empty / "deep", world.environment, *invoke, "check-fresh"), 1, "fix: invoke bench && git add")
