from itertools import pairwise
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.html.plots.intervals import Mark, changes, medians, ratios
from seqbench.publish.html.plots.parts import Caption, Key
from seqbench.units import short_duration
from tests.support.laws import FEW
from tests.support.page import Element, read_page

_CAPTION = Caption(ident="p", title="Title", description="Description")


def _mark(value: float, low: float | None = None, high: float | None = None, label: str = "Seq") -> Mark:
    return Mark(key=Key(label=label, tone=0), value=value, low=low, high=high, text=f"{value:g}!")


def _read(drawing: str) -> Element:
    return read_page(drawing).one("svg")


def _places(drawing: Element) -> dict[float, float]:
    """Return where each value is drawn."""
    dots = [dot for dot in drawing.all("use") if "data-value" in dot.attributes]
    return {float(dot.attributes["data-value"]): float(dot.attributes["x"]) for dot in dots}


def _texts(drawing: Element) -> list[str]:
    return [each.text for each in drawing.all("text")]


def _ratios(*marks: Mark) -> Element:
    return _read(ratios(marks, _CAPTION, lambda at: f"{at:g}x"))


def test_medians_near_each_other_are_drawn_from_zero_on() -> None:
    drawing = _read(medians([_mark(300e6), _mark(200e6), _mark(100e6)], _CAPTION, short_duration))
    places = _places(drawing)
    assert places[300e6] - places[200e6] == pytest.approx(places[200e6] - places[100e6], abs=0.01)
    # The stem begins where zero is.
    assert places[100e6] - (places[200e6] - places[100e6]) == pytest.approx(12, abs=0.01)


def test_medians_far_apart_are_drawn_on_a_log_scale() -> None:
    places = _places(_read(medians([_mark(1e6), _mark(1e7), _mark(1e9)], _CAPTION, short_duration)))
    assert (places[1e9] - places[1e7]) / (places[1e7] - places[1e6]) == pytest.approx(2, rel=1e-3)


def test_a_dot_carries_its_value_and_its_interval_and_its_row_names_it() -> None:
    drawing = _ratios(_mark(2.5, 2.25, 2.75, label="Seq / Go"))
    dot = next(dot for dot in drawing.all("use") if "data-value" in dot.attributes)
    carried = {key: dot.attributes[f"data-{key}"] for key in ("program", "value", "low", "high")}
    assert carried == {"program": "Seq / Go", "value": "2.5", "low": "2.25", "high": "2.75"}
    assert dot.one("title").text == "Seq / Go: 2.5!"
    assert {"Seq / Go", "2.5!"} <= set(_texts(drawing))


def _height(drawing: str) -> float:
    return float(_read(drawing).attributes["viewbox"].split()[3])


def test_dense_plot_has_its_names_and_values_beside_the_scale() -> None:
    marks = [_mark(0.5, 0.4, 0.6, "pingpong, Tokio"), _mark(44.0, 28.0, 65.0, "skynet, May")]
    tick = "{:g}x".format
    dense, usual = (ratios(marks, _CAPTION, tick, is_dense=each) for each in (True, False))
    assert _height(dense) < 0.7 * _height(usual)
    assert {"pingpong, Tokio", "0.5!", "skynet, May", "44!", "2x", "5x"} <= set(_texts(_read(dense)))
    first, second = (_places(_read(drawing)) for drawing in (dense, usual))
    assert first.keys() == second.keys() == {0.5, 44.0}
    # The longest name takes about a third of the width.
    assert min(first.values()) > 440 / 3 > min(second.values())


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=5))
def test_ticks_of_a_dense_plot_do_not_touch(values: list[float]) -> None:
    drawing = _read(ratios([_mark(each, label="y" * 25) for each in values], _CAPTION, "{:g}x".format, is_dense=True))
    places = sorted(float(each.attributes["x"]) for each in drawing.all("text") if each.text.endswith("x"))
    assert len(places) >= 1
    assert all(after - before > 20 for before, after in pairwise(places))


