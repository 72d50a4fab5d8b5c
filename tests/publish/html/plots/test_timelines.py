import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.publish.html.plots.parts import Caption, Key
from seqbench.publish.html.plots.timelines import Moment, Shift, Timeline, timelines
from seqbench.units import short_duration
from tests.support.laws import FEW
from tests.support.page import Element, read_page
from tests.support.strategies import NOON, any_text

_CAPTION = Caption(ident="p", title="Title", description="Description")
_SEQ, _GO = Key(label="Seq", tone=0), Key(label="Go", tone=1)
_DAY = timedelta(days=1)


def _timeline(
    *values: float,
    key: Key = _SEQ,
    shifts: tuple[Shift, ...] = (),
    first: datetime = NOON,
    step: timedelta = _DAY,
    scale: tuple[float, float] = (90.0, 110.0),
) -> Timeline:
    moments = tuple(
        Moment(at=first + number * step, value=value, low=None, high=None, text=f"{value:g}!")
        for number, value in enumerate(values)
    )
    return Timeline(key=key, moments=moments, shifts=shifts, low=scale[0], high=scale[1], text="the last")


def _read(*rows: Timeline) -> Element:
    return read_page(timelines(rows, _CAPTION, lambda value: f"{value:g}")).one("svg")


def _dots(drawing: Element, program: str = "Seq") -> list[Element]:
    return [each for each in drawing.all("use") if each.attributes.get("data-program") == program]


def _places(dots: list[Element]) -> list[tuple[float, float]]:
    return [(float(dot.attributes["x"]), float(dot.attributes["y"])) for dot in dots]


def _texts(drawing: Element) -> list[str]:
    return [each.text for each in drawing.all("text")]


def test_every_moment_has_a_point_with_its_program_date_and_value() -> None:
    drawing = _read(_timeline(100, 103, 98), _timeline(101, 104, key=_GO))
    assert [(dot.attributes["data-at"], dot.attributes["data-value"]) for dot in _dots(drawing)] == [
        ("2026-03-01T12:00:00Z", "100"),
        ("2026-03-02T12:00:00Z", "103"),
        ("2026-03-03T12:00:00Z", "98"),
    ]
    assert [dot.attributes["data-value"] for dot in _dots(drawing, "Go")] == ["101", "104"]
    assert _dots(drawing)[1].one("title").text == "Seq, 103!"
    assert {"Seq", "Go", "the last"} <= set(_texts(drawing))


def test_all_panels_have_the_same_dates_and_time_goes_from_left_to_right() -> None:
    drawing = _read(_timeline(100, 100, 100, 100), _timeline(100, 100, key=_GO, first=NOON + _DAY, step=2 * _DAY))
    xs = [x for x, _ in _places(_dots(drawing))]
    steps = [after - before for before, after in pairwise(xs)]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.01)
    assert steps[0] > 50
    assert [x for x, _ in _places(_dots(drawing, "Go"))] == pytest.approx([xs[1], xs[3]], abs=0.01)


def test_larger_is_higher_and_what_is_beyond_the_scale_is_another_mark_at_its_edge() -> None:
    drawing = _read(_timeline(100, 110, 90, 5000, 1))
    dots = _dots(drawing)
    heights = {dot.attributes["data-value"]: y for dot, (_, y) in zip(dots, _places(dots), strict=True)}
    assert heights["110"] < heights["100"] < heights["90"]
    assert heights["5000"] == pytest.approx(heights["110"], abs=0.01)
    assert heights["1"] == pytest.approx(heights["90"], abs=0.01)
    assert {"5000", "1"} <= set(_texts(drawing))
    shapes = {dot.attributes["data-value"]: dot.attributes["href"] for dot in dots}
    assert len({shapes["5000"], shapes["1"], shapes["100"]}) == 3


def test_every_value_beyond_the_scale_is_written_even_of_neighbours() -> None:
    values = [100.0, 101, 5000, 5001, 5002, 5003, 99, 100, 1, 2, 3, 101]
    assert {"5000", "5001", "5002", "5003", "1", "2", "3"} <= set(_texts(_read(_timeline(*values))))


def _strokes(drawing: Element, style: str) -> list[Element]:
    return [each for each in drawing.all("path") if style in each.attributes.get("style", "")]


def test_an_interval_is_a_bar_and_there_is_none_without_one() -> None:
    bare = _timeline(100, 101)
    with_ends = Moment(at=NOON, value=100, low=95, high=2000, text="")
    banded = Timeline(key=_SEQ, moments=(with_ends,), shifts=(), low=90, high=110, text="")
    bars = [_strokes(_read(row), "stroke-opacity: 0.35") for row in (bare, banded)]
    assert [len(each) for each in bars] == [0, 1]


