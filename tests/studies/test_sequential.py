from pathlib import Path

import pytest

from seqbench.compare.verdict import Verdict
from studies import sequential
from studies.gate_power import DATA, Rounds, read


@pytest.fixture(scope="module")
def quiet() -> list[Rounds]:
    return read(DATA / "gate-quiet.csv.gz")


def test_trial_stops_early_and_finds_a_large_slowdown(quiet: list[Rounds]) -> None:
    found = sequential.trial(quiet, 0, 0.10, 0.02, (1,))

    assert found == sequential.trial(quiet, 0, 0.10, 0.02, (1,))
    assert found.fixed[0].verdict is found.sequential[0].verdict is Verdict.SLOWER
    assert found.sequential[0].used < 0.2
    assert found.used < 1.06


def test_gate_trial_of_a_compiler_against_itself_is_fit(quiet: list[Rounds]) -> None:
    found = sequential.gate_trial(quiet, 1)
    assert (found.is_alarm, found.is_fit) == (False, True)


def test_picture_is_reproducible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = sequential.PICTURE.read_bytes()
    monkeypatch.setattr(sequential, "PICTURE", tmp_path / "looks.svg")
    sequential.picture()
    assert (tmp_path / "looks.svg").read_bytes() == stored
