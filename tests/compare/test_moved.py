from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from seqbench.compare.moved import moved_counters, moved_text
from seqbench.sessions.session import Sample
from tests.support.strategies import a_sample


def side(rounds: int = 40, **figures: int) -> list[Sample]:
    """Return samples with these counters; the user time varies a little from round to round."""
    varied = {"max_rss_floor_bytes": 0, **figures}
    changes: list[dict[str, Any]] = [{"user_ns": 1_000_000 + 1_000 * (n % 7), **varied} for n in range(rounds)]
    return [replace(a_sample(100, round_number=n), **change) for n, change in enumerate(changes, start=1)]


def said(base: Sequence[Sample], head: Sequence[Sample]) -> str:
    return moved_text(moved_counters(base, head, margin=0.02))


def test_only_counters_that_moved_are_listed() -> None:
    base = side(system_ns=1_000_000, minor_faults=1000)
    head = side(system_ns=1_420_000, minor_faults=1000)
    assert said(base, head) == "moved with it: system time +42 % [+42, +42]"
    assert said(base, base) == ""


def test_counter_that_was_zero_is_shown_as_a_count() -> None:
    base = side(voluntary_switches=0, involuntary_switches=0)
    head = side(voluntary_switches=4000, involuntary_switches=310)
    assert said(base, head) == "moved with it: context switches +4,310 [+4,310, +4,310]"


def test_many_times_as_much_is_shown_as_a_factor() -> None:
    assert said(side(minor_faults=100, major_faults=0), side(minor_faults=4600, major_faults=0)) == (
        "moved with it: page faults 46x [46x, 46x]"
    )


def test_the_counter_that_moved_most_comes_first() -> None:
    base = side(minor_faults=100, major_faults=0)
    head = [replace(sample, user_ns=2 * sample.user_ns) for sample in side(minor_faults=400, major_faults=0)]
    assert [each.counter for each in moved_counters(base, head, margin=0.02)] == ["page faults", "user time"]


def test_change_within_the_margin_has_not_moved() -> None:
    base = side(minor_faults=1000, major_faults=0)
    assert said(base, side(minor_faults=1010, major_faults=0)) == ""
    assert said(base, side(minor_faults=1030, major_faults=0)) == "moved with it: page faults +3.0 % [+3.0, +3.0]"


def test_peak_memory_that_the_launcher_hides_has_not_moved() -> None:
    base, head = side(max_rss_bytes=1 << 20), side(max_rss_bytes=3 << 20)
    assert "peak memory +200 %" in said(base, head)
    hidden = [replace(sample, max_rss_floor_bytes=2 << 20) for sample in base]
    assert said(hidden, head) == ""


def test_too_few_rounds_say_nothing() -> None:
    base, head = side(rounds=5, minor_faults=1), side(rounds=5, minor_faults=9)
    assert said(base, head) == ""
    assert said([], []) == ""


def test_noise_has_not_moved() -> None:
    base = side(minor_faults=1000)
    head = [replace(sample, minor_faults=900 + 200 * (sample.round_number % 2)) for sample in base]
    assert said(base, head) == ""


def test_counter_that_is_zero_in_most_rounds_has_not_moved() -> None:
    base, head = side(system_ns=0), side(system_ns=0)
    base[3], head[9] = replace(base[3], system_ns=4_000_000), replace(head[9], system_ns=4_000_000)
    assert said(base, head) == ""