def test_a_value_without_an_interval_has_none_in_the_drawing() -> None:
    dot = next(dot for dot in _ratios(_mark(2.5)).all("use") if "data-value" in dot.attributes)
    assert {"data-low", "data-high"}.isdisjoint(dot.attributes)


@pytest.mark.parametrize("values", [(1.0,), (65.0, 0.4), (2.0, 5.0, 10_000.0)])
def test_ratios_stand_on_a_log_scale_on_which_2x_and_5x_are_always_seen(values: tuple[float, ...]) -> None:
    drawing = _ratios(*map(_mark, values))
    assert {"2x", "5x"} <= set(_texts(drawing))
    ticks = {float(t.text[:-1]): float(t.attributes["x"]) for t in drawing.all("text") if t.text in ("2x", "5x")}
    unit = (ticks[5] - ticks[2]) / log10(2.5)
    for value, place in _places(drawing).items():
        assert place == pytest.approx(ticks[2] + unit * log10(value / 2), abs=0.5)


@pytest.mark.parametrize("values", [(1.0,), (3.0, 65.0), (0.4, 8.0)])
def test_the_bands_are_named(values: tuple[float, ...]) -> None:
    assert {"Excellent", "Good", "Investigate"} <= set(_texts(_ratios(*map(_mark, values))))


def test_there_is_a_dashed_line_at_each_limit_in_each_row() -> None:
    drawing = _ratios(_mark(1), _mark(3))
    dashed = [path for path in drawing.all("path") if "stroke-dasharray" in path.attributes.get("style", "")]
    assert len(dashed) == 4


def test_changes_show_no_change_and_both_ends_of_the_margin() -> None:
    drawing = _read(
        changes([_mark(1.1, 1.05, 1.15), _mark(0.99)], _CAPTION, 0.02, lambda at: f"{100 * (at - 1):+.0f}%")
    )
    dashed = [path for path in drawing.all("path") if "stroke-dasharray" in path.attributes.get("style", "")]
    at = sorted({float(path.attributes["d"].split()[1]) for path in dashed})
    assert len(at) == 3
    places = _places(drawing)
    assert places[0.99] < at[1] < places[1.1]
    assert at[1] - at[0] == pytest.approx(at[2] - at[1], rel=0.05)


@pytest.mark.parametrize(
    ("high", "ticks"),
    [
        (1.01, ["-4%", "-2%", "0%", "+2%", "+4%"]),
        (1.15, ["-10%", "0%", "+10%"]),
        (1.7, ["-50%", "0%", "+50%"]),
        (3.0, ["-200%", "-100%", "0%", "+100%", "+200%"]),
    ],
)
def test_axis_of_changes_has_no_change_between_round_numbers(high: float, ticks: list[str]) -> None:
    drawing = _read(changes([_mark(high)], _CAPTION, 0.02, lambda at: f"{round(100 * (at - 1)):+}%".replace("+0", "0")))
    assert [text for text in (each.text for each in drawing.all("text")) if text.endswith("%")] == ticks


@FEW
@given(st.lists(st.tuples(st.floats(1e-6, 1e15), st.none() | st.floats(1, 1e6)), min_size=1, max_size=4))
def test_any_values_can_be_drawn(values: list[tuple[float, float | None]]) -> None:
    marks = [
        _mark(value, None if spread is None else value / spread, None if spread is None else value * spread)
        for value, spread in values
    ]
    for drawing in (
        ratios(marks, _CAPTION, "{:g}".format),
        medians(marks, _CAPTION, short_duration),
        changes(marks, _CAPTION, 0.01, "{:g}".format),
    ):
        dots = [dot for dot in _read(drawing).all("use") if "data-value" in dot.attributes]
        assert [float(dot.attributes["data-value"]) for dot in dots] == pytest.approx([value for value, _ in values])
