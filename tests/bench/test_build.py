import os
from pathlib import Path

import pytest

from seqbench.bench.build import Executable, build_all, lint, program_label
from seqbench.events import Detail
from seqbench.runtimes.registry import RUNTIMES
from seqbench.sessions.session import Failed, Stage
from seqbench.suite.benchmarks import Program
from seqbench.suite.manifest import load_suite
from seqbench.system.process import interruptible
from seqbench.toolchain.places import content_digest
from seqbench.toolchain.toolchain import Tool, Toolchain
from seqbench.toolchain.tools import find_clang
from tests.support.tools import find_go
from tests.support.world import CPU, World, says


def tools_of(world: World, flags: tuple[str, ...] = ()) -> Toolchain:
    path = world.tools / "seqc"
    seqc = Tool(name="seqc", path=path, version="7.7.5", digest=content_digest(path), provenance="a fake", flags=flags)
    clang = find_clang(world.environment, world.cache, CPU)
    go = find_go(world.environment, world.cache, CPU)
    return Toolchain(tools=(seqc, clang, go), search_path=world.environment["PATH"])


def build(world: World, flags: tuple[str, ...] = ()) -> dict[str, Executable | Failed]:
    """Build every program of the suite; return what came of each, by its source's name."""
    programs = tuple(program for benchmark in load_suite(world.suite).benchmarks for program in benchmark.programs)
    world.events.clear()
    built = build_all(
        programs,
        tools_of(world, flags),
        cache=world.cache,
        environment=world.environment,
        listen=world.events.append,
    )
    assert tuple(built) == programs
    return {program.source.name: outcome for program, outcome in built.items()}


def files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def only_failure(outcome: Executable | Failed) -> Failed:
    assert isinstance(outcome, Failed)
    assert outcome.stage is Stage.BUILD
    return outcome


def test_every_program_is_built_and_identified_by_its_content(world: World) -> None:
    world.add("alpha", seq=says(1), go=says(2), idiomatic_go=says(3))
    built = build(world)

    for name, outcome in built.items():
        assert isinstance(outcome, Executable)
        assert outcome.path.read_text() == (world.suite / "alpha" / name).read_text()
        assert outcome.path.name == "alpha"
        assert os.access(outcome.path, os.X_OK)
        assert outcome.digest == content_digest(outcome.path)
    assert len({outcome.digest for outcome in built.values() if isinstance(outcome, Executable)}) == 3


def test_what_is_built_already_calls_no_compiler(world: World) -> None:
    world.add_right("alpha", "beta")
    first = build(world)
    calls = world.calls()
    second = build(world)

    assert (second, world.calls(), world.events) == (first, calls, [])


def test_building_is_told(world: World) -> None:
    world.add("alpha", seq=says(), idiomatic_go=says())
    build(world)

    assert set(map(str, world.events)) == {
        str(Detail(text="building alpha (Seq)")),
        str(Detail(text="building alpha (Go, idiomatic)")),
    }


def test_a_changed_source_is_built_again_and_no_other(world: World) -> None:
    world.add_right("alpha", "beta")
    build(world)
    (world.tools / "log").unlink()
    world.add("alpha", go=says(43))
    build(world)

    (call,) = world.calls()
    assert call.startswith("go build alpha.go ")


def test_a_changed_helper_is_a_changed_source(world: World) -> None:
    folder = world.add("alpha", seq=says(), go=says())
    (folder / "lib.seq").write_text("1")
    build(world)
    (folder / "lib.seq").write_text("2")
    (world.tools / "log").unlink()
    build(world)

    assert [call.split()[0] for call in world.calls()] == ["seqc", "clang"]


def test_another_compiler_or_flag_is_another_program(world: World) -> None:
    world.add("alpha", seq=says())
    build(world)
    build(world, flags=("--loop-opt",))
    assert [call.split()[2] for call in world.calls("seqc")] == ["alpha.seq", "--loop-opt"]

    world.tool("seqc", (world.tools / "seqc").read_text() + "# changed\n")
    build(world)
    world.tool("clang", (world.tools / "clang").read_text() + "# changed\n")
    build(world)
    assert len(world.calls("seqc")) == 4


