import json
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from seqbench.errors import ExitCode, ToolchainError
from seqbench.events import Detail, Phase, Remark, ignore
from seqbench.sessions.session import ToolIdentity
from seqbench.system.process import interruptible
from seqbench.toolchain.compiler_spec import RuntimeBuild, parse_spec
from seqbench.toolchain.places import content_digest
from seqbench.toolchain.seqc import BUILD_TIME, provide_seqc, runtime_build_of
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool
from tests.support.world import CPU, NATIVE, REPOSITORY, World


def provide(world: World, spec: str, cpu: TargetCpu = CPU, **variables: str) -> Tool:
    world.events.clear()
    return provide_seqc(
        parse_spec(spec),
        cache=world.cache,
        environment={**world.environment, **variables},
        cpu=cpu,
        listen=world.events.append,
    )


def left_in(folder: Path) -> list[str]:
    """Return what a build left but for locks."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock") if folder.exists() else []


def test_a_version_is_built_with_its_runtime_first_and_optimised(world: World) -> None:
    seqc = provide(world, "7.7.5")

    vendor, build, install = world.calls("cargo")
    assert vendor.startswith("cargo vendor --manifest-path ")
    assert build.startswith("cargo build --release --locked --manifest-path ")
    assert "seq-runtime/Cargo.toml" in build
    assert "--config profile.release.lto=true --config profile.release.codegen-units=1" in build
    assert install.startswith("cargo install --locked --no-default-features --path ")
    assert "/seq-compiler " in install
    # The compiler embeds the archive that lies in the target folder of the runtime's build.
    assert build.partition("--target-dir ")[2].split()[0] == install.partition("--target-dir ")[2].split()[0]
    assert (seqc.name, seqc.version, seqc.digest) == ("seqc", "7.7.5", content_digest(seqc.path))
    assert seqc.provenance == (
        "crates.io 7.7.5, runtime built first with opt-level 3, LTO and 1 codegen unit, diagnostics on, rustc 1.95.0, "
        f"full runtime archive with code for {CPU.name}"
    )
    assert runtime_build_of(seqc.path)[0] is RuntimeBuild.OPTIMISED


def test_building_says_that_it_takes_time_and_what_cargo_is_doing(world: World) -> None:
    provide(world, "7.7.5")

    (phase,) = (event for event in world.events if isinstance(event, Phase))
    assert "building seqc 7.7.5" in phase.text
    details = [event.text for event in world.events if isinstance(event, Detail)]
    assert details[:2] == ["step 1 of 3, download the sources", "step 2 of 3, compile the runtime"]
    assert "step 2 of 3, compile the runtime: Compiling may v0.3.51" in details
    assert "step 3 of 3, compile the compiler" in details


def test_a_version_is_built_once(world: World) -> None:
    first = provide(world, "7.7.5")
    calls = world.calls()
    second = provide(world, "7.7.5")

    assert (second, world.calls(), world.events) == (first, calls, [])
    assert list((world.cache / "seqc").glob("*/bin/seqc")) == [first.path]
    assert left_in(world.cache / "seqc") == [first.path.parent.parent.name]


def test_a_compiler_that_was_lost_from_the_cache_is_built_again(world: World) -> None:
    lost = provide(world, "7.7.5").path
    lost.unlink()

    assert provide(world, "7.7.5").path == lost
    assert lost.is_file()


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "an empty compiler": lambda home: (home / "bin" / "seqc").write_text(""),
    "a compiler cut short": lambda home: (home / "bin" / "seqc").write_text("#!/bin/sh\n"),
    "no provenance": lambda home: (home / "provenance.json").unlink(),
    "an empty provenance": lambda home: (home / "provenance.json").write_text(""),
    "half a provenance": lambda home: (home / "provenance.json").write_text('{"runtime": "optim'),
    "a provenance of another kind": lambda home: (home / "provenance.json").write_text("[]"),
    "a provenance without a text": lambda home: (home / "provenance.json").write_text('{"runtime": "optimised"}'),
}


@pytest.mark.parametrize("damage", _DAMAGES)
def test_damaged_compiler_of_the_cache_is_built_again(world: World, damage: str) -> None:
    whole = provide(world, "7.7.5")
    content = whole.path.read_bytes()
    _DAMAGES[damage](whole.path.parent.parent)

    assert provide(world, "7.7.5") == whole
    assert whole.path.read_bytes() == content


@pytest.mark.parametrize("text", ["", "#!/bin/sh\n"])
def test_damaged_compiler_of_a_checkout_is_copied_again(world: World, clone: Path, text: str) -> None:
    whole = provide(world, f"checkout:{clone}")
    content = whole.path.read_bytes()
    whole.path.write_text(text)

    assert provide(world, f"checkout:{clone}") == whole
    assert whole.path.read_bytes() == content


def test_compiler_of_an_earlier_seqbench_without_a_digest_is_still_taken(world: World) -> None:
    built = provide(world, "7.7.5")
    stored = built.path.parent.parent / "provenance.json"
    kept = json.loads(stored.read_text())
    assert kept.pop("digest") == content_digest(built.path)
    stored.write_text(json.dumps(kept))
    calls = world.calls()

    assert provide(world, "7.7.5") == built
    assert world.calls() == calls


@pytest.mark.parametrize("spec", ["7.7.5", "checkout:clone"])
def test_a_compiler_that_embeds_another_runtime_than_the_optimised_one_is_refused(
    world: World, spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.root)
    (world.root / "clone").mkdir()
    (world.root / "clone" / "Cargo.toml").touch()
    world.environment["FAKE_RUNTIME"] = "built elsewhere"
    with pytest.raises(ToolchainError, match="does not contain the optimised runtime"):
        provide(world, spec)
    assert not list((world.cache / "seqc").glob("*/bin/seqc"))


def test_versions_and_variants_do_not_share_a_compiler(world: World) -> None:
    specs = ("7.7.5", "7.7.4", "7.7.5,runtime=cargo-install", "7.7.5,diagnostics=off")
    paths = {provide(world, spec).path for spec in specs}

    assert len(paths) == 4
    assert set((world.cache / "seqc").glob("*/bin/seqc")) == paths


@pytest.mark.parametrize("spec", ["7.7.5", "7.7.5,runtime=cargo-install", "checkout:clone"])
def test_native_compiler_is_another_one_with_a_native_runtime(
    world: World, spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.root)
    (world.root / "clone").mkdir()
    (world.root / "clone" / "Cargo.toml").touch()
    baseline = provide(world, spec)
    before = len(world.calls("cargo"))
    native = provide(world, spec, NATIVE)

    assert all("RUSTFLAGS=-Ctarget-cpu=native" in call for call in world.calls("cargo")[before:])
    assert f"full runtime archive with code for {CPU.name}" in baseline.provenance
    assert f"full runtime archive with code for {NATIVE.name}" in native.provenance
    folders = {word for call in world.calls("cargo") for word in call.split() if "/target" in word}
    assert len(folders) > 1
    if spec != "checkout:clone":  # its compilers are kept by their content, which is the same here
        assert native.path != baseline.path


def test_compiler_that_was_built_before_the_target_cpu_was_recorded_is_still_taken(world: World) -> None:
    seqc = provide(world, "7.7.5")
    stored = seqc.path.parent.parent / "provenance.json"
    stored.write_text('{"runtime": "optimised", "provenance": "crates.io 7.7.5, rustc 1.95.0"}')
    calls = world.calls()

    assert f"rustc 1.95.0, full runtime archive with code for {CPU.name}" in provide(world, "7.7.5").provenance
    assert world.calls() == calls


def test_a_plain_cargo_install_is_one_call_and_says_that_its_runtime_is_not_optimised(world: World) -> None:
    seqc = provide(world, "7.7.5,runtime=cargo-install")

    (install,) = world.calls("cargo")
    assert install.startswith("cargo install seq-compiler --version =7.7.5 --locked ")
    assert "plain cargo install, which does not optimise" in seqc.provenance
    assert runtime_build_of(seqc.path)[0] is RuntimeBuild.CARGO_INSTALL


def test_a_compiler_without_diagnostics_has_a_runtime_without_them(world: World) -> None:
    seqc = provide(world, "7.7.5,diagnostics=off")

    assert " --no-default-features --features full,report-json " in world.calls("cargo build")[0]
    assert "diagnostics off" in seqc.provenance


def test_flags_and_settings_do_not_make_another_compiler(world: World) -> None:
    plain = provide(world, "7.7.5")
    seqc = provide(world, "7.7.5,--loop-opt,--pure-inline,SEQ_POOL_CAPACITY=9")

    assert seqc.path == plain.path
    assert seqc.provenance == f"{plain.provenance}, flags --loop-opt,--pure-inline"
    identity = ToolIdentity(name=seqc.name, version=seqc.version, digest=seqc.digest, provenance=seqc.provenance)
    assert identity.flags == "--loop-opt,--pure-inline"
    assert (seqc.flags, seqc.settings) == (("--loop-opt", "--pure-inline"), (("SEQ_POOL_CAPACITY", "9"),))


def test_variables_that_would_make_another_compiler_do_not_reach_cargo_and_the_users_rust_does(world: World) -> None:
    provide(world, "7.7.5", RUSTFLAGS="-C opt-level=0", CARGO_PROFILE_RELEASE_LTO="off", RUSTUP_TOOLCHAIN="stable")

    for call in world.calls("cargo"):
        assert call.endswith(f"RUSTFLAGS=-Ctarget-cpu={CPU.rustc} RUSTUP_TOOLCHAIN=stable")


@pytest.mark.parametrize("spec", ["9.9.9", "9.9.9,runtime=cargo-install"])
def test_unknown_version_names_the_newest_and_leaves_nothing(world: World, spec: str) -> None:
    with pytest.raises(ToolchainError) as caught:
        provide(world, spec)

    assert caught.value.exit_code is ExitCode.TOOLCHAIN
    assert caught.value.message == "no seqc 9.9.9; newest is 7.7.5"
    assert caught.value.fix == "use a published version, such as 7.7.5, the path to a seqc, or checkout:DIR"
    assert left_in(world.cache / "seqc") == []


def test_unknown_version_is_named_where_cargo_does_not_tell_the_newest(world: World) -> None:
    with pytest.raises(ToolchainError) as caught:
        provide(world, "9.9.9,runtime=cargo-install", FAKE_CARGO="old")

    assert caught.value.message == "no seqc 9.9.9 in the registry that cargo uses"


@pytest.mark.parametrize("spec", ["9.9.9", "7.7.5", "7.7.5,runtime=cargo-install"])
def test_registry_that_cannot_be_reached_is_a_sentence(world: World, spec: str) -> None:
    with pytest.raises(ToolchainError) as caught:
        provide(world, spec, FAKE_CARGO="unreachable")

    cause = "[6] Could not resolve host: index.crates.io"
    assert caught.value.message == f"cargo cannot download from its registry: {cause}"
    assert "--seqc PATH" in caught.value.fix
    assert left_in(world.cache / "seqc") == []


def test_no_cargo_is_a_toolchain_error(world: World) -> None:
    with pytest.raises(ToolchainError, match="cargo not found"):
        provide(world, "7.7.5", PATH="/nonexistent")

    assert left_in(world.cache / "seqc") == []


def test_an_interrupt_while_cargo_builds_ends_its_children_and_leaves_no_half_built_compiler(world: World) -> None:
    with world.stopped(), pytest.raises(KeyboardInterrupt), interruptible():
        provide(world, "7.7.5", FAKE_CARGO="hang")

    assert left_in(world.cache / "seqc") == []
    assert provide(world, "7.7.5").version == "7.7.5"


def test_two_that_need_the_same_compiler_build_it_once(world: World) -> None:
    tools: list[Tool] = []

    def work() -> None:
        tools.append(
            provide_seqc(parse_spec("7.7.5"), cache=world.cache, environment=world.environment, cpu=CPU, listen=ignore)
        )

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert tools == [tools[0]] * 3
    assert len(world.calls("cargo install")) == 1


def test_a_compiler_from_a_path_is_taken_as_it_is(world: World) -> None:
    path = world.tools / "seqc"
    seqc = provide(world, str(path))

    assert (seqc.path, seqc.version, seqc.digest) == (path, "7.7.5", content_digest(path))
    assert seqc.provenance.startswith("from a path, runtime unknown")
    assert world.calls("cargo") == []


def test_a_relative_path_is_counted_from_here(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.root)

    assert provide(world, "tools/seqc").path == world.tools / "seqc"


def test_a_path_without_a_compiler_says_what_was_wanted(world: World) -> None:
    (world.root / "text").write_text("not a program")
    for path in (world.root / "none", world.root / "text", world.root):
        with pytest.raises(ToolchainError, match=f"no compiler at {path}: expected an executable seqc") as caught:
            provide(world, str(path))
        assert "7.7.5" in caught.value.fix


def test_a_program_that_is_not_seqc_is_told(world: World) -> None:
    path = world.tool("ls", "#!/bin/sh\necho ls 9.1\n")
    with pytest.raises(ToolchainError, match=r"is not seqc: `--version` prints 'ls 9.1'"):
        provide(world, str(path))


def test_a_compiler_that_does_not_start_is_told(world: World) -> None:
    path = world.tool("seqc", "#!/bin/sh\necho wrong architecture >&2; exit 126\n")
    with pytest.raises(ToolchainError, match="does not work: exited 126: wrong architecture"):
        provide(world, str(path))


def test_the_runtime_of_a_release_build_is_known_by_the_archive_that_the_compiler_embeds(tmp_path: Path) -> None:
    folder = tmp_path / "target" / "release"
    folder.mkdir(parents=True)
    (folder / "libseq_runtime.a").write_bytes(b"archive")
    (folder / "seqc").write_bytes(b"ELF...archive...")
    assert runtime_build_of(folder / "seqc")[0] is RuntimeBuild.OPTIMISED

    (folder / "libseq_runtime.a").write_bytes(b"a later archive")
    assert runtime_build_of(folder / "seqc")[0] is RuntimeBuild.UNKNOWN


def test_the_runtime_of_a_cargo_install_is_known_by_what_cargo_wrote_down(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "seqc").write_bytes(b"ELF")
    told = '{"installs": {"seq-compiler 7.7.5 (registry+https://github.com/rust-lang/crates.io-index)": {}}}'
    (tmp_path / ".crates2.json").write_text(told)
    assert runtime_build_of(tmp_path / "bin" / "seqc")[0] is RuntimeBuild.CARGO_INSTALL

    # A local build that was installed with --path may be either.
    (tmp_path / ".crates2.json").write_text(told.replace("registry+https", "path+file"))
    assert runtime_build_of(tmp_path / "bin" / "seqc")[0] is RuntimeBuild.UNKNOWN


@pytest.mark.parametrize("text", ["", "{", "[]", '{"runtime": "magic", "provenance": "x"}', '{"provenance": "x"}'])
def test_a_provenance_that_says_nothing_is_not_believed(tmp_path: Path, text: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "seqc").write_bytes(b"ELF")
    (tmp_path / "provenance.json").write_text(text)

    assert runtime_build_of(tmp_path / "bin" / "seqc")[0] is RuntimeBuild.UNKNOWN


@pytest.fixture
def clone(world: World) -> Path:
    folder = world.root / "seq"
    folder.mkdir()
    (folder / "Cargo.toml").touch()
    return folder


def test_a_checkout_is_built_in_its_place_runtime_first_and_copied_out(world: World, clone: Path) -> None:
    seqc = provide(world, f"checkout:{clone}")

    runtime, compiler = world.calls("cargo")
    # The clone's own target folder may hold an older base archive, which the compiler would embed.
    target = clone / "target" / "seqbench"
    assert runtime.startswith(f"cargo build --locked --release --target-dir {target} -p seq-runtime ")
    assert compiler.startswith(f"cargo build --locked --release --target-dir {target} -p seq-compiler ")
    assert seqc.path.is_relative_to(world.cache)
    assert (seqc.version, seqc.digest) == ("7.7.5", content_digest(target / "release" / "seqc"))
    assert seqc.provenance.startswith("checkout of no commit, runtime built first")
    assert runtime_build_of(seqc.path)[0] is RuntimeBuild.OPTIMISED


def test_a_checkout_that_has_changed_is_another_compiler(world: World, clone: Path) -> None:
    before = provide(world, f"checkout:{clone}")
    world.tool("seqc", (world.tools / "seqc").read_text() + "# changed\n")
    after = provide(world, f"checkout:{clone}")

    assert before.path != after.path
    assert content_digest(before.path) == before.digest


def test_a_checkout_without_diagnostics_has_a_folder_of_its_own(world: World, clone: Path) -> None:
    provide(world, f"checkout:{clone},diagnostics=off")

    runtime, compiler = world.calls("cargo")
    assert (
        "/target/seqbench-without-diagnostics -p seq-runtime --no-default-features --features full,report-json "
        in runtime
    )
    assert "/target/seqbench-without-diagnostics -p seq-compiler --no-default-features " in compiler


def test_a_checkout_that_is_no_clone_is_told(world: World) -> None:
    (world.root / "empty").mkdir()
    for folder in (world.root / "empty", world.root / "none"):
        with pytest.raises(
            ToolchainError, match=f"{folder} is not a clone of the Seq repository: it has no Cargo.toml"
        ):
            provide(world, f"checkout:{folder}")


def test_where_there_is_no_rustc_the_provenance_says_so(world: World) -> None:
    (world.tools / "rustc").unlink()
    here = world.root / "only-these"
    here.mkdir()
    for name in ("sh", "sed", "grep", "mkdir", "cp", "basename", "dirname"):
        found = shutil.which(name)
        assert found is not None
        (here / name).symlink_to(found)

    assert ", rustc unknown, " in provide(world, "7.7.5", PATH=f"{world.tools}:{here}").provenance


@pytest.mark.parametrize("page", ["README.md", "docs/GETTING_STARTED.md", "docs/CI.md"])
def test_pages_say_how_long_a_build_takes_as_the_program_does(page: str) -> None:
    assert BUILD_TIME in (REPOSITORY / page).read_text()


def remarks(world: World) -> list[str]:
    return [event.text for event in world.events if isinstance(event, Remark)]


def test_build_of_a_compiler_says_how_long_it_takes(world: World) -> None:
    provide(world, "7.7.5")
    assert remarks(world) == [f"building seqc takes {BUILD_TIME}"]


def test_second_build_says_how_long_the_last_one_took(world: World) -> None:
    provide(world, "7.7.5")
    # Its only step is another one.
    provide(world, "7.7.5,runtime=cargo-install")
    assert remarks(world)[0].endswith(BUILD_TIME)
    provide(world, "7.7.4")
    (known,) = remarks(world)
    assert re.fullmatch(r"the last build of seqc on this machine took \d+ s", known)
