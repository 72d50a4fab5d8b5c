from pathlib import Path

import pytest

from seqbench.errors import ExitCode, UsageError
from seqbench.suite.benchmarks import Parameter
from seqbench.suite.manifest import benchmark_names, load_suite, sources_digest
from tests.support.world import REPOSITORY, World, says

WHOLE = """\
title = "Fan-Out ({workers} workers)"
about = "throughput"
timeout = "2m"

[parameters.workers]
full = 100
quick = 10
unit = "hands"

[parameters.messages]
full = 1_000_000
quick = 10_000
scales = true

[expect]
result = "messages"
control-messages = "2 * workers + 1"
[expect.ledger]
tasks = "workers + 1"
rounds = 3

[throughput]
unit = "msg/sec"
count = "2 * messages"

[needs]
live-strands = "workers"

[variants.idiomatic]
label = "idiomatic Go"
"""


def test_a_folder_with_two_sources_is_a_benchmark_without_any_manifest(world: World) -> None:
    world.add("my-bench", seq=says(), go=says())

    (benchmark,) = load_suite(world.suite).benchmarks
    assert (benchmark.name, benchmark.title, benchmark.timeout_s) == ("my-bench", "My bench", 300.0)
    assert (benchmark.parameters, benchmark.expected_result, benchmark.expected_ledger) == ((), None, ())
    assert [(p.runtime.name, p.variant, p.source.name) for p in benchmark.programs] == [
        ("seq", "", "my-bench.seq"),
        ("go", "", "my-bench.go"),
    ]


def test_benchmarks_are_found_by_their_folders_in_alphabetical_order(world: World) -> None:
    world.add_right("zeta", "alpha")
    world.add("only-go", go=says())
    world.add("only-manifest", toml="")
    (world.suite / "notes").mkdir()
    (world.suite / "notes" / "other.seq").touch()
    (world.suite / "README.md").touch()

    assert benchmark_names(world.suite) == ("alpha", "only-go", "only-manifest", "zeta")


def test_a_folder_that_is_not_there_has_no_benchmarks(tmp_path: Path) -> None:
    assert benchmark_names(tmp_path / "none") == ()


@pytest.mark.parametrize("name", ["benchmarks", "none"])
def test_a_suite_without_a_benchmark_is_a_usage_error_that_names_the_folder(world: World, name: str) -> None:
    folder = world.project / name
    with pytest.raises(UsageError) as caught:
        load_suite(folder)

    assert str(folder) in caught.value.message
    assert caught.value.exit_code is ExitCode.USAGE
    assert "{invoke} new" in caught.value.fix


def test_a_manifest_is_read_whole(world: World) -> None:
    world.add("fanout", seq=says(), go=says(), idiomatic_go=says(), toml=WHOLE)

    (benchmark,) = load_suite(world.suite).benchmarks
    sizes = {"workers": 100, "messages": 1000}
    assert benchmark.title == "Fan-Out ({workers} workers)"
    assert benchmark.about == "throughput"
    assert benchmark.timeout_s == 120.0
    assert benchmark.parameters == (
        Parameter(name="workers", full=100, quick=10, scales=False, power_of=None, unit="hands"),
        Parameter(name="messages", full=1_000_000, quick=10_000, scales=True, power_of=None, unit="messages"),
    )
    assert benchmark.scaling == benchmark.parameters[1]
    assert benchmark.expected_result is not None
    assert benchmark.expected_result.value(sizes) == 1000
    assert [(key, formula.value(sizes)) for key, formula in benchmark.expected_ledger] == [
        ("tasks", 101),
        ("rounds", 3),
    ]
    assert benchmark.control_messages is not None
    assert benchmark.control_messages.value(sizes) == 201
    assert benchmark.throughput is not None
    assert (benchmark.throughput.unit, benchmark.throughput.count.value(sizes)) == ("msg/sec", 2000)
    assert benchmark.live_strands is not None
    assert benchmark.live_strands.value(sizes) == 100
    assert benchmark.variant_labels == (("idiomatic", "idiomatic Go"),)
    assert [(p.runtime.name, p.variant) for p in benchmark.programs] == [("seq", ""), ("go", ""), ("go", "idiomatic")]


def test_a_variant_without_a_label_is_called_by_its_name(world: World) -> None:
    world.add("alpha", seq=says(), go=says(), quick_go=says())

    (benchmark,) = load_suite(world.suite).benchmarks
    assert benchmark.variant_labels == (("quick", "quick"),)


def test_other_files_of_the_language_are_helpers_of_its_programs_only(world: World) -> None:
    folder = world.add("alpha", seq=says(), go=says())
    (folder / "lib.seq").touch()
    (folder / "notes.txt").touch()

    (benchmark,) = load_suite(world.suite).benchmarks
    assert [[path.name for path in program.helpers] for program in benchmark.programs] == [["lib.seq"], []]


