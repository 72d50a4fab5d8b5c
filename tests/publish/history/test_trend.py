from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.history.trend import (
    LEAST_CHANGE,
    LEAST_POINTS,
    LEAST_SESSIONS,
    Change,
    _cuts,
    _scaled_ranks,
    differences,
    find_changes,
    levels,
    trend_of,
)
from tests.support.histories import a_series, a_trend_point

_counts = st.integers(min_value=LEAST_POINTS, max_value=60)
_seeds = st.integers(min_value=0, max_value=1 << 32)


def _noisy(seed: int, *levels: tuple[int, float]) -> list[float]:
    """Make levels of so many times each, within 3 % of them."""
    generator = np.random.default_rng(seed)
    return [level * factor for count, level in levels for factor in generator.uniform(0.97, 1.03, count).tolist()]


def test_a_name_says_benchmark_size_program_and_settings() -> None:
    series = replace(a_series(), settings=(("SEQ_A", "1"), ("SEQ_B", "2")))
    assert series.name == "Ping-Pong [1,000,000 round trips], Seq, SEQ_A=1, SEQ_B=2"
    assert (series.subject, series.program) == ("Ping-Pong [1,000,000 round trips]", "Seq")
    variant = replace(a_series(), size_label="", variant="idiomatic", label="idiomatic Go")
    assert variant.name == "Ping-Pong [round_trips=1000000], idiomatic Go"
    assert replace(variant, parameters=()).subject == "Ping-Pong"


def _places(times: list[float]) -> list[int]:
    return [change.index for change in find_changes(times)]


@given(_counts, st.floats(min_value=1e-3, max_value=1e15))
def test_times_that_are_all_the_same_never_change(count: int, time: float) -> None:
    assert find_changes([time] * count) == ()


@given(_counts, st.data(), st.sampled_from((0.05, 0.5, 0.97, 1.03, 1.5, 20.0)))
def test_a_single_spike_is_no_change_wherever_it_is(count: int, data: st.DataObject, factor: float) -> None:
    times = [500.0] * count
    times[data.draw(st.integers(min_value=0, max_value=count - 1))] *= factor
    assert find_changes(times) == ()


@pytest.mark.parametrize("count", [12, 30, 100])
def test_of_a_hundred_series_of_noise_alone_about_one_has_a_change(count: int) -> None:
    generator = np.random.default_rng(1)
    noise = [generator.lognormal(0.0, 0.03, count).tolist() for _ in range(500)]
    assert sum(bool(find_changes(times)) for times in noise) <= 15


def test_of_a_hundred_noisy_series_with_a_spike_about_one_has_a_change() -> None:
    generator = np.random.default_rng(2)
    found = 0
    for _ in range(300):
        times = generator.lognormal(0.0, 0.03, 30)
        times[generator.integers(30)] *= 20
        found += bool(find_changes(times.tolist()))
    assert found <= 9


