"""What the shipped journeys tell other systems, and what they make of one life together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.policy.wallclock import iso
from tests.unit.journeys.starter import Life

PARIS = ZoneInfo("Europe/Paris")
ANA = {"customer_id": "ana", "email": "ana@example.com", "phone": "+33612345678"}


def known() -> Life:
    """Ana, reachable everywhere and agreeing to everything, since long before the story."""
    life = Life()
    life.event("2026-01-05T09:00:00Z", "profile_changed", profile=ANA, first_name="Ana", home_store="lyon")
    life.event("2026-01-05T09:00:00Z", "app_installed", push_token="t1")
    life.agree("2026-01-05T09:00:00Z", "email", "push", "sms")
    life.agree("2026-01-05T09:00:00Z", "email", "push", purpose="feedback")
    return life


def happened(life: Life, name: str) -> list[str]:
    return [iso(past.at) for past in life.past(name)]


def test_an_associate_is_asked_to_call_48_hours_after_the_link() -> None:
    life = known()
    basket: dict[str, Any] = {"basket_id": "b1", "store": "lyon", "associate": "zoe"}
    life.event("2026-06-03T14:00:00Z", "basket_created", channel="store", requested_channel="email", **basket)
    life.event("2026-06-03T14:05:00Z", "visit_ended", channel="store", store="lyon")
    life.end()
    assert happened(life, "associate_task") == ["2026-06-05T14:15:00Z"]
    task = life.past("associate_task")[0].data
    assert {name: task[name] for name in ("task", *basket)} == {"task": "call", **basket}


def test_the_request_for_the_link_is_kept_as_a_consent_with_its_source() -> None:
    life = known()
    life.event("2026-06-03T14:00:00Z", "basket_created", channel="store", basket_id="b1", requested_channel="sms")
    consent = life.ana.consent["sms/service"]
    assert (consent.state, consent.source) == ("granted", "asked an associate for the link")


def test_a_web_order_from_an_associate_s_basket_is_credited_and_ends_the_journey() -> None:
    life = known()
    life.event("2026-06-03T14:00:00Z", "basket_created", basket_id="b1", associate="zoe", requested_channel="email")
    life.event("2026-06-03T16:00:00Z", "order_placed", order_id="o1", basket_id="b1", total=80)
    life.until("2026-06-10T00:00:00Z")
    assert [past.data["assisted_by"] for past in life.past("sale_assisted")] == ["zoe"]
    assert life.past("associate_task") == []


def test_a_person_is_called_before_a_promise_breaks_and_only_then() -> None:
    late = known()
    late.event("2026-06-01T08:00:00Z", "case_opened", channel="social", case_id="c1")
    late.event("2026-06-01T09:00:00Z", "case_opened", channel="email", case_id="c2")
    late.until("2026-06-01T12:00:00Z")
    assert happened(late, "case_escalated") == ["2026-06-01T08:08:00Z", "2026-06-01T09:25:00Z"]
    kept = known()
    kept.event("2026-06-01T08:00:00Z", "case_opened", channel="social", case_id="c1")
    kept.event("2026-06-01T08:07:59Z", "case_answered", channel="social", case_id="c1")
    kept.until("2026-06-01T12:00:00Z")
    assert happened(kept, "case_escalated") == []


def test_a_forgotten_case_is_escalated_after_30_days_and_no_longer_silences_the_shop() -> None:
    life = known()
    life.event("2026-06-01T08:00:00Z", "case_opened", channel="email", case_id="c1")
    life.event("2026-06-01T08:01:00Z", "case_answered", channel="email", case_id="c1")
    life.until("2026-07-10T08:00:00Z")
    assert happened(life, "case_escalated") == ["2026-07-01T08:01:00Z"]
    assert life.ana.attributes["open_cases"] == 0


def test_a_bad_mark_after_closing_leaves_no_gap_in_the_silence() -> None:
    life = known()
    life.event("2026-06-01T08:00:00Z", "case_opened", channel="email", case_id="c1")
    life.event("2026-06-01T08:05:00Z", "case_answered", channel="email", case_id="c1")
    life.event("2026-06-01T09:00:00Z", "case_closed", channel="email", case_id="c1")
    life.event("2026-06-03T09:00:00Z", "survey_answered", survey="case", case_id="c1", score=2)
    life.event("2026-06-04T10:00:00Z", "basket_updated", basket_id="b1", total=45)
    life.until("2026-06-04T13:00:00Z")
    # 72 hours after the first closing are over, but the case is open again
    assert life.ana.attributes["open_cases"] == 1
    assert "basket_reminder" not in "".join(life.sent)
    assert "suppressed: customer.open_cases > 0" in life.reasons("refused")


def test_all_journeys_together_keep_the_night_and_the_caps() -> None:
    life = known()
    life.event("2026-06-01T19:30:00Z", "account_created", first_name="Ana", birthday="1990-06-12")
    for day in range(2, 12):
        life.event(f"2026-06-{day:02}T17:30:00Z", "basket_updated", basket_id=f"b{day}", total=45)
    life.event("2026-06-12T18:40:00Z", "order_placed", order_id="o1", total=45)
    life.event("2026-06-14T20:30:00Z", "order_ready", order_id="o1", store="lyon")
    life.event("2026-06-15T09:00:00Z", "order_collected", order_id="o1", store="lyon")
    life.say("2026-06-16T20:00:00Z", "tier_changed", **{"from": "silver", "to": "gold", "version": 1})
    life.until("2026-12-24T00:00:00Z")
    sent = [record for record in life.records if record.kind == "sent"]
    days: dict[tuple[str, str], int] = {}
    for outgoing in life.outgoing:
        wall = datetime.fromtimestamp(outgoing.at / 1000, UTC).astimezone(PARIS)
        if outgoing.purpose in ("marketing", "feedback"):
            assert 8 <= wall.hour < 21, outgoing
        if outgoing.purpose == "marketing":
            key = (outgoing.channel, wall.date().isoformat())
            days[key] = days.get(key, 0) + 1
    assert set(days.values()) == {1}
    marketing = sorted(each.at for each in life.outgoing if each.purpose == "marketing")
    week = 7 * 86_400_000
    assert all(later - first >= week for first, later in zip(marketing, marketing[3:], strict=False))
    assert {record.message for record in sent} >= {
        "welcome",
        "basket_reminder",
        "order_ready",
        "csat",
        "tier_up",
        "nps",
    }
    assert [record.reason for record in life.records if record.kind in ("set_aside", "flagged")] == []
