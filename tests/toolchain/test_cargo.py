import re
from pathlib import Path

import pytest

from seqbench.errors import ToolchainError
from seqbench.toolchain.cargo import Cargo, find_crate
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool
from tests.support.tools import found, need_of
from tests.support.world import CPU, NATIVE, World

LOCK = '[[package]]\nname = "generator"\nversion = "0.8.5"\n\n[[package]]\nname = "may"\nversion = "{version}"\n'


def _found(world: World, text: str | None = LOCK.format(version="0.3.51"), cpu: TargetCpu = CPU) -> Tool:
    if text is not None:
        (world.suite / "Cargo.lock").write_text(text)
    return find_crate(
        "may",
        world.suite,
        rust_problem=lambda version: "too old" if version == "1.80.1" else "",
        cache=world.cache,
        environment=world.environment,
        cpu=cpu,
    )


def test_rust_that_will_not_do_is_an_error_with_its_version(world: World) -> None:
    world.tool("rustc", "#!/bin/sh\necho 'rustc 1.80.1 (fake)'\n")
    with pytest.raises(ToolchainError, match=r"^the programs with may are built by rustc 1\.80\.1: too old$") as caught:
        _found(world)
    assert "rustup update" in caught.value.fix


def test_crate_has_the_version_of_the_lock_and_builds_into_the_cache(world: World) -> None:
    tool = _found(world)

    assert (tool.name, tool.version) == ("may", "0.3.51")
    assert tool.path == world.tools / "cargo"
    assert tool.folder == world.tools
    assert "rustc 1.95.0 --release" in tool.provenance
    assert dict(tool.environment)["CARGO_TARGET_DIR"] == str(world.cache / "rust")


def test_crate_digest_changes_with_the_lock_and_with_the_compiler(world: World) -> None:
    seen = {_found(world).digest, _found(world, LOCK.format(version="0.3.52")).digest}
    world.tool("rustc", "#!/bin/sh\necho rustc 1.96.0\n")
    seen.add(_found(world, None).digest)

    assert len(seen) == 3
    assert _found(world, None).digest in seen


def test_variables_that_make_another_program_do_not_reach_cargo(world: World) -> None:
    world.environment |= {
        "RUSTFLAGS": "-g",
        "CARGO_PROFILE_RELEASE_LTO": "off",
        "CARGO_TARGET_DIR": "/x",
        "RUSTC": "/x/rustc",
        "RUST_LOG": "x",
    }
    variables = dict(_found(world).environment)

    assert variables.keys() & {"CARGO_PROFILE_RELEASE_LTO", "RUSTC"} == set()
    assert variables["RUSTFLAGS"] == CPU.rustflags
    assert variables["CARGO_TARGET_DIR"] == str(world.cache / "rust")
    assert variables["RUST_LOG"] == "x"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("[[package]", "cannot be read"),
        ("", "cannot be read"),
        ("[[package]]\nversion = '1'\n", "cannot be read"),
        ("[[package]]\nname = 'generator'\nversion = '1'\n", "does not contain the crate may"),
    ],
)
def test_lock_without_the_crate_is_a_toolchain_error_that_names_the_file(
    world: World, text: str | None, said: str
) -> None:
    with pytest.raises(ToolchainError, match=said) as caught:
        _found(world, text)
    assert str(world.suite / "Cargo.lock") in caught.value.message
    assert caught.value.fix


def test_cargo_that_is_missing_is_a_toolchain_error(world: World, tmp_path: Path) -> None:
    world.environment |= {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    with pytest.raises(ToolchainError, match="cargo not found"):
        _found(world)


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ('[build]\ntarget = "x86_64-unknown-linux-musl"\n', "build.target"),
        ("[profile.release]\nopt-level = 0\n", "profile.release"),
    ],
)
@pytest.mark.parametrize("place", ["home", "parent"])
def test_configuration_that_changes_the_code_is_refused_by_name(
    world: World, config: str, named: str, place: str
) -> None:
    folder = {"home": world.home, "parent": world.root}[place] / ".cargo"
    folder.mkdir()
    (folder / "config.toml").write_text(config)
    with pytest.raises(ToolchainError, match=re.escape(named)) as caught:
        Cargo(world.environment, CPU, cwd=world.cache, listen=world.events.append)
    assert str(folder / "config.toml") in caught.value.message


@pytest.mark.parametrize(
    "config",
    [
        '[build]\nrustflags = ["-Copt-level=0"]\njobs = 2\n',
        '[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nregistry = "sparse+https://example.org/"\n',
        "not toml",
    ],
)
def test_mirror_and_overridden_flags_are_let_through(world: World, config: str) -> None:
    (world.home / ".cargo").mkdir()
    (world.home / ".cargo" / "config.toml").write_text(config)
    cargo = Cargo(world.environment, CPU, cwd=world.cache, listen=world.events.append)

    assert cargo.variables["RUSTC_WRAPPER"] == ""
    assert "opt-level" not in cargo.variables["RUSTFLAGS"]


def test_rustc_that_does_not_start_is_an_error_and_no_version(world: World) -> None:
    world.tool("rustc", "#!/bin/sh\necho \"error: toolchain 'nope' is not installed\" >&2; exit 1\n")
    cargo = Cargo(world.environment, CPU, cwd=world.cache, listen=world.events.append)

    with pytest.raises(ToolchainError, match="toolchain 'nope' is not installed"):
        cargo.rustc_version()


def test_native_crate_builds_into_a_folder_of_this_cpu(world: World) -> None:
    tool = _found(world, cpu=NATIVE)
    variables = dict(tool.environment)

    assert variables["RUSTFLAGS"] == "-Ctarget-cpu=native"
    # Cargo knows "native" only by name: in the folder of another CPU it would find what that one built.
    assert variables["CARGO_TARGET_DIR"] == str(world.cache / "native" / NATIVE.folder / "rust")
    assert tool.target_cpu == NATIVE.name


@pytest.mark.parametrize(
    "variable", ["RUSTC", "RUSTC_WRAPPER", "CARGO_INCREMENTAL", "CARGO_UNSTABLE_BUILD_STD", "CARGO_BUILD_RUSTC"]
)
def test_variable_that_changes_what_cargo_builds_is_not_handed_on(world: World, variable: str) -> None:
    world.environment[variable] = "/x"
    assert Cargo(world.environment, CPU, cwd=world.cache, listen=world.events.append).variables.get(variable, "") == ""


def test_rust_runtime_still_finds_its_compiler_by_a_variable(world: World) -> None:
    other = world.tool("my-rustc", "#!/bin/sh\necho rustc 1.99.0\n")
    tool = found(need_of("rustc"), {**world.environment, "RUSTC": str(other)}, world.cache)
    assert (tool.path, tool.version) == (other, "1.99.0")
