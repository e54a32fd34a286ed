"""Two customers turn out to be one in the middle of their journeys: the defined result, in virtual time."""

from __future__ import annotations

import pytest

from tests.story import QUIET, Story

WEB = {"phone": "+33612345678"}
MAIL = {"email": "ana@example.org"}
HOME = {"customer_id": "ana"}
BOTH = {**HOME, **WEB}
TIPS = """
journey: welcome
purpose: service
start: {event: joined}
goal: order_placed
steps:
  - send: m1
    via: [sms, email]
  - wait: 2h
  - send: m2
    via: [sms, email]
  - wait: 2d
  - send: m3
    via: [sms, email]
"""
PARTED = """
journey: welcome
purpose: service
start: {event: joined}
steps:
  - send: m1
    via: email
  - send: m2
    via: email
  - wait: 2h
  - send: m3
    via: sms
  - wait: 1h
  - send: m4
    via: sms
"""
BOOKING = """
journey: booking
purpose: service
start: {event: booked, key: event.booking_id}
stop_if: cancelled where booking_id is start.booking_id
steps:
  - wait: 5d
"""
BASKET = """
journey: basket
start: {event: basket_updated, key: event.basket_id, idle_for: 2h}
goal: order_placed
steps:
  - send: m1
    via: sms
"""
AWAITS = """
journey: awaits
purpose: service
start: {event: booked}
steps:
  - wait_for: basket_viewed
    up_to: 1d
    then: [{send: m1, via: sms}]
    on_timeout: [{send: m2, via: sms}]
"""
SILENT = QUIET + "  suppress: [{when: customer.open_cases > 0, purpose: marketing, lasts: 72h after}]\n"


def two(*journeys: str, policies: str = QUIET) -> Story:
    """A visitor who is known by a phone, and Ana."""
    story = Story(*journeys, policies=policies)
    story.event("2026-03-02T07:00:00Z", "moved", profile=WEB)
    story.event("2026-03-02T07:00:00Z", "moved", profile=HOME)
    return story


def one(story: Story, at: str) -> None:
    """They turn out to be one."""
    story.event(at, "identified", profile=BOTH)


def test_the_run_that_got_further_goes_on_and_nothing_is_said_twice() -> None:
    # given a visitor who has had two tips, and Ana, who began an hour later and had one by e-mail
    story = two(TIPS)
    story.event("2026-03-02T08:00:00Z", "joined", profile=WEB)
    story.event("2026-03-02T09:00:00Z", "joined", profile={**HOME, "email": "ana@example.org"})
    story.until("2026-03-02T10:30:00Z")
    # when they turn out to be one
    one(story, "2026-03-02T10:30:00Z")
    assert story.reasons("ended") == ["merged: the run of the customer merged with got further"]
    story.end()
    # then the last tip comes once, at the time of the one that got further
    assert story.sent == [
        "m1 by sms 2026-03-02T08:00:00Z",
        "m1 by email 2026-03-02T09:00:00Z",
        "m2 by sms 2026-03-02T10:00:00Z",
        "m3 by sms 2026-03-04T10:00:00Z",
    ]


def test_what_the_run_that_gave_way_was_sent_is_not_sent_again() -> None:
    story = two(PARTED)
    # given a visitor without an address, who has had only the third message, and Ana, who has had the first two
    story.event("2026-03-02T08:00:00Z", "joined", profile=WEB)
    story.event("2026-03-02T09:00:00Z", "joined", profile={**HOME, "email": "ana@example.org"})
    story.until("2026-03-02T10:30:00Z")
    one(story, "2026-03-02T10:30:00Z")
    story.end()
    # then hers goes on, past the third, which has been said
    assert story.sent == [
        "m1 by email 2026-03-02T09:00:00Z",
        "m2 by email 2026-03-02T09:00:00Z",
        "m3 by sms 2026-03-02T10:00:00Z",
        "m4 by sms 2026-03-02T12:00:00Z",
    ]
    assert "duplicate: it left before, to the customer merged with" in story.reasons("refused")


def test_what_is_held_over_the_night_and_was_said_by_the_other_is_dropped() -> None:
    story = two(PARTED.replace("purpose: service\n", ""))
    hers = {**HOME, "email": "ana@example.org", "phone": "+33698765432"}
    for who, channel in ((WEB, "sms"), (hers, "email"), (hers, "sms")):
        story.event("2026-03-02T07:10:00Z", "consent_changed", profile=who, channel=channel, state="granted")
    story.event("2026-03-02T17:30:00Z", "joined", profile=WEB)  # the third leaves at 20:30 in Paris
    story.event("2026-03-02T18:30:00Z", "joined", profile=hers)  # the third is due at 21:30, and held
    story.until("2026-03-02T20:45:00Z")
    assert [text.split()[0] for text in story.kinds("held")] == ["m3", "m4"]
    one(story, "2026-03-02T20:45:00Z")
    story.end()
    assert [text.split()[0] for text in story.sent] == ["m1", "m2", "m3", "m4"]


def test_what_stopped_the_first_of_two_runs_does_not_stop_the_one_that_stands_for_both() -> None:
    # given a booking by phone, the same booking an hour later by Ana, and somebody who called it off in between
    told = (("08:00", WEB, "booked"), ("08:30", MAIL, "cancelled"), ("09:00", HOME, "booked"))
    for pairs in ((BOTH, {**HOME, **MAIL}), ({**HOME, **MAIL}, BOTH), ({**WEB, **MAIL}, BOTH)):
        story = two(BOOKING)
        for at, who, name in told:
            story.event(f"2026-03-02T{at}:00Z", name, profile=who, booking_id="k1")
        # when the three turn out to be one, whoever meets first
        for minute, pair in enumerate(pairs):
            story.event(f"2026-03-02T10:0{minute}:00Z", "identified", profile=pair)
        # then what was called off is what was booked before: one run goes on
        assert [run.key for run in story.ana.enrolments.values()] == ["k1"], pairs
        # and what happens after the second booking stops it
        story.event("2026-03-02T11:00:00Z", "cancelled", profile=HOME, booking_id="k1")
        assert story.ana.enrolments == {}


