"""Two customers, one address: what one of them says about it concerns the other, and nothing comes twice."""

from __future__ import annotations

import pytest

from engine.model.message import SendOutcome
from tests.story import Story

NOTE = """
journey: note
start: {event: booked, key: event.booking_id}
steps:
  - send: m1
    via: [email, sms]
"""
RECEIPT = NOTE.replace("journey: note", "journey: receipt\npurpose: service").replace("m1", "m2")
FAMILY = "family@example.com"
# two loyalty numbers are two people, whatever else they share
ANA = {"customer_id": "ana", "email": FAMILY}
BEN = {"customer_id": "ben", "email": FAMILY, "phone": "+33687654321"}


def household(*journeys: str, **options: object) -> Story:
    """Ana and Ben agreed to e-mail on 1 March; the address went to Ben, who used it last."""
    story = Story(*(journeys or (NOTE,)), **options)
    for person in (ANA, BEN):
        story.event("2026-03-01T09:00:00Z", "joined", profile=person)
        story.event("2026-03-01T09:00:00Z", "consent_changed", profile=person, channel="email", state="granted")
    assert len(story.simulator.profiles) == 2
    return story


def test_who_refuses_for_an_address_refuses_for_everybody_who_has_it() -> None:
    # given that Ana unsubscribes
    story = household()
    story.event("2026-03-02T09:00:00Z", "unsubscribed", profile=ANA, channel="email")
    # when Ben books
    story.event("2026-03-02T11:00:00Z", "booked", profile=BEN, booking_id="k1")
    # then nothing goes to the address that they share, and the reason is kept
    assert story.sent == []
    (reason,) = story.reasons("refused")
    assert "email consent: the address has refused email for marketing since 2026-03-02T09:00:00Z" in reason


def test_who_agrees_again_is_written_to_again() -> None:
    story = household()
    story.event("2026-03-02T09:00:00Z", "unsubscribed", profile=ANA, channel="email")
    story.event("2026-03-02T10:00:00Z", "consent_changed", profile=BEN, channel="email", state="granted")
    story.event("2026-03-02T11:00:00Z", "booked", profile=BEN, booking_id="k1")
    story.event("2026-03-02T11:00:00Z", "booked", profile=ANA, booking_id="k2")
    assert story.sent == ["m1 by email 2026-03-02T11:00:00Z"]


def test_who_takes_a_refusal_back_takes_it_back_for_the_address() -> None:
    story = household()
    story.event("2026-03-02T09:00:00Z", "unsubscribed", profile=ANA, channel="email")
    story.event("2026-03-02T10:00:00Z", "consent_changed", profile=ANA, channel="email", state="granted")
    story.event("2026-03-02T11:00:00Z", "booked", profile=BEN, booking_id="k1")
    assert story.sent == ["m1 by email 2026-03-02T11:00:00Z"]


def test_an_older_refusal_that_comes_later_does_not_undo_a_newer_word() -> None:
    story = household()
    story.event("2026-03-02T10:00:00Z", "consent_changed", profile=BEN, channel="email", state="granted")
    story.event("2026-03-02T09:00:00Z", "unsubscribed", profile=ANA, channel="email", received="2026-03-02T10:30:00Z")
    story.event("2026-03-02T11:00:00Z", "booked", profile=BEN, booking_id="k1")
    assert story.sent == ["m1 by email 2026-03-02T11:00:00Z"]


def test_a_refusal_names_its_own_address() -> None:
    # a link in a mail says for which address it was clicked; Ana has another one by now
    story = household()
    story.event("2026-03-02T08:00:00Z", "joined", profile={"customer_id": "ana", "email": "ana@example.com"})
    story.event("2026-03-02T09:00:00Z", "unsubscribed", channel="email", address=FAMILY)
    story.event("2026-03-02T11:00:00Z", "booked", profile=BEN, booking_id="k1")
    assert story.sent == []


def test_a_receipt_goes_out_all_the_same() -> None:
    story = household(RECEIPT)
    story.event("2026-03-02T09:00:00Z", "unsubscribed", profile=ANA, channel="email")
    for person in (ANA, BEN):
        story.event("2026-03-02T11:00:00Z", "booked", profile=person, booking_id="k1")
    assert story.sent == ["m2 by email 2026-03-02T11:00:00Z"] * 2


@pytest.mark.parametrize("how", ["event", "answer"])
def test_a_dead_address_is_dead_for_everybody(how: str) -> None:
    bad = {("m2", "email"): SendOutcome("bad_address", "550 no such user")} if how == "answer" else {}
    story = household(RECEIPT, outcomes=bad)
    if how == "event":
        story.event("2026-03-02T09:00:00Z", "bounced", profile=ANA, channel="email", kind="hard", address=FAMILY)
    else:
        story.event("2026-03-02T09:00:00Z", "booked", profile=ANA, booking_id="k1")
    story.outcomes.clear()
    story.event("2026-03-02T11:00:00Z", "booked", profile=BEN, booking_id="k2")
    assert story.sent == ["m2 by sms 2026-03-02T11:00:00Z"]


def test_the_same_about_the_same_goes_to_an_address_once_in_a_day() -> None:
    story = household()
    story.event("2026-03-02T11:00:00Z", "booked", profile=ANA, booking_id="k1")
    story.event("2026-03-02T12:00:00Z", "booked", profile=BEN, booking_id="k1")
    assert story.sent == ["m1 by email 2026-03-02T11:00:00Z"]
    ana = next(p.id for p in story.simulator.profiles.values() if p.label == "customer_id:ana")
    assert story.reasons("refused") == [f"duplicate: customer.email got m1 as {ana}'s within a day"]
    # another booking is another matter, and so is the same one a day later
    story.event("2026-03-02T12:00:01Z", "booked", profile=BEN, booking_id="k2")
    story.event("2026-03-03T11:00:00Z", "booked", profile=BEN, booking_id="k1")
    assert len(story.sent) == 3


def test_a_shop_is_no_address_of_its_customers() -> None:
    story = household(NOTE.replace("[email, sms]", "[store]"))
    for person in (ANA, BEN):
        story.event("2026-03-02T08:00:00Z", "joined", profile=person, home_store="lyon")
    story.event("2026-03-02T09:00:00Z", "unsubscribed", profile=ANA, channel="store")
    for person in (ANA, BEN):
        story.event("2026-03-02T11:00:00Z", "booked", profile=person, booking_id="k1")
    assert story.sent == ["m1 by store 2026-03-02T11:00:00Z"]
