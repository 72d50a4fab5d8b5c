import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.history.sparkline import scale, sparkline
from seqbench.publish.history.trend import Change

_times = st.lists(st.floats(min_value=1e-3, max_value=1e15), max_size=120)


@pytest.mark.parametrize(
    ("times", "drawn"),
    [
        ((), ""),
        ((5.0,), "▅"),
        ((5.0,) * 4, "▅▅▅▅"),
        (tuple(range(10, 18)), "▁▂▃▄▅▆▇█"),
        (tuple(range(17, 9, -1)), "█▇▆▅▄▃▂▁"),
        # What differs by a hundredth looks level, and one spike does not flatten the others.
        ((100.0, 101.0, 100.0, 101.0), "▄▅▄▅"),
        ((10, 11, 12, 13, 14, 15, 16, 400, 17), "▁▂▃▄▅▆▇██"),
    ],
)
def test_the_lowest_and_the_highest_are_the_ends_of_the_scale(times: tuple[float, ...], drawn: str) -> None:
    assert sparkline(times, ()) == drawn


def test_a_change_is_a_bar_before_the_new_level() -> None:
    times = [100.0] * 3 + [200.0] * 2
    changes = [Change(index=3, ratio=2.0)]
    assert sparkline(times, changes) == "▁▁▁│██"
    assert sparkline(times, changes, ascii_only=True) == "___|##"


def test_many_times_are_drawn_as_medians_of_one_level_each() -> None:
    assert sparkline([1, 1, 90, 2, 2, 2, 9, 9, 9, 9], [Change(index=6, ratio=9.0)], width=4) == "▁▂│██"


def test_the_scale_shows_every_level_and_of_each_what_is_not_far_out() -> None:
    times = [100.0, 101, 102, 103, 104, 900, 101, 200, 201, 202]
    assert scale(times, [Change(index=7, ratio=2.0)]) == (100.0, 202.0)
    assert scale(times[:7], ()) == pytest.approx((96.9, 107.1))
    # A level of a few sessions is no spike.
    assert sparkline([*[100.0] * 20, 200, 200, 200], [Change(index=20, ratio=2.0)], width=30) == "▁" * 20 + "│███"


@given(times=_times, width=st.integers(min_value=1, max_value=50), plain=st.booleans())
def test_whatever_the_times_are_the_line_has_at_most_so_many_blocks(
    times: list[float], width: int, *, plain: bool
) -> None:
    line = sparkline(times, (), width=width, ascii_only=plain)
    assert len(line) == min(len(times), -(-len(times) // max(1, -(-len(times) // width))))
    assert set(line) <= set("_.-~=+*#" if plain else "▁▂▃▄▅▆▇█")
    assert not plain or line.isascii()
