"""The pictures of the console in the README and in docs/console.md: the grocer's households, as the engine had them.

Make them again: python -m scripts.console_screenshots (needs Chromium; takes a minute or two).
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from engine.define.events import read_event
from engine.define.folder import compile_folder, read_folder
from engine.runtime.bells import Noted
from engine.runtime.clock import Clock
from engine.runtime.embedded import find_or_bring
from engine.runtime.engine import Engine
from engine.runtime.heartbeat import Heart
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from engine.settings import load
from engine.testing.run import until_instant
from examples.grocer.events import events
from tests.acceptance.chromium import DESKTOP, PHONE, Watched, chromium
from tests.contract.served import serving
from tests.contract.shop import Recording

ROOT = Path(__file__).resolve().parents[1]
IMAGES, SHOP = ROOT / "docs" / "images", ROOT / "examples" / "grocer"
HOUSEHOLDS, UNTIL = (843, 1208, 2069, *range(1, 60)), "2017-05-20T10:00:00Z"
KEY = "a-key-for-the-pictures"


class Shot(NamedTuple):
    """One picture: the name of its file, the page, its language and width, light or dark, and how much of it."""

    name: str
    path: str
    locale: str = "en"
    size: tuple[int, int] = DESKTOP
    scheme: str = "light"
    high: int = 0


SHOTS = (
    Shot("console-overview", "/", high=1180),
    Shot("console-overview-dark", "/", scheme="dark", high=1180),
    Shot("console-journey", "/journeys/win_back", high=1260),
    Shot("console-journey-fr-dark", "/journeys/win_back", "fr", DESKTOP, "dark", 1260),
    Shot("console-health", "/health"),
    Shot("console-overview-phone", "/", size=PHONE, high=1500),
    Shot("console-journey-phone-dark", "/journeys/win_back", size=PHONE, scheme="dark", high=1500),
)


def filled(url: str) -> Engine:
    """The households' first months, in virtual time."""
    store, plan = Store.open(url), compile_folder(SHOP).sound().plan
    lines = sorted(events(HOUSEHOLDS), key=lambda line: line["at"])
    Clock(store).hold(until_instant(lines[0]["at"]))
    publish(store, read_folder(SHOP), "ana@till")
    engine = Engine(store, PublishedPlans(store), FixedSenders(**{"*": Recording()}), Noted())
    for at, group in groupby(lines, key=lambda line: line["at"]):
        now = until_instant(at)
        if at > UNTIL:
            break
        Clock(store).hold(now)
        engine.accept([read_event(plan.vocabulary, dict(line), now) for line in group])
        drain(engine)
    Clock(store).hold(until_instant(UNTIL))
    drain(engine)
    return engine


def main(names: list[str]) -> None:
    """Take all pictures, or those named."""
    home = Path(tempfile.mkdtemp(prefix="parcours-pictures-"))
    settings = load(workspace=home, redis_url=None)
    with find_or_bring(settings) as server, chromium() as browser, ExitStack() as stack:
        engine = filled(server.url)
        url = stack.enter_context(serving(engine, [KEY], settings, console=True))
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            Heart(engine.store, "both").beat()
            watched = Watched(browser, url, locale=shot.locale, size=shot.size)
            watched.page.emulate_media(color_scheme="dark" if shot.scheme == "dark" else "light")
            watched.sign_in(KEY)
            watched.open(shot.path)
            watched.page.wait_for_load_state("load")
            watched.page.locator("[data-load] .progress").wait_for(state="detached")  # what is fetched after the page
            high = shot.high or watched.page.evaluate("document.documentElement.scrollHeight")
            watched.page.set_viewport_size({"width": shot.size[0], "height": high})
            file = IMAGES / f"{shot.name}.png"
            watched.page.screenshot(path=file)
            watched.close()
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
