"""The preview: what it shows of a workspace, and that its page asks nobody for anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from engine.define.folder import read_folder
from engine.define.workspace import compile_sources
from engine.render.preview.build import Preview, View, build
from engine.render.preview.page import framed, page
from engine.render.preview.personas import FULL, SPARSE, Maker
from engine.render.preview.sms import measure
from tests.story import TEMPLATE, compiled

JOURNEY = """
journey: j
start: {event: basket_updated, key: event.basket_id}
steps:
  - send: m1
    via: [push, email, sms, store]
  - send: m2
    via: sms
"""
PLACES = "placements: {store.till: {show: 1}}\n"
GREETS = TEMPLATE.replace("Hello", "Hello {{ customer.first_name }}")


def preview(*journeys: str, **options: Any) -> Preview:
    found = compiled(*(journeys or (JOURNEY,)), **options)
    return build(found.plan, found.renderer, found.problems)


def views(shown: Preview, message: str) -> list[View]:
    return [view for each in shown.messages if each.name == message for view in each.views]


class Page(HTMLParser):
    """The tags of a page with their attributes, and the texts between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "link", "base", "input", "br", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str, name: str = "", value: str = "") -> list[dict[str, str]]:
        return [found for each, found in self.tags if each == tag and (not name or found.get(name) == value)]


def test_every_message_is_rendered_by_the_channels_that_send_it_for_both_customers() -> None:
    shown = preview()

    assert [(view.channel, view.locale, view.persona) for view in views(shown, "m1")] == [
        (channel, locale, persona)
        for channel in ("email", "push", "sms", "store")
        for locale in shown.locales
        for persona in ("full", "sparse")
    ]
    m2 = next(each for each in shown.messages if each.name == "m2")
    assert (m2.channels, m2.unused) == (("sms",), ("email", "push", "store"))
    assert views(shown, "m3") == []


def test_a_rendering_that_fails_shows_its_reason_and_line() -> None:
    shown = preview(m1=GREETS)

    failed = [view for view in views(shown, "m1") if view.fault]

    assert {view.persona for view in failed} == {"sparse"}
    assert failed[0].place == "templates/messages/m1.j2:1"
    assert "customer.first_name is missing" in failed[0].fault
    assert "templates/messages/m1.j2:1</code>" in page(shown)


def test_the_page_says_which_step_sends_a_message_and_which_puts_it_on_the_table() -> None:
    suggests = "journey: s\nstart: {event: booked}\nsteps:\n  - suggest: m3\n    placements: [store.till]\n"
    shown = preview(JOURNEY, suggests, others=(PLACES,))

    (use,) = next(each for each in shown.messages if each.name == "m3").uses

    assert (use.action, use.where, use.place) == (True, ("store.till",), "journeys/s.yaml:4")
    assert {view.channel for view in views(shown, "m3")} == {"store"}
    assert "puts it on the table at store.till" in page(shown)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments", "room"),
    [
        ("a" * 160, "GSM-7", 160, 1, 160),
        ("a" * 161, "GSM-7", 161, 2, 306),
        ("€" * 80, "GSM-7", 160, 1, 160),  # two septets each
        ("€" * 81, "GSM-7", 162, 2, 306),
        ("a" + "€" * 152, "GSM-7", 305, 2, 306),
        ("€" * 153, "GSM-7", 306, 3, 459),  # 153 is odd: a character is not cut, so 76 fit into one segment
        ("ê" * 70, "UCS-2", 70, 1, 70),
        ("ê" * 71, "UCS-2", 71, 2, 134),
        ("🎁" * 35, "UCS-2", 70, 1, 70),  # two units each
        ("🎁" * 67, "UCS-2", 134, 3, 201),  # 67 is odd too
        ("", "GSM-7", 0, 1, 160),
    ],
)
def test_sms_segments(text: str, encoding: str, units: int, segments: int, room: int) -> None:
    length = measure(text)

    assert (length.encoding, length.units, length.segments, length.room) == (encoding, units, segments, room)


def test_the_characters_outside_gsm_7_are_named_once() -> None:
    assert measure("Fête à l\u2019été, l\u2019île").others == "ê\u2019î"
    assert measure("à l'été").others == ""


