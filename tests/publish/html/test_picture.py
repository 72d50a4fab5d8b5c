from xml.etree import ElementTree as ET

import pytest

from seqbench.publish.html.picture import THEMES, ratio_picture
from seqbench.sessions.recording import record_of
from tests.support.strategies import a_program, a_result, a_session, measured

_RECORD = record_of(a_session(a_result(a_program(measured(502, 502)), a_program(measured(217, 217), "go"))))


@pytest.mark.parametrize("theme", THEMES)
def test_picture_is_a_document_with_every_recorded_ratio(theme: str) -> None:
    root = ET.fromstring(ratio_picture(_RECORD, theme, {}))  # noqa: S314 - written just before
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = [text for element in root.iter() for text in element.itertext()]
    assert any("seq / go" in text for text in texts)
    assert any("2.3x" in text for text in texts)


def test_picture_shows_titles_where_there_are_some() -> None:
    (name,) = {each.benchmark for each in _RECORD.ratios}
    titles = {(name, ""): "Skynet", ("", "seq"): "Seq", ("", "go"): "Go"}
    assert "Skynet: Seq / Go" in ratio_picture(_RECORD, "light", titles)
    assert "Skynet: Seq / idiomatic Go" in ratio_picture(_RECORD, "light", titles | {(name, "go"): "idiomatic Go"})


def test_picture_defines_every_colour_that_it_uses() -> None:
    for theme in THEMES:
        picture = ratio_picture(_RECORD, theme, {})
        for part in picture.split("var(")[1:]:
            assert f"{part.partition(')')[0]}:" in picture


def test_themes_differ_in_colours_only() -> None:
    light, dark = (ratio_picture(_RECORD, theme, {}) for theme in THEMES)
    assert light != dark
    assert light.count("<path") == dark.count("<path")


def test_record_without_ratios_has_no_picture() -> None:
    alone = record_of(a_session(a_result(a_program(measured(502, 502)))))
    with pytest.raises(ValueError, match="no ratio"):
        ratio_picture(alone, "light", {})
