"""The worked cases of the semantics that need no real processes: exact to the millisecond."""

from __future__ import annotations

from engine.model.message import SendOutcome
from engine.model.span import MINUTE
from tests.story import QUIET, Story

BASKET = """
journey: basket
start:
  event: basket_updated
  key: event.basket_id
  idle_for: 2h
goal: order_placed
stop_if: [basket_emptied where basket_id is start.basket_id]
steps:
  - send: m1
    via: [push, email]
  - wait: 22h
  - send: m2
    via: [email]
"""
TWO_SENDS = """
journey: twice
start: {event: booked, key: event.booking_id}
steps:
  - send: m1
    via: email
  - wait: 1h
  - send: m2
    via: email
"""
NO_QUIET = """
policies:
  timezone: Europe/Paris
  purposes: {marketing: {}, service: {transactional: true}}
  caps: [{limit: %s, purpose: marketing}]
"""


def test_basket_changed_twice_gives_one_push_after_the_last_change() -> None:
    # case 13: web 17:00Z, app 17:40Z, idle 2 h
    story = Story(BASKET)
    story.join("2026-03-02T09:00:00Z")
    story.event("2026-03-02T17:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-03-02T17:40:00Z", "basket_updated", channel="app", basket_id="b1", total=55)
    story.until("2026-03-02T23:00:00Z")
    assert story.sent == ["m1 by push 2026-03-02T19:40:00Z"]


def test_held_over_the_spring_change_leaves_at_eight_local() -> None:
    # case 4: due 22:30 local on the eve, the night is an hour short
    story = Story(BASKET)
    story.join("2026-03-28T09:00:00Z")
    story.event("2026-03-28T19:30:00Z", "basket_updated", basket_id="b1", total=45)
    story.end()
    assert story.sent[0] == "m1 by push 2026-03-29T06:00:00Z"
    # 22 h after it left: 06:00 local on the 30th, held again until 08:00
    assert story.sent[1] == "m2 by email 2026-03-30T06:00:00Z"
    held = [record for record in story.records if record.kind == "held"]
    assert held[0].reason == "quiet_hours: 21:00-08:00 in Europe/Paris"
    assert held[0].place.startswith("journeys/policies.yaml:")


def test_held_over_the_autumn_change_leaves_at_eight_local() -> None:
    # case 5: the night is an hour longer
    story = Story(BASKET)
    story.join("2026-10-24T09:00:00Z")
    story.event("2026-10-24T18:30:00Z", "basket_updated", basket_id="b1", total=45)
    story.end()
    assert story.sent[0] == "m1 by push 2026-10-25T07:00:00Z"


def test_zone_change_while_held_recomputes_never_earlier_than_now() -> None:
    # case 6: held in Paris since 22:30; New York is in its afternoon: the message leaves at once
    story = Story(BASKET)
    story.join("2026-06-01T09:00:00Z")
    story.event("2026-06-01T18:30:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-06-01T20:40:00Z", "moved", timezone="America/New_York")
    story.until("2026-06-01T20:41:00Z")
    assert story.kinds("held") == ["m1 by push 2026-06-01T20:30:00Z"]
    assert story.sent == ["m1 by push 2026-06-01T20:40:00Z"]


def test_zone_change_in_the_small_hours_waits_for_the_new_morning() -> None:
    # case 6: zone becomes New York at 07:00 Paris: out at 08:00 New York = 12:00Z
    story = Story(BASKET)
    story.join("2026-06-01T09:00:00Z")
    story.event("2026-06-01T18:30:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-06-02T05:00:00Z", "moved", timezone="America/New_York")
    story.end()
    assert story.sent[0] == "m1 by push 2026-06-02T12:00:00Z"


def test_calendar_cap_counts_by_local_day() -> None:
    # case 7: 23:30 and 00:30 local are two days
    story = Story(TWO_SENDS, policies=NO_QUIET % "1 per calendar day")
    story.join("2026-06-01T09:00:00Z")
    story.event("2026-06-01T21:30:00Z", "booked", booking_id="k1")
    story.end()
    assert story.sent == ["m1 by email 2026-06-01T21:30:00Z", "m2 by email 2026-06-01T22:30:00Z"]


def test_rolling_cap_skips_the_second() -> None:
    # case 7: 1 per 24h
    story = Story(TWO_SENDS, policies=NO_QUIET % "1 per 24h")
    story.join("2026-06-01T09:00:00Z")
    story.event("2026-06-01T21:30:00Z", "booked", booking_id="k1")
    story.end()
    assert story.sent == ["m1 by email 2026-06-01T21:30:00Z"]
    assert story.reasons("refused") == ["cap: 1 of 1 per 24h"]


