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
    r"go(es|ne|ing)? on with": "continue, resume",
    r"for want of": "because ... is missing",
    r"whose the": "how much of the ... comes from",
    r"marginal": "unit cost",
    r"so many": "this many",
    r"at hand": "say where it is",
    r"(is|are|was|be) had": "exists, was measured",
    r"such as stand": "those that are",
    r"by nothing": "do not compare",
    r"(held|holds? (it|them|both)) against": "compared with",
    r"of before": "earlier",
    r"doors?": "the command seqbench",
}
_WORDS = re.compile(rf"\b(?:{'|'.join(_PRIVATE)})\b", re.IGNORECASE)
_TEXT = (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))
_FOLDERS = ("seqbench", "studies", "benchmarks", ".github")

# Names in stored files stay, so code in a text, and an expression in an f-string, are no words.
_CODE = re.compile(r"`[^`\n]*`|\{[^{}\n]*\}")
# What a command printed when it was run, in the words of that version.
_PRINTED = re.compile(r"^ *```(?:text|console)\n.*?^ *```$", re.MULTILINE | re.DOTALL)

# A longer line of prose holds one sentence, so that a diff shows what changed.
_LONGEST = 100
_BLOCK = re.compile(r"^ *(?:```|~~~).*?^ *(?:```|~~~) *$|<!--.*?-->", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_LAST_LINK = re.compile(r" \(?\[[^\]]*\]\([^)]*\)\)?\.?$")
# The marker of a list item, and a bold label after it.
_LABEL = re.compile(r"\s*(?:(?:[-*+]|\d+\.) +)?(?:\*\*[^*]+\*\*)?")
# An initial, an ellipsis and an abbreviation end no sentence.
_END = re.compile(
    r"(?<!\b[A-Z])(?<!\.\.)(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bed)(?<!\bal)[.!?][)\"”*]* +(?=[\w`*(\[“\"])"
)


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


def _blank(found: re.Match[str]) -> str:
    """Return as many lines as a match has, without text."""
    return "\n" * found[0].count("\n")


def _found(text: str, first: int = 1) -> list[str]:
    prose = _CODE.sub(lambda code: " " * len(code[0]), _PRINTED.sub(_blank, text))
    return [f"{prose.count(chr(10), 0, each.start()) + first}: {each[0]}" for each in _WORDS.finditer(prose)]


def _found_in_module(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [word for token in tokens if token.type in _TEXT for word in _found(token.string, token.start[0])]


def _crowded(text: str) -> list[str]:
    """Return the long lines that hold several sentences, outside tables, code, comments and links."""
    found = []
    for number, line in enumerate(_BLOCK.sub(_blank, text).splitlines(), start=1):
        shown = _LINK.sub(r"\1", _LAST_LINK.sub("", line))
        words = re.sub(r"`[^`]*`", lambda code: "X" * len(code[0]), shown)
        label = _LABEL.match(words)
        begin = label.end() + 1 if label else 0
        if not line.lstrip().startswith("|") and len(shown) > _LONGEST and _END.search(words, begin):
            found.append(f"{number}: {line}")
    return found


def test_pages_use_the_words_of_the_glossary() -> None:
    # What the document that this suite replaces claims is quoted in its words.
    pages = {path for path in _pages() if path.name != "FINDINGS.md"}
    found = {path.relative_to(REPOSITORY).as_posix(): _found(path.read_text(encoding="utf-8")) for path in pages}
    assert {name: words for name, words in found.items() if words} == {}


def test_texts_of_the_code_use_the_words_of_the_glossary() -> None:
    found = {path.relative_to(REPOSITORY).as_posix(): _found_in_module(path.read_text()) for path in _modules()}
    assert {name: words for name, words in found.items() if words} == {}


def test_pages_have_one_sentence_a_line() -> None:
    pages = {path for path in _pages() if path.suffix == ".md"}
    found = {path.relative_to(REPOSITORY).as_posix(): _crowded(path.read_text(encoding="utf-8")) for path in pages}
    assert {name: lines for name, lines in found.items() if lines} == {}


_SENTENCE = "The gate runs the baseline a second time in some rounds, slowed down by a known share."


@pytest.mark.parametrize(
    "line",
    [
        f"{_SENTENCE} It must detect that.",
        f"- **The probe.** {_SENTENCE} `seqbench` detects that.",
        f"1. {_SENTENCE} (It is the *probe*.) It must be found.",
    ],
)
def test_two_sentences_in_a_long_line_are_found(line: str) -> None:
    assert _crowded(line) == [f"1: {line}"]


@pytest.mark.parametrize(
    "line",
    [
        "One. Two. Three.",
        f"- **The probe.** {_SENTENCE[:-1]}, and this must be detected.",
        f"| {_SENTENCE} | It must detect that. |",
        f"```text\n{_SENTENCE} It must detect that.\n```",
        f"{_SENTENCE} [The method](METHOD.md#the-gate-invoke-gate)",
        f"See Hollander, M., Wolfe, D. A. and Chicken, E., *Statistics*, 3rd ed., e.g. 3.1, for this: {_SENTENCE}",
        "It is in [the method](a/folder/of/some/other/page/METHOD.md#which-version-made-it-slower-bisect). Read it.",
    ],
)
def test_one_sentence_a_line_is_not_crowded(line: str) -> None:
    assert _crowded(line) == []


@pytest.mark.parametrize(
    "text",
    [
        "# The mend:\n",
        'x = "cannot be told"\n',
        '"""Return the outside clock."""\n',
        'x = "--resume goes on with it"\n',
        '"""So many more there are."""\n',
    ],
)
def test_a_private_word_in_code_is_found(text: str) -> None:
    assert len(_found_in_module(text)) == 1


def test_a_name_in_code_is_not_a_word() -> None:
    assert _found_in_module("remedy = self.remedies\nx = f'{each.remedy} fits'  # the key `remedies`\n") == []


def test_what_a_command_printed_is_not_checked() -> None:
    assert _found("```text\nso many rounds\n```\n") == []
