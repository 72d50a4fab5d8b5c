from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.errors import UsageError
from seqbench.runtimes.base import Runtime, StrandCost
from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.size_request import SizeName, SizeRequest, parse_size
from seqbench.suite.sizes import Size, choose_size, maps_needed, possible_sizes
from seqbench.system.facts import Ceiling, Limits
from tests.support.strategies import a_benchmark, a_parameter

_AS_IT_FITS = SizeRequest(name=SizeName.FULL)
_TREE = "(10 * leaves - 1) // 9"
_NO_LIMITS = Limits(max_map_count=None, available_memory_bytes=None)
_DEFAULT_LIMITS = Limits(max_map_count=65_530, available_memory_bytes=64 << 30)


def _runtime(
    *,
    maps_base: int = 0,
    maps_per_strand: float = 0.0,
    bytes_base: int = 0,
    bytes_per_strand: int = 0,
    address_per_strand: int = 0,
    threads_per_strand: float = 0.0,
) -> Runtime:
    cost = StrandCost(
        maps_base=maps_base,
        maps_per_strand=maps_per_strand,
        bytes_base=bytes_base,
        bytes_per_strand=bytes_per_strand,
        address_base=1 << 40,
        address_per_strand=address_per_strand,
        threads_per_strand=threads_per_strand,
    )
    return replace(RUNTIMES[0], cost=cost)


_GREEDY = _runtime(maps_base=30_000, maps_per_strand=2.1, bytes_base=256 << 20, bytes_per_strand=15_000)
_FRUGAL = _runtime(maps_base=1_000, bytes_base=64 << 20, bytes_per_strand=2_700)


def _skynet(*, full: int = 1_000_000, power_of: int | None = 10) -> Benchmark:
    return a_benchmark(a_parameter(full=full, power_of=power_of), live_strands=_TREE)


def _leaves(size: Size) -> int:
    return dict(size.parameters)["leaves"]


@pytest.mark.parametrize("limits", [_NO_LIMITS, Limits(max_map_count=2_400_000, available_memory_bytes=64 << 30)])
def test_a_benchmark_that_fits_runs_at_full_size(limits: Limits) -> None:
    size = choose_size(_skynet(), (_GREEDY, _FRUGAL), limits, _AS_IT_FITS)
    assert size.parameters == (("leaves", 1_000_000),)
    assert size.is_full
    assert size.sentence() == size.label == "1,000,000 strands"
    assert size.shortfalls == ()


def test_limit_of_address_space_scales_and_what_is_reserved_at_the_start_does_not() -> None:
    ceiling = Ceiling(name="RLIMIT_AS (ulimit -v)", value=3 << 30, fix="ulimit -v unlimited")
    limits = replace(_NO_LIMITS, address_space=ceiling)
    size = choose_size(_skynet(), (_runtime(address_per_strand=1 << 20), _FRUGAL), limits, _AS_IT_FITS)

    assert size.label == "1,000 strands"
    assert "(full is 1,000,000: RLIMIT_AS (ulimit -v) allows 3.0 GiB, needs 1085 GiB)" in size.sentence()
    assert [shortfall.fix for shortfall in size.shortfalls] == ["ulimit -v unlimited"]
    assert choose_size(_skynet(), (_FRUGAL,), limits, _AS_IT_FITS).is_full


def test_limit_of_threads_scales_what_runs_in_threads() -> None:
    ceiling = Ceiling(name="kernel.pid_max", value=32_000, fix="sudo sysctl -w kernel.pid_max=4194304")
    limits = replace(_NO_LIMITS, threads=ceiling)
    size = choose_size(_skynet(), (_runtime(threads_per_strand=1.0),), limits, _AS_IT_FITS)

    assert size.sentence() == (
        "10,000 strands (full is 1,000,000: kernel.pid_max allows 32,000 threads, needs 1,111,111 threads)"
    )
    assert choose_size(_skynet(), (_GREEDY,), limits, _AS_IT_FITS).is_full


def test_memory_limit_of_a_group_has_its_own_fix() -> None:
    limits = replace(_NO_LIMITS, available_memory_bytes=4 << 30, group_memory_bytes=4 << 30)
    (shortfall,) = choose_size(_skynet(), (_GREEDY,), limits, _AS_IT_FITS).shortfalls

    assert shortfall.fix.startswith("raise the memory limit of the control group")


def test_too_few_memory_maps_scale_to_the_largest_power_of_ten_with_a_reason() -> None:
    size = choose_size(_skynet(), (_GREEDY, _FRUGAL), _DEFAULT_LIMITS, _AS_IT_FITS)
    assert size.parameters == (("leaves", 10_000),)
    assert not size.is_full
    assert size.sentence() == "10,000 strands (full is 1,000,000: vm.max_map_count is 65,530, needs 2,400,000)"
    assert [shortfall.fix for shortfall in size.shortfalls] == ["sudo sysctl -w vm.max_map_count=2400000"]


