from pathlib import Path

from seqbench.suite.manifest import benchmark_names
from seqbench.suite.names import likely_names
from tests.support.world import REPOSITORY


def test_likely_names_are_those_of_the_shipped_suite() -> None:
    assert likely_names(REPOSITORY / "benchmarks") == benchmark_names(REPOSITORY / "benchmarks")


def test_folder_without_manifest_or_program_of_its_name_is_no_benchmark(tmp_path: Path) -> None:
    for name in ("empty", "target", "Loud", "hop", "skip"):
        (tmp_path / name).mkdir()
    (tmp_path / "target" / "other.go").touch()
    (tmp_path / "Loud" / "Loud.go").touch()
    (tmp_path / "hop" / "hop.go").touch()
    (tmp_path / "skip" / "benchmark.toml").touch()
    (tmp_path / "notes.go").touch()

    assert likely_names(tmp_path) == ("hop", "skip")
    assert likely_names(tmp_path / "nowhere") == ()
