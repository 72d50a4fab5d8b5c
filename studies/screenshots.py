"""Take the screenshots in docs/images: the README as a forge shows it, the site's first page, and the report.

    invoke bench && python -m studies.screenshots     # with the `tests` dependency group; needs a chromium on PATH

Each is taken for a desk and a phone, light and dark. The report is that of the latest session in results/, with the
history of this machine. A limit of 256 colours keeps the files small.
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from PIL import Image

from seqbench.errors import SeqbenchError
from seqbench.flags import history_path
from seqbench.project import Project
from seqbench.publish.html.contents import gather
from seqbench.publish.html.render import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "docs" / "images"
PAGES = ("readme", "site", "report")
THEMES = ("light", "dark")
MOST_BYTES = 400_000
# Plain, and close to what the forges show; the fonts are those of the machine.
_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1f2328, #f0f6fc); --paper: light-dark(#fff, #0d1117);
  --muted: light-dark(#59636e, #9198a1); --rule: light-dark(#d1d9e0, #3d444d); --panel: light-dark(#f6f8fa, #151b23);
  --link: light-dark(#0969da, #4493f8); }
body { margin: 0 auto; padding: 1.5rem 1rem; max-width: 52rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; overflow-wrap: break-word; }
h1, h2 { padding-bottom: 0.3em; border-bottom: 1px solid var(--rule); line-height: 1.25; }
h1, h2, h3 { font-weight: 600; margin: 1.5rem 0 1rem; } h1 { margin-top: 0; }
a { color: var(--link); } img { max-width: 100%; }
code { padding: 0.2em 0.4em; border-radius: 6px; background: var(--panel); font: 85% ui-monospace, Menlo, monospace; }
pre { padding: 1rem; border-radius: 6px; background: var(--panel); overflow-x: auto; line-height: 1.45; }
pre code { padding: 0; background: none; }
table { display: block; width: max-content; max-width: 100%; overflow-x: auto; border-collapse: collapse; }
th, td { padding: 6px 13px; border: 1px solid var(--rule); } tr:nth-child(2n) { background: var(--panel); }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A page in a theme and on a screen; a phone has more pixels for each of its units."""

    page: str
    theme: str
    width: int
    height: int
    density: int

    @property
    def path(self) -> Path:
        """Return the file of the screenshot."""
        return FOLDER / f"{self.page}-{self.width}-{self.theme}.png"


_SCREENS = ((1280, 1200, 1), (380, 1000, 2))
LOOKS = tuple(
    Look(page=page, theme=theme, width=width, height=height, density=density)
    for page, (width, height, density), theme in product(PAGES, _SCREENS, THEMES)
)


def readme_page(text: str, folder: Path) -> str:
    """Return a page with a text in Markdown; its pictures and links are relative to the folder."""
    body = MarkdownIt("commonmark").enable("table").render(text)
    head = f'<meta charset="utf-8"><base href="{folder.as_uri()}/"><title>README</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def take(browser: "Browser", page: Path, look: Look) -> bytes:
    """Return the screenshot of a page as PNG with at most 256 colours.

    Raises
    ------
    ValueError
        The page cannot load something, or is wider than the screen.
    """
    shown = browser.new_page(
        color_scheme="dark" if look.theme == "dark" else "light",
        viewport={"width": look.width, "height": look.height},
        device_scale_factor=look.density,
    )
    problems: list[str] = []
    shown.on("requestfailed", lambda request: problems.append(f"{request.url}: cannot be loaded"))
    shown.goto(page.as_uri())
    if (width := shown.evaluate("document.documentElement.scrollWidth")) > look.width:
        problems.append(f"{page}: {width} units wide, expected at most {look.width}")
    picture = Image.open(BytesIO(shown.screenshot())).convert("RGB").quantize(256)
    shown.close()
    if problems:
        raise ValueError("\n".join(problems))
    written = BytesIO()
    picture.save(written, "png", optimize=True)
    return written.getvalue()


def make_pages(folder: Path) -> dict[str, Path]:
    """Write the pages into a folder, and return where each is.

    Raises
    ------
    SeqbenchError
        There is no session for the report.
    ValueError
        The site cannot be built.
    """
    from sphinx.cmd.build import main as build_site  # noqa: PLC0415 - large, and the tests need only the rest

    project = Project(root=PROJECT)
    found = gather(project.results, history=history_path(project))
    pages = {"readme": folder / "readme.html", "report": folder / "report.html"}
    pages["report"].write_text(render(found.sessions, found.sections, found.unread, found.trends), encoding="utf-8")
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    pages["readme"].write_text(readme_page(text, PROJECT), encoding="utf-8")
    site = folder / "site"
    # `nox -s docs` checks it; here a page may show a picture that is not there yet.
    if build_site(["-Q", "-c", str(PROJECT / "docs"), str(PROJECT), str(site)]):
        raise ValueError("the site could not be built; fix: nox -s docs")
    return {**pages, "site": site / "index.html"}


def _screenshots() -> Iterator[tuple[Look, bytes]]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - as above

    with TemporaryDirectory() as folder, sync_playwright() as driver:
        pages = make_pages(Path(folder))
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        for look in LOOKS:
            yield look, take(browser, pages[look.page], look)
        browser.close()


def main() -> None:
    """Write all screenshots."""
    if shutil.which("chromium") is None:
        sys.exit("no chromium on PATH; fix: apt-get install chromium")
    try:
        for look, picture in _screenshots():
            if len(picture) > MOST_BYTES:
                sys.exit(f"{look.path}: {len(picture):,} bytes, expected at most {MOST_BYTES:,}")
            look.path.write_bytes(picture)
            print(f"{look.path.relative_to(PROJECT)}: {len(picture):,} bytes")  # noqa: T201
    except (SeqbenchError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
