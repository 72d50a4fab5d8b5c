"""A suite brings runtimes and a layout of its own; what is wrong in its file is said with its line."""

import re
from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.sessions.report import ratio_of
from seqbench.sessions.session import Measured
from seqbench.suite.manifest import benchmark_names, load_suite, sources_digest
from tests.support.world import REPOSITORY, World, says

AWK = """\
[runtimes.awk]
title = "awk"
extension = ".awk"
default = true

[runtimes.awk.tools.awk]
find = ["path:awk"]

[runtimes.awk.run]
command = ["{awk}", "-f", "{source}", "--"]
settings = ["AWK_*"]
"""
PROGRAM = 'BEGIN { print "result: 42"; print "elapsed_ns: 400000" }\n'


def with_awk(world: World, text: str = AWK) -> Path:
    """Write a benchmark with a program in awk, and the file of the suite."""
    folder = world.add("hop", seq=says(), go=says())
    (folder / "hop.awk").write_text(PROGRAM)
    path = world.suite / "suite.toml"
    path.write_text(text)
    return path


def refused(world: World, text: str) -> str:
    path = with_awk(world, text)
    with pytest.raises(UsageError) as caught:
        load_suite(world.suite)
    assert caught.value.message.startswith(f"{path}:")
    return caught.value.message.removeprefix(f"{path}:")


def test_benchmarks_with_equal_sources_keep_a_copy_each(world: World) -> None:
    """What an interpreter reads is kept in the cache, in a place that follows from the layout."""
    (world.suite / "suite.toml").write_text(f'[layout]\nsources = "{{benchmark}}/main.awk"\n{AWK}')
    for name in ("fib-30", "fib-35"):
        folder = world.add(name, seq=says(), go=says())
        (folder / "main.awk").write_text(PROGRAM)
    for _ in range(2):
        session = world.bench(runtimes="awk")
        assert session.failures() == ()
        assert [result.name for result in session.results] == ["fib-30", "fib-35"]


def test_runtime_of_the_suite_is_measured_beside_the_others(world: World) -> None:
    with_awk(world)
    session = world.bench()

    assert session.failures() == ()
    assert [(p.runtime, type(p.outcome)) for p in session.results[0].programs] == [
        ("seq", Measured),
        ("go", Measured),
        ("awk", Measured),
    ]
    (column,) = [each for each in session.runtimes if each.name == "awk"]
    assert (column.title, column.compiler, column.reads) == ("awk", "awk", ("AWK_*",))


def test_source_that_is_run_is_a_copy_known_by_its_content(world: World) -> None:
    with_awk(world)
    digests = []
    for text in (PROGRAM, PROGRAM, f"# changed\n{PROGRAM}"):
        (world.suite / "hop" / "hop.awk").write_text(text)
        digests.append(world.bench().results[0].programs[-1].executable)
    assert digests[0] == digests[1] != digests[2]
    assert sorted(path.name for path in (world.suite / "hop").iterdir()) == ["hop.awk", "hop.go", "hop.seq"]


def test_missing_interpreter_fails_only_its_own_programs(world: World) -> None:
    with_awk(world, AWK.replace("default = true\n", "").replace("path:awk", "path:no-such-awk"))
    session = world.bench(runtimes="seq,go,awk")

    (failed,) = [failed for _, _, failed in session.failures()]
    assert failed.reason == "no interpreter"
    assert "awk not found: checked no-such-awk on PATH" in failed.detail


def test_runtime_with_the_name_of_a_shipped_one_replaces_it_and_says_so(world: World) -> None:
    with_awk(world, AWK.replace("runtimes.awk", "runtimes.go"))
    suite = load_suite(world.suite)

    assert [runtime.extension for runtime in suite.runtimes if runtime.name == "go"] == [".awk"]
    assert suite.remarks == ("suite.toml replaces the runtime go",)
    assert "suite.toml replaces the runtime go" in world.task("bench", "--only", "hop").err


def test_extends_keeps_what_is_not_given(world: World) -> None:
    with_awk(world, '[runtimes.go]\nextends = "go"\ntitle = "Golang"\n[runtimes.go.tools.go]\nat-least = "1.99"\n')
    suite = load_suite(world.suite)
    (go,) = [runtime for runtime in suite.runtimes if runtime.name == "go"]

    assert (go.title, go.extension, go.tools[0].at_least) == ("Golang", ".go", "1.99")
    assert "path:go" in go.tools[0].places
    assert go.template is not None
    assert suite.remarks == ("suite.toml changes the runtime go",)


def test_foreign_layout_is_described_by_a_file_elsewhere(world: World) -> None:
    foreign = world.root / "foreign"
    for name in ("go", "awk", "zig"):
        (foreign / name).mkdir(parents=True)
    (foreign / "go" / "N_Queens.go").write_text(says())
    (foreign / "awk" / "N_Queens.awk").write_text(PROGRAM)
    (foreign / "zig" / "N_Queens.zig").write_text("")
    (foreign / "README.md").write_text("")
    path = world.root / "foreign.toml"
    path.write_text(f'[layout]\nsources = "{{runtime}}/{{benchmark}}{{extension}}"\n{AWK}')
    session = world.bench(suite=str(foreign), suite_file=str(path))

    assert [(p.runtime, type(p.outcome)) for p in session.results[0].programs] == [("go", Measured), ("awk", Measured)]
    assert session.results[0].name == "n-queens"
    assert sorted(path.name for path in foreign.rglob("*") if path.is_file()) == [
        "N_Queens.awk", "N_Queens.go", "N_Queens.zig", "README.md",
    ]  # fmt: skip


