import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seqbench.sessions.result_file import ResultFile


def _saved(folder: Path, text: str) -> Path:
    file = ResultFile(folder, "compare-1")
    file.save("begun")
    file.save(text)
    assert file.problem is None
    assert file.path is not None
    return file.path


def test_two_runs_with_the_same_seed_have_files_of_their_own(tmp_path: Path) -> None:
    results = tmp_path / "results"
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda number: _saved(results, str(number)), range(8)))

    assert [path.read_text() for path in paths] == [str(number) for number in range(8)]
    names = {"compare-1.json", *(f"compare-1-{number}.json" for number in range(2, 9))}
    assert {path.name for path in results.iterdir()} == names


def test_nothing_saved_is_no_file(tmp_path: Path) -> None:
    _saved(tmp_path, "the other run")

    assert ResultFile(tmp_path, "compare-1").path is None


def test_resumed_run_goes_on_with_its_file(tmp_path: Path) -> None:
    path = _saved(tmp_path, "interrupted")
    file = ResultFile(tmp_path, "compare-1", resumed=path)
    file.save("complete")

    assert file.path == path
    assert path.read_text() == "complete"
    assert list(tmp_path.iterdir()) == [path]


def test_failure_to_write_is_kept_until_the_next_save(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.touch()
    file = ResultFile(results, "compare-1")
    file.save("lost")
    assert file.path is None
    assert file.problem is not None

    results.unlink()
    file.save("kept")
    assert file.problem is None
    assert (results / "compare-1.json").read_text() == "kept"


def test_file_system_without_hard_links_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_paths: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refused)
    paths = [_saved(tmp_path, text) for text in ("first", "second")]

    assert [path.read_text() for path in paths] == ["first", "second"]