@given(st.integers(min_value=10, max_value=40), st.data(), st.sampled_from((0.9, 1.1)), _seeds)
def test_a_step_of_a_tenth_in_noise_of_three_percent_is_found_where_it_is(
    before: int, data: st.DataObject, step: float, seed: int
) -> None:
    after = data.draw(st.integers(min_value=max(10, before // 2), max_value=min(40, 2 * before)))
    times = _noisy(seed, (before, 500.0), (after, 500.0 * step))
    (change,) = [change for change in find_changes(times) if change.index == before]
    assert change.ratio == pytest.approx(step, abs=0.04)


@pytest.mark.parametrize(("new", "least"), [(5, 0.8), (8, 0.9)])
def test_a_step_of_a_tenth_in_noise_of_three_percent_is_found_soon(new: int, least: float) -> None:
    generator = np.random.default_rng(3)
    found = 0
    for _ in range(200):
        times = generator.lognormal(0.0, 0.03, 30)
        times[30 - new :] *= 1.1
        found += any(abs(place - (30 - new)) <= 1 for place in _places(times.tolist()))
    assert found / 200 >= least


@given(st.integers(min_value=20, max_value=30), _seeds)
def test_a_step_up_and_a_step_down_are_both_found(count: int, seed: int) -> None:
    times = _noisy(seed, (count, 500.0), (count, 600.0), (count, 500.0))
    assert {count, 2 * count} <= set(_places(times))


@given(_counts, _seeds, st.floats(min_value=1e-6, max_value=1e6))
def test_changes_do_not_depend_on_the_unit(count: int, seed: int, unit: float) -> None:
    times = _noisy(seed, (count, 500.0), (count, 560.0))
    assert _places([time * unit for time in times]) == _places(times)


@given(_seeds, st.lists(st.floats(min_value=1.0, max_value=1e12), min_size=0, max_size=80))
def test_every_change_has_two_levels_of_several_sessions_that_differ(seed: int, times: list[float]) -> None:
    for some in (times, _noisy(seed, (20, 1.0), (20, 1.05), (3, 2.0))):
        changes = find_changes(some)
        cuts = [0, *(change.index for change in changes), len(some)]
        assert all(end - start >= LEAST_SESSIONS for start, end in pairwise(cuts)) or not changes
        assert all(abs(log(change.ratio)) >= log(1 + LEAST_CHANGE) for change in changes)


def test_a_step_of_less_than_two_percent_is_called_the_same_however_regular_it_is() -> None:
    assert find_changes([100.0] * 20 + [101.9] * 20) == ()
    assert find_changes([100.0] * 20 + [102.1] * 20) == (Change(index=20, ratio=1.021),)


def test_a_small_step_beside_a_large_one_goes_and_the_large_one_stays() -> None:
    times = [100.0] * 20 + [101.0] * 20 + [200.0] * 20
    (change,) = find_changes(times)
    assert change.index == 40
    assert change.ratio == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("count", range(LEAST_POINTS))
def test_a_short_series_has_no_change(count: int) -> None:
    assert find_changes([1.0] * (count // 2) + [9.0] * (count - count // 2)) == ()


def test_a_trend_has_the_changes_of_its_series() -> None:
    series = a_series(*[a_trend_point(500)] * 10, *[a_trend_point(600)] * 10)
    assert trend_of(series).series == series
    assert trend_of(series).changes == (Change(index=10, ratio=1.2),)


def test_a_time_of_nothing_counts_as_a_nanosecond() -> None:
    series = a_series(*[a_trend_point(0)] * 10, *[a_trend_point(500)] * 10)
    assert trend_of(series).changes == (Change(index=10, ratio=5e8),)


@given(st.lists(st.sampled_from([1.0, 1.5, 2.0, 5.0]), min_size=LEAST_POINTS, max_size=14), st.floats(0.1, 20.0))
def test_cuts_cost_least_of_all_partitions(times: list[float], penalty: float) -> None:
    ranks = _scaled_ranks(times)

    def cost(cuts: Sequence[int]) -> float:
        spreads = [len(level) * float(np.var(level)) for level in levels(ranks.tolist(), cuts)]
        return sum(spreads) + penalty * len(cuts)

    def partitions(begin: int) -> Iterator[tuple[int, ...]]:
        yield ()
        for cut in range(begin + LEAST_SESSIONS, len(times) - LEAST_SESSIONS + 1):
            yield from ((cut, *rest) for rest in partitions(cut))

    assert cost(_cuts(ranks, penalty)) == pytest.approx(min(map(cost, partitions(0))))


def test_equal_times_share_their_rank() -> None:
    ranks = _scaled_ranks([3.0, 1.0, 3.0, 2.0])
    assert ranks[0] == ranks[2] == pytest.approx(1 / np.sqrt(1.25))
    assert ranks.sum() == pytest.approx(0.0)


def test_differences_are_those_of_tools_commit_and_sources() -> None:
    point = a_trend_point(500)
    assert differences(point, replace(point, elapsed_ns=1.0, rounds=9)) == ()
    assert differences(point, replace(point, tool_version="7.7.6", tool_digest="sha256:bbbbbbbbbb", dirty=True)) == (
        "seqc 7.7.5 (aaaaaaaa) to seqc 7.7.6 (bbbbbbbb)",
        "commit 0123456789ab to 0123456789ab+",
    )
    assert differences(point, replace(point, commit="", sources="sha256:2")) == (
        "commit 0123456789ab to none",
        "other benchmark sources",
    )
    assert differences(point, replace(point, tool=""))[0] == "seqc 7.7.5 (aaaaaaaa) to unknown"


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({}, "Ping-Pong [1,000,000 round trips], Seq"),
        ({"size_label": ""}, "Ping-Pong [round_trips=1000000], Seq"),
        ({"size_label": "", "parameters": ()}, "Ping-Pong, Seq"),
        ({"variant": "idiomatic", "label": "idiomatic Go"}, "Ping-Pong [1,000,000 round trips], idiomatic Go"),
        ({"settings": (("SEQ_A", "1"),)}, "Ping-Pong [1,000,000 round trips], Seq, SEQ_A=1"),
    ],
)
def test_a_series_is_named_by_benchmark_size_program_and_settings(changed: dict[str, Any], name: str) -> None:
    assert replace(a_series(), **changed).name == name
