"""The values of points beyond a scale are written beside it, each where it overlaps no other."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.html.plots.labels import Beyond, Label, arrange, lanes

_WIDTH = 386.0
_places = st.floats(0, _WIDTH)
_beyond = st.builds(Beyond, at=_places, distance=st.floats(0, 1e9), text=st.sampled_from(["+9%", "+111%", "+123456%"]))


def _overlap(one: Label, other: Label) -> bool:
    return one.lane == other.lane and min(one.right, other.right) > max(one.left, other.left)


def _runs_through(one: Label, other: Label) -> bool:
    """Return whether the line to a text, which ends in the middle of its lane, runs through another text."""
    return one.lane >= other.lane and other.left < one.at < other.right


def _beside(*places: float, text: str = "+111%") -> tuple[Label, ...]:
    return arrange([Beyond(at=at, distance=1, text=text) for at in places], _WIDTH)


@given(st.lists(_beyond, max_size=20))
def test_no_two_texts_overlap_and_all_lie_within_the_drawing(found: list[Beyond]) -> None:
    labels = arrange(found, _WIDTH)
    assert not [pair for pair in combinations(labels, 2) if _overlap(*pair)]
    assert all(label.left >= 0 and label.right <= _WIDTH for label in labels)
    assert len(labels) == min(len(found), 12)


@pytest.mark.parametrize("step", [0.0, 3.0, 13.0, 40.0])
@pytest.mark.parametrize("first", [0.0, 150.0, 170.0, 185.0, 190.0, 300.0])
def test_neighbours_form_a_staircase_whose_lines_cross_no_text(first: float, step: float) -> None:
    labels = _beside(*(first + step * number for number in range(3)))
    assert len(labels) == 3
    assert not [pair for pair in combinations(labels, 2) if _runs_through(*pair) or _runs_through(*pair[::-1])]


def test_points_far_from_each_other_share_a_lane() -> None:
    assert lanes(_beside(20, 200, 370)) == 1
    assert lanes(()) == 0


def test_of_many_points_the_farthest_are_labelled() -> None:
    found = [Beyond(at=number, distance=number, text=f"{number}") for number in range(100)]
    assert {label.text for label in arrange(found, _WIDTH)} == {str(number) for number in range(88, 100)}


def test_a_text_wider_than_its_side_is_moved_onto_the_drawing() -> None:
    (label,) = _beside(200, text="a text that is wider than half of the drawing")
    assert label.left >= 0
    assert label.right <= _WIDTH
