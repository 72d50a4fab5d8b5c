from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.events import ignore
from seqbench.versions.releases import between, releases
from tests.support.versions import write_index
from tests.support.world import CPU, World


def found(world: World) -> tuple[str, ...]:
    return releases(cache=world.cache, environment=world.environment, cpu=CPU, listen=ignore)


def test_releases_of_the_index_are_in_the_order_of_their_numbers_without_withdrawn_ones(world: World) -> None:
    write_index(world.home, ["7.7.5", "7.10.0", "7.9.0", "8.0.0-rc1", "7.9.1"], withdrawn=["7.9.1"])
    assert found(world) == ("7.7.5", "7.9.0", "7.10.0")


def test_cargo_is_asked_so_that_its_entry_is_fresh(world: World) -> None:
    write_index(world.home, ["7.7.5"])
    found(world)
    assert world.calls("cargo info")[0].startswith("cargo info seq-compiler")


def test_an_old_entry_of_another_registry_is_not_taken(world: World) -> None:
    """Cargo says that 7.7.5 is the newest one."""
    write_index(world.home, ["7.0.0"])
    with pytest.raises(UsageError, match="cannot be read from the index"):
        found(world)


def test_an_entry_is_taken_where_cargo_cannot_say_what_is_newest(world: World) -> None:
    world.environment["FAKE_CARGO"] = "old"
    write_index(world.home, ["7.0.0"])
    assert found(world) == ("7.0.0",)


def test_a_broken_entry_is_none(world: World) -> None:
    path = write_index(world.home, ["7.7.5"])
    path.write_bytes(b"\x03\0{broken\0{}\0")
    with pytest.raises(UsageError, match="cannot be read") as caught:
        found(world)
    assert Path(path).exists()
    assert "--versions 7.7.3,7.7.4,7.7.5" in caught.value.fix


def test_a_range_holds_both_ends() -> None:
    known = ("7.0.0", "7.1.0", "7.2.0")
    assert between("7.0.0", "7.1.0", known) == ("7.0.0", "7.1.0")
    with pytest.raises(UsageError, match=r"7\.2\.0 is newer than 7\.0\.0"):
        between("7.2.0", "7.0.0", known)
    with pytest.raises(UsageError, match=r"no release 7.1.9 of seqc: there are 7.1.0"):
        between("7.0.0", "7.1.9", known)
    with pytest.raises(UsageError, match=r"the newest is 7\.2\.0, the oldest 7\.0\.0"):
        between("6.0.0", "7.1.0", known)
