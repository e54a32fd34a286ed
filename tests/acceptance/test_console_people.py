"""People, messages, decisions and the time machine in a real browser: by keyboard, by axe's rules, on live data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.console import aside
from engine.console.aside import Aside
from engine.console.pages import machine, messages
from engine.runtime.embedded import RedisServer
from engine.runtime.store import Store
from tests.acceptance.chromium import PHONE, Watched, chromium
from tests.acceptance.scene import BEGIN, DAY, HOUR, Shop
from tests.contract.served import serving

KEY = "a-key-for-the-console"


@pytest.fixture(scope="module")
def there(redis_server: RedisServer) -> Iterator[tuple[Shop, Watched]]:
    """The shop, and somebody in its console."""
    store = Store.open(redis_server.url)
    store.redis.flushall()
    store.close()
    shop = Shop(Store.open(redis_server.url))
    shop.fill()
    with pytest.MonkeyPatch.context() as patched, serving(shop.engine, [KEY], console=True) as url:
        for page in (machine, messages):
            patched.setattr(page, "ASIDE", Aside(aside.here))
        with chromium() as browser:
            watched = Watched(browser, url)
            watched.sign_in(KEY)
            yield shop, watched
            assert watched.complaints == []
            assert watched.strangers() == []
            watched.close()
    shop.store.close()


def sound(page: Page) -> None:
    """By the rules of axe; and nothing is wider than a phone. Light and dark are tried where all pages are."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == [], page.url
    before = page.viewport_size
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], page.url
    assert before is not None
    page.set_viewport_size(before)


def test_a_person_is_found_and_their_story_goes_on_while_one_reads(there: tuple[Shop, Watched]) -> None:
    shop, watched = there
    page = watched.page
    watched.open("/people")
    page.get_by_label("Any identifier").fill("customer_id:ana")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana")
    assert "ana" not in page.url

    # why was it held? the line tells when it is opened, by keyboard
    line = page.locator("summary", has_text="holds basket_reminder by push")
    line.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text('window: "21:00-08:00"').first).to_be_visible()

    # something happens: the page says so by itself, and what was open stays open
    shop.happens(BEGIN + DAY + 6 * HOUR, "case_closed", by="phone", case_id="c1")
    expect(page.get_by_text("case_closed (phone)")).to_be_visible(timeout=15_000)
    expect(page.locator("details[open] summary", has_text="holds basket_reminder by push")).to_be_visible()

    # what was really sent, in a frame that can do nothing
    page.get_by_role("link", name="Messages sent").click()
    page.get_by_role("link", name="case_received").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Thank you for telling us")
    assert page.locator("iframe").get_attribute("sandbox") == ""
    sound(page)
    page.get_by_role("link", name="customer_id:ana").click()
    page.get_by_role("link", name="The proof").click()
    expect(page.get_by_text("Yes, tell me by push what is new at Fernhill.").first).to_be_visible()
    sound(page)


def test_messages_decisions_and_drafts_are_tried_without_anything_coming_of_it(there: tuple[Shop, Watched]) -> None:
    shop, watched = there
    page = watched.page
    watched.open("/messages/basket_reminder")
    page.get_by_role("link", name="Hardly known").click()
    page.get_by_role("link", name="fr", exact=True).click()
    expect(page.locator(".bubble")).to_contain_text("articles vous sont réservés")
    expect(page.get_by_text("templates/messages/basket_reminder.j2").first).to_be_visible()
    sound(page)

    # the moment is played with: the answer follows what is typed
    logged = shop.store.redis.xlen("parcours:audit")
    watched.open("/decisions?at=web.home")
    expect(page.get_by_text("context.intent is unknown")).to_be_visible()
    page.get_by_label("intent").fill("browse")
    expect(page.get_by_text("context.intent is unknown")).to_be_hidden()
    assert shop.store.redis.xlen("parcours:audit") == logged
    sound(page)

    # a change of one file, tried on Ana's own history
    watched.open("/machine?draft=disk&changes=journeys/abandoned_basket.yaml")
    text = page.get_by_label("journeys/abandoned_basket.yaml")
    text.fill(text.input_value().replace("idle_for: 2h", "idle_for: 30m"))
    page.get_by_label("A person, by any identifier").fill("ana")
    page.get_by_role("button", name="Go back in time").click()
    expect(page.get_by_role("columnheader", name="With the draft")).to_be_visible(timeout=60_000)
    expect(page.locator("td.new", has_text="starts for b1")).to_contain_text("journeys/abandoned_basket.yaml:6")
    sound(page)