def test_a_change_is_a_dashed_line_with_its_text_and_the_levels_on_both_sides() -> None:
    shift = Shift(index=2, short="+10%", text="slower by 10%: commit a to b")
    plain, changed = (_read(_timeline(100, 101, 110, 111, shifts=shifts, scale=(95, 115))) for shifts in ((), (shift,)))
    assert not [each for each in plain.all() if "data-shift" in each.attributes]
    (line,) = [each for each in changed.all() if "data-shift" in each.attributes]
    assert line.attributes["data-at"] == "2026-03-03T12:00:00Z"
    assert line.attributes["data-shift"] == "+10%"
    assert "stroke-dasharray" in line.attributes["style"]
    assert line.one("title").text == "Seq, slower by 10%: commit a to b"
    assert "+10%" in _texts(changed)
    # At the first point of the new level.
    assert float(line.attributes["d"].split()[1]) == pytest.approx(_places(_dots(changed))[2][0], abs=0.01)
    levels = [len(_strokes(each, "stroke: var(--ink); stroke-width: 1.2")) for each in (plain, changed)]
    assert levels == [0, 2]


def test_texts_of_changes_that_would_overlap_are_left_out_but_not_their_lines() -> None:
    values = [100.0 + 5 * (number // 3) for number in range(30)]
    shifts = tuple(Shift(index=3 * number, short=f"+{number}%", text="") for number in range(1, 10))
    drawing = _read(_timeline(*values, shifts=shifts, scale=(95, 150)))
    assert len([each for each in drawing.all() if "data-shift" in each.attributes]) == 9
    told = [text for text in _texts(drawing) if text.startswith("+")]
    assert "+9%" in told
    assert 3 <= len(told) < 9


@pytest.mark.parametrize(
    ("step", "axis", "ticks"),
    [
        (timedelta(0), "2026-03-01, UTC", r"\d\d:\d\d(:\d\d)?"),
        (timedelta(seconds=9), "2026-03-01, UTC", r"\d\d:\d\d(:\d\d)?"),
        (timedelta(minutes=10), "2026-03-01, UTC", r"\d\d:\d\d"),
        (timedelta(hours=5), "2026-03-01 to 2026-03-02, UTC", r"\d\d:\d\d"),
        (_DAY, "2026-03-01 to 2026-03-08, UTC", r"03-\d\d"),
        (30 * _DAY, "2026-03-01 to 2026-09-27, UTC", r"2026-\d\d"),
        (400 * _DAY, "2026-03-01 to 2033-10-30, UTC", r"20\d\d"),
    ],
)
def test_the_axis_has_a_few_dates_as_fine_as_the_time_between_the_sessions(
    step: timedelta, axis: str, ticks: str
) -> None:
    texts = _texts(_read(_timeline(*[100] * 8, step=step)))
    assert axis in texts
    dates = [text for text in texts if re.fullmatch(ticks, text)]
    assert 2 <= len(dates) <= 6, texts


def test_a_moment_is_shown_in_utc_whatever_its_zone() -> None:
    there = timezone(timedelta(hours=-10))
    drawing = _read(_timeline(100, 101, first=NOON.astimezone(there)))
    assert _dots(drawing)[0].attributes["data-at"] == "2026-03-01T12:00:00Z"


_moments = st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@FEW
@given(st.floats(0, 12), st.integers(3, 30))
def test_there_are_dates_at_the_axis_whatever_time_it_spans(exponent: float, count: int) -> None:
    span = timedelta(microseconds=10**exponent * 1e5)
    texts = _texts(_read(_timeline(*[100] * count, step=span / count)))
    dates = [text for text in texts if re.fullmatch(r"\d{4}|\d{4}-\d\d|\d\d-\d\d|\d\d:\d\d(:\d\d)?", text)]
    assert 1 <= len(dates) <= 7, texts


@FEW
@given(st.lists(st.tuples(_moments, st.floats(1, 1e18)), min_size=1, max_size=5), any_text)
def test_any_moments_values_and_texts_are_drawn(found: list[tuple[datetime, float]], text: str) -> None:
    found.sort()
    moments = tuple(Moment(at=at, value=value, low=value / 2, high=value * 2, text=text) for at, value in found)
    values = [value for _, value in found]
    row = Timeline(
        key=Key(label=text, tone=7),
        moments=moments,
        shifts=(Shift(index=len(found) - 1, short=text, text=text),) if len(found) > 1 else (),
        low=0.9 * min(values),
        high=1.1 * max(values),
        text=text,
    )
    drawing = read_page(timelines([row], _CAPTION, short_duration)).one("svg")
    assert len([each for each in drawing.all("use") if "data-value" in each.attributes]) == len(found)
