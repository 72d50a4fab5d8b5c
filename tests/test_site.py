"""The site of the documentation: it builds without a warning, asks for no network, and tells broken links."""

import re
import shutil
from pathlib import Path

import pytest

from tests.support.site import build_site
from tests.support.world import REPOSITORY

pytestmark = pytest.mark.whole
_OUTSIDE = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"(?:https?:)?//[^>]*>")


def test_every_page_is_in_the_site_and_the_readme_is_its_first(site: Path) -> None:
    pages = {page.relative_to(REPOSITORY / "docs").with_suffix("") for page in (REPOSITORY / "docs").rglob("*.md")}
    assert pages <= {page.relative_to(site / "docs").with_suffix("") for page in (site / "docs").rglob("*.html")}
    first = (site / "index.html").read_text(encoding="utf-8")
    assert all(f'href="docs/{page}.html"' in first for page in pages)
    assert 'href="CHANGELOG.html"' in first
    assert re.search(r'href="_downloads/\w+/LATEST_RUN.txt"', first)


def test_the_reference_has_what_is_public_with_its_docstring(site: Path) -> None:
    reference = (site / "docs" / "REFERENCE.html").read_text(encoding="utf-8")
    for name in (
        "seqbench.sessions.store.load",
        "seqbench.stats.intervals.paired_ratio",
        "seqbench.sessions.session.Sample.elapsed_ns",
    ):
        assert f'id="{name}"' in reference
    assert "with the interval of" in reference


def test_no_page_asks_for_anything_from_elsewhere(site: Path) -> None:
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert len(pages) > 10
    assert {page.name: found for page, text in pages.items() if (found := _OUTSIDE.findall(text))} == {}
    assert _OUTSIDE.search('<link rel="stylesheet" href="https://example.org/font.css">')


def test_broken_links_files_and_anchors_fail_it(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "conf.py").write_bytes((REPOSITORY / "docs" / "conf.py").read_bytes())
    shutil.copytree(REPOSITORY / "docs" / "_static", docs / "_static")
    for page in (REPOSITORY / "docs").rglob("*.md"):
        copy = docs / page.relative_to(REPOSITORY / "docs")
        copy.parent.mkdir(exist_ok=True)
        copy.write_text("# A page\n\n## A heading\n")
    for name in ("CHANGELOG", "CONTRIBUTING", "SECURITY"):
        (tmp_path / f"{name}.md").write_text("# A page\n")
    links = "[a](docs/API.md) [b](docs/API.md#a-heading)"
    (tmp_path / "README.md").write_text(f"# Right\n\n{links}\n")
    assert build_site(tmp_path, tmp_path / "out").returncode == 0

    links += " [c](docs/NOTHING.md) [d](docs/API.md#nowhere) ![e](nothing.png)"
    (tmp_path / "README.md").write_text(f"# Wrong\n\n{links}\n")
    said = build_site(tmp_path, tmp_path / "out")
    assert said.returncode == 1
    assert [wrong for wrong in ("docs/NOTHING.md", "nowhere", "nothing.png") if wrong not in said.stderr] == []
