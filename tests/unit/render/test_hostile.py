"""Values that somebody chose to do harm, on every channel: nothing breaks, nothing is let in, nothing takes long.

The heavier part, templates that do not end, is test_hostile_templates.py.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import SMTP
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest

from engine.channels.providers.mime import Letterhead
from engine.model.errors import RenderFailed
from engine.model.message import Outgoing, Rendered
from engine.render.parts import CHANNELS
from engine.render.renderer import LONGEST_REASON, Renderer

Shop = Callable[..., Renderer]
EMOJI = "\U0001f469\u200d\U0001f4bb \U0001f1eb\U0001f1f7 \u2764\ufe0f"
RLO, PDI, ZWSP, BOM, SHY = "\u202e", "\u2069", "\u200b", "\ufeff", "\xad"

# What stands for the first name of a customer -> what is left of it in a text, None when nothing may be sent with it.
VALUES: dict[str, tuple[str, str | None]] = {
    "markup": ("<b>Ana</b>", "<b>Ana</b>"),
    "a script": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "out of an attribute": ("\" onmouseover='x' a=\"", "\" onmouseover='x' a=\""),
    "MJML": ("</mj-text><mj-image src='x' />", "</mj-text><mj-image src='x' />"),
    "Jinja": ("{{ 7 * 7 }}{% include 'x' %}{# #}", "{{ 7 * 7 }}{% include 'x' %}{# #}"),
    "Python formats": ("{0.__class__} %(x)s %s %n", "{0.__class__} %(x)s %s %n"),
    "a word of the layout's compiler": ("jinja00001tag", "jinja00001tag"),
    "headers": ("Ana\r\nBcc: all@example.com\r\n\r\n<p>", "Ana Bcc: all@example.com <p>"),
    "other line ends": ("Ana\x0bB\x0cc\x85d\u2028e\u2029f\x1cg", "AnaBcd e fg"),
    "control characters": ("A\x00n\x07a\x1b[31m\x7f\x9b", "Ana[31m"),
    "overrides of direction": (f"Ana{RLO}moc.elpmaxe{PDI}", "Anamoc.elpmaxe"),
    "a Hebrew name": ("\u05d3\u05e0\u05d4\u200f", "\u05d3\u05e0\u05d4\u200f"),
    "what nobody sees": (f"A{ZWSP}n{BOM}{SHY}a\u2060", "Ana"),
    "lone surrogates": ("Ana\ud800\udfff", "Ana"),
    "emoji": (
        "\U0001f469\u200d\U0001f4bb \U0001f1eb\U0001f1f7 \u2764\ufe0f",
        "\U0001f469\u200d\U0001f4bb \U0001f1eb\U0001f1f7 \u2764\ufe0f",
    ),
    "a tower of accents": ("a" + "\u0301" * 500, "a" + "\u0301" * 4),
    "a name of Vietnam": ("Nguy\u1ec5n Tr\u1ecb e\u0302\u0301", "Nguy\u1ec5n Tr\u1ecb e\u0302\u0301"),
    "JSON": ('","admin":true,"x":"\\', '","admin":true,"x":"\\'),
    "CSS": ("red;}</style><style>*{display:none", "red;}</style><style>*{display:none"),
    "nothing but blanks": (f" \t\n{ZWSP}{BOM}", None),
    "letters that show nothing": ("\u3164\u115f\u2800\ufe0f", None),
    "a megabyte": ("x" * 1_000_000, None),
    "a megabyte of blanks before a letter": (" " * 1_000_000 + "x", "x"),
    "a megabyte of accents": ("\u0301" * 1_000_000, "\u0301" * 4),
    "a megabyte of line ends": ("a" + "\r\n" * 500_000 + "b", "a b"),
}
BLOCKS = {
    "headline": "Hello {{ customer.first_name }}!",
    "summary": "{% trans name=customer.first_name %}For {{ name }}{% endtrans %}",
    "body": '<p title="{{ customer.first_name }}">{{ customer.first_name ~ "" }}</p>{{ ui.code(customer.first_name) }}'
    '{{ ui.products([{"name": customer.first_name, "price": 2}]) }}',
    "action": "{% set name = customer.first_name %}{{ ui.button(name, link('order', order_id=name, q=name)) }}",
    "associate": "{{ customer.first_name }}",
}


class Reader(HTMLParser):
    """The tags of a page with the names of their attributes, as a browser takes them apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))


@pytest.fixture(scope="module")
def hostile(templates: dict[str, str], brand: dict[str, Any]) -> Renderer:
    text = "{% extends layout %}\n" + "\n".join(f"{{% block {k} %}}{v}{{% endblock %}}" for k, v in BLOCKS.items())
    return Renderer({**templates, "messages/m.j2": text}, brand)


@pytest.mark.parametrize(("value", "left"), VALUES.values(), ids=VALUES)
def test_a_hostile_value_stays_a_text_on_every_channel(hostile: Renderer, value: str, left: str | None) -> None:
    calm = hostile.render("m", "email", "en", {"customer": {"first_name": "Ana"}}).parts["html"]
    started = time.process_time()
    for locale, channel in product(("en", "fr"), CHANNELS):
        found = attempt(hostile, channel, locale, value)
        if isinstance(found, RenderFailed):
            assert left is None or len(value) > 100_000, found
            assert found.place.startswith("templates/")
            assert len(found.reason) <= LONGEST_REASON
            continue
        assert left is not None
        check(channel, found, left)
        if channel == "email":
            assert Reader(found["html"]).tags == Reader(calm).tags
            letter(found)
    assert time.process_time() - started < 3.0


def attempt(renderer: Renderer, channel: str, locale: str, value: str) -> dict[str, str] | RenderFailed:
    try:
        return renderer.render("m", channel, locale, {"customer": {"first_name": value}}).parts
    except RenderFailed as fault:
        return fault


def check(channel: str, parts: dict[str, str], left: str) -> None:
    for name, text in parts.items():
        text.encode()  # no lone surrogate
        json.dumps(text)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ufeff]", text)
        if name not in ("html", "text", "body", "associate") or channel == "sms":
            assert "\n" not in text
        if name == "link":
            assert re.fullmatch(r"https://fernhill\.example/orders/[\w%.~-]+\?q=[\w%+.&=~-]+", text)
    assert parts.get("subject", parts.get("title", f"Hello {left}!")) == f"Hello {left}!"
    if channel == "sms":
        assert parts["text"].endswith(("STOP to 36180", "STOP au 36180"))  # nothing is cut off for what came before


def letter(parts: dict[str, str]) -> None:
    """The e-mail as bytes has the headers that it always has, and no other."""
    shown = Rendered("m", "email", "en", parts)
    outgoing = Outgoing("a", "m", "p", "", "j", "s", "m", "email", "ana@example.com", "marketing", 0, None, shown)
    wire = Letterhead("Fernhill", "hello@fernhill.example").letter(outgoing, "ana@example.com", None)
    assert b"\n" not in wire.replace(b"\r\n", b"")
    read = message_from_bytes(wire, policy=SMTP)
    assert [name.lower() for name in list(read)] == [
        *("from", "to", "subject", "date", "message-id", "mime-version", "content-type"),
    ]
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
