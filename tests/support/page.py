"""Reads a page as a browser does: its elements with their attributes and all the text in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element]" = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All the text in it, with its white space as one."""
        return " ".join("".join(self.pieces).split())

    def all(self, tag: str = "", **attributes: str) -> "Iterator[Element]":
        """Return what is in it, of a kind and with these attributes; `class_` is for `class`, `_` in names is `-`."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        for child in self.children:
            if tag in ("", child.tag) and all(child.attributes.get(key) == value for key, value in wanted.items()):
                yield child
            yield from child.all(tag, **attributes)

    def one(self, tag: str = "", **attributes: str) -> "Element":
        """Return the only one of these."""
        found = list(self.all(tag, **attributes))
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {key: value or "" for key, value in attrs}, self._at)
        self._at.children.append(element)
        if tag not in _VOID:
            self._at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._at.tag == tag, f"</{tag}> closes <{self._at.tag}>"
        assert self._at.parent is not None
        self._at = self._at.parent

    def handle_data(self, data: str) -> None:
        at: Element | None = self._at
        while at is not None:
            at.pieces.append(data)
            at = at.parent

    def close(self) -> None:
        super().close()
        assert self._at is self.root, f"<{self._at.tag}> is not closed"


def read_page(text: str) -> Element:
    """Read a page; every element must be closed in its turn."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.root


def rows_of(table: Element) -> list[list[str]]:
    """Return the cells of a table, the header first."""
    return [[cell.text for cell in row.children if cell.tag in ("th", "td")] for row in table.all("tr")]
