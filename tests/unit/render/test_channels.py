"""One message, four channels, two languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.model.errors import RenderFailed
from engine.model.message import Addressee
from engine.render.outside import Sample
from engine.render.parts import CHANNELS
from engine.render.renderer import Renderer

Roots = dict[str, Any]
Shop = Callable[..., Renderer]


def test_the_shipped_messages_have_no_problems_and_are_all_translated(shipped: Renderer) -> None:
    assert shipped.problems() == []
    assert shipped.untranslated() == []
    assert {"welcome", "basket_reminder", "basket_last_call"} <= shipped.messages()
    assert shipped.locales[:2] == ("en", "fr")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("message", ["welcome", "basket_reminder", "basket_last_call"])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_channel_gets_exactly_its_parts(
    shipped: Renderer, roots: Roots, message: str, channel: str, locale: str
) -> None:
    rendered = shipped.render(message, channel, locale, roots)
    assert list(rendered.parts) == [part.name for part in CHANNELS[channel]]
    assert all(rendered.parts.values())
    assert (rendered.message, rendered.channel, rendered.locale) == (message, channel, locale)
    assert not any("{{" in text or "{%" in text or "jinja0" in text for text in rendered.parts.values())


def test_an_email_is_a_whole_document_in_the_customers_language(shipped: Renderer, roots: Roots) -> None:
    html = shipped.render("basket_reminder", "email", "fr", roots).parts["html"]
    assert html.startswith("<!doctype html>")
    assert '<html lang="fr"' in html
    assert "<mj-" not in html
    for words in ("Votre panier vous attend", "129,00\xa0€", "Terminer ma commande", "Me désabonner", "À bientôt"):
        assert words in html
    assert "https://links.example/unsubscribe/m-1" in html
    assert "utm_medium=email&amp;utm_campaign=abandoned_basket" in html


def test_the_text_part_says_the_same_without_markup(shipped: Renderer, roots: Roots) -> None:
    parts = shipped.render("basket_reminder", "email", "en", roots).parts
    assert parts["subject"] == "Your basket is waiting"
    assert parts["preheader"] == "2 items are kept for you."
    assert "- Trail boots, €129.00\n- Wool socks \xd7 2, €25.00\n" in parts["text"]
    assert "<" not in parts["text"]
    assert "\n\n\n" not in parts["text"]


def test_push_has_one_line_each_and_the_buttons_address(shipped: Renderer, roots: Roots) -> None:
    assert shipped.render("basket_reminder", "push", "fr", roots).parts == {
        "title": "Votre panier vous attend",
        "body": "2 articles vous sont réservés.",
        "link": "https://fernhill.example/basket?utm_source=parcours&utm_medium=push&utm_campaign=abandoned_basket",
    }


def test_a_text_message_is_the_summary_the_address_and_the_legal_line(shipped: Renderer, roots: Roots) -> None:
    text = shipped.render("basket_reminder", "sms", "fr", roots).parts["text"]
    assert text == "2 articles vous sont réservés. https://fernhill.example/basket STOP au 36180"


class Following(Sample):
    def click(self, to: Addressee, address: str, number: int) -> str:
        return f"https://l.example/{number}" if number < 1 else address


def test_a_short_link_leads_to_the_campaign_and_a_plain_one_does_without(shop: Shop) -> None:
    shown = shop(sms="{{ link('home') }} {{ link('basket') }}")
    to = Addressee("m-1", channel="sms", clicks=True)
    found = shown.render("m", "sms", "en", {"to": to, "journey": "j"}, Following())
    assert found.parts["text"].startswith("https://l.example/0 https://fernhill.example/basket STOP")
    assert found.links[0] == "https://fernhill.example/?utm_source=parcours&utm_medium=sms&utm_campaign=j"


def test_the_sms_block_replaces_the_rest_but_not_the_legal_line(shop: Shop) -> None:
    shown = shop(sms="Just\n  this", action="{{ ui.button('Go', link('home')) }}")
    assert shown.render("m", "sms", "en", {}).parts == {"text": "Just this STOP to 36180"}


def test_a_transactional_message_carries_no_marketing_lines(shop: Shop) -> None:
    shown = shop()
    assert shown.render("m", "sms", "en", {"transactional": True}).parts == {"text": "A line."}
    email = shown.render("m", "email", "en", {"transactional": True}).parts
    assert "unsubscribe" not in (email["html"] + email["text"]).lower()
    assert "Fernhill SAS" in email["html"]


def test_in_the_shop_the_associate_has_a_talk_track_of_their_own(shipped: Renderer, roots: Roots) -> None:
    parts = shipped.render("basket_reminder", "store", "en", roots).parts
    assert parts["associate"] == "Ask about the basket started online, and bring the items to try."
    assert "Wool socks \xd7 2, €25.00" in parts["body"]
    assert "http" not in parts["body"]


def test_optional_blocks_change_only_their_own_part(shop: Shop) -> None:
    shown = shop(subject="S", preheader="P", push="B")
    email = shown.render("m", "email", "en", {}).parts
    assert (email["subject"], email["preheader"]) == ("S", "P")
    push = shown.render("m", "push", "en", {}).parts
    assert (push["title"], push["body"], push["link"]) == ("Hello", "B", "")


def test_free_text_and_components_may_stand_together(shop: Shop, roots: Roots) -> None:
    body = "First.\n\nBefore {{ ui.products(basket.lines) }} after {{ ui.price(3) }}.\n\n<ul><li>own</li></ul>"
    html = shop(body=body).render("m", "email", "en", roots).parts["html"]
    assert '<p style="margin:0 0 16px">First.</p>' in html
    assert '<p style="margin:0 0 16px">Before</p>' in html
    assert "<p><table" not in html
    assert '<p style="margin:0 0 16px"><ul>' not in html


def test_a_part_without_its_block_fails_and_names_the_block(shop: Shop) -> None:
    with pytest.raises(RenderFailed, match=r"its title is empty: write \{% block headline %\}"):
        shop(headline=" ").render("m", "push", "en", {})


def test_unknown_messages_and_channels_are_named(shipped: Renderer) -> None:
    with pytest.raises(RenderFailed, match="Did you mean 'welcome'"):
        shipped.render("welcom", "email", "en", {})
    with pytest.raises(RenderFailed, match="email, push, sms, store"):
        shipped.render("welcome", "fax", "en", {})


def test_an_e_mail_has_what_every_reader_needs(shop: Shop) -> None:
    html = shop(
        body='{{ ui.products([{"name": "Boots", "price": 1, "image": "https://f.example/b.jpg"}]) }}'
        '{{ ui.image("https://f.example/a.jpg", "A <wood>") }}',
        preheader="Before you open it",
    ).render("m", "email", "en", {})
    page, text = html.parts["html"], html.parts["text"]

    assert "Before you open it" in page.partition("<table")[0]  # shown by the list of mails, before all else
    images = re.findall(r"<img[^>]*>", page)
    assert len(images) >= 2
    assert [image for image in images if 'alt="' not in image] == []
    assert 'alt="A &lt;wood&gt;"' in page
    assert '<meta name="color-scheme" content="light dark"' in page
    assert "@media (prefers-color-scheme: dark)" in page
    assert "Boots" in text
    assert "<" not in text.replace("A <wood>", "")
