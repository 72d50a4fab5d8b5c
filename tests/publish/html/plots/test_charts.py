import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.html.plots.charts import Curve, Split, bars, curves, shares
from seqbench.publish.html.plots.intervals import Mark
from seqbench.publish.html.plots.parts import Caption, Key
from seqbench.publish.html.plots.strips import Run, Strip, strips
from seqbench.units import short_duration
from tests.support.laws import FEW
from tests.support.page import Element, read_page

_CAPTION = Caption(ident="p", title="Title", description="Description")
_SEQ, _GO = Key(label="Seq", tone=0), Key(label="Go", tone=1)


def _strip(
    *values: float, key: Key = _SEQ, median: float = 100.0, low: float | None = None, high: float | None = None
) -> Strip:
    runs = tuple(Run(round_number=at, elapsed_ns=value, text=f"{value:g}!") for at, value in enumerate(values, start=1))
    return Strip(key=key, runs=runs, median=median, low=low, high=high, text="the median")


def _read(drawing: str) -> Element:
    return read_page(drawing).one("svg")


def _runs(drawing: Element) -> list[Element]:
    return [dot for dot in drawing.all("use") if "data-ns" in dot.attributes]


def _texts(drawing: Element) -> set[str]:
    return {each.text for each in drawing.all("text")}


def test_every_run_has_a_point_with_its_program_round_and_time() -> None:
    drawing = _read(strips([_strip(100, 103, 98), _strip(200, 206, 190, key=_GO, median=200)], _CAPTION))
    found = {(dot.attributes["data-program"], dot.attributes["data-round"]): dot for dot in _runs(drawing)}
    times = {key: float(dot.attributes["data-ns"]) for key, dot in found.items()}
    assert times == {
        ("Seq", "1"): 100,
        ("Seq", "2"): 103,
        ("Seq", "3"): 98,
        ("Go", "1"): 200,
        ("Go", "2"): 206,
        ("Go", "3"): 190,
    }
    assert found["Seq", "2"].one("title").text == "Seq, round 2: 103! (+3.0%)"
    assert {"Seq", "Go", "the median", "round"} <= _texts(drawing)


def test_rounds_go_from_left_to_right_and_all_programs_have_one_scale() -> None:
    drawing = _read(strips([_strip(100, 104, 98), _strip(200, 208, 196, key=_GO, median=200)], _CAPTION))
    at = {
        (dot.attributes["data-program"], dot.attributes["data-round"]): (
            float(dot.attributes["x"]),
            float(dot.attributes["y"]),
        )
        for dot in _runs(drawing)
    }
    for program in ("Seq", "Go"):
        xs = [at[program, number][0] for number in "123"]
        assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.01)
        ys = [at[program, number][1] for number in "123"]
        # 4 % up is twice as far as 2 % down.
        assert (ys[0] - ys[1]) == pytest.approx(2 * (ys[2] - ys[0]), abs=0.05)
    assert at["Seq", "1"][1] - at["Seq", "2"][1] == pytest.approx(at["Go", "1"][1] - at["Go", "2"][1], abs=0.05)


def test_a_run_that_is_far_out_is_at_the_edge_with_its_distance_and_leaves_room_for_the_others() -> None:
    drawing = _read(strips([_strip(100, 101, 99, 98, 102, 2000)], _CAPTION))
    dots = {dot.attributes["data-ns"]: dot for dot in _runs(drawing)}
    assert len(dots) == 6
    heights = {value: float(dot.attributes["y"]) for value, dot in dots.items()}
    assert heights["2000"] <= heights["102"] < heights["100"] - 10
    assert "+1900%" in _texts(drawing)
    assert dots["2000"].attributes["href"] != dots["102"].attributes["href"]


@pytest.mark.parametrize("far", [(5, 6, 7), (1, 2), (23, 24), (1, 12, 24)])
def test_every_run_beyond_the_scale_has_its_distance_as_text(far: tuple[int, ...]) -> None:
    """Some are next to each other, at both sides and in both directions."""
    values = [2000.0 + number if number in far else 100 + number % 3 for number in range(1, 25)]
    texts = _texts(_read(strips([_strip(*values)], _CAPTION)))
    assert {f"+{1900 + number}%" for number in far} <= texts
    values = [1.0 + number if number in far else 100 + number % 3 for number in range(1, 25)]
    texts = _texts(_read(strips([_strip(*values)], _CAPTION)))
    assert {f"-{99 - number}%" for number in far} <= texts


def test_ticks_lie_within_the_scale_and_not_among_the_texts_beyond_it() -> None:
    drawing = _read(strips([_strip(*[100, 101, 99] * 4, 500, 501, 502)], _CAPTION))
    ticks = [text for text in _texts(drawing) if re.fullmatch(r"0|[+-][\d.]+%", text) and len(text) < 5]
    assert set(ticks) <= {"0", "+1%", "-1%", "+2%", "-2%"}


def test_the_interval_is_a_band_and_there_is_none_without_one() -> None:
    banded, bare = (
        _read(strips([_strip(100, 101, 99, low=low, high=high)], _CAPTION)) for low, high in ((99, 101), (None, None))
    )
    bands = [[p for p in each.all("path") if "opacity" in p.attributes.get("style", "")] for each in (banded, bare)]
    assert [len(each) for each in bands] == [1, 0]


