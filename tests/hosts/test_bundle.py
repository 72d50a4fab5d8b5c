"""What goes to a host: a wheel that pip takes, a suite without what was built, settings as they are here."""

import io
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution
from pathlib import Path

import msgspec
import pytest

from seqbench.config import Config, load_config
from seqbench.errors import UsageError
from seqbench.hosts import bundle


def names(archive: bundle.Bundle) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as file:
        return file.getnames()


def test_same_code_and_suite_have_the_same_digest_and_others_do_not(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("1")
    first = bundle.suite_bundle(tmp_path, None)
    assert bundle.suite_bundle(tmp_path, None) == first
    assert bundle.code_bundle() == bundle.code_bundle()
    (tmp_path / "x").write_text("2")
    assert bundle.suite_bundle(tmp_path, None).digest != first.digest


def test_wheel_has_the_package_and_no_suite_and_nothing_built() -> None:
    made = bundle.code_bundle()
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.testzip() is None
        found = archive.namelist()
    assert "seqbench/system/launcher.c" in found
    assert "seqbench/hosts/run.py" in found
    assert [name for name in found if "benchmarks/" in name or name.endswith(".pyc")] == []


@pytest.mark.whole
def test_pip_installs_the_wheel(tmp_path: Path) -> None:
    made = bundle.code_bundle()
    (tmp_path / made.name).write_bytes(made.content)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-index")
    subprocess.run((*pip, "--target", tmp_path / "to", tmp_path / made.name), check=True, capture_output=True)
    assert (tmp_path / "to" / "seqbench" / "__main__.py").is_file()


def test_wheel_of_a_clone_with_an_egg_info_has_its_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "seqbench.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: seqbench\nVersion: 0.9\n")
    monkeypatch.setattr(bundle, "distribution", lambda _name: PathDistribution(info))
    made = bundle.code_bundle()
    with zipfile.ZipFile(io.BytesIO(made.content)) as wheel:
        assert b"Name: seqbench\n" in wheel.read("seqbench-0.9.dist-info/METADATA")


def test_suite_has_its_sources_and_the_file_that_describes_it(tmp_path: Path) -> None:
    suite = tmp_path / "suite"
    for name in ("a/a.seq", "a/benchmark.toml", "target/x", ".git/config", "a/__pycache__/x.pyc", "Cargo.lock"):
        (suite / name).parent.mkdir(parents=True, exist_ok=True)
        (suite / name).touch()
    (tmp_path / "other.toml").touch()
    found = names(bundle.suite_bundle(suite, tmp_path / "other.toml"))
    assert sorted(found) == [".suite-file.toml", "Cargo.lock", "a/a.seq", "a/benchmark.toml"]


def test_folder_that_is_no_suite_is_refused_for_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "_MOST_BYTES", 10)
    (tmp_path / "big").write_bytes(b"x" * 11)
    with pytest.raises(UsageError, match="to send to a host"):
        bundle.suite_bundle(tmp_path, None)


def test_settings_of_the_project_are_read_there_as_they_are_here(tmp_path: Path) -> None:
    config = Config(seqc='checkout:/a "b" \\c', margin="3%", max_age_hours=1.5, allow_scaled=True, history="h.db")
    text = bundle.project_file(config)
    tomllib.loads(text)
    (tmp_path / "pyproject.toml").write_text(text)
    expected = msgspec.structs.replace(config, suite="benchmarks", history="")
    assert load_config(tmp_path) == expected


def test_package_without_metadata_cannot_go_to_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(bundle, "distribution", missing)
    with pytest.raises(UsageError, match="is not an installed package") as caught:
        bundle.code_bundle()
    assert caught.value.fix == "pip install -e . in its clone"


def test_size_of_a_suite_is_looked_at_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "big").touch()
    # More than fits into memory, without a byte on the disk.
    os.truncate(tmp_path / "big", 1 << 43)
    with pytest.raises(UsageError, match="to send to a host"):
        bundle.suite_bundle(tmp_path, None)
