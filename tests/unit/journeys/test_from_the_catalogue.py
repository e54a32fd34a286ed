"""Names, prices, offers and shops in shipped messages are the catalogue's, whatever an event said of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from babel.numbers import format_currency

from engine.channels import CHANNELS
from engine.render.renderer import Renderer
from tests.unit.journeys.starter import ROOT, roots, starter
from tests.unit.journeys.test_newest_word import known, text
from tests.unit.journeys.test_same_everywhere import LOCALES, MESSAGES, MONEY, words

WRONG = {"name": "Wrong name", "price": 1.11}
# Another shop's catalogue: nothing in it is as the invented customer's events or the shipped catalogue say.
OTHER = {
    "products": {
        "boots": {"sku": "boots", "name": "Clogs", "price": 71.5},
        "socks": {"sku": "socks", "name": "Mittens", "price": 3.25},
    },
    "stores": {"lyon": {"id": "lyon", "name": "Fernhill Ghent", "city": "Ghent", "opens": "11:00"}},
    "offers": {"come_back": {"code": "HEREAGAIN", "amount": 15, "from": 80}},
}
OTHER_AMOUNTS = (71.5, 6.5, 78, 15, 80)
REFUND = 45.5  # what one customer gets back is in no catalogue
OLD = ("Trail boots", "Wool socks", "Fernhill Lyon", "WELCOMEBACK", WRONG["name"])
LISTING = ["basket_last_call", "basket_link", "basket_link_reminder", "basket_reminder", "collect_reminder"]
# What was paid stands on the receipt: these say what an order holds, and no price.
ORDERED = ["collect_reminder", "order_ready", "review_request"]
LISTING += ["order_ready", "review_request"]
NAMING = ["back_and_cheaper", "back_in_stock", "price_drop"]
PARTS = [
    ("price_drop", "item.name", "product.name"),
    ("back_in_stock", "item.price", "product.price"),
    ("basket_reminder", "(basket | listed).total", "basket.total"),
    ("seen_online", "product=seen.name", "product=customer.seen_name"),
    ("order_ready", "ui.products(order.lines, prices=false)", "order.lines[0].name"),
    ("come_back_offer", "catalog.offers.come_back.code", '"WELCOMEBACK"'),
    ("collect_reminder", "catalog.stores[start.store].name", '"Fernhill Lyon"'),
]


def said(sku: str = "{}") -> dict[str, Any]:
    """The invented customer's roots, every product of which has a wrong name and price; `sku` renames products."""
    told = roots()
    lines = [{**line, **WRONG, "sku": sku.format(line["sku"])} for line in told["basket"]["lines"]]
    whole = {"total": 3.33, "lines": lines}
    told["start"] = told["event"] = {**told["start"], "sku": sku.format("boots")}
    told["customer"] |= {"seen_sku": sku.format("boots"), "seen_name": WRONG["name"], "seen_price": WRONG["price"]}
    return {**told, "basket": whole, "order": whole, "product": {"sku": sku.format("boots"), "stock": 4, **WRONG}}


def files() -> dict[str, str]:
    folder = ROOT / "templates"
    found = [path for path in folder.rglob("*") if path.suffix in (".j2", ".po")]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}


@cache
def elsewhere() -> Renderer:
    return Renderer(files(), starter().plan.brand, catalog=OTHER)


def texts(renderer: Renderer, message: str, locale: str, told: Mapping[str, Any]) -> dict[str, str]:
    """Channel -> all that is said there."""
    return {
        channel.name: words(" ".join(renderer.render(message, channel.name, locale, told).parts.values()))
        for channel in CHANNELS
    }


def strays(found: Mapping[str, str], locale: str) -> list[str]:
    """Names and amounts that are not the other shop's."""
    amounts = {words(format_currency(amount, "EUR", locale=locale)) for amount in (*OTHER_AMOUNTS, REFUND)}
    return [
        f"{channel}: {stray}"
        for channel, text in found.items()
        for stray in [*(old for old in OLD if str(old) in text), *(set(MONEY.findall(text)) - amounts)]
    ]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("message", MESSAGES)
def test_what_an_event_says_of_a_known_product_is_never_shown(message: str, locale: str) -> None:
    renderer = starter().renderer
    assert texts(renderer, message, locale, said()) == texts(renderer, message, locale, roots())


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("message", MESSAGES)
def test_another_catalogue_is_followed_by_every_name_price_offer_and_shop(message: str, locale: str) -> None:
    assert strays(texts(elsewhere(), message, locale, said()), locale) == []


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("message", [*LISTING, *NAMING, "seen_online"])
def test_all_channels_that_name_a_product_name_the_same(message: str, locale: str) -> None:
    found = texts(elsewhere(), message, locale, said())
    for channel in ("email", "store") if message in LISTING else found:
        assert "Clogs" in found[channel]
        assert (words(format_currency(71.5, "EUR", locale=locale)) in found[channel]) is (message not in ORDERED)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("message", [*LISTING, *NAMING, "seen_online"])
def test_of_a_product_that_the_catalogue_does_not_know_the_event_s_words_are_shown(message: str, locale: str) -> None:
    found = texts(starter().renderer, message, locale, said("other-{}"))
    for channel in ("email", "store") if message in LISTING else found:
        assert "Wrong name" in found[channel]
        assert (words(format_currency(1.11, "EUR", locale=locale)) in found[channel]) is (message not in ORDERED)


def test_from_event_to_message_the_catalogue_has_the_word() -> None:
    # given events of two sources that call a product by other names and prices
    life = known()
    life.say("2026-06-01T08:00:00Z", "product_viewed", sku="boots", **WRONG, in_stores=["lyon"])
    life.event("2026-06-01T08:05:00Z", "interest_registered", sku="boots", wants="stock")
    life.say("2026-06-01T08:10:00Z", "stock_back", sku="boots", **WRONG, stock=3)
    life.event("2026-06-01T14:00:00Z", "store_checked_in", channel="app", store="lyon")
    # then the push and the associate's prompt agree with the catalogue
    for message in ("back_in_stock", "seen_online"):
        assert "Trail boots" in text(life, message)
        assert MONEY.findall(text(life, message)) == ["€129.00"]


@pytest.mark.parametrize(("message", "written", "around"), PARTS)
def test_a_message_that_goes_round_the_catalogue_is_found(message: str, written: str, around: str) -> None:
    path = f"messages/{message}.j2"
    sources = files()
    assert written in sources[path]
    changed = Renderer({**sources, path: sources[path].replace(written, around)}, starter().plan.brand, catalog=OTHER)
    assert strays(texts(changed, message, "en", said()), "en")
