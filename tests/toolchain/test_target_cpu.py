import pytest

from seqbench.system.facts import Processor, Target
from seqbench.toolchain.target_cpu import baseline, recorded_target, target_cpu

V2 = "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
V3 = f"{V2} abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"
V4 = f"{V3} avx512bw avx512cd avx512dq avx512f avx512vl"
ARM_8_2 = "asimdrdm atomics crc32 dcpop"


def a_processor(architecture: str, features: str = "", identity: str = "model: 1") -> Processor:
    return Processor(architecture=architecture, features=frozenset(features.split()), identity=identity)


@pytest.mark.parametrize(
    ("machine", "name", "go", "rustc", "clang"),
    [
        ("x86_64", "x86-64", ("v1", "v8.0"), "x86-64", ("-march=x86-64",)),
        ("AMD64", "x86-64", ("v1", "v8.0"), "x86-64", ("-march=x86-64",)),
        ("aarch64", "armv8-a", ("v1", "v8.0"), "generic", ("-march=armv8-a",)),
        ("arm64", "armv8-a", ("v1", "v8.0"), "generic", ("-march=armv8-a",)),
        ("riscv64", "oldest riscv64", ("v1", "v8.0"), "generic", ()),
    ],
)
def test_baseline_of_each_architecture(
    machine: str, name: str, go: tuple[str, str], rustc: str, clang: tuple[str, ...]
) -> None:
    found = baseline(machine)

    assert (found.name, (found.amd64, found.arm64), found.rustc, found.clang) == (name, go, rustc, clang)
    assert found.zig == ("-mcpu=baseline",)


@pytest.mark.parametrize(
    ("processor", "go", "name"),
    [
        (a_processor("x86_64", V4), ("v4", "v8.0"), "native x86-64-v4"),
        (a_processor("x86_64", f"{V3} avx512f"), ("v3", "v8.0"), "native x86-64-v3"),
        (a_processor("x86_64", V2), ("v2", "v8.0"), "native x86-64-v2"),
        (a_processor("x86_64", V4.replace("ssse3", "")), ("v1", "v8.0"), "native x86_64"),
        (a_processor("AMD64"), ("v1", "v8.0"), "native x86_64"),
        (a_processor("aarch64", ARM_8_2), ("v1", "v8.2"), "native armv8-a-v8.2"),
        (a_processor("arm64"), ("v1", "v8.0"), "native aarch64"),
        (a_processor("riscv64"), ("v1", "v8.0"), "native riscv64"),
    ],
)
def test_native_takes_the_highest_level_of_which_the_cpu_has_all(
    processor: Processor, go: tuple[str, str], name: str
) -> None:
    found = target_cpu(Target.NATIVE, processor)

    assert ((found.amd64, found.arm64), found.rustc, found.zig) == (go, "native", ("-mcpu=native",))
    assert found.clang == (("-march=native",) if "x86" in name else ("-mcpu=native",))
    assert found.name.startswith(f"{name} (CPU ")


def test_native_of_another_cpu_has_another_name_and_folder() -> None:
    found = [target_cpu(Target.NATIVE, a_processor("x86_64", V3, identity)) for identity in ("model: 1", "model: 2")]

    assert found[0].name != found[1].name
    assert found[0].folder != found[1].folder
    assert target_cpu(Target.BASELINE, a_processor("x86_64", V3)) == baseline("x86_64")


@pytest.mark.parametrize(
    ("name", "choice"), [("", Target.BASELINE), ("baseline", Target.BASELINE), ("native", Target.NATIVE)]
)
def test_recorded_target_of_a_session(name: str, choice: Target) -> None:
    assert recorded_target(name, a_processor("x86_64")).choice is choice
