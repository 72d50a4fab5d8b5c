from seqbench.suite.manifest import benchmark_names
from seqbench.suite.names import likely_names
from tests.support.world import REPOSITORY, World, says


def test_likely_names_are_those_of_folders_with_a_manifest_or_a_file_of_their_name(world: World) -> None:
    world.add_right("zeta", "alpha")
    world.add("only-manifest", toml="")
    world.add("My_Bench", seq=says())
    (world.suite / "notes").mkdir()
    (world.suite / "notes" / "other.seq").touch()
    (world.suite / "README.md").touch()

    assert likely_names(world.suite) == ("alpha", "only-manifest", "zeta")
    assert likely_names(world.suite / "none") == ()


def test_likely_names_of_this_repository_are_the_names_of_its_benchmarks() -> None:
    suite = REPOSITORY / "benchmarks"
    assert likely_names(suite) == benchmark_names(suite) != ()
