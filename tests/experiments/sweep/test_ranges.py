from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.errors import UsageError
from seqbench.experiments.sweep.ranges import Over, parse_over, parse_steps, plan, values_between
from seqbench.suite.benchmarks import Benchmark, size_problem
from tests.support.strategies import a_benchmark, a_parameter

_ends = st.tuples(st.integers(1, 10**12), st.integers(1, 10**12)).map(lambda ends: (min(ends), max(ends)))
_steps = st.none() | st.integers(2, 100)

SKYNET = a_benchmark(a_parameter(power_of=10), name="skynet")
FANOUT = a_benchmark(
    a_parameter("workers", full=100, scales=False, unit="workers"),
    a_parameter("messages", unit="messages"),
    name="fanout",
)
PINGPONG = a_benchmark(a_parameter("round_trips", unit="round trips"), name="pingpong")


def test_a_range_is_a_name_and_two_ends() -> None:
    assert parse_over("strands=1_000:1000000") == Over(name="strands", low=1_000, high=1_000_000)
    assert parse_over(" messages = 7 : 7 ") == Over(name="messages", low=7, high=7)
    assert parse_over("workers=1:1000").text == "workers=1:1000"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "--over is missing: expected NAME=LOW:HIGH"),
        ("", "--over is missing"),
        ("strands", "'strands': expected NAME=LOW:HIGH"),
        ("strands=1000", "expected NAME=LOW:HIGH"),
        ("1:1000", "expected NAME=LOW:HIGH"),
        ("=1:1000", "expected NAME=LOW:HIGH"),
        ("strands=0:1000", "'0' is not a whole number above zero"),
        ("strands=-5:1000", "'-5' is not a whole number above zero"),
        ("strands=1:many", "'many' is not a whole number above zero"),
        ("strands=1:", "'' is not a whole number above zero"),
        ("strands=1:2:3", "'2:3' is not a whole number above zero"),
        ("strands=1.5:3", "'1.5' is not a whole number above zero"),
        ("strands=1000:10", "LOW (1,000) is above HIGH (10)"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused_with_what_is_wrong(text: str | None, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_over(text)
    assert said in caught.value.message
    assert "--over " in caught.value.fix


@pytest.mark.parametrize("text", ["0", "1", "101", "-3", "many", "2.5", ""])
def test_a_number_of_steps_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--steps"):
        parse_steps(text)
    assert parse_steps("2") == 2
    assert parse_steps(None) is None


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (1, 1000, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
        (1, 10_000, (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)),
        (1, 1_000_000, (1, 10, 100, 1000, 10_000, 100_000, 1_000_000)),
        (3, 700, (3, 5, 10, 20, 50, 100, 200, 500, 700)),
        (100, 1000, (100, 160, 250, 400, 630, 1000)),
        (1, 3, (1, 2, 3)),
        (7, 7, (7,)),
    ],
)
def test_a_range_has_six_to_ten_round_values_where_it_has_room_for_them(
    low: int, high: int, values: tuple[int, ...]
) -> None:
    assert values_between(low, high, power_of=None, steps=None) == values


def test_where_only_powers_are_allowed_the_values_are_powers() -> None:
    assert values_between(100, 100_000, power_of=10, steps=None) == (100, 1_000, 10_000, 100_000)
    assert values_between(2, 99, power_of=10, steps=None) == (10,)
    assert values_between(2, 9, power_of=10, steps=None) == ()
    # Twenty of them are too many.
    assert values_between(1, 2**19, power_of=2, steps=None) == tuple(2**n for n in (0, 2, 4, 6, 8, 11, 13, 15, 17, 19))
    assert values_between(1, 2**19, power_of=2, steps=3) == (1, 2**10, 2**19)


@given(_ends, _steps)
def test_values_rise_from_one_end_to_the_other_and_are_as_many_as_asked_for_at_most(
    ends: tuple[int, int], steps: int | None
) -> None:
    values = values_between(*ends, power_of=None, steps=steps)
    assert (values[0], values[-1]) == ends
    assert all(first < second for first, second in pairwise(values))
    assert len(values) <= (steps or 10)
    # Where there is room, no step is far wider than the others.
    if ends[1] > 100 * ends[0] and steps is None:
        assert len(values) >= 6


@given(_ends, _steps, st.integers(2, 12))
def test_powers_are_powers_within_the_range(ends: tuple[int, int], steps: int | None, base: int) -> None:
    values = values_between(*ends, power_of=base, steps=steps)
    parameter = a_parameter(power_of=base)
    assert all(ends[0] <= value <= ends[1] and not size_problem(parameter, value) for value in values)
    assert all(first < second for first, second in pairwise(values))
    assert len(values) <= (steps or 10)


@pytest.mark.parametrize("name", ["leaves", "strands", "Strands"])
def test_a_parameter_is_meant_by_its_name_or_by_its_unit(name: str) -> None:
    (swept,) = plan((FANOUT, SKYNET), Over(name=name, low=10, high=1000), steps=None, is_every=True)
    assert (swept.name, swept.parameter, swept.unit) == ("skynet", "leaves", "strands")
    assert swept.values == swept.missing() == (10, 100, 1000)
    assert swept.fixed == ()


def test_parameter_is_meant_by_an_alias_and_called_by_its_unit() -> None:
    leaves = replace(a_parameter(power_of=10), unit="leaves", aliases=("strands",))
    (swept,) = plan((a_benchmark(leaves),), Over(name="strands", low=10, high=1000), steps=None, is_every=True)
    assert (swept.parameter, swept.unit) == ("leaves", "leaves")


@pytest.mark.parametrize("name", ["round_trips", "round-trips", "round trips"])
def test_a_name_of_two_words_may_be_joined_in_any_way(name: str) -> None:
    (swept,) = plan((PINGPONG,), Over(name=name, low=1, high=10), steps=None, is_every=False)
    assert swept.parameter == "round_trips"


def test_what_is_not_swept_stays_at_full_size() -> None:
    (swept,) = plan((FANOUT,), Over(name="messages", low=1, high=10), steps=None, is_every=False)
    assert swept.fixed == (("workers", 100),)
    (swept,) = plan((FANOUT,), Over(name="workers", low=1, high=10), steps=None, is_every=False)
    assert swept.fixed == (("messages", 1_000_000),)


def refused(benchmarks: tuple[Benchmark, ...], over: Over, *, is_every: bool) -> UsageError:
    with pytest.raises(UsageError) as caught:
        plan(benchmarks, over, steps=None, is_every=is_every)
    assert caught.value.fix
    return caught.value


def test_a_parameter_that_nothing_has_is_refused_with_what_there_is() -> None:
    error = refused((FANOUT, SKYNET), Over(name="colours", low=1, high=10), is_every=True)
    assert error.message == "--over: no parameter named 'colours'"
    assert error.fix == "use one of: workers, messages, leaves, strands"
    assert "did you mean 'messages'?" in refused((FANOUT,), Over(name="mesages", low=1, high=9), is_every=True).fix


def test_suite_without_parameters_is_refused_with_what_to_do() -> None:
    error = refused((a_benchmark(),), Over(name="messages", low=1, high=10), is_every=True)
    assert error.message == "--over messages: the programs of this suite take no parameters"
    assert error.fix == "declare one in benchmark.toml"


def test_a_benchmark_that_was_named_must_have_the_parameter() -> None:
    over = Over(name="messages", low=1, high=10)
    error = refused((FANOUT, PINGPONG), over, is_every=False)
    assert error.message == "--over messages: pingpong has no parameter of that name; expected one of: round_trips"
    # Where none was named the others are left out.
    assert [swept.name for swept in plan((FANOUT, PINGPONG), over, steps=None, is_every=True)] == ["fanout"]


def test_a_range_without_a_power_that_the_parameter_allows_is_refused() -> None:
    error = refused((SKYNET,), Over(name="strands", low=2_000, high=9_000), is_every=True)
    assert error.message == "--over strands=2000:9000: the range has no power of 10, which skynet expects as leaves"
    assert "1, 10, 100" in error.fix