PARAMETER = "[parameters.n]\nfull = 100\nquick = 10\nscales = true\n"
BROKEN = {
    "not TOML": ('title = "a"\nabout = \n', 2, "invalid TOML"),
    "a key twice": ('title = "a"\ntitle = "b"\n', 2, "invalid TOML"),
    "an unknown key": ('title = "a"\n\ncolour = "red"\n', 3, "colour"),
    "an unknown key in a table": (f"{PARAMETER}sizes = 3\n", 5, "sizes"),
    "an unknown table": ('title = "a"\n[sizes]\nn = 3\n', 2, "sizes"),
    "a wrong type": ("title = 3\n", 1, "`str | null`, got `int`"),
    "a wrong type in a table": ("[parameters.n]\nfull = 100\nquick = '10'\n", 3, "`int`, got `str`"),
    "a wrong type in the second table": (f"{PARAMETER}[parameters.m]\nquick = '10'\nfull = 1\n", 6, "got `str`"),
    "a wrong type in the ledger": (f"{PARAMETER}[expect.ledger]\ntasks = 1\nn = true\n", 7, "got `bool`"),
    "a wrong type in a line": ("parameters.n = { full = 100, quick = '10' }\n", 1, "got `str`"),
    "a value where a table should be": ('title = "a"\nexpect = 3\n', 2, "`object`, got `int`"),
    "a parameter without its sizes": ("# here\n[parameters.n]\nquick = 10\n", 2, "missing required field `full`"),
    "a second parameter without its sizes": (f"{PARAMETER}[parameters.m]\nquick = 1\n", 5, "`full`"),
    "a size of nothing": ("[parameters.n]\nfull = 100\nquick = 0\n", 3, "quick = 0 of the parameter 'n' is too small"),
    "a power of one": (f"{PARAMETER}power-of = 1\n", 5, "power-of = 1 of the parameter 'n' is too small"),
    "a size that is no power": (
        "[parameters.n]\nquick = 10\nfull = 20_000\npower-of = 10\n",
        3,
        "n = 20,000 is not a power of 10",
    ),
    "a timeout that is no time": ('title = "a"\ntimeout = "soon"\n', 2, "'soon' is not a duration"),
    "a formula that is none": (f'{PARAMETER}\n[expect]\nresult = "n +"\n', 7, "'n +' is not an expression"),
    "a formula that does things": ("[expect]\nresult = \"__import__('os')\"\n", 2, "result"),
    "an unknown parameter in a formula": (
        f'{PARAMETER}\n[expect]\nresult = "n"\n[expect.ledger]\nn = "m + 1"\n',
        9,
        "n: unknown parameter 'm'; available: n",
    ),
    "an unknown parameter in the rate": (
        f'{PARAMETER}[throughput]\nunit = "count"\ncount = "m"\n',
        7,
        "unknown parameter 'm'",
    ),
    "an unknown parameter in the needs": ('[needs]\nlive-strands = "m"\n', 2, "unknown parameter 'm'; available: none"),
    "two parameters that scale": (
        f"{PARAMETER}\n[parameters.m]\nfull = 1\nquick = 1\nscales = true\n",
        9,
        "more than one parameter has scales = true",
    ),
    "a variant without a source": (
        'title = "fast"\n[variants.fast]\nlabel = "x"\n',
        2,
        "no source for the variant 'fast': expected a file such as alpha.fast.go",
    ),
}


