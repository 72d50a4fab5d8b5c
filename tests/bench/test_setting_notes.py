import pytest

from seqbench.bench.setting_notes import SizedBenchmark, maps_warnings, setting_notes
from seqbench.runtimes.registry import shipped
from seqbench.system.facts import Limits
from tests.support.strategies import a_benchmark, a_parameter

_KNOWN = shipped("seq")[0].known_settings
_POOL, _REGISTRY = "SEQ_POOL_CAPACITY", "SEQ_STRAND_REGISTRY_SIZE"


def _sized(live: str, leaves: int) -> SizedBenchmark:
    parameter = a_parameter(full=1_000_000, quick=1_000, power_of=10)
    return SizedBenchmark(benchmark=a_benchmark(parameter, live_strands=live), parameters=(("leaves", leaves),))


def _notes(each: SizedBenchmark, *sides: dict[str, str]) -> tuple[str, ...]:
    return setting_notes([each], _KNOWN, sides)


def test_pool_that_serves_few_strands_more_is_noted_with_a_size_that_matters() -> None:
    (note,) = _notes(_sized("(10 * leaves - 1) // 9", 10_000), {}, {_POOL: "200000"})
    assert note == (
        "SEQ_POOL_CAPACITY can matter for 10 % of the strands of skynet only: 11,111 live at once, and 10,000 (the "
        "default) and 200,000 are compared; --size skynet=100000 would make it matter"
    )
    assert _notes(_sized("(10 * leaves - 1) // 9", 100_000), {}, {_POOL: "200000"}) == ()


@pytest.mark.parametrize("sides", [({_POOL: "200000"},), ({}, {_POOL: "200000"})])
def test_pool_that_is_large_enough_on_all_sides_cannot_matter(sides: tuple[dict[str, str], ...]) -> None:
    (note,) = _notes(_sized("2", 1_000), *sides)
    assert note == (
        "SEQ_POOL_CAPACITY cannot matter in skynet: at most 2 strands live at once, and each of 10,000 (the default) "
        "and 200,000 is enough"
    )
    assert _notes(_sized("2", 1_000), {_POOL: "5"}, {_POOL: "5"}) == _notes(_sized("2", 1_000), {}) == ()


def test_registry_that_is_too_small_slows_down_all_strands() -> None:
    assert _notes(_sized("leaves", 1_000_000), {}, {_REGISTRY: "1"}) == ()
    (note,) = _notes(_sized("leaves", 1_000), {}, {_REGISTRY: "5000"})
    assert "SEQ_STRAND_REGISTRY_SIZE cannot matter in skynet" in note
    assert note.endswith("; --size skynet=10000 would make it matter")


def test_pool_with_more_maps_than_the_machine_allows_is_warned_of() -> None:
    limits = Limits(max_map_count=65_530, available_memory_bytes=None)
    (warning,) = maps_warnings({_POOL: "200000"}, _KNOWN, limits)
    assert "SEQ_POOL_CAPACITY=200000 needs more than 400,000 memory maps, but vm.max_map_count is 65,530" in warning
    for fine in ({_POOL: "30000"}, {_POOL: "abc"}, {}):
        assert maps_warnings(fine, _KNOWN, limits) == ()
    assert maps_warnings({_POOL: "200000"}, _KNOWN, Limits(max_map_count=None, available_memory_bytes=None)) == ()
