import pytest

from seqbench.errors import ToolchainError
from tests.support.outcomes import samples
from tests.support.world import World


def test_a_run_of_one_runtime_needs_no_tools_of_the_others(world: World) -> None:
    world.add_right("alpha")
    world.environment |= {"SEQC": "/nonexistent/seqc", "CLANG": "/nonexistent/clang"}

    assert len(samples(world.bench(runtimes="go"), "alpha", "go")) == 2


def test_a_version_that_does_not_exist_stops_the_run(world: World) -> None:
    world.add_right("alpha")
    with pytest.raises(ToolchainError, match=r"no seqc 9\.9\.9; newest is 7\.7\.5"):
        world.bench(seqc="9.9.9")


def test_a_published_version_is_built_and_measured(world: World) -> None:
    world.add_right("alpha")
    session = world.bench(seqc="7.7.5")

    assert "runtime built first with opt-level 3" in session.toolchain[0].provenance
    assert len(samples(session, "alpha", "seq")) == 2
