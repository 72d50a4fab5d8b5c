"""The site of the documentation in a real Chromium: on a desk and on a phone, in light and dark."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

_DESK, _PHONE = 1280, 380


@pytest.mark.parametrize("width", [_DESK, _PHONE])
def test_each_page_fits_the_screen_asks_for_nothing_and_wide_tables_scroll_by_themselves(
    browser: "Browser", site: Path, width: int
) -> None:
    context = browser.new_context(offline=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    tables = 0
    for file in sorted(site.rglob("*.html")):
        page.goto(file.as_uri())
        assert (file.name, page.evaluate("document.documentElement.scrollWidth")) == (file.name, width)
        tables += page.locator(".table-wrapper").evaluate_all(
            "all => all.filter(e => e.scrollWidth > e.clientWidth).length"
        )
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(site.as_uri())] == []
    assert tables > 0 or width == _DESK


def test_it_is_light_or_dark_as_the_reader_prefers(browser: "Browser", site: Path) -> None:
    paper = {}
    for theme in ("light", "dark"):
        settings: dict[str, Any] = {"color_scheme": theme}
        page = browser.new_page(**settings)
        page.goto((site / "index.html").as_uri())
        paper[theme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.close()
    assert paper["light"] == "rgb(255, 255, 255)"
    assert paper["dark"] != paper["light"]


def test_the_search_finds_without_a_server(browser: "Browser", site: Path) -> None:
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=bootstrap")
    found = page.locator("#search-results li a")
    found.first.wait_for()
    assert "Method" in found.all_inner_texts()
    page.close()