def test_a_goal_of_one_ends_the_journey_of_the_other() -> None:
    story = two(TIPS)
    story.event("2026-03-02T08:00:00Z", "joined", profile=WEB)
    story.event("2026-03-02T09:00:00Z", "order_placed", id="o1", profile=HOME, order_id="o1")
    one(story, "2026-03-02T09:30:00Z")
    story.end()
    assert story.reasons("ended") == ["goal: order_placed (o1, of the customer merged with)"]
    assert story.sent == ["m1 by sms 2026-03-02T08:00:00Z"]


def test_an_order_of_one_cancels_the_silence_of_the_other_and_an_older_one_does_not() -> None:
    for order, sent in (("2026-03-02T09:00:00Z", 0), ("2026-03-02T07:30:00Z", 1)):
        story = two(BASKET)
        story.event("2026-03-02T07:10:00Z", "consent_changed", profile=WEB, channel="sms", state="granted")
        if order < "2026-03-02T08":
            story.event(order, "order_placed", profile=HOME, order_id="o1")
        story.event("2026-03-02T08:00:00Z", "basket_updated", profile=WEB, basket_id="b1", total=9)
        if order > "2026-03-02T08":
            story.event(order, "order_placed", profile=HOME, order_id="o1")
        one(story, "2026-03-02T09:30:00Z")
        story.end()
        assert len(story.sent) == sent, order


def test_two_silences_for_one_basket_are_one_and_count_from_the_newer_event() -> None:
    story = two(BASKET)
    story.event("2026-03-02T07:10:00Z", "consent_changed", profile=WEB, channel="sms", state="granted")
    story.event("2026-03-02T09:00:00Z", "basket_updated", profile=WEB, basket_id="b1", total=9)
    story.event("2026-03-02T09:40:00Z", "basket_updated", profile=HOME, basket_id="b1", total=19)
    one(story, "2026-03-02T10:00:00Z")
    story.end()
    assert story.sent == ["m1 by sms 2026-03-02T11:40:00Z"]
    assert story.ana.objects["basket"]["b1"].data["total"] == 19


def test_a_run_that_waits_hears_what_the_other_did_meanwhile() -> None:
    story = two(AWAITS)
    story.event("2026-03-02T08:00:00Z", "booked", profile=WEB, booking_id="k1")
    story.event("2026-03-02T09:00:00Z", "basket_viewed", profile=HOME, basket_id="b1")
    one(story, "2026-03-02T09:30:00Z")
    assert story.sent == ["m1 by sms 2026-03-02T09:30:00Z"]


@pytest.mark.parametrize(
    ("web", "home", "states"),
    [
        ("granted", "denied", "denied"),
        ("denied", "granted", "denied"),  # the newer word is a yes, of somebody who was taken for another
        ("granted", "", "granted"),
        ("", "granted", "granted"),
        ("granted", "granted", "granted"),
    ],
)
def test_a_merge_never_loosens_consent(web: str, home: str, states: str) -> None:
    story = two(TIPS)
    for at, who, state in (("08", WEB, web), ("09", HOME, home)):
        if state:
            story.event(f"2026-03-02T{at}:00:00Z", "consent_changed", profile=who, channel="push", state=state)
    one(story, "2026-03-02T10:00:00Z")
    assert story.ana.consent["push/marketing"].state == states
    # a word after the merge counts as ever; one from before it, that comes late, does not undo a denial
    story.event(
        "2026-03-02T08:30:00Z", "consent_changed", received="2026-03-02T10:30:00Z", channel="push", state="granted"
    )
    assert story.ana.consent["push/marketing"].state == states
    story.event("2026-03-02T11:00:00Z", "consent_changed", channel="push", state="granted")
    assert story.ana.consent["push/marketing"].state == "granted"


def test_a_case_of_one_silences_the_other() -> None:
    story = two(BASKET, policies=SILENT)
    story.event("2026-03-02T07:10:00Z", "consent_changed", profile=HOME, channel="sms", state="granted")
    story.event("2026-03-02T08:00:00Z", "basket_updated", profile=HOME, basket_id="b1", total=9)
    story.event("2026-03-02T08:30:00Z", "case_opened", profile=WEB, case_id="c1")
    one(story, "2026-03-02T09:00:00Z")
    story.end()
    assert story.sent == []
    assert story.reasons("refused")[0].startswith("suppressed")


def test_numbers_are_added_up_and_names_and_ids_are_of_both() -> None:
    story = two(TIPS)
    for number, who in enumerate((WEB, WEB, HOME)):
        story.event(f"2026-03-02T{8 + number:02}:00:00Z", "order_placed", profile=who, order_id=f"o{number}")
    one(story, "2026-03-02T12:00:00Z")
    assert story.ana.attributes["orders"] == 3
    assert story.ana.label == "customer_id:ana"
    assert story.ana.identifiers == {"customer_id": ["ana"], "phone": ["+33612345678"]}
    assert [past.at for past in story.ana.history["order_placed"]] == sorted(
        past.at for past in story.ana.history["order_placed"]
    )
    # what either of them had is a repeat for the one that is left
    assert story.event("2026-03-02T13:00:00Z", "order_placed", id="e3", profile=BOTH) == "duplicate"
