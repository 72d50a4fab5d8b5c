import re
from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.benchmarks import Parameter, Suite, select_benchmarks, select_runtimes, size_problem
from tests.support.strategies import a_benchmark

_SUITE = Suite(
    folder=Path("benchmarks"),
    benchmarks=tuple(a_benchmark(name=name) for name in ("fanout", "pingpong", "skynet")),
    runtimes=RUNTIMES,
)
LEAVES = Parameter(name="leaves", full=100, quick=10, scales=True, power_of=10, unit="strands")


@pytest.mark.parametrize("value", [1, 10, 1_000_000])
def test_a_power_is_a_size(value: int) -> None:
    assert size_problem(LEAVES, value) == ""


@pytest.mark.parametrize("value", [2, 11, 20_000, 1_000_001])
def test_what_is_no_power_is_no_size(value: int) -> None:
    assert size_problem(LEAVES, value).startswith(f"leaves = {value:,} is not a power of 10")


@pytest.mark.parametrize(
    ("only", "selected"),
    [
        ((), ["fanout", "pingpong", "skynet"]),
        (("skynet",), ["skynet"]),
        (("skynet", "fanout", "skynet"), ["fanout", "skynet"]),
    ],
)
def test_benchmarks_are_selected_in_the_order_of_the_suite(only: tuple[str, ...], selected: list[str]) -> None:
    assert [benchmark.name for benchmark in select_benchmarks(_SUITE, only)] == selected


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("skynt", "did you mean 'skynet'? Available: "),
        ("ping-pong", "did you mean 'pingpong'? Available: "),
        ("fan-out", "did you mean 'fanout'? Available: "),
        ("zzz", "use one of: "),
    ],
)
def test_an_unknown_benchmark_is_refused_with_the_names_that_are_near(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        select_benchmarks(_SUITE, ("skynet", name))
    assert caught.value.message == f"--only: no benchmark named '{name}'"
    assert caught.value.fix == f"{hint}fanout, pingpong, skynet"


def test_a_name_that_is_near_to_two_is_refused_with_both() -> None:
    suite = Suite(
        folder=Path("benchmarks"), benchmarks=(a_benchmark(name="fan-in"), a_benchmark(name="fan-out")), runtimes=()
    )
    with pytest.raises(UsageError) as caught:
        select_benchmarks(suite, ("fan-ot",))
    assert re.match(r"did you mean 'fan-\w+' or 'fan-\w+'\?", caught.value.fix)


_BOTH = Suite(folder=Path("benchmarks"), benchmarks=(a_benchmark(),), runtimes=RUNTIMES)


@pytest.mark.parametrize(
    ("wanted", "selected"), [((), ["seq", "go"]), (("go",), ["go"]), (("go", "seq"), ["seq", "go"])]
)
def test_runtimes_are_selected_in_the_order_of_the_registry(wanted: tuple[str, ...], selected: list[str]) -> None:
    assert [runtime.name for runtime in select_runtimes(_BOTH, wanted)] == selected


@pytest.mark.parametrize(("name", "hint"), [("seqc", "did you mean 'seq'? Available: "), ("zig", "use one of: ")])
def test_an_unknown_runtime_is_refused_with_those_that_there_are(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        select_runtimes(_BOTH, (name,))
    assert caught.value.message == f"--runtimes: no runtime named '{name}'"
    assert caught.value.fix == f"{hint}{', '.join(each.name for each in RUNTIMES)}"


@pytest.mark.parametrize(
    ("reference", "selected"),
    [
        ("go", ["seq", "go", "may"]),
        ("seq", ["go", "seq", "may"]),
        ("may", ["seq", "may", "go"]),
    ],
)
def test_reference_is_the_second_column(reference: str, selected: list[str]) -> None:
    found = select_runtimes(_BOTH, ("seq", "go", "may"), reference)
    assert [runtime.name for runtime in found] == selected


def test_reference_that_is_not_measured_is_refused() -> None:
    with pytest.raises(UsageError, match="--reference: no runtime in this run named 'tokio'"):
        select_runtimes(_BOTH, ("seq", "go"), "tokio")
    assert [runtime.name for runtime in select_runtimes(_BOTH, ("go",), "go")] == ["go"]
