"""Draw pictures as SVG files that stand alone, for a README and other pages in Markdown. Pure."""

import re
from collections.abc import Mapping
from importlib.resources import files

from seqbench.publish.html.plots.intervals import Mark, ratios
from seqbench.publish.html.plots.parts import Caption, Key, ends
from seqbench.publish.html.plots.svg import FONT_SIZE
from seqbench.sessions.latest_run import Record, RecordedRatio
from seqbench.sessions.report import ratio_text

THEMES = ("light", "dark")
Titles = Mapping[tuple[str, str], str]
_VARIABLES = re.compile(r":root \{([^}]*)\}")


def ratio_picture(record: Record, theme: str, titles: Titles) -> str:
    """Return the ratios of a record with their intervals as an SVG document, in the colours of a theme of the page.

    Parameters
    ----------
    theme
        `light` or `dark`. A file of each is needed, because a forge has a switch of its own for its theme.
    titles
        See `Suite.titles`. What has no title is shown by its name.

    Raises
    ------
    ValueError
        The record has no ratio.
    """
    if not record.ratios:
        raise ValueError("the record has no ratio to draw")
    caption = Caption(
        ident=f"ratios-{theme}",
        title="Ratios of the recorded run",
        description="; ".join(f"{_label(each, titles)}: {ratio_text(each.ratio)}" for each in record.ratios),
    )
    marks = [_mark(each, titles) for each in record.ratios]
    return standalone(ratios(marks, caption, lambda ratio: f"{ratio:g}x"), theme)


def standalone(drawing: str, theme: str) -> str:
    """Return a drawing of the page as an SVG document with the colours of a theme and a font."""
    style = f":root{{{_colours()[THEMES.index(theme)]}}}svg{{background:var(--paper)}}text{{{_FONT}}}"
    opened = drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return opened.replace(">", f"><style>{style}</style>", 1) + "\n"


_FONT = f'font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-size:{FONT_SIZE:g}px'


def _colours() -> list[str]:
    """Return the variables of both themes from the style sheet of the page, so that the colours stand in one place."""
    sheet = (files("seqbench.publish.html") / "templates" / "report.css").read_text(encoding="utf-8")
    return [" ".join(found.split()) for found in _VARIABLES.findall(sheet)]


def _mark(recorded: RecordedRatio, titles: Titles) -> Mark:
    low, high = ends(recorded.ratio.interval)
    label, text = _label(recorded, titles), ratio_text(recorded.ratio)
    return Mark(key=Key(label=label, tone=0), value=recorded.ratio.median, low=low, high=high, text=text)


def _label(recorded: RecordedRatio, titles: Titles) -> str:
    benchmark = recorded.benchmark
    programs = (
        titles.get((benchmark, name)) or titles.get(("", name), name) for name in (recorded.runtime, recorded.reference)
    )
    return f"{titles.get((benchmark, ''), benchmark)}: {' / '.join(programs)}"
