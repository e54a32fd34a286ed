"""People in the console: the words of `explain`, the proof of consent, what was really sent; who may look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from engine.model.event import Event
from engine.model.ids import token
from engine.runtime.audit import visits
from engine.runtime.engine import Engine
from engine.runtime.explain import explain
from engine.runtime.store import Store
from engine.runtime.story_data import as_data
from tests.contract.seen import ADMIN, OPERATE, READ, Visitor, console, text
from tests.contract.shop import HOUR, START, agreed, event, joined
from tests.contract.test_explain import at, open_shop

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

WORDING = "I want <b>news</b> & offers"


@pytest.fixture
def engine(store: Store) -> Engine:
    """A shop in which Ana was welcomed, and an offer to her is held until the afternoon."""
    made = open_shop(store)
    said = {"channel": "email", "purpose": "marketing", "source": "account page", "wording": WORDING}
    at(made, START, event("consent_changed", "a1", state="granted", **said), joined(home_store="lyon"))
    at(made, START + HOUR, event("page_viewed", "p1", START + HOUR, page="boots"))
    at(made, START + 2 * HOUR)
    return made


@pytest.fixture
def ana(engine: Engine) -> Iterator[tuple[Visitor, str]]:
    """Somebody who may read, and the address of Ana's page."""
    with console(engine) as call:
        me = Visitor(call, READ)
        found = me.do("/people", who="ana@fernhill.example")
        assert found.status_code == 303
        yield me, found.headers["location"].removeprefix("/console")