@pytest.mark.parametrize(("text", "line", "wrong"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_manifest_is_told_with_its_file_and_line(world: World, text: str, line: int, wrong: str) -> None:
    folder = world.add("alpha", seq=says(), go=says(), toml=text)
    with pytest.raises(UsageError) as caught:
        load_suite(world.suite)

    manifest = folder / "benchmark.toml"
    assert caught.value.message.startswith(f"{manifest}:{line}: ")
    assert wrong in caught.value.message
    assert caught.value.fix == f"fix {manifest}"


def test_a_manifest_that_is_no_text_is_a_usage_error(world: World) -> None:
    folder = world.add("alpha", seq=says())
    (folder / "benchmark.toml").write_bytes(b'title = "\xff"\n')
    with pytest.raises(UsageError, match="cannot be read"):
        load_suite(world.suite)


def test_a_manifest_that_is_a_folder_is_a_usage_error(world: World) -> None:
    folder = world.add("alpha", seq=says())
    (folder / "benchmark.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load_suite(world.suite)


def test_a_manifest_without_a_program_says_which_files_were_wanted(world: World) -> None:
    world.add("alpha", toml='title = "a"\n')
    with pytest.raises(UsageError, match=r"no program: expected alpha\.seq or alpha\.go") as caught:
        load_suite(world.suite)

    assert caught.value.fix


@pytest.mark.parametrize(
    ("name", "better"),
    [("My_Bench", "my-bench"), ("2fast", "fast"), ("skynet.old", "skynet-old"), ("ä", "my-benchmark")],
)
def test_a_folder_whose_name_cannot_be_a_task_says_how_to_rename_it(world: World, name: str, better: str) -> None:
    world.add(name, seq=says())
    with pytest.raises(UsageError, match=f"{name}' is not a valid name of a benchmark") as caught:
        load_suite(world.suite)

    assert caught.value.fix.endswith(f"for example to {better}")


def test_the_digest_changes_with_every_file_that_decides_and_with_no_other(world: World) -> None:
    folder = world.add("alpha", seq=says(), go=says(), toml="")
    (folder / "lib.seq").write_text("1")
    seen = {sources_digest(load_suite(world.suite))}

    (folder / "notes.txt").write_text("1")
    assert {sources_digest(load_suite(world.suite))} == seen

    for name in ("alpha.seq", "alpha.go", "benchmark.toml", "lib.seq"):
        (folder / name).write_text((folder / name).read_text() + "# changed\n")
        seen.add(sources_digest(load_suite(world.suite)))
    world.add("beta", seq=says())
    seen.add(sources_digest(load_suite(world.suite)))
    assert len(seen) == 6
    assert all(digest.startswith("sha256:") for digest in seen)


@pytest.mark.parametrize("command", ["sh old.sh {n}", "./old.sh", "python3 -c pass lib/old.sh"])
def test_digest_changes_with_the_scripts_that_commands_name(world: World, command: str) -> None:
    manifest = "[benchmarks.hop.parameters.n]\nfull = 2\nquick = 1\n"
    (world.suite / "suite.toml").write_text(f'[commands.hop]\nold = "{command}"\nnew = "true"\n{manifest}')
    (world.suite / "lib").mkdir()
    seen = set()
    for text in ("1", "2"):
        for script in (world.suite / "old.sh", world.suite / "lib" / "old.sh"):
            script.write_text(text)
        seen.add(sources_digest(load_suite(world.suite)))

    assert len(seen) == 2


def test_command_with_a_word_longer_than_a_name_of_a_file_has_a_digest(world: World) -> None:
    (world.suite / "suite.toml").write_text(f"[commands]\nold = \"sh -c '{':; ' * 2_000}'\"\n")
    assert sources_digest(load_suite(world.suite)).startswith("sha256:")


def test_the_digest_does_not_depend_on_where_the_suite_lies(world: World) -> None:
    world.add_right("alpha")
    before = sources_digest(load_suite(world.suite))
    moved = world.suite.rename(world.root / "elsewhere")

    assert sources_digest(load_suite(moved)) == before


def test_the_suite_of_this_repository_can_be_read() -> None:
    suite = load_suite(REPOSITORY / "benchmarks")

    assert {"skynet", "pingpong", "fanout"} <= {benchmark.name for benchmark in suite.benchmarks}
    for benchmark in suite.benchmarks:
        assert "seq" in {program.runtime.name for program in benchmark.programs}


def test_sizes_of_this_suite_are_called_by_the_names_of_their_parameters() -> None:
    for benchmark in load_suite(REPOSITORY / "benchmarks").benchmarks:
        for parameter in benchmark.parameters:
            assert parameter.unit.startswith(parameter.name.replace("_", " ")), (benchmark.name, parameter)


def test_parameter_without_a_unit_is_called_by_its_name(world: World) -> None:
    toml = "[parameters.round_trips]\nfull = 10\nquick = 1\naliases = ['trips']\n[expect]\nresult = 42\n"
    world.add("alpha", seq=says(), toml=toml)
    (parameter,) = load_suite(world.suite).benchmarks[0].parameters

    assert (parameter.unit, parameter.aliases) == ("round trips", ("trips",))


def test_titles_are_those_of_benchmarks_runtimes_and_variants_without_sizes(world: World) -> None:
    parameters = "[parameters.workers]\nfull = 3\nquick = 3\n"
    manifest = f'title = "Fan-Out ({{workers}} workers)"\n{parameters}[variants.plain]\nlabel = "plain Go"\n'
    world.add("fanout", seq=says(), go=says(), toml=manifest)
    (world.suite / "fanout" / "fanout.plain.go").write_text(says())

    titles = load_suite(world.suite).titles

    assert titles["fanout", ""] == "Fan-Out"
    assert titles["fanout", "go.plain"] == "plain Go"
    assert titles["", "go"] == "Go"
    assert ("fanout", "go") not in titles
