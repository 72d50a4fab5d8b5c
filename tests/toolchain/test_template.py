import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.toolchain.template import TemplateError, fill, fill_word, names_in

_TEXT = st.text(max_size=20)
_NAMES = st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5})?", fullmatch=True)


@given(_TEXT)
def test_text_with_doubled_braces_comes_back(text: str) -> None:
    assert fill_word(text.replace("{", "{{").replace("}", "}}"), {}) == text


@given(_NAMES, _TEXT, _TEXT, _TEXT)
def test_value_is_put_in_as_it_is(name: str, value: str, before: str, after: str) -> None:
    """A value with braces in it is not filled in again."""
    quoted = [text.replace("{", "{{").replace("}", "}}") for text in (before, after)]
    assert fill_word(f"{quoted[0]}{{{name}}}{quoted[1]}", {name: value}) == before + value + after


@given(st.lists(st.text(max_size=5), max_size=4).map(tuple))
def test_several_words_replace_a_word_of_their_own(words: tuple[str, ...]) -> None:
    assert fill(["a", "{flags}", "b"], {"flags": words}) == ("a", *words, "b")


@given(_TEXT)
def test_any_text_is_filled_or_refused(text: str) -> None:
    known = dict.fromkeys((name for name in names_in([text]) if name), "x")
    if "" in names_in([text]):
        with pytest.raises(TemplateError):
            fill_word(text, known)
    else:
        fill_word(text, known)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("{b}", r"there is no \{b\}; available: a, several"),
        ("{a", "brace without its partner"),
        ("a}", "brace without its partner"),
        ("-{several}", "must stand alone"),
    ],
)
def test_word_that_cannot_be_filled_is_refused(word: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        fill([word], {"a": "1", "several": ("x", "y")})
