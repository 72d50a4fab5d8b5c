"""The screenshots of docs/images: there is one for every page, screen and theme."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from studies.screenshots import LOOKS, MOST_BYTES, PROJECT, Look, readme_page, take

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.path.stem)
def test_screenshot_is_there_and_small(look: Look) -> None:
    with Image.open(look.path) as picture:
        assert picture.size == (look.width * look.density, look.height * look.density)
    assert look.path.stat().st_size <= MOST_BYTES


def test_readme_is_shown_with_its_tables_and_without_comments() -> None:
    page = readme_page((PROJECT / "README.md").read_text(encoding="utf-8"), PROJECT)
    assert "<table>" in page
    assert f'<base href="{PROJECT.as_uri()}/">' in page
    assert "&lt;!--" not in page


@pytest.mark.browser
def test_a_picture_that_is_missing_fails_the_screenshot(browser: "Browser", tmp_path: Path) -> None:
    page, look = tmp_path / "readme.html", LOOKS[0]
    page.write_text(readme_page("![a picture](docs/images/ratios-light.svg)", PROJECT))
    assert take(browser, page, look).startswith(b"\x89PNG")
    page.write_text(readme_page("![a picture](docs/images/nothing.svg)", PROJECT))
    with pytest.raises(ValueError, match=r"nothing\.svg: cannot be loaded"):
        take(browser, page, look)


@pytest.mark.browser
def test_a_page_wider_than_the_screen_fails_the_screenshot(browser: "Browser", tmp_path: Path) -> None:
    page = tmp_path / "readme.html"
    page.write_text(readme_page('<div style="width: 900px">wide</div>', PROJECT))
    phone = next(look for look in LOOKS if look.width < 900)
    with pytest.raises(ValueError, match=r"9\d\d units wide, expected at most 380"):
        take(browser, page, phone)
