"""The worked cases of docs/semantics.md: the story is told here, the expected instant is read from the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.policy.wallclock import iso
from tests.story import QUIET, Story
from tests.unit.docs.pages import ROOT, code

BASKET = """
journey: basket
start: {event: basket_updated, key: event.basket_id, idle_for: 2h}
goal: order_placed
steps:
  - send: m1
    via: [push, email]
  - wait: 22h
  - send: m2
    via: email
"""
ONCE = """
journey: once
start: {event: booked}
steps:
  - send: m1
    via: email
"""
SILENT = QUIET + "  suppress: [{when: customer.open_cases > 0, purpose: marketing, lasts: 72h after}]\n"
Case = Callable[[], Story]


def basket(at: str, *journeys: str, policies: str = QUIET) -> Story:
    """Ana, who agrees to e-mail and push, changes a basket."""
    story = Story(*(journeys or (BASKET,)), policies=policies)
    story.join(f"{at[:10]}T06:00:00Z")
    story.event(at, "basket_updated", basket_id="b1", total=45)
    return story


def basket_twice() -> Story:
    story = basket("2026-03-02T17:00:00Z")
    story.event("2026-03-02T17:40:00Z", "basket_updated", channel="app", basket_id="b1", total=55)
    return story


def spring() -> Story:
    return basket("2026-03-28T19:30:00Z")


def autumn() -> Story:
    return basket("2026-10-24T18:30:00Z")


def easter() -> Story:
    return basket("2026-04-04T17:00:00Z", policies=QUIET.replace("sms]}", "sms], also: [sundays, holidays FR]}"))


def moved() -> Story:
    story = basket("2026-06-01T18:30:00Z")
    story.event("2026-06-02T05:00:00Z", "moved", timezone="America/New_York")
    return story


def two_ends() -> Story:
    story = Story(ONCE, policies=QUIET.replace("21:00-08:00", "21:00-02:30"))
    story.join("2026-10-24T06:00:00Z")
    story.event("2026-10-24T20:00:00Z", "booked", booking_id="k1")
    return story


def late() -> Story:
    story = Story(BASKET)
    story.join("2026-03-01T09:00:00Z")
    story.event("2026-03-02T09:00:00Z", "basket_updated", received="2026-03-05T10:00:00Z", basket_id="b1", total=9)
    assert story.ana.objects["basket"]["b1"].data["total"] == 9
    return story


def goal_first() -> Story:
    story = basket("2026-03-02T08:00:00Z")
    story.event("2026-03-02T09:00:00Z", "order_placed", order_id="o1")
    return story


def suppressed() -> Story:
    story = basket("2026-03-02T08:00:00Z", policies=SILENT)
    story.event("2026-03-02T09:59:59Z", "case_opened", channel="phone", case_id="c1")
    return story


def repeat() -> Story:
    story = Story(BASKET)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:00:00Z", "basket_updated", id="same", basket_id="b1", total=45)
    story.event("2026-03-02T09:00:00Z", "basket_updated", id="same", basket_id="b1", total=45)
    return story


def older() -> Story:
    story = basket("2026-03-02T08:30:00Z")
    story.event("2026-03-02T08:00:00Z", "basket_updated", received="2026-03-02T09:00:00Z", basket_id="b1", total=1)
    return story


STORIES: dict[str, Case] = {
    "basket-twice": basket_twice,
    "spring": spring,
    "autumn": autumn,
    "easter": easter,
    "moved": moved,
    "two-ends": two_ends,
    "late": late,
    "goal-first": goal_first,
    "suppressed": suppressed,
    "repeat": repeat,
    "older": older,
}


def page() -> dict[str, str]:
    """Case -> the instant at which the page says that the first message leaves, or 'never'."""
    text = (ROOT / "docs/semantics.md").read_text("utf-8").partition("<!-- cases -->")[2]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {code(row[0]): code(row[2]) for row in rows}


def test_the_page_has_exactly_these_cases() -> None:
    assert list(page()) == list(STORIES)


@pytest.mark.parametrize("case", STORIES)
def test_what_the_page_says_is_what_happens(case: str) -> None:
    story = STORIES[case]()

    story.end()

    sent = [iso(record.at) for record in story.records if record.kind == "sent" and record.message == "m1"]
    assert sent == ([] if page()[case] == "never" else [page()[case]])