def test_two_builds_never_share_a_folder_for_temporary_files(world: World) -> None:
    world.add_right("alpha", "beta", "gamma")
    build(world)

    folders = [call.partition("TMPDIR=")[2] for call in world.calls() if "TMPDIR=" in call]
    assert len(folders) == len(set(folders)) == 6
    # Neither is it the folder that everybody else uses.
    assert all(Path(folder).is_relative_to(world.cache) for folder in folders)


def test_a_build_leaves_only_its_program_and_nothing_beside_the_source(world: World) -> None:
    world.add("alpha", seq=says(), go=says())
    build(world)

    assert files_below(world.cache / "programs") == ["alpha", "alpha", "alpha.sha256", "alpha.sha256"]
    assert files_below(world.suite) == ["alpha.go", "alpha.seq"]


def test_what_does_not_compile_fails_with_the_compilers_message_and_the_others_are_built(world: World) -> None:
    world.add_right("alpha")
    world.add("beta", seq=says() + "# COMPILE ERROR\n", go=says())
    built = build(world)

    failed = only_failure(built.pop("beta.seq"))
    assert failed.reason == "does not compile"
    # The compiler saw a copy; a person has the source.
    place = world.suite / "beta" / "beta.seq"
    assert failed.detail == f"beta (Seq):\n{place}:3: Error: Undefined word 'nosuchword' called in word 'main'."
    assert [type(outcome) for outcome in built.values()] == [Executable] * 3


def test_invalid_code_is_called_the_fault_of_the_compiler_and_kept(world: World) -> None:
    world.add("alpha", seq=says() + "# INVALID CODE\n", go=says())
    built = build(world)

    failed = only_failure(built.pop("alpha.seq"))
    kept = world.cache / "invalid-code" / "alpha" / "alpha.ll"
    (bug,) = [runtime.compiler_bug for runtime in RUNTIMES if runtime.compiler_bug]
    assert failed.reason == "seqc made invalid code for alpha.seq (its fault)"
    assert failed.detail.splitlines() == [
        "alpha (Seq):",
        "Error: Clang compilation failed:",
        f"{kept}:569:1: error: expected instruction opcode",
        f"kept: {kept}",
        f"fix: {bug.fix}",
    ]
    assert "[ 3drop ]" in bug.fix
    assert kept.read_text() == "not LLVM\n"
    assert [type(outcome) for outcome in built.values()] == [Executable]


def test_a_failed_build_leaves_nothing_and_is_tried_again(world: World) -> None:
    world.add("alpha", seq=says() + "# COMPILE ERROR\n")
    build(world)
    assert not any((world.cache / "programs").iterdir())

    build(world)
    assert len(world.calls("seqc build")) == 2


def test_a_compiler_that_ends_well_and_makes_nothing_has_failed(world: World) -> None:
    world.add("alpha", seq=says() + "# MAKES NOTHING\n")
    failed = only_failure(build(world)["alpha.seq"])

    assert failed.reason == "compiler made nothing"
    assert "did not write alpha" in failed.detail


def test_a_compiler_that_crashes_and_says_nothing_has_failed_by_its_signal(world: World) -> None:
    world.add("alpha", seq=says())
    world.tool("seqc", "#!/bin/sh\nulimit -c 0; kill -SEGV $$\n")
    failed = only_failure(build(world)["alpha.seq"])

    assert "it printed nothing and ended: signalled 11" in failed.detail


def test_a_compiler_that_is_gone_has_failed_to_start(world: World) -> None:
    world.add("alpha", seq=says())
    programs = load_suite(world.suite).benchmarks[0].programs
    tools = tools_of(world)
    (world.tools / "seqc").unlink()
    built = build_all(programs, tools, cache=world.cache, environment=world.environment, listen=world.events.append)

    failed = only_failure(built[programs[0]])
    assert failed.reason == "compiler does not start"
    assert str(world.tools / "seqc") in failed.detail


