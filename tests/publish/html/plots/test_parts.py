import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.html.plots.parts import log_ticks, shortened


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.7, 8, [1, 2, 5]),
        (0.7, 80, [1, 2, 5, 10, 20, 50]),
        (1, 1000, [1, 10, 100, 1000]),
        (1e-9, 1e9, [1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9]),
    ],
)
def test_ticks_are_round_and_few(low: float, high: float, ticks: list[float]) -> None:
    assert log_ticks(low, high) == pytest.approx(ticks)


@given(st.floats(1e-12, 1e12), st.floats(1, 1e12), st.integers(3, 9))
def test_ticks_lie_within_the_scale_and_are_never_too_many(low: float, factor: float, most: int) -> None:
    ticks = log_ticks(low, low * factor, most=most)
    assert len(ticks) <= most
    assert all(low <= tick <= low * factor for tick in ticks)
    assert ticks == sorted(ticks)


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [("short", 5, "short"), ("longer", 5, "long…"), (" a\nb  c ", 9, "a b c"), ("a\x00", 9, r"a\x00")],
)
def test_a_text_is_cut_to_its_room(text: str, most: int, shown: str) -> None:
    assert shortened(text, most) == shown
