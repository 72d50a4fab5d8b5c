"""The terms of the report: their tooltips, and the page of the documentation that is made from them."""

import re

import pytest

from seqbench.publish.html.glossary import TERMS, Tooltips, terms_in
from seqbench.publish.html.render import render
from studies import glossary_page
from tests.support.hostile import HOSTILE
from tests.support.page import Element, read_page
from tests.support.strategies import a_program, a_result, a_session, measured
from tests.support.world import REPOSITORY

_BOTH = a_session(a_result(a_program(measured(*[5] * 6)), a_program(measured(*[2] * 6), "go")))


def _marked(text: str) -> Element:
    return read_page(str(Tooltips().mark(text)))


def test_glossary_page_is_made_from_the_terms() -> None:
    written = (REPOSITORY / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
    assert written == glossary_page.page(), "run nox -s pages"


def test_no_word_means_two_terms() -> None:
    words = [word.lower() for term in TERMS for word in (term.name, *term.also)]
    assert len(words) == len(set(words))
    assert len({term.ident for term in TERMS}) == len(TERMS)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Rounds were disturbed", ["disturbed", "round"]),
        ("the ratio is head / base", ["head / base", "ratio"]),
        ("baseline, off-side, ground, x.program", ["program"]),
        ("System % of 5 % is Good", ["band", "system time"]),
        ("nothing here", []),
    ],
)
def test_terms_are_whole_words_and_the_longest_one_counts(text: str, terms: list[str]) -> None:
    assert [term.name for term in terms_in(text)] == terms


def test_the_first_use_of_a_term_in_a_part_is_a_button() -> None:
    tooltips = Tooltips()
    first = read_page(str(tooltips.mark("A round; other rounds.")))
    assert first.text == "A round; other rounds."
    (button,) = first.all("button")
    assert (button.text, button.attributes["type"]) == ("round", "button")
    assert button.attributes["popovertarget"] == button.attributes["aria-describedby"] == "term-round"
    assert not list(read_page(str(tooltips.mark("rounds"))).all("button"))
    tooltips.part()
    assert len(list(read_page(str(tooltips.mark("rounds"))).all("button"))) == 1


def test_a_text_of_others_stays_text() -> None:
    page = _marked(f"{HOSTILE} <b>round</b>")
    assert not list(page.all("script"))
    assert not list(page.all("b"))
    assert page.text.endswith("<b>round</b>")


def test_every_term_of_the_page_has_one_tooltip_with_its_meaning() -> None:
    page = read_page(render([_BOTH]))
    tips = {each.attributes["id"]: each for each in page.all("div", role="tooltip")}
    used = {each.attributes["aria-describedby"] for each in page.all("button", class_="term")}
    assert used == set(tips)
    assert {f"term-{name}" for name in ("interval", "round", "band", "own-clock", "median", "target-cpu")} <= used
    for term in TERMS:
        if term.ident in tips:
            assert tips[term.ident].text == f"{term.name}: {term.meaning.replace('`', '')}"
            assert "popover" in tips[term.ident].attributes


def test_meanings_have_code_but_no_other_markup() -> None:
    assert not [term.name for term in TERMS if re.search(r"[<>*\[\]|]", term.meaning) or term.meaning.endswith(".")]
    tooltips = Tooltips()
    tooltips.mark("gate")
    ((_, meaning),) = tooltips.used
    assert "<code>invoke gate</code>" in meaning


@pytest.mark.parametrize(
    "text", ["\u017fide", "the \u017fystem time of a \u017ftrand", "barrier \u212a \u0130 \u0131", "ratio\u017f"]
)
def test_letters_that_only_look_alike_for_a_pattern_are_no_term(text: str) -> None:
    assert Tooltips().mark(text)
    assert str(_marked(text).text) == text
