"""The story of one customer: what happened, why, from which line of which version, what is next."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.cli.story_text import story_text
from engine.model.errors import UnknownProfile
from engine.model.event import Event
from engine.runtime.bells import Noted
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.explain import Line, explain
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.since import since_instant
from engine.runtime.stops import pause
from engine.runtime.store import Store
from engine.runtime.story_data import as_data
from tests.contract.shop import HOUR, START, Recording, agreed, event, joined, sources
from tests.unit.docs.pages import ROOT, blocks

pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

WELCOME = """
journey: welcome
start: {event: account_created}
goal: order_placed
stop_if: customer.orders >= 5
steps:
  - if: customer.home_store is lyon
    then:
      - send: welcome
        purpose: service
        via: email
  - wait: 2h
  - send: offer
    via: [email, sms]
"""
QUIET = """
policies:
  timezone: Europe/Paris
  quiet_hours: {window: "13:00-15:00", channels: [email]}
  purposes: {marketing: {}, service: {transactional: true}}
"""
VIP = """
journey: vip
start: {event: order_placed, only_if: "event.total >= 100", again: never}
steps: [{send: offer, via: email}]
"""


def open_shop(store: Store, **changed: str) -> Engine:
    """The engine of a published shop, its clock held at START."""
    Clock(store).hold(START)
    publish(store, sources(**{"welcome": WELCOME, "policies": QUIET, "vip": VIP, **changed}))
    return Engine(store, PublishedPlans(store), FixedSenders(**{"*": Recording()}), Noted())


def at(engine: Engine, instant: int, *events: Event) -> None:
    Clock(engine.store).hold(instant)
    engine.accept(events)
    drain(engine)


def told(lines: list[Line]) -> list[tuple[str, str, str]]:
    return [(line.told.kind, line.told.place, line.quote) for line in lines if line.told.kind != "event"]


def test_every_line_names_the_rule_the_place_and_quotes_it(store: Store) -> None:
    engine = open_shop(store)
    at(engine, START, agreed(), joined(home_store="lyon"))
    at(engine, START + 2 * HOUR)
    assert told(explain(engine, "ana").lines) == [
        ("started", "journeys/welcome.yaml:3", "start: {event: account_created}"),
        ("step", "journeys/welcome.yaml:7", "- if: customer.home_store is lyon"),
        ("sent", "journeys/welcome.yaml:9", "- send: welcome"),
        ("step", "journeys/welcome.yaml:12", "- wait: 2h"),
        ("held", "journeys/policies.yaml:4", 'quiet_hours: {window: "13:00-15:00", channels: [email]}'),
    ]
    text = story_text(explain(engine, "ana"))
    assert "if: yes: customer.home_store is lyon" in text
    assert "holds offer by email until 15:00 - quiet hours: 13:00-15:00 in Europe/Paris" in text


def test_the_version_that_ran_is_quoted_and_not_the_newest(store: Store) -> None:
    # given somebody inside a journey that is published anew, with other lines
    engine = open_shop(store)
    at(engine, START, agreed(), joined(home_store="lyon"))
    publish(store, sources(welcome="\n# a new head\n" + WELCOME.replace("2h", "9h"), policies=QUIET, vip=VIP))
    at(engine, START + 2 * HOUR)
    at(engine, START + 5 * HOUR)
    lines = explain(engine, "ana").lines
    # then what they walked is quoted as it was when they entered it, also where the new plan decided
    assert told(lines)[3] == ("step", "journeys/welcome.yaml:12", "- wait: 2h")
    assert ("sent", "journeys/welcome.yaml:13", "- send: offer") in told(lines)
    assert len({line.told.plan for line in lines if line.told.plan}) == 2


def test_what_is_next_and_what_could_stop_it(store: Store) -> None:
    engine = open_shop(store)
    at(engine, START, joined())
    (planned,) = explain(engine, "ana").planned
    assert (planned.at, planned.name, planned.then) == (START + 2 * HOUR, "wait", ("offer by email, sms",))
    stops = {(each.rule, each.text): (each.seen, each.holds) for each in planned.stoppers}
    assert stops[("goal", "order_placed")] == ("", False)
    assert stops[("stop_if", "customer.orders >= 5")][1] is False
    assert stops[("consent", "email")] == ("email for marketing is unknown", True)
    pause(store, "welcome", "ana")
    assert explain(engine, "ana").planned[0].stoppers[0].rule == "paused"


def test_why_a_journey_has_not_started(store: Store) -> None:
    engine = open_shop(store)
    at(engine, START, joined())
    missing = explain(engine, "ana", ask="vip").why_not
    assert missing is not None
    assert (missing[0].holds, missing[0].seen) == (False, "no order_placed is known of this customer")
    at(engine, START + HOUR, event("order_placed", "o1", START + HOUR, total=55))
    small = {each.rule: (each.holds, each.seen) for each in explain(engine, "ana", ask="vip").why_not or ()}
    assert small["only_if"] == (False, "event.total is 55 (needs >= 100)")
    assert small["again"] == (True, "it has never run")
    at(engine, START + HOUR + 1, event("order_placed", "o2", START + HOUR + 1, total=155))
    done = {each.rule: each.holds for each in explain(engine, "ana", ask="vip").why_not or ()}
    assert (done["only_if"], done["again"]) == (True, False)


def test_events_that_led_to_nothing_are_told_too_and_one_journey_or_time_can_be_chosen(store: Store) -> None:
    engine = open_shop(store)
    at(engine, START, joined(), event("page_viewed", "v1", page="boots"))
    at(engine, START + HOUR, event("order_placed", "o1", START + HOUR, total=120))
    story = explain(engine, "ana")
    assert [line.told.message for line in story.lines if line.quiet] == ["page_viewed"]
    assert "page_viewed: page boots" in story_text(story)
    only = [(line.told.kind, line.told.journey) for line in explain(engine, "ana", journey="vip").lines]
    assert only[0] == ("event", "")
    assert {journey for _, journey in only[1:]} == {"vip"}
    assert min(line.told.at for line in explain(engine, "ana", since=START + HOUR).lines) == START + HOUR
    assert since_instant("7d", START) == START - 7 * 24 * HOUR


@pytest.mark.parametrize("who", ["ana", "customer_id:ana", "email:ana@fernhill.example", "Ana@FERNHILL.example"])
def test_any_identifier_finds_a_customer(store: Store, who: str) -> None:
    engine = open_shop(store)
    at(engine, START, joined())
    story = explain(engine, who)
    assert story.known == {"customer_id": "ana", "email": "ana@fernhill.example"}
    assert explain(engine, story.profile.id).profile.id == story.profile.id


def test_nobody_is_a_sentence(store: Store) -> None:
    engine = open_shop(store)
    with pytest.raises(UnknownProfile, match=r"Nobody is known as 'luc': looked for it as customer_id, card, email"):
        explain(engine, "luc")
    with pytest.raises(UnknownProfile, match="'mail' is no identifier of this workspace"):
        explain(engine, "mail:luc")


def test_the_same_story_over_http_and_never_without_a_key(store: Store) -> None:
    engine = open_shop(store)
    at(engine, START, agreed(), joined(home_store="lyon"))

    async def get(path: str, key: str = "key") -> httpx.Response:
        app = create_app(engine, Keys(["key"]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parcours") as client:
            return await client.get(f"/v1/profiles/{path}", headers={"X-API-Key": key})

    answer = asyncio.run(get("email:ana@fernhill.example/explain?why_not=vip"))
    assert answer.json() == as_data(explain(engine, "ana", ask="vip"))
    assert asyncio.run(get("ana/explain", key="no")).status_code == 401
    assert asyncio.run(get("luc/explain")).status_code == 404
    assert asyncio.run(get("ana/explain?journey=x")).status_code == 422
    assert asyncio.run(get("ana/explain?since=x")).status_code == 422


def test_the_page_shows_what_is_printed(store: Store) -> None:
    page = Path(ROOT / "docs" / "explain.md")
    (shown,) = [block.text for block in blocks(page) if block.info == "story"]
    engine = open_shop(store)
    at(engine, START, agreed(), joined(home_store="lyon"))
    at(engine, START + HOUR, event("page_viewed", "v1", START + HOUR, page="boots"))
    at(engine, START + 2 * HOUR)
    assert story_text(explain(engine, "ana")) + "\n" == shown


def test_what_an_event_says_cannot_speak_to_the_terminal(store: Store) -> None:
    engine = open_shop(store)
    at(engine, START, event("page_viewed", "v1", page="\x1b[2J\x9bgone\r\nFORGED LINE"))
    text = story_text(explain(engine, "ana"))
    assert not set(text) & {"\x1b", "\x9b", "\r"}
    assert "\nFORGED" not in text
