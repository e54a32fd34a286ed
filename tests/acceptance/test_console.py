"""The console in a real browser, on live data: usable by everybody, alive, and alone with its server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, expect

from engine.console.nav import NAV
from engine.model.ids import profile_id
from engine.report.archive.place import open_place
from engine.report.archive.work import turn
from engine.runtime import sessions, stops
from engine.runtime.embedded import RedisServer
from engine.runtime.store import Store
from engine.settings import PREFIX
from tests.acceptance.chromium import DESKTOP, PHONE, Watched, chromium
from tests.acceptance.scene import BEGIN, DAY, HOUR, Shop
from tests.contract.served import serving

expect.set_options(timeout=30_000)  # ms: pages are slow where everything is
KEY, READ = "a-key-for-the-console", "a-key-for-reading-it"
PAGES = (
    *(path for _, _, path, _ in NAV),
    "/journeys/abandoned_basket",
    f"/people/{profile_id('customer_id', 'ana')}",
    "/reports?measure=all&since=365d",
    "/nothing-here",
)
# What is shown in frames are messages, whose own tests look at them; and nothing can run there.
RULES = {"iframes": False, "resultTypes": ["violations"]}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What can change with light and with width; all other rules are asked once.
OF_LIGHT = {**RULES, "runOnly": ["color-contrast"]}
OF_WIDTH = {**RULES, "runOnly": ["scrollable-region-focusable", "target-size"]}


@dataclass(frozen=True)
class Open:
    """A shop whose console is served at `url`."""

    shop: Shop
    url: str
    browser: Browser


@pytest.fixture(scope="module")
def there(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    archive = tmp_path_factory.mktemp("archive")
    store = Store.open(redis_server.url)
    store.redis.flushall()
    store.close()
    store = Store.open(redis_server.url)
    shop = Shop(store)
    shop.fill()
    turn(store, open_place(str(archive)), 1_000, today="9999-12-31")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"{PREFIX}ARCHIVE_URL", str(archive))
        with serving(shop.engine, [KEY, f"read:{READ}"], console=True) as url, chromium() as browser:
            yield Open(shop, url, browser)
    store.close()


@pytest.mark.timeout(300)  # seconds on a machine that does much else; alone it takes ten
def test_nothing_stands_in_anybodys_way(there: Open) -> None:
    """Every page, wide and narrow, light and dark, by the rules of axe; and none asks anybody else for anything."""
    watched, found = Watched(there.browser, there.url), list[str]()
    watched.open("/sign-in")
    found += _violations(watched, "/sign-in")
    watched.sign_in(KEY)
    for path in PAGES:
        watched.open(path)
        expect(watched.page.locator(".progress")).to_have_count(0)
        found += _violations(watched, path)

    assert found == []
    assert watched.complaints == []
    assert watched.strangers() == []
    assert len(watched.asked) > 3 * len(PAGES)
    watched.close()


def _violations(watched: Watched, path: str) -> list[str]:
    found: list[str] = []
    watched.page.evaluate(AXE_SCRIPT)
    for size in (DESKTOP, PHONE):
        watched.page.set_viewport_size({"width": size[0], "height": size[1]})
        for scheme in SCHEMES:
            watched.page.emulate_media(color_scheme=scheme)
            rules = OF_LIGHT if scheme == "dark" else RULES if size == DESKTOP else OF_WIDTH
            violations = watched.page.evaluate("async rules => (await axe.run(rules)).violations", rules)
            found += [
                f"{path} {scheme} {size[0]}: {each['id']}: {node['html'][:200]}"
                for each in violations
                for node in each["nodes"][:3]
            ]
        wide = watched.page.evaluate("document.documentElement.scrollWidth")
        found += [f"{path}: {wide} wide on a screen of {size[0]}"] if wide > size[0] else []
    return found


def test_a_journey_is_stopped_by_keyboard_and_the_page_goes_on_by_itself(there: Open) -> None:
    sessions.make_link(there.shop.store, "a-link-of-the-test", "camille@till")
    watched = Watched(there.browser, there.url)
    page = watched.page
    # given somebody who came by the link that the terminal shows
    watched.open("/enter?token=a-link-of-the-test")
    page.wait_for_url("**/console/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    # the first thing that the keyboard comes to leads past the menu
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()

    # when a basket is left, its figure changes without anybody's doing
    watched.open("/journeys/abandoned_basket")
    started = page.locator(".figure", has_text="Started").locator("strong")
    before = int(started.inner_text())
    there.shop.happens(BEGIN + 2 * DAY, "basket_updated", "gus", basket_id="b9", total=12.0)
    there.shop.at(BEGIN + 2 * DAY + 3 * HOUR)
    expect(started).to_have_text(str(before + 1), timeout=60_000)

    # and when it is paused: asked first, then done, and written down under the name of whoever did it
    button = page.get_by_role("button", name="Pause")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Pause abandoned_basket?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    assert not stops.standings(there.shop.store)
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Pause").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Paused")
    assert stops.standings(there.shop.store)["abandoned_basket"].by == "camille@till, console"
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert watched.complaints == []
    assert watched.strangers() == []
    watched.close()


def test_it_speaks_french_and_hides_what_one_may_not_do(there: Open) -> None:
    watched = Watched(there.browser, there.url, locale="fr-FR")
    watched.sign_in(READ)
    page = watched.page

    expect(page.get_by_role("heading", level=1)).to_have_text("Vue d'ensemble")
    assert page.locator("html").get_attribute("lang") == "fr"
    watched.open("/health")
    found = page.get_by_text("échéances", exact=True)
    expect(found).to_be_visible(timeout=60_000)  # what the doctor finds comes after the page
    watched.open("/journeys/abandoned_basket")
    assert page.get_by_role("button", name=re.compile("pause", re.IGNORECASE)).count() == 0
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("link", name="Overview")).to_be_visible()
    watched.close()
