from tests.support.world import (
    World,
)


def test_new_writes_a_benchmark_that_is_a_task_at_once_and_says_what_to_do(world: World) -> None:
    said = world.task("new", "my-own")

    assert said.code == 0
    assert "wrote benchmarks/my-own/my-own.seq" in said.out
    assert "invoke bench-my-own" in said.out
    assert "bench-my-own" in world.task("--list").out
    # The fake compilers make of the skeletons programs that cannot run; the tests with the real ones run them.
    assert world.task("bench-my-own", "--runs", "1").code == 4


def test_clean_removes_programs_and_sessions_and_only_when_asked_the_compilers(world: World) -> None:
    world.add_right("alpha")
    world.environment["SEQC"] = "7.7.5"
    assert world.task("bench", "--runs", "1").code == 0

    said = world.task("clean")
    assert (said.code, said.out.count("removed ")) == (0, 2)
    assert not world.results.exists()
    assert not (world.cache / "programs").exists()
    assert list(world.cache.glob("seqc/*/bin/seqc"))
    assert world.record.exists()

    assert world.task("clean", "--toolchain").code == 0
    assert not list(world.cache.glob("seqc/*/bin/seqc"))
    assert world.task("clean").out == ""
