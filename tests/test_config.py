from pathlib import Path

import msgspec
import pytest

from seqbench.config import SUITE, Config, load_config, read_table
from seqbench.errors import UsageError
from seqbench.suite.manifest import benchmark_names
from tests.support.world import REPOSITORY


@pytest.mark.parametrize("text", [None, "", "[project]\nname = 'x'\n", "[tool.other]\nx = 1\n", "tool = 3\n"])
def test_a_folder_without_the_table_has_the_defaults_and_the_suite_of_its_own(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "benchmarks").mkdir()

    assert read_table(tmp_path) is None
    assert load_config(tmp_path) == Config(suite=str(SUITE))
    assert benchmark_names(SUITE) == benchmark_names(REPOSITORY / "benchmarks") != ()


def test_a_project_that_names_no_suite_has_its_own_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.seqbench]\nseqc = '7.7.3'\n")
    assert load_config(tmp_path) == Config(seqc="7.7.3", suite=str(SUITE))

    (tmp_path / "benchmarks").mkdir()
    assert load_config(tmp_path) == Config(seqc="7.7.3", suite="benchmarks")


def test_a_suite_that_is_named_is_meant_even_where_it_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.seqbench]\nsuite = 'benchmarks'\n")

    assert load_config(tmp_path) == Config(suite="benchmarks")


def test_configuration_page_has_every_key_with_its_default(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8")
    block = page.partition("```toml\n[tool.seqbench]\n")[2].partition("```")[0]
    (tmp_path / "pyproject.toml").write_text(f"[tool.seqbench]\n{block}")

    assert load_config(tmp_path) == Config()
    table = read_table(tmp_path)
    assert table is not None
    assert table.keys() == {field.encode_name for field in msgspec.structs.fields(Config)}


def test_the_configuration_of_this_project_is_sound() -> None:
    assert load_config(REPOSITORY).suite == "benchmarks"


@pytest.mark.parametrize("text", ["[", "[tool.seqbench]\nno-such = 1\n", "[tool]\nseqbench = 3\n", "\xff"])
def test_what_is_broken_is_named_with_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(UsageError, match=r"pyproject\.toml") as caught:
        load_config(tmp_path)
    assert str(path) in caught.value.fix


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()

    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        load_config(tmp_path)


@pytest.mark.parametrize("hours", ["inf", "nan", "1e12", "-1", "876001"])
def test_age_of_a_record_has_a_range(tmp_path: Path, hours: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.seqbench]\nmax-age-hours = {hours}\n")

    with pytest.raises(UsageError, match=r"max-age-hours = .*: expected 0 to 876,000"):
        load_config(tmp_path)
