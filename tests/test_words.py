"""No page, message, docstring or comment uses the private vocabulary that earlier versions had."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import REPOSITORY

# What each stands for is in docs/GLOSSARY.md, under the standard term.
_PRIVATE = {
    r"mend(s|ed|ing)?": "fix",
    r"remed(y|ies)": "fix",
    r"entrants?": "candidate",
    r"outside clocks?": "wall clock",
    r"told": "say who says what",
    r"contests?": "round, comparison",
    r"judgements?": "verdict",
    r"witness(es|ed)?": "check",
    r"passed over": "left out, ignored",
    r"gone on with": "resumed",
    r"for want of": "because ... is missing",
    r"whose the": "how much of the ... comes from",
    r"marginal": "unit cost",
}
_WORDS = re.compile(rf"\b(?:{'|'.join(_PRIVATE)})\b", re.IGNORECASE)
_TEXT = (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))
_FOLDERS = ("seqbench", "studies", "benchmarks", ".github")


def _pages() -> Iterator[Path]:
    yield from REPOSITORY.glob("*.md")
    yield from (REPOSITORY / "docs").rglob("*.md")
    for folder in _FOLDERS:
        for ending in ("*.md", "*.toml", "*.yml", "*.template", "*.jinja", "*.seq", "*.go", "*.rs"):
            yield from (REPOSITORY / folder).rglob(ending)


def _modules() -> Iterator[Path]:
    yield from REPOSITORY.glob("*.py")
    for folder in _FOLDERS:
        yield from (REPOSITORY / folder).rglob("*.py")


# Names in stored files stay, so code in a text, and an expression in an f-string, are no words.
_CODE = re.compile(r"`[^`\n]*`|\{[^{}\n]*\}")


def _found(text: str, first: int = 1) -> list[str]:
    prose = _CODE.sub(lambda code: " " * len(code[0]), text)
    return [f"{prose.count(chr(10), 0, each.start()) + first}: {each[0]}" for each in _WORDS.finditer(prose)]


def _found_in_module(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [word for token in tokens if token.type in _TEXT for word in _found(token.string, token.start[0])]


def test_pages_use_the_words_of_the_glossary() -> None:
    # What the document that this suite replaces claims is quoted in its words.
    pages = {path for path in _pages() if path.name != "FINDINGS.md"}
    found = {path.relative_to(REPOSITORY).as_posix(): _found(path.read_text(encoding="utf-8")) for path in pages}
    assert {name: words for name, words in found.items() if words} == {}


def test_texts_of_the_code_use_the_words_of_the_glossary() -> None:
    found = {path.relative_to(REPOSITORY).as_posix(): _found_in_module(path.read_text()) for path in _modules()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("text", ["# The mend:\n", 'x = "cannot be told"\n', '"""Return the outside clock."""\n'])
def test_a_private_word_in_code_is_found(text: str) -> None:
    assert len(_found_in_module(text)) == 1


def test_a_name_in_code_is_not_a_word() -> None:
    assert _found_in_module("remedy = self.remedies\nx = f'{each.remedy} fits'  # the key `remedies`\n") == []
