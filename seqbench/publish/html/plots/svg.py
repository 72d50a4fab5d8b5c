"""From a drawing to an SVG that belongs to its page: the page's fonts and colours, text as text, numbers in it. Pure.

Matplotlib lays it out, in colours that stand for roles; each role becomes a CSS variable of the page, so that one
drawing serves a light and a dark theme. What is drawn carries its numbers as `data-` attributes.
"""

import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET  # what is parsed here is what Matplotlib wrote just before

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# In units of the drawing; a phone shows it a little smaller, a desk a little larger.
WIDTH = 440
UNITS_PER_INCH = 72
FONT_SIZE = 13.0

INK, MUTED, RULE, PAPER, USER, SYSTEM = (f"#0000{number:02x}" for number in range(1, 7))
_TONES = ("#000011", "#000012", "#000013", "#000014")
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    RULE: "--rule",
    PAPER: "--paper",
    USER: "--user",
    SYSTEM: "--system",
    **{tone: f"--tone-{number}" for number, tone in enumerate(_TONES)},
}
MARKERS = ("o", "s", "^", "D")

Note = Mapping[str, object]
"""The numbers of one point: each becomes a `data-` attribute, but for `title`, which is shown at the pointer."""
Notes = Mapping[str, Sequence[Note]]
"""By the gid of what was drawn, in the order of its points."""

# Matplotlib names its settings in a type of its own.
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": FONT_SIZE,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.color": RULE,
    "xtick.labelcolor": MUTED,
    "xtick.labelsize": FONT_SIZE - 1,
    "ytick.color": RULE,
    "ytick.labelcolor": MUTED,
    "ytick.labelsize": FONT_SIZE - 1,
    "ytick.left": False,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "hatch.linewidth": 1.0,
}
_UNWANTED = ("metadata", "style")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_FONT_FAMILY = re.compile(r"font-family: [^;]*; ?")
_COLOUR = re.compile("|".join(_VARIABLES))
# The joiner of emoji; all other characters that have no shape of their own are written out.
_JOINER = "\u200d"


def tone(index: int) -> str:
    """Return the colour of a runtime by its place among the columns."""
    return _TONES[index % len(_TONES)]


def printable(text: str) -> str:
    r"""Write out what a page cannot hold or would hide, as `\x00` or `\u202e`; line ends and tabs stay."""
    return "".join(
        character
        if character in "\n\t" or character == _JOINER or not unicodedata.category(character).startswith("C")
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text.replace("\r\n", "\n")
    )


def draw(paint: Callable[["Figure"], Notes], *, height: float, ident: str, title: str, description: str) -> str:
    """Let `paint` draw on a figure that is `WIDTH` x `height`, and give it as the text of an inline SVG.

    `ident` tells it from the other drawings of a page; `title` and `description` are what a screen reader says.

    Raises
    ------
    ImportError
        Matplotlib is not installed.
    ValueError
        `paint` did not give a note for each point that it drew.
    """
    # Imported when everything has been measured, and only where something is drawn: it is large.
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    written = StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": ident}), warnings.catch_warnings():
        # The page's font draws the text, not the one that Matplotlib measures with.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=(WIDTH / UNITS_PER_INCH, height / UNITS_PER_INCH), dpi=UNITS_PER_INCH)
        notes = paint(figure)
        figure.savefig(written, format="svg", transparent=True)
    root = _plain(ET.fromstring(written.getvalue()))  # noqa: S314 - as above, where it is imported
    _annotate(root, notes)
    _name_ids(root, ident)
    for element in root.iter():
        if style := element.get("style"):
            style = _FONT_FAMILY.sub("", style)
            element.set("style", _COLOUR.sub(lambda found: f"var({_VARIABLES[found[0]]})", style))
    _introduce(root, ident, title, description)
    return ET.tostring(root, encoding="unicode")


def _plain(root: ET.Element) -> ET.Element:
    """Take out namespaces, which HTML does not know, and what is no drawing."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for key in [key for key in element.attrib if "}" in key]:
            element.set(key.rpartition("}")[2], element.attrib.pop(key))
        element.text = (element.text or "").strip() if element.tag != "text" else element.text
        element.tail = None
    for parent in root.iter():
        for child in [child for child in parent if child.tag in _UNWANTED]:
            parent.remove(child)
    return root


def _annotate(root: ET.Element, notes: Notes) -> None:
    groups = {element.get("id"): element for element in root.iter("g")}
    for gid, points in notes.items():
        group = groups[gid]
        # Markers are uses of a shape; a bar or a line is a path.
        shapes = list(group.iter("use")) or [child for child in group if child.tag == "path"]
        for shape, note in zip(shapes, points, strict=True):
            for key, value in note.items():
                if key == "title":
                    ET.SubElement(shape, "title").text = printable(str(value))
                else:
                    shape.set(f"data-{key}", printable(str(value)))


def _name_ids(root: ET.Element, ident: str) -> None:
    """Keep the ids that something in the drawing refers to, under names that no other drawing of the page has."""
    elements = list(root.iter())
    used = {element.attrib["href"].removeprefix("#") for element in elements if "href" in element.attrib}
    used.update(name for element in elements for value in element.attrib.values() for name in _REFERENCE.findall(value))
    for element in elements:
        name = element.attrib.pop("id", None)
        if name in used:
            element.set("id", f"{ident}-{name}")
        for key, value in element.attrib.items():
            if key == "href":
                element.set(key, f"#{ident}-{value.removeprefix('#')}")
            elif key in ("clip-path", "style"):
                element.set(key, _REFERENCE.sub(rf"url(#{ident}-\1)", value))


def _introduce(root: ET.Element, ident: str, title: str, description: str) -> None:
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.attrib.update({"class": "plot", "role": "img", "aria-labelledby": f"{ident}-title {ident}-desc"})
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(tag, {"id": f"{ident}-{tag}"})
        element.text = printable(text)
        root.insert(place, element)
