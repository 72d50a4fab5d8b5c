"""Take the screenshots of results/report.html for docs/RESULTS.md.

    python studies/report_screenshot.py          # in an environment with the `tests` group; needs a chromium on PATH

The desktop has the light theme, the phone the dark one. A limit of 256 colours keeps the files small.
"""

import shutil
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

_PROJECT = Path(__file__).resolve().parent.parent
_PAGE = _PROJECT / "results" / "report.html"
_FOLDER = _PROJECT / "docs" / "images"
# Name, theme, width, height and density of the screen.
_LOOKS = (("report", "light", 1280, 2400, 1), ("report-phone", "dark", 380, 1300, 2))
_MOST_BYTES = 400_000


def main() -> None:
    """Write both screenshots."""
    chromium = shutil.which("chromium")
    if chromium is None or not _PAGE.exists():
        sys.exit(f"expected chromium on PATH (apt-get install chromium) and {_PAGE} (invoke report)")
    _FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium)
        for name, theme, width, height, density in _LOOKS:
            page = browser.new_page(
                color_scheme="light" if theme == "light" else "dark",
                viewport={"width": width, "height": height},
                device_scale_factor=density,
            )
            page.goto(_PAGE.as_uri())
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(256)
            path = _FOLDER / f"{name}.png"
            picture.save(path, optimize=True)
            size = path.stat().st_size
            print(f"{path}: {size:,} bytes")  # noqa: T201
            if size > _MOST_BYTES:
                sys.exit(f"{path}: more than {_MOST_BYTES:,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