def test_the_page_is_well_formed_and_reaches_nothing() -> None:
    image = TEMPLATE.replace(
        "Some words.{% endblock %}{% block body %}",
        "Words.{% endblock %}{% block body %}{{ ui.image('https://shop.example/a.png', 'A') }}",
    )
    text = page(preview(m1=image))
    parsed = Page(text)

    assert parsed.open == []
    assert not [tag for tag, found in parsed.tags if "src" in found]
    assert [found["href"] for found in parsed.all("link")] == ["data:,"]
    (policy,) = parsed.all("meta", "http-equiv", "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'; img-src data:;")
    assert "connect-src 'none'" in policy["content"]
    mails = [found["data-html"] for found in parsed.all("iframe") if "data-html" in found]
    assert mails
    for mail in mails:
        inner = Page(mail)
        assert {found.get("src", "")[:10] for found in inner.all("img")} == {"data:image"}
        assert not [found for tag, found in inner.tags if tag in ("script", "link")]
        assert inner.all("base", "target", "_blank")
    assert all(found["sandbox"] == "allow-same-origin" for found in parsed.all("iframe"))  # no scripts, no windows
    assert {found["width"] for found in parsed.all("iframe")} == {"390", "660"}


def test_scripts_and_foreign_styles_of_a_mail_do_not_come_along() -> None:
    html = (
        "<html><head lang=x><link href='https://f.example/f.css'><style>@import url(https://f.example/a.css);a{}</style>"
        "</head><body><script>alert(1)</script><img alt='' src='https://f.example/i.png'></body></html>"
    )

    text = framed(html)

    assert "f.example" not in text
    assert "alert" not in text
    assert '<head lang=x><base target="_blank">' in text


@pytest.mark.parametrize("tag", ["<iframe src={}>", "<object data={}>", "<EMBED\nsrc={}>", "<li<link>nk href={}>"])
def test_a_mail_calls_nobody_by_other_tags_either(tag: str) -> None:
    text = framed(f"<body>{tag.format('https://f.example/')}</body>")

    assert not re.search("<(link|iframe|object|embed)", text, re.IGNORECASE)


def test_what_a_template_writes_cannot_leave_its_place_on_the_page() -> None:
    shown = preview(m1=TEMPLATE.replace("Hello", "</article></body><h6>alert(1)</h6>"))

    assert "<h6>alert" not in page(shown)


def test_the_same_workspace_gives_the_same_page() -> None:
    assert page(preview()) == page(preview())


def test_the_customers_are_made_of_the_vocabulary() -> None:
    plan = compile_sources(read_folder(Path(__file__).parents[3])).plan
    maker = Maker(plan, "fr")

    full, sparse = (maker.roots(persona, ["basket_updated"], []) for persona in (FULL, SPARSE))

    assert set(full["customer"]) == set(plan.vocabulary.attributes) | set(plan.vocabulary.identifiers)
    assert set(sparse["customer"]) == set(plan.vocabulary.identifiers)
    assert (full["customer"]["first_name"], full["customer"]["locale"]) == ("Camille", "fr")
    assert full["customer"]["home_store"] in plan.catalog["stores"]
    lines = full["basket"]["lines"]
    assert lines[0]["name"] != lines[1]["name"]
    assert full["basket"]["total"] == sum(line["price"] * line["quantity"] for line in lines)
    assert full["start"]["basket_id"] == full["basket"]["basket_id"]


def test_whom_an_event_gives_a_tier_has_that_tier() -> None:
    maker = Maker(compiled(JOURNEY).plan, "en")

    assert "tier" in maker.roots(SPARSE, ["tier_changed"], [])["customer"]
    assert "first_name" not in maker.roots(SPARSE, ["joined"], [])["customer"]


def test_problems_of_the_workspace_stand_on_top_and_the_rest_is_rendered() -> None:
    sources = {**compiled(JOURNEY).sources, "journeys/k.yaml": JOURNEY.replace("journey: j", "journey: k\nabuot: x")}
    found = compile_sources(sources)

    text = page(build(found.plan, found.renderer, found.problems))

    assert re.search(r"journeys/k\.yaml:\d+:1</code>", text)
    assert "Did you mean &#39;about&#39;?" in text
    assert 'data-message="m1"' in text
