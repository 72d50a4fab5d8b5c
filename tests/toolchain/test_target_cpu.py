import pytest

from seqbench.toolchain.target_cpu import baseline


@pytest.mark.parametrize(
    ("machine", "name", "go", "rustc", "clang"),
    [
        ("x86_64", "x86-64", (("GOAMD64", "v1"),), "x86-64", ("-march=x86-64",)),
        ("AMD64", "x86-64", (("GOAMD64", "v1"),), "x86-64", ("-march=x86-64",)),
        ("aarch64", "armv8-a", (("GOARM64", "v8.0"),), "generic", ("-march=armv8-a",)),
        ("arm64", "armv8-a", (("GOARM64", "v8.0"),), "generic", ("-march=armv8-a",)),
        ("riscv64", "oldest riscv64", (), "generic", ()),
    ],
)
def test_baseline_of_each_architecture(
    machine: str, name: str, go: tuple[tuple[str, str], ...], rustc: str, clang: tuple[str, ...]
) -> None:
    found = baseline(machine)

    assert (found.name, found.go, found.rustc, found.clang) == (name, go, rustc, clang)
    assert found.zig == ("-mcpu=baseline",)
