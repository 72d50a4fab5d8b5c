"""Fixtures of all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.world import World


@pytest.fixture(scope="session", autouse=True)
def _history_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever a test starts with the user's environment, it writes nothing into the user's history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQBENCH_HISTORY", str(tmp_path_factory.mktemp("history") / "history.db"))
        yield


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