def test_one_map_too_few_is_too_few() -> None:
    limits = Limits(max_map_count=2_399_999, available_memory_bytes=None)
    assert _leaves(choose_size(_skynet(), (_GREEDY,), limits, _AS_IT_FITS)) == 100_000


def test_too_little_memory_scales_too() -> None:
    limits = Limits(max_map_count=None, available_memory_bytes=4 << 30)
    size = choose_size(_skynet(), (_GREEDY, _FRUGAL), limits, _AS_IT_FITS)
    assert size.sentence() == ("100,000 strands (full is 1,000,000: available memory is 4.0 GiB, needs 15.8 GiB)")


def test_all_that_is_too_little_is_said_at_once() -> None:
    limits = Limits(max_map_count=65_530, available_memory_bytes=4 << 30)
    size = choose_size(_skynet(), (_GREEDY,), limits, _AS_IT_FITS)
    assert "vm.max_map_count is 65,530, needs 2,400,000; available memory is 4.0 GiB" in size.sentence()


def test_a_full_size_that_is_no_power_scales_to_a_power_below_it() -> None:
    benchmark = a_benchmark(a_parameter(full=500_000), live_strands="leaves")
    limits = Limits(max_map_count=400_000, available_memory_bytes=None)
    assert _leaves(choose_size(benchmark, (_runtime(maps_per_strand=1.0),), limits, _AS_IT_FITS)) == 100_000


def test_a_benchmark_that_divides_by_two_scales_by_twos() -> None:
    limits = Limits(max_map_count=5_000, available_memory_bytes=None)
    benchmark = a_benchmark(a_parameter(full=1 << 20, power_of=2), live_strands="leaves")
    assert _leaves(choose_size(benchmark, (_runtime(maps_per_strand=1.0),), limits, _AS_IT_FITS)) == 4096


def test_a_benchmark_that_divides_by_two_scales_down_to_one() -> None:
    benchmark = a_benchmark(a_parameter(full=1 << 20, power_of=2), live_strands="leaves")
    limits = Limits(max_map_count=1, available_memory_bytes=None)
    assert _leaves(choose_size(benchmark, (_runtime(maps_per_strand=1.0),), limits, _AS_IT_FITS)) == 1


def test_memory_that_is_just_enough_is_enough() -> None:
    needed = (256 << 20) + 15_000 * 1_111_111
    for available, leaves in ((needed, 1_000_000), (needed - 1, 100_000)):
        limits = Limits(max_map_count=None, available_memory_bytes=available)
        assert _leaves(choose_size(_skynet(), (_GREEDY,), limits, _AS_IT_FITS)) == leaves


def test_the_maps_that_are_needed_are_those_of_the_greediest_and_none_where_it_is_not_known() -> None:
    assert maps_needed(_skynet(), (_FRUGAL, _GREEDY), {"leaves": 1_000_000}) == 2_400_000
    assert maps_needed(a_benchmark(), (_FRUGAL, _GREEDY), {}) == 0


def test_where_not_even_one_strand_fits_one_is_tried() -> None:
    limits = Limits(max_map_count=10, available_memory_bytes=None)
    assert _leaves(choose_size(_skynet(), (_GREEDY,), limits, _AS_IT_FITS)) == 1


def _fits(leaves: int, runtimes: tuple[Runtime, ...], limits: Limits) -> bool:
    """Say it in another way than the library: every runtime by itself, without the rounding."""
    strands = (10 * leaves - 1) // 9
    costs = [runtime.cost for runtime in runtimes if runtime.cost]
    maps = limits.max_map_count
    memory = limits.available_memory_bytes
    return all(
        (maps is None or cost.maps_base + cost.maps_per_strand * strands <= maps)
        and (memory is None or cost.bytes_base + cost.bytes_per_strand * strands <= memory)
        for cost in costs
    )


_any_runtime = st.builds(
    _runtime,
    maps_base=st.integers(0, 50_000),
    maps_per_strand=st.floats(0, 10),
    bytes_base=st.integers(0, 1 << 30),
    bytes_per_strand=st.integers(0, 100_000),
)
_some_runtimes = st.lists(_any_runtime, min_size=1, max_size=3).map(tuple)
_any_limits = st.builds(
    Limits,
    max_map_count=st.none() | st.integers(0, 4_000_000),
    available_memory_bytes=st.none() | st.integers(0, 64 << 30),
)


@given(_some_runtimes, _any_limits)
def test_the_chosen_size_fits_or_is_one(runtimes: tuple[Runtime, ...], limits: Limits) -> None:
    leaves = _leaves(choose_size(_skynet(), runtimes, limits, _AS_IT_FITS))
    assert leaves == 1 or _fits(leaves, runtimes, limits)


