"""A shipped message says the same on every channel: the same words, names, prices and offers, in both languages."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel.numbers import format_currency

from engine.channels import CHANNELS
from engine.journey.steps.send import Sending
from engine.model.message import Rendered
from engine.render.text import plain_signs
from tests.unit.journeys.starter import LINES, roots, starter

MESSAGES = sorted(starter().renderer.messages())
LOCALES = ("en", "fr")
# What the invented customer's basket, product, refund and the catalogue's offer come to, in euros.
AMOUNTS = (154, 129, 25, 45.5, 10, 50)
NAMES = starter().plan.catalog["products"]
MONEY = re.compile(r"€\d+\.\d\d|\d+,\d\d €")


@cache
def shown(message: str, channel: str, locale: str) -> Rendered:
    return starter().renderer.render(message, channel, locale, roots())


def words(text: str) -> str:
    """Text without the marks of its channel: no tags, one kind of space, of quotes and of dashes."""
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    return plain_signs(" ".join(text.replace("&#39;", "'").replace("&amp;", "&").split()))


def whole(message: str, channel: str, locale: str) -> str:
    return words(" ".join(shown(message, channel, locale).parts.values()))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("message", MESSAGES)
def test_every_channel_tells_the_same_headline_and_summary(message: str, locale: str) -> None:
    push, store = shown(message, "push", locale).parts, shown(message, "store", locale).parts
    assert push["title"] == store["title"]
    for channel in ("email", "store"):
        assert words(push["title"]) in whole(message, channel, locale)
    for channel in ("email", "sms", "store"):
        assert words(push["body"]) in whole(message, channel, locale)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("message", MESSAGES)
def test_amounts_are_the_same_wherever_one_is_shown(message: str, locale: str) -> None:
    real = {words(format_currency(amount, "EUR", locale=locale)) for amount in AMOUNTS}
    found = {channel.name: set(MONEY.findall(whole(message, channel.name, locale))) for channel in CHANNELS}
    seen = [amounts for amounts in found.values() if amounts]
    assert all(amounts <= real for amounts in seen), found
    if seen:
        assert set.intersection(*seen), found


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("message", ["back_in_stock", "price_drop", "back_and_cheaper"])
def test_a_product_has_one_name_and_one_price_on_every_channel(message: str, locale: str) -> None:
    price = words(format_currency(129, "EUR", locale=locale))
    for channel in CHANNELS:
        text = whole(message, channel.name, locale)
        assert NAMES["boots"]["name"][locale] in text
        assert set(MONEY.findall(text)) == {price}


@pytest.mark.parametrize("locale", LOCALES)
def test_an_offer_is_one_amount_and_one_code(locale: str) -> None:
    ten, fifty = (words(format_currency(amount, "EUR", locale=locale)) for amount in (10, 50))
    for channel in CHANNELS:
        assert set(MONEY.findall(whole("come_back_offer", channel.name, locale))) == {ten, fifty}
    for shows_codes in ("email", "store"):
        assert "WELCOMEBACK" in whole("come_back_offer", shows_codes, locale)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("message", ["basket_reminder", "basket_link", "collect_reminder"])
def test_a_list_of_items_is_the_same_in_the_shop_as_at_home(message: str, locale: str) -> None:
    for line in LINES:
        for channel in ("email", "store"):
            assert NAMES[str(line["sku"])]["name"][locale] in whole(message, channel, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_renders_on_each_channel_of_its_via(locale: str) -> None:
    sends = [
        step.spec
        for journey in starter().plan.journeys.values()
        for step in journey.steps.values()
        if isinstance(step.spec, Sending)
    ]
    assert len(sends) > 30
    for spec in sends:
        for channel in spec.via:
            rendered = shown(spec.message, channel, locale)
            assert rendered.locale == locale
            assert all(text for part, text in rendered.parts.items() if part not in ("link", "associate"))


@pytest.mark.parametrize("message", MESSAGES)
def test_nothing_english_is_left_in_the_french(message: str) -> None:
    for channel in CHANNELS:
        english, french = (shown(message, channel.name, locale).parts for locale in LOCALES)
        for part in english:
            # a shop's name or a code may be the same; a sentence may not
            if len(english[part].split()) > 3 and part != "link":
                assert english[part] != french[part], part
