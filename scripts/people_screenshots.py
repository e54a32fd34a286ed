"""The pictures of people, messages, decisions and the time machine in docs/console.md.

Make them again: python -m scripts.people_screenshots (needs Chromium; takes a minute).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from engine.model.ids import profile_id
from engine.runtime.embedded import find_or_bring
from engine.runtime.store import Store
from engine.settings import load
from tests.acceptance.chromium import DESKTOP, PHONE, Watched, chromium
from tests.acceptance.scene import ROOT, Shop
from tests.contract.served import serving

IMAGES = ROOT / "docs" / "images"
KEY = "a-key-for-the-pictures"
ANA = f"/people/{profile_id('customer_id', 'ana')}"
CHLOE = profile_id("customer_id", "chloe")
EDIT = "/machine?draft=disk&changes=journeys/abandoned_basket.yaml"


class Shot(NamedTuple):
    """One picture: the name of its file, the page, how high, and as in scripts/console_screenshots.py."""

    name: str
    path: str
    high: int
    locale: str = "en"
    size: tuple[int, int] = DESKTOP
    scheme: str = "light"


SHOTS = (
    Shot("console-person", ANA, 1400),
    Shot("console-person-fr-phone-dark", ANA, 1500, "fr", PHONE, "dark"),
    Shot("console-message", "/messages/basket_reminder", 1180),
    Shot("console-decisions-dark", f"/decisions?who={CHLOE}&at=web.home&c.intent=browse", 1020, scheme="dark"),
    Shot("console-time-machine", EDIT, 1300),
)


def tried(watched: Watched) -> None:
    """A shorter wait is tried on Ana's history."""
    page = watched.page
    text = page.get_by_label("journeys/abandoned_basket.yaml")
    text.fill(text.input_value().replace("idle_for: 2h", "idle_for: 30m"))
    page.get_by_label("A person, by any identifier").fill("ana")
    page.get_by_role("button", name="Go back in time").click()
    page.get_by_role("columnheader", name="With the draft").wait_for(timeout=120_000)


def main(names: list[str]) -> None:
    """Take all pictures, or those named."""
    home = Path(tempfile.mkdtemp(prefix="parcours-pictures-"))
    with find_or_bring(load(workspace=home, redis_url=None)) as server, chromium() as browser:
        shop = Shop(Store.open(server.url))
        shop.fill()
        with serving(shop.engine, [KEY], load(workspace=ROOT), console=True) as url:
            for shot in SHOTS:
                if names and shot.name not in names:
                    continue
                watched = Watched(browser, url, locale=shot.locale, size=shot.size)
                watched.page.emulate_media(color_scheme="dark" if shot.scheme == "dark" else "light")
                watched.sign_in(KEY)
                watched.open(shot.path)
                if shot.path == EDIT:
                    tried(watched)
                watched.page.wait_for_load_state("load")
                watched.page.locator("#live .progress").wait_for(state="detached", timeout=120_000)
                watched.page.set_viewport_size({"width": shot.size[0], "height": shot.high})
                file = IMAGES / f"{shot.name}.png"
                watched.page.screenshot(path=file)
                watched.close()
                print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