def test_shares_of_all_programs_are_on_one_scale() -> None:
    rows = [
        Split(key=_SEQ, user_ns=200e6, system_ns=72e6, text="272 ms"),
        Split(key=_GO, user_ns=17e6, system_ns=0, text="17 ms"),
    ]
    found = [path for path in _read(shares(rows, _CAPTION)).all("path") if path.attributes.get("data-part") == "user"]
    seq, go = (_width(path) for path in found)
    assert seq / go == pytest.approx(200 / 17, rel=0.02)


def test_shares_are_of_the_whole_and_carry_their_times() -> None:
    rows = [
        Split(key=_SEQ, user_ns=25e9, system_ns=75e9, text="25s user, 75s system"),
        Split(key=_GO, user_ns=0, system_ns=0, text="nothing"),
    ]
    drawing = _read(shares(rows, _CAPTION))
    found = {
        (p.attributes["data-program"], p.attributes["data-part"]): p
        for p in drawing.all("path")
        if "data-part" in p.attributes
    }
    assert {key: float(path.attributes["data-value"]) for key, path in found.items()} == {
        ("Seq", "user"): 25e9,
        ("Seq", "system"): 75e9,
        ("Go", "user"): 0,
        ("Go", "system"): 0,
    }
    widths = {part: _width(found["Seq", part]) for part in ("user", "system")}
    assert widths["system"] == pytest.approx(3 * widths["user"], rel=0.01)
    assert "25s user, 75s system" in _texts(drawing)


def _width(bar: Element) -> float:
    xs = [float(word) for word in bar.attributes["d"].replace("z", "").split() if word.replace(".", "").isdigit()][::2]
    return max(xs) - min(xs)


def test_bars_are_as_long_as_their_values_and_hollow_where_only_a_bound_is_known() -> None:
    marks = [
        Mark(key=_SEQ, value=400, low=400, high=400, text="400 B"),
        Mark(key=_GO, value=100, low=None, high=None, text="< 100 B"),
    ]
    drawing = _read(bars(marks, _CAPTION))
    whole, bound = [path for path in drawing.all("path") if "data-value" in path.attributes]
    assert [path.attributes["data-value"] for path in (whole, bound)] == ["400", "100"]
    assert _width(whole) == pytest.approx(4 * _width(bound), rel=0.01)
    assert "fill: none" in bound.attributes["style"]
    assert "fill: var(--tone-0)" in whole.attributes["style"]


def test_curves_have_a_point_for_each_value_on_log_scales() -> None:
    lines = [
        Curve(key=_SEQ, xs=(1, 10, 100), ys=(1e6, 1e7, 1e8), texts=("1ms", "10ms", "100ms")),
        Curve(key=_GO, xs=(1,), ys=(1e6,), texts=("1ms",)),
    ]
    drawing = _read(curves(lines, _CAPTION, x_label="strands", x_tick=lambda at: f"{at:,.0f}", y_tick=short_duration))
    dots = [dot for dot in drawing.all("use") if "data-x" in dot.attributes]
    assert [(d.attributes["data-program"], d.attributes["data-x"], d.attributes["data-value"]) for d in dots] == [
        ("Seq", "1", "1000000"),
        ("Seq", "10", "10000000"),
        ("Seq", "100", "100000000"),
        ("Go", "1", "1000000"),
    ]
    xs, ys = ([float(dot.attributes[key]) for dot in dots[:3]] for key in "xy")
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.01)
    assert ys[0] - ys[1] == pytest.approx(ys[1] - ys[2], abs=0.01)
    assert {"strands", "1", "10", "100", "1ms", "10ms", "100ms"} <= _texts(drawing)


def test_names_of_curves_share_a_line_where_they_fit() -> None:
    def drawn(*names: str) -> Element:
        keys = [Key(label=name, tone=tone) for tone, name in enumerate(names)]
        lines = [Curve(key=key, xs=(1, 2), ys=(1e6, 2e6), texts=("1ms", "2ms")) for key in keys]
        return _read(curves(lines, _CAPTION, x_label="strands", x_tick="{:g}".format, y_tick=short_duration))

    short, long = (
        drawn("Seq", "Go", "May", "Tokio"),
        drawn("Seq", "Go", "May", "idiomatic Go with more to say than fits"),
    )
    assert {"Seq", "Go", "May", "Tokio"} <= _texts(short)
    assert {"Seq", "Go", "May", "idiomatic Go with more to say than fits"} <= _texts(long)
    heights = [float(each.attributes["viewbox"].split()[3]) for each in (drawn("Seq"), short, long)]
    assert heights[0] == heights[1] < heights[2]


@FEW
@given(st.lists(st.floats(1, 1e16), min_size=1, max_size=12))
def test_any_runs_can_be_drawn_and_none_is_left_out(values: list[float]) -> None:
    ordered = sorted(values)
    strip = _strip(*values, median=ordered[len(ordered) // 2], low=ordered[0], high=ordered[-1])
    drawing = _read(strips([strip], _CAPTION))
    assert sorted(int(dot.attributes["data-round"]) for dot in _runs(drawing)) == list(range(1, len(values) + 1))
