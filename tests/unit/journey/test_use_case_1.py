"""Use case 1, the abandoned basket of web, app and store, with the instants it promises (Europe/Paris)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.story import QUIET, Story

POLICIES = QUIET + (
    "  caps:\n"
    "    - {limit: 1 per calendar day, channels: [push], purpose: marketing}\n"
    "    - {limit: 1 per calendar day, channels: [email], purpose: marketing}\n"
    "    - {limit: 3 per 168h, purpose: marketing}\n"
)
BASKET = """
journey: basket
start: {event: basket_updated, key: event.basket_id, idle_for: 2h, only_if: [event.total > 0]}
goal: order_placed
stop_if: basket_emptied where basket_id is start.basket_id
steps:
  - send: m1
    via: [push, email]
  - wait: 22h
  - send: m2
    via: email
"""
ALERT = """
journey: alert
start: {event: booked}
steps:
  - send: m3
    via: push
"""


def ana(*journeys: str, joined: str = "2026-03-01T09:00:00Z", push: bool = True) -> Story:
    story = Story(*journeys, policies=POLICIES)
    story.join(joined, agrees=("push", "email") if push else ("email",))
    return story


def test_web_then_app_gives_one_push_and_one_email() -> None:
    story = ana(BASKET)
    story.event("2026-03-27T17:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-03-27T17:40:00Z", "basket_updated", channel="app", basket_id="b1", total=55)
    story.end()
    assert story.sent == ["m1 by push 2026-03-27T19:40:00Z", "m2 by email 2026-03-28T17:40:00Z"]
    assert len(story.kinds("started")) == 1


def test_who_has_no_push_gets_an_email() -> None:
    story = ana(BASKET, push=False)
    story.event("2026-03-27T15:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.until("2026-03-27T18:00:00Z")
    assert story.sent == ["m1 by email 2026-03-27T17:00:00Z"]


@pytest.mark.parametrize(
    ("updated", "held_at", "first", "second"),
    [
        # due 22:30 local on the eve of summer time: the hold is 8 h 30, not 9 h 30
        ("2026-03-28T19:30:00Z", "2026-03-28T21:30:00Z", "2026-03-29T06:00:00Z", "2026-03-30T06:00:00Z"),
        # due 22:30 local on the eve of winter time: 10 h 30; 22 h later it is 06:00 local
        ("2026-10-24T18:30:00Z", "2026-10-24T20:30:00Z", "2026-10-25T07:00:00Z", "2026-10-26T07:00:00Z"),
    ],
)
def test_held_over_a_clock_change(updated: str, held_at: str, first: str, second: str) -> None:
    story = ana(BASKET)
    story.event(updated, "basket_updated", basket_id="b1", total=45)
    story.end()
    assert story.kinds("held")[0] == f"m1 by push {held_at}"
    assert story.sent == [f"m1 by push {first}", f"m2 by email {second}"]


@pytest.mark.parametrize(
    ("ingested", "sent"),
    [
        ("2026-03-29T05:59:59Z", []),
        # at the very instant the event goes first
        ("2026-03-29T06:00:00Z", []),
        ("2026-03-29T06:00:05Z", ["m1 by push 2026-03-29T06:00:00Z"]),
    ],
)
def test_a_till_receipt_that_comes_in_around_the_release(ingested: str, sent: list[str]) -> None:
    story = ana(BASKET)
    story.event("2026-03-28T19:30:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-03-28T20:00:00Z", "order_placed", received=ingested, channel="store", order_id="o1")
    story.end()
    assert story.sent == sent
    if sent:
        assert "late_exit" in story.reasons("ended")[0]
    else:
        assert "late_exit" not in "".join(story.reasons("ended"))


def test_an_older_change_that_comes_last_moves_neither_the_basket_nor_the_clock() -> None:
    story = ana(BASKET)
    story.event("2026-03-27T17:40:00Z", "basket_updated", basket_id="b1", total=55)
    story.event("2026-03-27T17:00:00Z", "basket_updated", received="2026-03-27T17:50:00Z", basket_id="b1", total=45)
    story.until("2026-03-27T20:00:00Z")
    assert story.sent == ["m1 by push 2026-03-27T19:40:00Z"]
    assert story.ana.objects["basket"]["b1"].data["total"] == 55


def test_a_full_cap_skips_the_push_and_the_email_keeps_its_own_time() -> None:
    story = ana(BASKET, ALERT)
    story.event("2026-03-27T10:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-27T15:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.end()
    assert story.sent == ["m3 by push 2026-03-27T10:00:00Z", "m2 by email 2026-03-28T15:00:00Z"]
    assert story.reasons("refused") == ["cap: 1 of 1 per calendar day"]


@pytest.mark.parametrize("name", ["order_placed", "basket_emptied"])
@pytest.mark.parametrize("at", ["2026-03-27T16:00:00Z", "2026-03-28T10:00:00Z"])
def test_an_order_or_an_emptied_basket_ends_it_at_any_time(name: str, at: str) -> None:
    story = ana(BASKET)
    story.event("2026-03-27T15:00:00Z", "basket_updated", basket_id="b1", total=45)
    of: dict[str, Any] = {"basket_id": "b1"} if name == "basket_emptied" else {"order_id": "o1"}
    story.event(at, name, **of)
    story.end()
    assert [text for text in story.sent if text.rpartition(" ")[2] > at] == []


def test_an_empty_basket_starts_nothing() -> None:
    story = ana(BASKET)
    story.event("2026-03-27T15:00:00Z", "basket_updated", basket_id="b1", total=0)
    story.end()
    assert story.kinds("started") == []
