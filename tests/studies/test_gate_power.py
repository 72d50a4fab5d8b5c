from pathlib import Path

import pytest

from studies.gate_power import DATA, FIELDS, read, write

ROWS = [
    ("fanout@1000", 1, "base", 0, 100, 110, 90, 5, ""),
    ("fanout@1000", 1, "head", 1, 200, 210, 190, 5, ""),
    ("fanout@1000", 2, "base", 1, 102, 112, 91, 5, ""),
    ("fanout@1000", 2, "head", 0, 204, 214, 191, 5, ""),
    ("fanout@1000", 2, "probe", 2, 110, 120, 99, 5, 0.1),
]


def test_rounds_are_read_back_and_their_bytes_are_reproducible(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"
    write(first, ROWS)
    write(second, ROWS)

    assert len(ROWS[0]) == len(FIELDS)
    assert first.read_bytes() == second.read_bytes()
    (found,) = read(first)
    assert found.values["head"]["elapsed_ns"].tolist() == [200, 204]
    assert (found.slowed.tolist(), found.injected) == ([False, True], 0.1)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv.gz")), ids=lambda path: path.name)
def test_stored_rounds_can_be_read(path: Path) -> None:
    assert all(rounds.count > 1 for rounds in read(path))
