from pathlib import Path

import pytest

from seqbench.config import load_config
from seqbench.errors import UsageError
from seqbench.paths import user_path
from seqbench.system.files import cache_folder, find_files, history_file
from seqbench.toolchain.compiler_spec import Binary, Checkout, parse_spec
from tests.support.world import World


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_home_folder_is_put_in_wherever_a_path_is_read(home: Path) -> None:
    (home / "x.json").touch()
    (home / "pyproject.toml").write_text('[tool.seqbench]\nsuite = "~/suite"\n')

    assert user_path("~/x.json") == home / "x.json"
    assert parse_spec("checkout:~/seq,diagnostics=off").source == Checkout(directory=home / "seq")
    assert parse_spec("~/bin/seqc").source == Binary(path=home / "bin" / "seqc")
    assert cache_folder({"SEQBENCH_CACHE": "~/cache"}) == home / "cache"
    assert history_file("", home, {"SEQBENCH_HISTORY": "~/h.db"}) == home / "h.db"
    assert history_file("~/h.db", Path("/elsewhere"), {}) == home / "h.db"
    assert find_files(["~/*.json"], Path("/")) == (home / "x.json",)
    assert load_config(home).suite == str(home / "suite")


def test_home_folder_of_another_user_is_put_in_and_that_of_nobody_is_refused() -> None:
    assert user_path("~root/x") == Path("~root/x").expanduser() != Path("~root/x")
    with pytest.raises(UsageError, match="~nobody-at-all/x: there is no home folder of that user"):
        user_path("~nobody-at-all/x")


def test_every_path_of_a_bench_may_begin_with_the_home_folder(world: World) -> None:
    world.add_right("alpha")
    for name in ("suite", "tools"):
        source = {"suite": world.suite, "tools": world.tools}[name]
        (world.home / name).symlink_to(source)
    world.environment |= {key: f"~/tools/{key.lower()}" for key in ("SEQC", "GO", "CLANG")}
    world.environment |= {"SEQBENCH_HISTORY": "~/h.db", "SEQBENCH_CACHE": "~/cache"}
    (world.home / "cache").symlink_to(world.cache)
    said = world.task("bench", "--runs", "1", "--json=~/x.json", "--suite=~/suite")

    assert said.code == 0, said.err
    assert {"x.json", "h.db"} <= {path.name for path in world.home.iterdir()}
    assert not list(world.project.glob("**/~*"))
    assert world.task("export", "--session=~/x.json", "--format", "csv").code == 0
    assert world.task("compare", "--base=~/x.json", "--head=~/x.json").code == 5
    assert world.task("history", "--import=~/x.json").out.endswith("added 0, already there 1\n")
