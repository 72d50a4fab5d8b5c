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


def test_a_source_for_older_compilers_is_neither_a_variant_nor_a_helper(world: World) -> None:
    folder = world.add("hop", seq=says())
    for name in ("hop@0.13.seq", "hop@6.seq", "util.seq", "other@2.seq"):
        (folder / name).write_text("")
    (benchmark,) = load_suite(world.suite).benchmarks
    (program,) = benchmark.programs

    assert program.variant == ""
    assert [path.name for path in program.helpers] == ["other@2.seq", "util.seq"]
    assert [(dialect.up_to, dialect.source.name) for dialect in program.dialects] == [
        ("0.13", "hop@0.13.seq"),
        ("6", "hop@6.seq"),
    ]


@pytest.mark.parametrize(
    ("version", "source"),
    [
        ("0.12.4", "hop@0.13.seq"),
        ("0.13.0", "hop@0.13.seq"),
        ("0.13.9-rc1", "hop@0.13.seq"),
        ("0.14.0", "hop@6.seq"),
        ("6.5.2", "hop@6.seq"),
        ("7.0.0", "hop.seq"),
        ("unknown", "hop.seq"),
    ],
)
def test_a_dialect_is_for_versions_up_to_its_own(world: World, version: str, source: str) -> None:
    folder = world.add("hop", seq=says())
    for name in ("hop@0.13.seq", "hop@6.seq"):
        (folder / name).write_text("")
    (benchmark,) = load_suite(world.suite).benchmarks

    assert benchmark.programs[0].for_version(version).source.name == source
