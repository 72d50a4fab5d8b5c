"""A run that flags made smaller leaves a complete record alone."""

import pytest

from tests.support.outcomes import assert_fails, stamp, stored
from tests.support.world import MANIFEST, World, says


@pytest.fixture
def recorded(world: World) -> World:
    """A world with a complete record of two benchmarks in four rounds."""
    for name in ("alpha", "beta"):
        world.add(name, seq=says("$1", 800_000), go=says("$1"), toml=MANIFEST.format(name=name))
    assert world.task("bench", "--runs", "4").code == 0
    return world


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (("bench", "--only", "alpha", "--runs", "4"), "--only"),
        (("bench-beta", "--runs", "4"), "--only"),
        (("bench", "--runtimes", "seq", "--runs", "4"), "--runtimes"),
        (("bench", "--size", "quick", "--runs", "4"), "--size"),
        (("bench", "--size", "20", "--runs", "4"), "--size"),
        (("bench", "--runs", "3"), "--runs"),
        (("bench", "--budget", "20s"), "--budget"),
    ],
)
def test_run_that_a_flag_made_smaller_does_not_replace_a_complete_record(
    recorded: World, words: tuple[str, ...], flag: str
) -> None:
    before = recorded.record.read_bytes()
    said = recorded.task(*words)

    assert said.code == 0
    assert f"record: LATEST_RUN.txt is unchanged, because {flag} made this run smaller" in said.err
    assert recorded.record.read_bytes() == before
    assert recorded.task(*words, "--record").code == 0
    assert recorded.record.read_bytes() != before


@pytest.mark.parametrize(
    "words", [("--runs", "4"), ("--runs", "5", "--size", "full"), ("--only", "alpha,beta", "--runs", "4")]
)
def test_run_that_is_as_large_replaces_the_record(recorded: World, words: tuple[str, ...]) -> None:
    before = recorded.record.read_bytes()
    assert recorded.task("bench", *words).code == 0

    assert recorded.record.read_bytes() != before


def test_run_whose_budget_made_a_benchmark_smaller_does_not_replace_a_complete_record(world: World) -> None:
    # A thousand times as large, so that it probably takes too long.
    toml = MANIFEST.format(name="alpha").replace("quick = 10", "quick = 1\npower-of = 1000")
    world.add("alpha", seq=says("$1", 900_000), go=says("$1", 900_000), toml=toml)
    with (world.project / "pyproject.toml").open("a") as file:
        print("budget = '1s'", file=file)
    assert world.task("bench", "--runs", "1").code == 0
    before = world.record.read_bytes()
    said = world.task("bench", "--budget", "3s")

    assert said.code == 0, said.err
    assert "--budget made this run smaller" in said.err
    assert world.record.read_bytes() == before


def test_record_that_is_not_complete_or_not_valid_is_replaced(recorded: World) -> None:
    assert recorded.task("bench", "--only", "alpha", "--runs", "1", "--record").code == 0
    assert recorded.task("bench", "--only", "beta", "--runs", "1").code == 0
    assert [benchmark.name for benchmark in stamp(recorded).benchmarks] == ["beta"]

    recorded.record.write_text("no record")
    assert recorded.task("bench", "--only", "alpha", "--runs", "1").code == 0
    assert [benchmark.name for benchmark in stamp(recorded).benchmarks] == ["alpha"]


@pytest.mark.parametrize("other", [("--no-record",), ("--suite", "benchmarks/../benchmarks")])
def test_record_flag_that_contradicts_another_one_is_refused(world: World, other: tuple[str, ...]) -> None:
    world.add_right("alpha")
    assert_fails(world.task("bench", "--record", *other), 2, "--record")
    assert stored(world) == []


def test_run_of_a_benchmark_that_the_record_does_not_have_is_not_called_smaller_than_the_record(world: World) -> None:
    world.add_right("alpha")
    assert world.task("bench", "--runs", "1").code == 0
    world.add_right("relay")
    said = world.task("bench", "--runs", "1", "--only", "relay")

    assert "because --only made this run smaller than the suite: it lacks alpha; --record replaces it" in said.err


def test_run_without_a_record_stays_out_of_the_history(world: World) -> None:
    world.add_right("alpha")
    assert world.task("bench", "--runs", "1", "--no-record").code == 0

    assert len(stored(world)) == 1
    assert not world.history.exists()
