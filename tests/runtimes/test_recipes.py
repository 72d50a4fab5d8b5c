from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.runtimes.recipes import Places, build_recipe, class_name, lint_recipe, start, stem
from seqbench.runtimes.registry import RUNTIMES
from seqbench.toolchain.toolchain import Tool, Toolchain
from tests.support.world import NATIVE

PLACES = Places(
    benchmark="hop",
    variant="",
    suite=Path("/t/src"),
    source=Path("/t/src/hop/hop.x"),
    output=Path("/t/hop"),
    cache=Path("/cache"),
)
TOOLS = Toolchain(
    tools=(
        Tool(name="seqc", path=Path("/b/seqc"), version="7.7.5", digest="", provenance="", flags=("--loop-opt", "-x")),
        Tool(name="clang", path=Path("/b/clang"), version="18", digest="", provenance="", folder=Path("/wrap")),
        Tool(name="go", path=Path("/b/go"), version="1.27", digest="", provenance="", environment=(("GOENV", "off"),)),
        Tool(name="may", path=Path("/b/cargo"), version="0.3", digest="", provenance="", folder=Path("/b")),
    ),
    search_path="/usr/bin",
)
SEQ, GO, MAY, *_ = RUNTIMES


def test_compiler_gets_the_flags_of_the_spec_and_finds_clang_by_its_name() -> None:
    recipe = build_recipe(SEQ, TOOLS, PLACES)

    assert recipe.commands == (("/b/seqc", "build", "--loop-opt", "-x", "/t/src/hop/hop.x", "-o", "/t/hop"),)
    assert recipe.environment["PATH"] == "/wrap:/usr/bin"
    assert recipe.made == Path("/t/hop")


def test_build_for_the_oldest_cpu_has_a_module_of_its_own() -> None:
    recipe = build_recipe(GO, TOOLS, PLACES)

    assert recipe.files == (("go.mod", "module seqbench\n\ngo 1.27\n"),)
    assert (recipe.environment["GOAMD64"], recipe.environment["GOENV"]) == ("v1", "off")
    assert lint_recipe(GO, TOOLS, PLACES).commands == (("/b/go", "vet", "/t/src/hop/hop.x"),)


def test_build_for_this_cpu_names_its_level() -> None:
    recipe = build_recipe(GO, replace(TOOLS, target_cpu=NATIVE), PLACES)

    assert (recipe.environment["GOAMD64"], recipe.environment["GOARM64"]) == (NATIVE.amd64, NATIVE.arm64)


def test_crate_is_built_in_the_copy_of_the_suite() -> None:
    source = Path("/t/src/fan-out/fan-out.may.rs")
    places = Places(benchmark="", variant="", suite=Path("/t/src"), source=source, output=Path("/o"), cache=Path("/c"))
    recipe = build_recipe(MAY, TOOLS, places)

    assert recipe.commands[0][5:] == ("/t/src/Cargo.toml", "--target-dir", "/c/rust", "--bin", "fan-out-may")
    assert recipe.made == Path("/c/rust/release/fan-out-may")


def test_program_is_started_with_its_parameters_only() -> None:
    started = start(GO, TOOLS, PLACES)

    assert (started.command, started.environment) == (("/t/hop",), ())


@pytest.mark.parametrize(
    ("file_name", "name", "stemmed"),
    [("hop.go", "hop", "hop"), ("fan-out.fast.java", "fan_out", "fan-out-fast"), ("a@0.13.seq", "a", "a@0-13")],
)
def test_names_of_a_source(file_name: str, name: str, stemmed: str) -> None:
    assert (class_name(file_name), stem(file_name)) == (name, stemmed)


def test_native_code_is_kept_in_a_folder_of_this_cpu() -> None:
    command = build_recipe(MAY, replace(TOOLS, target_cpu=NATIVE), PLACES).commands[0]

    assert command[command.index("--target-dir") + 1] == f"/cache/native/{NATIVE.folder}/rust"
