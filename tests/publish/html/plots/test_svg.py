import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.html.plots import svg
from seqbench.text import printable
from tests.support.laws import FEW
from tests.support.page import Element, read_page

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HOSTILE = '</svg><script>alert(1)</script> & "quoted" $x^2$ \x00 \U0001f600 \udcff'


def _points(figure: "Figure", *values: float) -> svg.Notes:
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    (drawn,) = axes.plot(range(len(values)), values, linestyle="none", marker="o", color=svg.tone(0))
    drawn.set_gid("points")
    return {"points": [{"value": value, "title": f"it is {value}"} for value in values]}


def _drawn(*values: float, ident: str = "plot", title: str = "A title", text: str = "") -> Element:
    def paint(figure: "Figure") -> svg.Notes:
        figure.text(0.5, 0.5, printable(text), color=svg.INK)
        return _points(figure, *values)

    drawing = svg.draw(paint, height=100, ident=ident, title=title, description="What it says")
    return read_page(drawing).one("svg")


def test_a_drawing_says_what_it_is_and_scales_with_its_page() -> None:
    drawing = _drawn(1, 2)
    assert drawing.attributes["role"] == "img"
    assert drawing.attributes["viewbox"] == f"0 0 {svg.WIDTH} 100"
    assert {"width", "height"}.isdisjoint(drawing.attributes)
    named = [drawing.one(id=ident) for ident in drawing.attributes["aria-labelledby"].split()]
    assert [(each.tag, each.text) for each in named] == [("title", "A title"), ("desc", "What it says")]


def test_every_point_carries_its_numbers_in_the_order_of_the_points() -> None:
    drawing = _drawn(5, 1, 3)
    points = list(drawing.all("use"))
    found = [point for point in points if "data-value" in point.attributes]
    assert [point.attributes["data-value"] for point in found] == ["5", "1", "3"]
    assert [point.one("title").text for point in found] == ["it is 5", "it is 1", "it is 3"]
    heights = {point.attributes["data-value"]: float(point.attributes["y"]) for point in found}
    assert heights["5"] < heights["3"] < heights["1"]
    assert heights["1"] - heights["3"] == pytest.approx(heights["3"] - heights["5"])


def test_a_note_too_many_is_an_error() -> None:
    def paint(figure: "Figure") -> svg.Notes:
        return {"points": [*_points(figure, 1, 2)["points"], {"value": 3}]}

    with pytest.raises(ValueError, match="zip"):
        svg.draw(paint, height=100, ident="plot", title="", description="")


def test_colours_and_fonts_are_those_of_the_page() -> None:
    drawing = _drawn(1, 2, text="words")
    styles = " ".join(element.attributes.get("style", "") for element in drawing.all())
    assert "var(--tone-0)" in styles
    assert "var(--ink)" in styles
    assert "font-family" not in styles
    assert not re.findall(r"#[0-9a-f]{6}", styles)
    assert not list(drawing.all("style"))
    assert not list(drawing.all("metadata"))


def test_text_is_text_and_no_markup_and_no_formula() -> None:
    drawing = _drawn(1, title=_HOSTILE, text=_HOSTILE)
    shown = '</svg><script>alert(1)</script> & "quoted" $x^2$ \\x00 \U0001f600 \\udcff'
    assert drawing.one("title", id="plot-title").text == shown
    assert shown in [text.text for text in drawing.all("text")]
    assert not list(drawing.all("script"))


def test_two_drawings_of_a_page_share_no_name_and_each_refers_to_its_own() -> None:
    names = []
    for ident in ("one", "two"):
        drawing = _drawn(1, 2, ident=ident)
        own = {element.attributes["id"] for element in [drawing, *drawing.all()] if "id" in element.attributes}
        for element in drawing.all():
            for key, value in element.attributes.items():
                assert set(re.findall(r"url\(#([^)]*)\)", value)) <= own
                assert key != "href" or value.removeprefix("#") in own
        names.append(own)
    assert names[0].isdisjoint(names[1])


def test_the_same_numbers_make_the_same_drawing() -> None:
    drawings = [svg.draw(lambda f: _points(f, 1, 2), height=50, ident="a", title="t", description="d") for _ in "12"]
    assert drawings[0] == drawings[1]


@given(st.text())
def test_what_is_printable_can_be_written_anywhere(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert all(character.isprintable() or character in "\n\t\u200d" or character.isspace() for character in shown)
    assert printable(shown) == shown


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", r"a\x00b"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff", r"\udcff"),
        ("one\r\ntwo\tthree\rfour", "one\ntwo\tthree\\rfour"),
        ("\U0001f468\u200d\U0001f4bb", "\U0001f468\u200d\U0001f4bb"),
    ],
)
def test_what_has_no_shape_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@FEW
@given(st.text(max_size=20))
def test_any_text_makes_a_drawing_that_can_be_read(text: str) -> None:
    assert _drawn(1, title=text, text=text).one("title", id="plot-title").text == " ".join(printable(text).split())
