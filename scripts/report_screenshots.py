"""The pictures of a report in the README: a made-up quarter of the starter's shop.

Make them again: python -m scripts.report_screenshots (needs Chromium).
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.past import a_past
from engine.define.folder import compile_folder
from engine.report.archive.place import open_place
from engine.report.showing.making import reported
from engine.report.showing.page import page
from scripts.screenshots import IMAGES, ROOT
from tests.acceptance.browser import Browser

ROWS, CUSTOMERS = 60_000, 2_000
MEASURES = ("reach", "transitions")


class Shot(NamedTuple):
    """One picture: what the file is called, how wide and high it is, light or dark."""

    name: str
    width: int
    height: int
    scheme: str


SHOTS = (
    Shot("report-desktop", 1180, 1_330, "light"),
    Shot("report-desktop-dark", 1180, 1_330, "dark"),
    Shot("report-phone", 390, 1_330, "light"),
)


def shown() -> str:
    """The page that is photographed."""
    with tempfile.TemporaryDirectory() as folder:
        place = open_place(folder)
        a_past(place, ROWS, customers=CUSTOMERS)
        return page(reported(place, Path(folder), compile_folder(ROOT).sound().plan, names=MEASURES))


def take(browser: Browser, text: str, shot: Shot, folder: Path) -> Path:
    """Photograph the beginning of a page."""
    source, file = folder / f"{shot.name}.html", folder / f"{shot.name}.png"
    source.write_text(text, "utf-8")
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": shot.scheme}])
    browser.call("Emulation.setDeviceMetricsOverride", width=shot.width, height=800, deviceScaleFactor=1, mobile=False)
    browser.open(source.as_uri())
    clip = {"x": 0, "y": 0, "width": shot.width, "height": shot.height, "scale": 1}
    found = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    file.write_bytes(base64.b64decode(found["data"]))
    source.unlink()
    return file


def main(names: list[str]) -> None:
    """Take all pictures, or those named."""
    text = shown()
    with Browser() as browser:
        for shot in SHOTS:
            if not names or shot.name in names:
                file = take(browser, text, shot, IMAGES)
                print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
