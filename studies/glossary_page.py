"""Write docs/GLOSSARY.md from the terms of the code, which the report shows as tooltips: run `nox -s pages`."""

from pathlib import Path

from seqbench.publish.html.glossary import TERMS, Term

_PAGE = Path(__file__).resolve().parents[1] / "docs" / "GLOSSARY.md"
_INTRODUCTION = """# Glossary

What does a word mean that the pages, tables and errors use?
The page that `invoke report` writes shows the same meanings at its words.
Made from the code by `nox -s pages`.

| term | meaning |
|---|---|
"""


def page() -> str:
    """Return the text of the page."""
    return _INTRODUCTION + "".join(f"| {term.name} | {term.meaning}{_link(term)} |\n" for term in TERMS)


def _link(term: Term) -> str:
    title, target = term.page
    return f" ([{title}]({target}))" if target else ""


if __name__ == "__main__":
    _PAGE.write_text(page(), encoding="utf-8")