def test_a_compiler_gets_no_variables_of_the_user_but_path_and_home(world: World) -> None:
    world.add("alpha", seq=says())
    world.environment |= {"SECRET": "1", "GOFLAGS": "-race", "TMPDIR": "/elsewhere"}
    world.tool("seqc", '#!/bin/sh\nenv | sort >"$HOME/environment"\nexit 1\n')
    build(world)

    lines = (world.home / "environment").read_text().splitlines()
    assert {line.partition("=")[0] for line in lines} - {"PWD", "OLDPWD", "SHLVL", "_"} == {"HOME", "PATH", "TMPDIR"}
    assert "TMPDIR=/elsewhere" not in lines


def test_an_interrupt_ends_a_compiler_with_its_children_and_leaves_nothing(world: World) -> None:
    world.add("alpha", seq=says() + "# SLOW BUILD\n", go=says())
    world.add("beta", seq=says() + "# SLOW BUILD\n", go=says())

    with world.stopped(), pytest.raises(KeyboardInterrupt), interruptible():
        build(world)

    assert not list((world.cache / "programs").glob("*/.build-*"))
    assert "alpha.seq" not in files_below(world.cache / "programs")


def test_the_linter_finds_nothing_in_a_right_program(world: World) -> None:
    world.add_right("alpha")
    tools = tools_of(world)
    (benchmark,) = load_suite(world.suite).benchmarks

    assert [lint(program, tools, world.environment) for program in benchmark.programs] == ["", ""]
    assert world.calls() == ["seqc lint --deny-warnings alpha.seq", "go vet alpha.go"]


def test_what_the_linter_finds_is_given_in_its_own_words(world: World) -> None:
    world.add("alpha", seq=says() + "# LINT\n", go=says() + "# LINT\n")
    tools = tools_of(world)
    (benchmark,) = load_suite(world.suite).benchmarks

    seq, go = (lint(program, tools, world.environment) for program in benchmark.programs)
    assert seq.startswith(f"{world.suite / 'alpha' / 'alpha.seq'}:2: warning [unchecked-send]")
    assert go.startswith(f"{world.suite / 'alpha' / 'alpha.go'}:2:1: unreachable code")


@pytest.mark.parametrize(("variant", "label"), [("", "alpha (Seq)"), ("fast", "alpha (Seq, fast)")])
def test_a_program_is_called_by_its_benchmark_runtime_and_variant(variant: str, label: str) -> None:
    program = Program(
        benchmark="alpha", runtime=RUNTIMES[0], variant=variant, source=Path("alpha.seq"), helpers=(), suite=Path()
    )

    assert program_label(program) == label


@pytest.mark.parametrize("content", ["", "#!/bin/sh\nexit 3\n"], ids=["cut", "changed"])
def test_cached_program_that_is_not_as_it_was_built_is_built_again(world: World, content: str) -> None:
    world.add_right("alpha")
    before = world.bench()
    for path in world.cache.glob("programs/*/alpha"):
        path.write_text(content)
    after = world.bench()

    assert after.failures() == ()
    assert [p.executable for p in after.results[0].programs] == [p.executable for p in before.results[0].programs]
    assert len(world.calls("seqc build")) == 2


@pytest.mark.parametrize("variable", ["GOFLAGS", "GOEXPERIMENT"])
def test_variables_of_a_tool_are_part_of_what_a_cached_program_was_built_by(world: World, variable: str) -> None:
    world.add("alpha", go=says())
    table = f'[runtimes.go]\nextends = "go"\n[runtimes.go.tools.go.environment]\n{variable} = "{{}}"\n'
    for value in ("-trimpath", "-trimpath -race", "-trimpath"):
        (world.suite / "suite.toml").write_text(table.format(value))
        build(world)

    assert len(world.calls("go build")) == 2