@given(_some_runtimes, _any_limits)
def test_the_chosen_size_is_a_power_of_ten_and_the_next_one_would_not_fit(
    runtimes: tuple[Runtime, ...], limits: Limits
) -> None:
    leaves = _leaves(choose_size(_skynet(), runtimes, limits, _AS_IT_FITS))
    assert leaves in {10**digits for digits in range(7)}
    # What is needed is rounded up to two digits, so up to an eleventh of a limit may be left unused.
    maps = limits.max_map_count
    tighter = limits if maps is None else replace(limits, max_map_count=maps * 10 // 11)
    assert leaves == 1_000_000 or not _fits(10 * leaves, runtimes, tighter)


@given(_some_runtimes, _any_limits)
def test_the_size_for_all_runtimes_is_that_of_the_greediest(runtimes: tuple[Runtime, ...], limits: Limits) -> None:
    together = _leaves(choose_size(_skynet(), runtimes, limits, _AS_IT_FITS))
    alone = [_leaves(choose_size(_skynet(), (runtime,), limits, _AS_IT_FITS)) for runtime in runtimes]
    assert together == min(alone)


def test_a_size_that_was_asked_for_is_refused_when_it_does_not_fit() -> None:
    for text in ("full", "1_000_000"):
        with pytest.raises(UsageError) as caught:
            choose_size(_skynet(), (_GREEDY,), _DEFAULT_LIMITS, parse_size(text))
        assert caught.value.message == (
            "skynet: 1,000,000 strands do not fit this machine: vm.max_map_count is 65,530, needs 2,400,000"
        )
        assert "sudo sysctl -w vm.max_map_count=2400000" in caught.value.fix


@pytest.mark.parametrize(("number", "power"), [("20_000", "10000"), ("5", "1"), ("999999", "100000")])
def test_a_number_that_the_programs_would_never_end_with_is_refused(number: str, power: str) -> None:
    with pytest.raises(UsageError, match="is not a power of 10") as caught:
        choose_size(_skynet(), (_GREEDY,), _NO_LIMITS, parse_size(number))
    assert f"--size {power} " in caught.value.fix


def test_the_power_that_is_proposed_is_one_that_the_benchmark_takes() -> None:
    benchmark = _skynet(full=1 << 20, power_of=2)
    with pytest.raises(UsageError, match="is not a power of 2") as caught:
        choose_size(benchmark, (_GREEDY,), _NO_LIMITS, parse_size("100"))
    assert "--size 64 " in caught.value.fix


def test_a_number_is_taken_for_the_parameter_that_scales() -> None:
    benchmark = a_benchmark(a_parameter("workers", full=100, quick=10, scales=False), a_parameter())
    size = choose_size(benchmark, (_GREEDY,), _DEFAULT_LIMITS, parse_size("20_000"))
    assert size.parameters == (("workers", 100), ("leaves", 20_000))
    assert size.sentence() == "20,000 strands (full is 1,000,000)"


def test_a_number_above_full_is_full() -> None:
    assert choose_size(_skynet(), (_GREEDY,), _NO_LIMITS, parse_size("10_000_000")).is_full


def test_quick_takes_the_quick_value_of_every_parameter() -> None:
    benchmark = a_benchmark(a_parameter("workers", full=100, quick=10, scales=False), a_parameter())
    size = choose_size(benchmark, (_GREEDY,), _DEFAULT_LIMITS, parse_size("quick"))
    assert size.parameters == (("workers", 10), ("leaves", 1_000))
    assert size.sentence() == "1,000 strands (full is 1,000,000)"
    assert not size.is_full


def test_quick_is_not_full_when_any_parameter_is_smaller() -> None:
    workers = a_parameter("workers", full=100, quick=10, scales=False)
    for parameters in ((workers,), (workers, a_parameter(full=1_000, quick=1_000))):
        assert not choose_size(a_benchmark(*parameters), (_GREEDY,), _NO_LIMITS, parse_size("quick")).is_full


@pytest.mark.parametrize("text", [None, "full", "quick", "77"])
def test_a_benchmark_without_sizes_is_always_full(text: str | None) -> None:
    size = choose_size(a_benchmark(live_strands="2"), (_GREEDY,), _DEFAULT_LIMITS, parse_size(text))
    assert size == Size(parameters=(), is_full=True, label="", full_label="")
    assert size.sentence() == ""


def test_a_benchmark_that_does_not_say_what_it_needs_is_not_scaled() -> None:
    limits = Limits(max_map_count=1, available_memory_bytes=1)
    assert choose_size(a_benchmark(a_parameter()), (_GREEDY,), limits, _AS_IT_FITS).is_full


def _candidates(benchmark: Benchmark, limits: Limits, text: str | None = None) -> list[int]:
    sizes = possible_sizes(benchmark, (_GREEDY,), limits, parse_size(text))
    assert all(size == choose_size(benchmark, (_GREEDY,), limits, SizeRequest(number=_leaves(size))) for size in sizes)
    return [_leaves(size) for size in sizes]


def test_a_comparison_may_choose_from_quick_up_to_the_largest_size_that_fits() -> None:
    assert _candidates(_skynet(), _NO_LIMITS) == [1_000, 10_000, 100_000, 1_000_000]
    assert _candidates(_skynet(), _DEFAULT_LIMITS) == [1_000, 10_000]
    assert _candidates(_skynet(), Limits(max_map_count=31_000, available_memory_bytes=None)) == [100]


def test_a_comparison_of_a_benchmark_that_divides_by_two_chooses_from_powers_of_two() -> None:
    benchmark = a_benchmark(a_parameter(full=8_192, quick=1_024, power_of=2), live_strands="leaves")
    assert _candidates(benchmark, _NO_LIMITS) == [1_024, 2_048, 4_096, 8_192]


def test_a_comparison_at_a_size_that_was_asked_for_has_no_choice() -> None:
    assert _candidates(_skynet(), _NO_LIMITS, "100_000") == [100_000]
    sizes = possible_sizes(_skynet(), (_GREEDY,), _NO_LIMITS, parse_size("quick"))
    assert [_leaves(size) for size in sizes] == [1_000]


def test_a_comparison_of_a_benchmark_without_sizes_has_no_choice() -> None:
    assert possible_sizes(a_benchmark(), (_GREEDY,), _NO_LIMITS, _AS_IT_FITS) == (
        Size(parameters=(), is_full=True, label="", full_label=""),
    )


def test_reduced_is_a_tenth_of_full_or_what_fits_and_no_less_than_quick() -> None:
    reduced = parse_size("reduced")
    assert _leaves(choose_size(_skynet(), (_GREEDY,), _NO_LIMITS, reduced)) == 100_000
    assert _leaves(choose_size(_skynet(), (_GREEDY,), _DEFAULT_LIMITS, reduced)) == 10_000
    assert _leaves(choose_size(_skynet(full=1_000), (_GREEDY,), _NO_LIMITS, reduced)) == 1_000
    size = choose_size(a_benchmark(a_parameter(full=8_192, quick=512, power_of=2)), (_GREEDY,), _NO_LIMITS, reduced)
    assert (_leaves(size), size.is_full) == (512, False)


@pytest.mark.parametrize(("full", "quick", "leaves"), [(3_000_000, 1, 300_000), (50, 1, 5), (7, 1, 1), (50, 20, 20)])
def test_reduced_is_a_tenth_of_any_full_size(full: int, quick: int, leaves: int) -> None:
    benchmark = a_benchmark(a_parameter(full=full, quick=quick))
    assert _leaves(choose_size(benchmark, (_GREEDY,), _NO_LIMITS, parse_size("reduced"))) == leaves


def test_what_scales_alone_can_be_at_its_quick_value() -> None:
    workers = replace(a_parameter("workers", full=100, quick=10), scales=False)
    benchmark = a_benchmark(a_parameter(full=1_000_000, quick=1_000), workers)

    def parameters(asked: SizeRequest) -> dict[str, int]:
        return dict(choose_size(benchmark, (_GREEDY,), _NO_LIMITS, asked).parameters)

    assert parameters(SizeRequest(name=SizeName.QUICK)) == {"leaves": 1_000, "workers": 10}
    assert parameters(SizeRequest(name=SizeName.QUICK, only_scaling=True)) == {"leaves": 1_000, "workers": 100}


def test_values_that_were_asked_for_by_name_override_the_size() -> None:
    benchmark = a_benchmark(a_parameter(power_of=10), replace(a_parameter(), name="workers", scales=False))
    asked = SizeRequest(values=(("workers", 7), ("leaves", 100)), strict=True)
    assert dict(choose_size(benchmark, (_GREEDY,), _NO_LIMITS, asked).parameters) == {"leaves": 100, "workers": 7}
    assert asked.text == "workers=7 leaves=100"
    with pytest.raises(UsageError, match="leaves = 20 is not a power of 10"):
        choose_size(benchmark, (_GREEDY,), _NO_LIMITS, SizeRequest(values=(("leaves", 20),)))
    with pytest.raises(UsageError, match="has no parameter strands; available: leaves, workers"):
        choose_size(benchmark, (_GREEDY,), _NO_LIMITS, SizeRequest(values=(("strands", 20),)))


def test_no_size_means_full_where_it_fits() -> None:
    assert parse_size(None) == SizeRequest(name=SizeName.FULL, strict=False)
