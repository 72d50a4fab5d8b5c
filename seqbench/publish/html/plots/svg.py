"""Convert a drawing of Matplotlib to an inline SVG with the fonts and colours of the page. Pure.

Each colour of the drawing stands for a role and becomes a CSS variable, so that one drawing fits a light and a dark
theme. Text stays text. Points have their numbers as `data-` attributes.
"""

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET  # what is parsed here is what Matplotlib wrote just before

from seqbench.text import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# In units of the drawing: a phone shows it slightly smaller, a desktop slightly larger.
WIDTH = 440
UNITS_PER_INCH = 72
FONT_SIZE = 13.0

INK, MUTED, RULE, PAPER, USER, SYSTEM = (f"#0000{number:02x}" for number in range(1, 7))
# The numbers of colours and markers have no common factor, so that 72 runtimes look different.
_TONES = tuple(f"#0000{number:02x}" for number in range(0x11, 0x19))
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    RULE: "--rule",
    PAPER: "--paper",
    USER: "--user",
    SYSTEM: "--system",
    **{tone: f"--tone-{number}" for number, tone in enumerate(_TONES)},
}
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")

Note = Mapping[str, object]
"""The numbers of one point: each becomes a `data-` attribute, but `title` becomes the tooltip."""
Notes = Mapping[str, Sequence[Note]]
"""The notes by the gid of a drawn object, in the order of its points."""

# Any: Matplotlib has a type of its own for the names of settings.
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


def tone(index: int) -> str:
    """Return the colour of a runtime by its column number."""
    return _TONES[index % len(_TONES)]


def draw(paint: Callable[["Figure"], Notes], *, height: float, ident: str, title: str, description: str) -> str:
    """Let `paint` draw on a figure of `WIDTH` x `height`, and return it as the text of an inline SVG.

    `ident` is unique on the page. A screen reader reads `title` and `description`.

    Raises
    ------
    ImportError
        Matplotlib is not installed.
    ValueError
        `paint` did not return a note for each point that it drew.
    """
    # A large module: imported only to draw, after the measurement.
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    written = StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": ident}), warnings.catch_warnings():
        # The browser uses the page's font, not the one that Matplotlib measures with.
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
    """Remove namespaces, which HTML does not have, and elements that draw nothing."""
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
        # Markers are `use` elements; a bar or a line is a path.
        shapes = list(group.iter("use")) or [child for child in group if child.tag == "path"]
        for shape, note in zip(shapes, points, strict=True):
            for key, value in note.items():
                if key == "title":
                    ET.SubElement(shape, "title").text = printable(str(value))
                else:
                    shape.set(f"data-{key}", printable(str(value)))


def _name_ids(root: ET.Element, ident: str) -> None:
    """Keep only the ids that the drawing refers to, with `ident` as a prefix, so that they are unique on the page."""
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
