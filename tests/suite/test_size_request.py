from dataclasses import replace

import pytest

from seqbench.errors import UsageError
from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.size_request import parse_size, require_names
from seqbench.suite.sizes import choose_size, possible_sizes
from seqbench.system.facts import NO_LIMITS
from tests.support.strategies import a_benchmark, a_parameter


@pytest.mark.parametrize("text", ["", "0", "-1", "tiny", "Full", "20,000", "1e6", "1.5"])
def test_a_size_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="unknown size") as caught:
        parse_size(text)
    assert caught.value.fix == "use --size full, reduced, quick, a number, or NAME=NUMBER for one benchmark"


def test_a_size_for_one_benchmark_or_parameter_leaves_the_others_as_they_are() -> None:
    benchmark = a_benchmark(a_parameter(power_of=10), replace(a_parameter(), name="workers", scales=False))
    other = replace(benchmark, name="other")
    request = parse_size(f"quick,{benchmark.name}=100, workers=7")
    assert dict(choose_size(benchmark, RUNTIMES[:1], NO_LIMITS, request).parameters) == {"leaves": 100, "workers": 7}
    quick = dict(choose_size(other, RUNTIMES[:1], NO_LIMITS, parse_size("quick")).parameters)
    assert dict(choose_size(other, RUNTIMES[:1], NO_LIMITS, request).parameters) == {**quick, "workers": 7}
    assert len(possible_sizes(benchmark, RUNTIMES[:1], NO_LIMITS, parse_size(f"{benchmark.name}=100"))) == 1
    assert len(possible_sizes(other, RUNTIMES[:1], NO_LIMITS, parse_size(f"{benchmark.name}=100"))) > 1


@pytest.mark.parametrize("text", ["full", "reduced", "quick", "100", "skynet=5", "quick,a=1,b=2", "7,a=1"])
def test_a_size_can_be_typed_again(text: str) -> None:
    assert parse_size(text).flag == (text if text != "full" else "full")
    assert parse_size(parse_size(text).flag) == parse_size(text)
    assert parse_size(None).flag is None


@pytest.mark.parametrize(
    ("text", "message"),
    [("a=1,a=2", "a has two sizes"), ("a=", "'' is not"), ("a=x", "'x' is not"), ("5,6", "unknown size")],
)
def test_a_size_by_name_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_size(text)
    assert caught.value.message.startswith(f"--size {text}: ")
    assert message in caught.value.message


def test_a_size_for_an_unknown_name_is_refused_with_similar_names() -> None:
    benchmark = a_benchmark(a_parameter())
    require_names((benchmark,), parse_size("leaves=5"))
    require_names((benchmark,), parse_size(f"{benchmark.name}=5"))
    with pytest.raises(UsageError) as caught:
        require_names((benchmark,), parse_size("leavs=5"))
    assert "no benchmark or parameter named 'leavs'" in caught.value.message
    assert "did you mean 'leaves'?" in caught.value.fix
    fixed = a_benchmark(a_parameter(scales=False), name="fixed")
    with pytest.raises(UsageError, match="fixed has no parameter that scales"):
        require_names((fixed,), parse_size("fixed=5"))