def test_event_three_days_late_changes_state_and_starts_nothing() -> None:
    # case 9
    story = Story(BASKET)
    story.join("2026-03-01T09:00:00Z")
    story.event("2026-03-02T09:00:00Z", "basket_updated", received="2026-03-05T10:00:00Z", basket_id="b1", total=9)
    story.end()
    assert story.sent == []
    assert story.ana.objects["basket"]["b1"].data["total"] == 9
    assert story.reasons("flagged") == ["too_late: basket_updated e4 starts nothing"]


def test_late_event_still_ends_a_journey() -> None:
    # case 9: exits
    story = Story(BASKET)
    story.join("2026-03-01T09:00:00Z")
    story.event("2026-03-02T09:00:00Z", "basket_updated", basket_id="b1", total=9)
    story.event("2026-03-02T11:30:00Z", "order_placed", received="2026-03-05T10:00:00Z", order_id="o1")
    story.until("2026-03-05T10:00:00Z")
    assert story.kinds("ended") == ["basket 2026-03-03T09:00:00Z"]  # by then the journey had run its course


def test_provider_down_falls_back_then_expires() -> None:
    # case 10: provider down, time to live 4 h: fallback tried first, then expired, reservation released
    journey = BASKET.replace("via: [push, email]", "via: [push, email]\n    time_to_live: 4h")
    down = SendOutcome("retry", "503")
    outcomes = {("m1", "push"): down, ("m1", "email"): down}
    story = Story(journey, outcomes=outcomes)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.until("2026-03-02T20:00:00Z")
    tried = [outgoing.channel for outgoing in story.outgoing]
    assert tried[:5] == ["push"] * 5
    at = [outgoing.at for outgoing in story.outgoing]
    assert at[tried.index("email")] == at[0] + 10 * MINUTE  # the fallback has its turn
    assert story.kinds("expired")
    assert not story.sent
    assert story.ana.ledger == []


def test_missing_value_tries_the_next_channel_and_never_greets_nobody() -> None:
    # case 11
    template = (
        "{% extends layout %}{% block headline %}Hello {{ customer.first_name }},{% endblock %}"
        "{% block summary %}Words.{% endblock %}{% block body %}Words.{% endblock %}"
        "{% block sms %}Words for a phone.{% endblock %}"
    )
    journey = TWO_SENDS.replace("via: email", "via: [email, sms]", 1)
    story = Story(journey, m1=template)
    story.join("2026-06-01T09:00:00Z", agrees=("email", "sms"))
    story.event("2026-06-01T10:00:00Z", "booked", booking_id="k1")
    story.until("2026-06-01T10:30:00Z")
    assert story.sent == ["m1 by sms 2026-06-01T10:00:00Z"]
    assert story.reasons("retried")[0].startswith("render_failed:")
    assert all("Hello ," not in text for outgoing in story.outgoing for text in outgoing.rendered.parts.values())


def test_receipt_that_comes_after_the_message_ends_the_journey_and_is_kept_as_late() -> None:
    # case 14
    story = Story(BASKET)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-03-02T09:30:00Z", "order_placed", received="2026-03-02T10:00:06Z", channel="store", order_id="o1")
    story.end()
    assert story.sent == ["m1 by push 2026-03-02T10:00:00Z"]
    assert "late_exit" in story.reasons("ended")[0]


def test_versions_out_of_order_leave_the_highest() -> None:
    # case 15: 4, 6, 5
    story = Story(BASKET)
    for second, version in enumerate((4, 6, 5)):
        story.event(f"2026-03-02T08:00:0{second}Z", "tier_changed", tier=f"t{version}", version=version)
    assert story.ana.attributes["tier"] == "t6"


SUPPRESS = QUIET + "  suppress: [{when: customer.open_cases > 0, purpose: marketing, lasts: 72h after}]\n"
SERVICE = """
journey: notice
purpose: service
start: {event: booked}
steps:
  - send: m3
    via: email
"""


def test_complaint_cancels_promotions_and_not_service() -> None:
    # case 16: the case opens one second before the promotion is due
    story = Story(BASKET, SERVICE, policies=SUPPRESS)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-03-02T09:59:59Z", "case_opened", channel="phone", case_id="c1")
    story.event("2026-03-02T10:30:00Z", "booked", booking_id="k1")
    story.until("2026-03-03T07:00:00Z")
    assert story.sent == ["m3 by email 2026-03-02T10:30:00Z"]
    assert story.reasons("refused")[0].startswith("suppressed: customer.open_cases > 0")
    run = next(iter(story.ana.enrolments.values()))
    assert run.step == "wait:22h"  # the journey walks on


def test_held_promotion_is_cancelled_by_a_complaint_not_delayed() -> None:
    story = Story(BASKET, policies=SUPPRESS)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T19:00:00Z", "basket_updated", basket_id="b1", total=45)  # due 22:00 local: held
    story.event("2026-03-02T22:00:00Z", "case_opened", channel="phone", case_id="c1")
    story.event("2026-03-02T23:00:00Z", "case_closed", channel="phone", case_id="c1")
    story.until("2026-03-03T12:00:00Z")
    assert story.kinds("held") == ["m1 by push 2026-03-02T21:00:00Z"]
    assert story.sent == []


