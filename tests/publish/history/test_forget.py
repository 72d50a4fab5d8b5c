from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.events import ignore
from seqbench.publish.history.database import NoHistoryError, opened
from seqbench.publish.history.forget import forget
from tests.support.outcomes import assert_fails
from tests.support.world import World


@pytest.fixture
def twice(world: World) -> World:
    world.add_right("alpha", "beta")
    for seed in ("1", "2"):
        assert world.task("bench", "--runs", "2", "--seed", seed).code == 0
    return world


def _counts(path: Path) -> dict[str, int]:
    tables = ("session", "program", "sample", "series", "tool", "machine")
    with opened(path, "rw", "BEGIN", ignore) as database:
        return {name: database.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608


def test_session_is_forgotten_with_its_samples_and_is_named(twice: World) -> None:
    before = _counts(twice.history)
    (first, second) = sorted(twice.results.iterdir(), key=lambda path: path.stem.rpartition("-")[2])
    said = twice.task("history", "--forget", f"results/{first.name}")

    assert said.out == f"forgot {first.stem} (commit none): alpha, beta; 12 samples\n"
    after = _counts(twice.history)
    assert (after["session"], after["sample"]) == (1, before["sample"] // 2)
    assert (after["series"], after["machine"], after["tool"]) == (before["series"], 1, before["tool"])
    # The file stays, and brings the session back.
    assert first.exists()
    assert "added 1, already there 1" in twice.task("history", "--import", "results").out

    assert twice.task("history", "--forget", first.stem, "--forget", second.stem).code == 0
    assert set(_counts(twice.history).values()) == {0}


def test_unknown_session_is_refused_with_similar_ones(twice: World) -> None:
    name = min(twice.results.iterdir()).stem
    assert_fails(twice.task("history", "--forget", f"{name}0"), 2, "no session named", f"use one of these: {name}")
    assert_fails(twice.task("history", "--forget", "yesterday"), 2, "the latest sessions are: ")
    assert_fails(twice.task("history", "--forget", name, "--limit", "3"), 2, "cannot be combined")
    assert _counts(twice.history)["session"] == 2


def test_without_a_history_there_is_nothing_to_forget(tmp_path: Path) -> None:
    with pytest.raises(NoHistoryError):
        forget(tmp_path / "none.db", "x", ignore)
    assert issubclass(NoHistoryError, UsageError)