def words(answer: httpx.Response) -> str:
    """The text of a page as one reads it, in which what is marked within a sentence divides no word."""
    assert answer.status_code == 200, text(answer)
    body = re.sub(r"</?(bdi|b|q)\b[^>]*>", "", answer.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_a_story_has_the_words_the_places_and_the_lines_of_explain(engine: Engine, ana: tuple[Visitor, str]) -> None:
    me, page = ana
    told = as_data(explain(engine, "ana"))

    shown = words(me.get(page))

    for line in told["story"]:
        assert line["text"] in shown, line
        assert line.get("place", "") in shown
        assert " ".join(line.get("quote", "").split()) in shown
    for planned in told["planned"]:
        for stop in planned["could_stop"]:
            assert stop["text"] in shown
            assert stop["place"] in shown
    assert "happened" not in shown
    assert f"{len(told['story'])} lines" in shown


def test_a_story_is_told_in_french_with_the_same_names_and_times(ana: tuple[Visitor, str]) -> None:
    me, page = ana

    shown = words(me.get(page, accept_language="fr"))

    assert "retient offer par email jusqu'à 15:00 - heures calmes : 13:00-15:00 (fuseau Europe/Paris)" in shown
    assert "mardi 25 novembre 2025" in shown
    assert "y met fin (objectif) : order_placed" in shown


def test_filters_leave_out_and_never_change_what_is_told(ana: tuple[Visitor, str]) -> None:
    me, page = ana

    messages = words(me.get(f"{page}?show=messages"))

    assert "sends welcome by email" in messages
    assert "page_viewed" not in messages
    assert "starts" not in messages
    assert "Nothing of this kind has happened" in words(me.get(f"{page}?show=offers"))
    assert words(me.get(f"{page}?show=nonsense&journey=welcome&before=x.y")).count("sends welcome by email") == 1


def test_why_a_journey_has_not_started_is_asked_on_the_page(ana: tuple[Visitor, str]) -> None:
    me, page = ana

    part = me.get(f"{page}?why=vip", x_part="answers")

    assert "2 of 4 do not hold." in words(part)
    assert "event.total is unknown (needs >= 100)" in words(part)
    assert "<html" not in part.text


def test_consent_stands_with_its_proof(engine: Engine, ana: tuple[Visitor, str]) -> None:
    me, page = ana
    granted = words(me.get(f"{page}/consent"))
    assert f"Granted Since Tue 25 Nov 2025 11:00 Source account page Wording {WORDING}" in granted
    assert "sms for marketing is unknown" in granted
    assert WORDING not in me.get(f"{page}/consent").text  # it is written as text, not as marks

    # when somebody else who has the address withdraws, it holds for her as well: the gate says so, and the page
    withdrawn = {"channel": "email", "purpose": "marketing", "address": "ana@fernhill.example"}
    other = Event(
        id="u1", name="unsubscribed", profile={"customer_id": "ben"}, at=START + 2 * HOUR,
        received=START + 2 * HOUR, properties=withdrawn,
    )  # fmt: skip
    at(engine, START + 2 * HOUR, other)
    assert "the address has refused email for marketing since 13:00" in words(me.get(f"{page}/consent"))


def test_what_was_sent_is_shown_as_it_looked_and_can_do_nothing(engine: Engine, ana: tuple[Visitor, str]) -> None:
    me, page = ana
    letters = me.get(f"{page}/messages")
    (letter,) = set(re.findall(r'href="/console(/people/\w+/messages/\w+)"', letters.text))

    shown, frame = me.get(letter), me.get(f"{letter}/html")

    assert "Welcome" in text(shown)
    assert f'src="/console{letter}/html" sandbox' in shown.text
    assert "sandbox" in frame.headers["content-security-policy"]
    assert "default-src 'none'" in frame.headers["content-security-policy"]
    assert "Hello ana" in frame.text
    assert not re.search(r"""<img[^>]+src=["']?https?:""", frame.text)
    # a message is found at its own person only
    at(engine, START + 2 * HOUR, joined("e9", "ben"))
    other = me.do("/people", who="ben").headers["location"].removeprefix("/console")
    assert me.get(f"{other}/messages/{letter.rpartition('/')[2]}/html").status_code == 404


def test_nobody_is_found_in_words_and_what_was_looked_for_stands_in_no_address(ana: tuple[Visitor, str]) -> None:
    me, page = ana
    assert "ana@" not in page

    missed = me.do("/people", who="<i>nobody</i>@x.example")

    assert missed.status_code == 404
    assert "looked for it as customer_id, card, email" in text(missed)
    assert "<i>nobody" not in missed.text
    assert me.get("/people/c000000000000000000000000").status_code == 404


def test_people_are_shown_to_keys_that_may_read_and_each_look_is_kept(engine: Engine, ana: tuple[Visitor, str]) -> None:
    me, page = ana
    with console(engine) as call:
        other = Visitor(call, OPERATE)
        for path in ("/people", page, f"{page}/consent", f"{page}/messages", f"/decisions?who={page[8:]}"):
            assert other.get(path).status_code == 403, path
        assert 'href="/console/people"' not in other.get("/audit").text
        assert other.get("/decisions").status_code == 200
    for _ in range(3):
        me.get(page)
        me.get(f"{page}/profile")

    (look,) = [each for each in visits(engine.store, 50) if each.what == "look"]

    assert look.details == {"customer": token("audit", page.rpartition("/")[2])}
    assert "read key" in look.who


def test_what_strangers_say_stays_text_and_stays_short(engine: Engine, ana: tuple[Visitor, str]) -> None:
    me, page = ana
    evil = "<script>alert(1)</script>\u202egnp.exe" + "A" * 1_000_000
    at(engine, START + 2 * HOUR, event("page_viewed", "p2", START + 2 * HOUR, page=evil))
    at(engine, START + 2 * HOUR, joined("e2", phone=evil, home_store="\u2067\u0000'\"><img src=x>"))

    for path in (page, f"{page}/profile", f"{page}/consent", f"{page}?show=events", "/people"):
        answer = me.get(path)
        assert answer.status_code == 200
        assert len(answer.text) < 120_000
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert not set("\u202e\u2067\u0000") & set(answer.text)


def test_thousands_of_lines_are_shown_a_page_at_a_time_each_once(store: Store) -> None:
    # given somebody of whom more is kept than fits a page, several lines of the same instant among it
    engine = open_shop(store)
    engine.store.timeline = 2_000
    at(engine, START, agreed(), joined())
    for hour in range(1, 8):
        instant = START + hour * 24 * HOUR
        many = [event("order_placed", f"o{hour}-{number}", instant, total=200) for number in range(14)]
        at(engine, instant, *many)
    told = [line["text"] for line in as_data(explain(engine, "ana"))["story"]]
    assert len(told) > 100

    # when one goes back page by page
    with console(engine) as call:
        me = Visitor(call, ADMIN)
        page = me.do("/people", who="ana").headers["location"].removeprefix("/console")
        seen, asked, path = 0, 0, page
        while path:
            answer = me.get(path)
            asked += 1
            seen += answer.text.count('<li class="line ')
            found = re.search(r'href="/console([^"]+before=[\d.]+)"', answer.text)
            path = unescape(found[1]) if found else ""

    # then everything was there once
    assert seen == len(told)
    assert asked == -(-len(told) // 50)
