import pytest

from tests.support.versions import slower_compiler
from tests.support.world import World

# --- check-fresh


@pytest.fixture(scope="module")
def fresh_record(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a run of two benchmarks records."""
    world = World(tmp_path_factory.mktemp("recorded"))
    world.add_right("alpha", "beta")
    assert world.task("bench", "--runs", "1").code == 0
    return world.record.read_bytes()


@pytest.fixture
def recorded(world: World, fresh_record: bytes) -> World:
    """A world with a fresh and whole record."""
    world.add_right("alpha", "beta")
    world.record.write_bytes(fresh_record)
    return world


# --- compare and gate


@pytest.fixture
def slower(world: World) -> str:
    """The path of a compiler whose programs take a quarter longer than those of the other one."""
    world.add_right("alpha")
    return str(slower_compiler(world, "slower"))
