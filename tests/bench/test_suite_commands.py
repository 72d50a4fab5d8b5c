"""`[commands]` of a suite: programs without sources, measured and compared by their names."""

import pytest

from seqbench.errors import UsageError
from seqbench.sessions import latest_run, report, store
from seqbench.sessions.session import Failed, Measured
from seqbench.suite.manifest import load_suite, sources_digest
from tests.support.commands import with_commands
from tests.support.world import World, script


def test_commands_are_programs_without_sources(world: World) -> None:
    with_commands(world)
    suite = load_suite(world.suite)
    (benchmark,) = suite.benchmarks

    assert (benchmark.name, benchmark.title) == ("sort", "Sort")
    assert [runtime.name for runtime in suite.default_runtimes] == ["old", "new"]
    assert [program.command for program in benchmark.programs] == [
        ("./old", "{n}"),
        ("sh", "new.sh", "{n}", "two words"),
    ]


def test_digest_follows_a_script_of_the_suite(world: World) -> None:
    with_commands(world)
    before = sources_digest(load_suite(world.suite))
    (world.suite / "old").write_text("changed")

    assert sources_digest(load_suite(world.suite)) != before


def test_commands_without_a_table_are_one_benchmark(world: World) -> None:
    with_commands(world, '[commands]\nold = "./old 1"\nnew = "./old 2"\n')
    (benchmark,) = load_suite(world.suite).benchmarks

    assert (benchmark.name, [program.runtime.name for program in benchmark.programs]) == ("commands", ["old", "new"])


@pytest.mark.whole
def test_commands_are_measured_with_a_ratio_and_recorded(world: World) -> None:
    with_commands(world)
    said = world.task("bench-sort", "--runs", "6", "--size", "quick")

    assert said.code == 0, said.err
    assert "Sort (wall clock) [20 n]" in said.out
    (path,) = world.results.glob("*.json")
    session = store.load(path)
    assert [column.name for column in session.runtimes] == ["old", "new"]
    (result,) = session.results
    assert (result.name, result.is_wall, result.parameters) == ("sort/wall", True, (("n", 20),))
    assert report.ratio_of(session, result, "") is not None
    record = latest_run.parse(world.record.read_text())
    assert [(each.benchmark, each.runtime, each.reference) for each in record.ratios] == [("sort/wall", "old", "new")]


def test_command_stands_beside_sources_of_its_benchmark(world: World) -> None:
    world.add("sort", go=script("sleep 0.01", "echo sorted"))
    with_commands(world, '[output]\nformat = "none"\n[commands.sort]\nold = "./old 1"\n')
    (result,) = world.bench().results

    assert [(p.runtime, type(p.outcome)) for p in result.programs] == [("go", Measured), ("old", Measured)]


def test_command_that_is_missing_is_named_in_its_row(world: World) -> None:
    with_commands(world, '[commands]\nold = "./old 1"\nnew = "no-such-program"\n')
    (result,) = world.bench().results

    (failed,) = [p.outcome for p in result.programs if isinstance(p.outcome, Failed)]
    assert failed.reason == "no such program"
    assert "no program 'no-such-program' on PATH or in" in failed.detail


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[commands.sort]\nold = "./old {m}"\n', "2: sort: '{m}': there is no {m}; available: none"),
        ('[commands.sort]\nold = "./old{n}"\n', "2: sort: './old{n}': there is no {n}"),
        ('[commands.sort]\nold = "./old {"\n', "2: sort: '{' has a brace without its partner"),
        (
            '[commands.sort]\nold = "./old \'"\n',
            "2: the command 'old' cannot be split into words: No closing quotation",
        ),
        ('[commands.sort]\nold = ""\n', "2: the command 'old' has no word"),
        ('[commands.sort]\ngo = "./old"\n', "2: the command 'go' has the name of a runtime"),
        ('[commands.sort]\nrun = "./old"\n', "2: the command 'run' has the name of a runtime"),
        ('[commands.sort]\nOld = "./old"\n', "2: 'Old' is not a valid name of a command"),
        ('[commands."a b"]\nold = "./old"\n', "2: 'a b' is not a valid name of a benchmark"),
        ("[commands]\nold = 5\n", "2: commands.old: Expected `str | object`"),
        ('[command]\nold = "x"\n', "1: unknown key 'command'; did you mean 'commands'?"),
    ],
)
def test_mistake_in_a_command_is_said_with_its_line(world: World, text: str, words: str) -> None:
    path = with_commands(world, text)
    with pytest.raises(UsageError) as caught:
        load_suite(world.suite)
    assert caught.value.message.startswith(f"{path}:{words}")


def test_unknown_name_in_arguments_of_a_runtime_is_said_with_its_line(world: World) -> None:
    world.add("hop", go="x")
    path = world.suite / "suite.toml"
    path.write_text('[runtimes.go]\nextends = "go"\narguments = ["{messages}"]\n')
    with pytest.raises(UsageError, match=r":3: hop: '\{messages\}': there is no \{messages\}"):
        load_suite(world.suite)


def test_list_and_doctor_start_no_command_of_a_suite(world: World) -> None:
    with_commands(world)
    (world.suite / "old").write_text(script(f'echo started >"{world.root}/started"'))

    assert "bench-sort" in world.task("--list").out
    world.task("doctor")
    assert not (world.root / "started").exists()