def test_suppression_wears_off_after_its_time() -> None:
    story = Story(BASKET, policies=SUPPRESS)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T10:00:00Z", "case_opened", case_id="c1")
    story.event("2026-03-02T12:00:00Z", "case_closed", case_id="c1")
    story.event("2026-03-05T09:59:59Z", "basket_updated", basket_id="b1", total=45)  # due one second early
    story.event("2026-03-05T10:00:00Z", "basket_updated", basket_id="b2", total=45)  # due just when it ends
    story.until("2026-03-05T13:00:00Z")
    assert story.sent == ["m1 by push 2026-03-05T12:00:00Z"]


def test_two_runs_of_one_customer_are_apart() -> None:
    # case 17: two bookings, one cancelled
    journey = """
journey: reminder
purpose: service
start: {event: booked, key: event.booking_id}
stop_if: cancelled where booking_id is start.booking_id
steps:
  - wait: 2h
  - send: m1
    via: email
"""
    story = Story(journey)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T08:10:00Z", "booked", booking_id="k2")
    story.event("2026-03-02T09:00:00Z", "cancelled", booking_id="k1")
    story.end()
    assert story.sent == ["m1 by email 2026-03-02T10:10:00Z"]


def test_again_after_ten_minutes_gives_one_prompt() -> None:
    # case 20
    journey = """
journey: prompt
start: {event: booked, again: after 10m}
steps:
  - send: m1
    via: store
"""
    story = Story(journey)
    story.join("2026-03-02T06:00:00Z", home_store="lyon")
    story.event("2026-03-02T10:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T10:09:59Z", "booked", booking_id="k2")
    story.end()
    assert story.sent == ["m1 by store 2026-03-02T10:00:00Z"]


def test_held_over_easter_is_not_expired() -> None:
    # case 21: Saturday 21:00, then Sunday, then Easter Monday
    policies = QUIET.replace("sms]}", "sms], also: [sundays, holidays FR]}")
    story = Story(BASKET, policies=policies)
    story.join("2026-04-04T06:00:00Z")
    story.event("2026-04-04T17:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.end()
    assert story.sent[0] == "m1 by push 2026-04-07T06:00:00Z"


def test_goal_while_idle_runs_cancels_the_start() -> None:
    # case 22
    story = Story(BASKET)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-03-02T09:00:00Z", "order_placed", order_id="o1")
    story.end()
    assert story.kinds("started") == []


def test_the_same_event_twice_changes_nothing() -> None:
    story = Story(BASKET)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:00:00Z", "basket_updated", id="same", basket_id="b1", total=45)
    assert story.event("2026-03-02T09:00:00Z", "basket_updated", id="same", basket_id="b1", total=45) == "duplicate"
    story.until("2026-03-02T11:00:00Z")
    assert story.sent == ["m1 by push 2026-03-02T10:00:00Z"]


def test_an_older_change_that_comes_last_moves_nothing() -> None:
    story = Story(BASKET)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:30:00Z", "basket_updated", basket_id="b1", total=45)
    story.event("2026-03-02T08:00:00Z", "basket_updated", received="2026-03-02T09:00:00Z", basket_id="b1", total=1)
    story.until("2026-03-02T11:00:00Z")
    assert story.ana.objects["basket"]["b1"].data["total"] == 45
    assert story.sent == ["m1 by push 2026-03-02T10:30:00Z"]


def test_a_suppression_that_ends_by_time_alone_wears_off() -> None:
    policies = QUIET + "  suppress: [{when: order_placed in last 2h, purpose: marketing}]\n"
    story = Story(TWO_SENDS, policies=policies)
    story.join("2026-03-02T06:00:00Z")
    story.event("2026-03-02T08:00:00Z", "order_placed", order_id="o1")
    story.event("2026-03-02T09:30:00Z", "booked", booking_id="k1")  # m1 is refused, m2 is due when it is over
    story.end()
    assert story.sent == ["m2 by email 2026-03-02T10:30:00Z"]
    assert story.reasons("refused") == ["suppressed: order_placed in last 2h"]


def test_a_cap_may_count_only_messages_with_a_tag() -> None:
    policies = NO_QUIET.replace("{limit: %s, purpose: marketing}", "{limit: 1 per 24h, tags: [sale]}")
    journey = TWO_SENDS.replace("via: email", "via: email\n    tags: [sale]") + "  - send: m3\n    via: email\n"
    story = Story(journey, policies=policies)
    story.join("2026-06-01T09:00:00Z")
    story.event("2026-06-01T10:00:00Z", "booked", booking_id="k1")
    story.end()
    assert story.sent == ["m1 by email 2026-06-01T10:00:00Z", "m3 by email 2026-06-01T11:00:00Z"]
    assert story.reasons("refused") == ["cap: 1 of 1 per 24h"]
