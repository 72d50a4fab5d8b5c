import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.bench.budget import Budget, budget_flag, least_budget_s, rounded_up_s
from seqbench.units import parse_duration_s

_moments = st.integers(min_value=0, max_value=10**18)
_seconds = st.floats(min_value=0.001, max_value=1e6)
_shares = st.floats(min_value=0, max_value=1)


@given(_seconds, _moments, st.lists(st.tuples(_shares, st.floats(min_value=0, max_value=1))))
def test_parts_that_are_used_one_after_the_other_never_exceed_the_budget(
    length_s: float, began: int, parts: list[tuple[float, float]]
) -> None:
    budget, now = Budget.of(length_s, began), float(began)
    for share, used in parts:
        part = budget.part(share, now)
        assert part.began_ns == now
        now += used * part.length_ns
    assert now <= began + 1e9 * length_s * (1 + 1e-6) + 1e3


@given(_seconds, _moments, _seconds)
def test_budget_holds_what_is_no_longer_than_what_is_left(length_s: float, began: int, passed_s: float) -> None:
    budget, now = Budget.of(length_s, began), began + 1e9 * passed_s
    left = budget.left_ns(now)
    assert 0 <= left <= 1e9 * length_s * (1 + 1e-6) + 1e3
    assert budget.holds(left, now)
    assert not budget.holds(left + 1, now)


@given(st.floats(min_value=0.001, max_value=3_600), _moments)
def test_program_is_ended_before_a_tenth_or_five_seconds_more_than_the_budget_have_passed(
    length_s: float, began: int
) -> None:
    after_s = (Budget.of(length_s, began).last_moment_ns - began) / 1e9 - length_s
    assert after_s <= max(5.0, length_s / 10) - 1.0 or after_s <= length_s / 20 + 1e-3


def test_budget_without_a_limit_holds_everything() -> None:
    budget = Budget.of(float("inf"), 5)
    assert not budget.is_limited
    assert budget.holds(1e30, 1e18)
    assert not budget.part(0.25, 7).is_limited
    assert budget.last_moment_ns == float("inf")


@given(st.floats(min_value=0.01, max_value=1e6))
def test_least_budget_is_enough_and_not_much_more_than_needed(needed_s: float) -> None:
    found = least_budget_s(lambda seconds: seconds >= needed_s)
    assert found >= needed_s
    assert found <= 1.05 * needed_s + 65


@pytest.mark.parametrize(
    ("seconds", "flag"), [(0.2, "5s"), (20, "20s"), (41, "45s"), (121, "3m"), (540, "9m"), (4_000, "67m")]
)
def test_flag_of_a_budget_is_a_number_that_people_type(seconds: float, flag: str) -> None:
    assert budget_flag(seconds) == f"--budget {flag}"
    assert parse_duration_s(flag) == rounded_up_s(seconds) >= seconds


def test_flag_of_a_part_is_about_the_budget_that_was_asked_for() -> None:
    whole = Budget.of(100, 0)
    part = whole.part(0.15, 0)
    assert (whole.flag(41), part.flag(15), part.part(0.5, 0).flag(7.5)) == (
        "--budget 45s",
        "--budget 100s",
        "--budget 100s",
    )
    assert part.asked_s == pytest.approx(100)
    assert Budget.of(80, 0, share=0.8).flag(80) == "--budget 100s"
    # Nothing is left to be a part of.
    assert whole.part(0.5, 100e9).flag(20) == "--budget 20s"
