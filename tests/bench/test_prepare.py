import pytest

from seqbench.errors import ToolchainError
from tests.support.outcomes import samples
from tests.support.world import World


def test_the_session_says_what_it_was_made_with(world: World) -> None:
    world.add_right("alpha")
    world.environment |= {"SEQ_POOL_CAPACITY": "9", "GOMAXPROCS": "1", "SECRET": "x"}
    session = world.bench(seed="7")

    assert [(tool.name, tool.version) for tool in session.toolchain] == [
        ("seqc", "7.7.5"),
        ("clang", "18.1.0"),
        ("go", "1.27.3"),
    ]
    assert all(tool.digest.startswith("sha256:") for tool in session.toolchain)
    assert session.settings == (("GOMAXPROCS", "1"), ("SEQ_POOL_CAPACITY", "9"))
    assert session.seed == 7
    assert session.is_default_suite
    assert session.is_every_runtime
    assert session.started_at <= session.finished_at
    assert 0 < session.programs_ns < session.wall_ns
    assert 0 < session.build_ns < session.wall_ns


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
