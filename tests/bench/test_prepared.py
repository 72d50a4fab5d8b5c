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