def test_manifest_may_stand_in_the_file_of_the_suite(world: World) -> None:
    with_awk(world, f'{AWK}\n[benchmarks.hop]\ntitle = "Hop"\n[benchmarks.hop.expect]\nresult = 42\n')
    (benchmark,) = load_suite(world.suite).benchmarks

    assert benchmark.title == "Hop"
    assert benchmark.expected_result is not None


def test_arguments_of_a_runtime_take_the_place_of_the_parameters(world: World) -> None:
    text = AWK.replace("default = true", 'default = true\narguments = ["x=7", "{messages}"]')
    with_awk(world, text)
    manifest = "[parameters.messages]\nfull = 42\nquick = 42\n"
    (world.suite / "hop" / "benchmark.toml").write_text(manifest)
    (world.suite / "hop" / "hop.awk").write_text(
        'BEGIN { print "result: " (ARGV[1] == "x=7" ? ARGV[2] : 0); print "elapsed_ns: 400000" }\n'
    )

    assert world.bench().failures() == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[runtimes.awk]", "[runtime.awk]", "1: unknown key 'runtime'; did you mean 'runtimes'?"),
        ('extension = ".awk"', 'extention = ".awk"', "3: unknown key 'extention' in runtimes.awk; did you mean"),
        ('"{awk}", "-f"', '"{auk}", "-f"', "10: '{auk}': there is no {auk}; did you mean {awk}?"),
        ('extension = ".awk"', 'extension = ".go"', "1: the runtimes go and awk both have the extension '.go'"),
        ('title = "awk"', 'title = "awk"\nextends = "auk"', "3: extends: no runtime named 'auk'; "),
        ("[runtimes.awk]", '[layout]\nsources = "{bench}/x"\n[runtimes.awk]', "2: '{bench}/x': there is no {bench}"),
        ("[runtimes.awk]", "[benchmarks.hopp]\n[runtimes.awk]", "1: there is no program of the benchmark 'hopp';"),
        ("[runtimes.awk]", "[benchmarks.hop]\ntitel = 'x'\n[runtimes.awk]", "2: unknown key 'titel' in benchmarks.hop"),
    ],
)  # fmt: skip
def test_mistake_is_said_with_its_line(world: World, old: str, new: str, words: str) -> None:
    assert refused(world, AWK.replace(old, new, 1)).startswith(words)


def test_suite_file_that_is_missing_is_refused(world: World) -> None:
    world.add_right("alpha")
    with pytest.raises(UsageError, match=r"--suite-file .*nowhere\.toml does not exist"):
        load_suite(world.suite, world.root / "nowhere.toml")


def test_layout_without_sources_says_so(world: World) -> None:
    with_awk(world, '[layout]\nsources = "{runtime}/{benchmark}{extension}"\n')
    with pytest.raises(UsageError, match="no source of a known runtime fits the layout"):
        load_suite(world.suite)


def test_names_and_digest_follow_the_file_of_the_suite(world: World) -> None:
    path = with_awk(world)
    assert benchmark_names(world.suite) == ("hop",)
    before = sources_digest(load_suite(world.suite))
    path.write_text(f"{AWK}# changed\n")

    assert sources_digest(load_suite(world.suite)) != before


@pytest.mark.parametrize(("name", "result"), [("RUNTIMES.md", 499_500), ("guides/add-a-runtime.md", 1_000_000)])
def test_language_of_the_page_is_measured_with_a_ratio(world: World, name: str, result: int) -> None:
    page = (REPOSITORY / "docs" / name).read_text(encoding="utf-8")
    text, program = (re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)[0] for kind in ("toml", "awk"))
    assert len(text.splitlines()) <= 20
    folder = world.add("hop", go=says(result))
    (folder / "hop.awk").write_text(program)
    (world.suite / "suite.toml").write_text(text)
    session = world.bench(suite=str(world.suite), reference="go")

    assert session.failures() == ()
    assert [column.name for column in session.runtimes] == ["awk", "go"]
    assert ratio_of(session, session.results[0], "") is not None


def test_source_whose_name_is_none_of_a_benchmark_is_named(world: World) -> None:
    (world.suite / "suite.toml").write_text(f'[layout]\nsources = "src/{{benchmark}}.awk"\n{AWK}')
    (world.suite / "src").mkdir()
    for name in ("fib", "N_Queens", "2fast", "ä", "_x", "__init__"):
        (world.suite / "src" / f"{name}.awk").write_text(PROGRAM)
    suite = load_suite(world.suite)

    assert [benchmark.name for benchmark in suite.benchmarks] == ["fib", "n-queens"]
    (remark,) = suite.remarks
    assert remark.startswith("left out: src/2fast.awk, src/ä.awk: the name of a benchmark has lower-case letters")
    assert "_x" not in remark
    assert "__init__" not in remark
    assert "2fast" in world.task("bench", "--only", "fib").err
