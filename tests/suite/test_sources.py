import pytest

from seqbench.errors import UsageError
from seqbench.suite.manifest import load_suite
from tests.support.world import World, says


def test_longest_extension_claims_a_source(world: World) -> None:
    folder = world.add("hop", seq=says())
    (folder / "hop.may.rs").write_text("")
    (folder / "hop.rs").write_text("")
    (world.suite / "suite.toml").write_text(
        '[runtimes.rust]\ntitle = "Rust"\nextension = ".rs"\n[runtimes.rust.run]\ncommand = ["{source}"]\n'
    )
    (benchmark,) = load_suite(world.suite).benchmarks

    assert {program.source.name: program.runtime.name for program in benchmark.programs} == {
        "hop.seq": "seq",
        "hop.may.rs": "may",
        "hop.rs": "rust",
    }


def test_all_files_of_the_folder_belong_to_a_program_that_runs_there(world: World) -> None:
    folder = world.add("hop", go=says())
    (folder / "hop.x").write_text("")
    (folder / "words.txt").write_text("")
    (world.suite / "suite.toml").write_text(
        '[runtimes.x]\ntitle = "X"\nextension = ".x"\n[runtimes.x.run]\ncommand = ["{source}"]\nfolder = "source"\n'
    )
    (benchmark,) = load_suite(world.suite).benchmarks
    (program,) = [each for each in benchmark.programs if each.runtime.name == "x"]

    assert [path.name for path in program.helpers] == ["hop.go", "words.txt"]


def test_two_sources_of_one_program_are_an_error(world: World) -> None:
    for category in ("a", "b"):
        (world.suite / category / "hop").mkdir(parents=True)
        (world.suite / category / "hop" / "go.go").write_text(says())
    (world.suite / "suite.toml").write_text('[layout]\nsources = "{category}/{benchmark}/{runtime}{extension}"\n')

    with pytest.raises(UsageError, match=r"a/hop/go\.go and .*b/hop/go\.go are both the Go program of hop"):
        load_suite(world.suite)
