"""What docs/decisions.md and docs/policies.md say of the core, as stories."""

from __future__ import annotations

import re

from engine.define.workspace import compile_sources
from engine.journey.recover import recover
from engine.model.message import Outgoing, SendOutcome
from engine.policy.bucket import share
from engine.policy.wallclock import iso
from engine.settings import Settings
from tests.story import QUIET, Story, ms, workspace
from tests.unit.docs.pages import ROOT

TWICE = """
journey: twice
start: {event: booked}
steps:
  - send: m1
    via: email
  - wait: 2d
  - send: m2
    via: email
"""
WELCOME_BACK = """
journey: welcome_back
start: {event: order_placed, only_if: no order_placed in last 90d}
steps:
  - if: order_placed in last 90d
    then:
      - send: m1
        via: email
"""
IN_STORE = """
journey: in_store
start: {event: booked}
steps:
  - send: m1
    via: store
"""
MORNING = "2026-03-02T09:00:00Z"


def joined(*journeys: str, agrees: tuple[str, ...] = ("email",), policies: str = QUIET) -> Story:
    story = Story(*journeys, policies=policies)
    story.join("2026-03-02T08:00:00Z", agrees=agrees, home_store="lyon")
    return story


def test_a_wait_after_a_send_counts_from_when_the_message_left() -> None:
    story = joined(TWICE)
    story.event("2026-03-02T21:00:00Z", "booked", booking_id="k1")  # 22:00 local: held until eight
    story.end()

    assert story.sent == ["m1 by email 2026-03-03T07:00:00Z", "m2 by email 2026-03-05T07:00:00Z"]


def test_the_start_event_counts_everywhere_but_in_its_own_only_if() -> None:
    story = joined(WELCOME_BACK)
    story.event(MORNING, "order_placed", order_id="o1")
    story.event("2026-03-03T09:00:00Z", "order_placed", order_id="o2")
    story.end()

    assert story.sent == [f"m1 by email {MORNING}"]


def test_a_person_in_the_store_may_speak_unless_told_not_to() -> None:
    unknown, denied = joined(IN_STORE, agrees=()), joined(IN_STORE, agrees=())
    denied.event("2026-03-02T08:30:00Z", "consent_changed", channel="store", purpose="marketing", state="denied")
    for story in (unknown, denied):
        story.event(MORNING, "booked", booking_id="k1")
        story.end()

    assert unknown.sent == [f"m1 by store {MORNING}"]
    assert denied.sent == []
    assert "consent" in denied.reasons("refused")[0]


def test_suppression_is_asked_before_the_channel() -> None:
    policies = QUIET + "  suppress: [{when: customer.open_cases > 0, purpose: marketing}]\n"
    story = joined(TWICE, agrees=(), policies=policies)  # no channel would do either
    story.event("2026-03-02T08:30:00Z", "case_opened", case_id="c1")
    story.event(MORNING, "booked", booking_id="k1")
    story.end()

    assert [reason.partition(":")[0] for reason in story.reasons("refused")] == ["suppressed", "suppressed"]


def test_the_next_instant_stands_in_the_profile() -> None:
    story = joined(TWICE)
    story.event(MORNING, "booked", booking_id="k1")

    due = story.ana.next_due()
    assert due is not None
    assert iso(due) == "2026-03-04T09:00:00Z"


def stopped_while_sending(purpose: str) -> Story:
    """A story whose worker is gone between begin and end."""

    class Gone(Exception):
        pass

    def provide(outgoing: Outgoing) -> SendOutcome:
        raise Gone

    story = joined(TWICE.replace("start:", f"purpose: {purpose}\nstart:"))
    story.simulator.provider = provide
    try:
        story.event(MORNING, "booked", booking_id="k1")
    except Gone:
        return story
    raise AssertionError("nothing was sent")


def after_recovery(purpose: str, *, repeatable: bool) -> tuple[list[str], str]:
    """What is recorded about the lost message, and the attempt that is made again ('' for none)."""
    story = stopped_while_sending(purpose)
    (message,) = story.ana.messages.values()
    walk = recover(
        story.compiled.plan, story.ana, message.id, ms(MORNING), story.simulator.render, repeatable=repeatable
    )
    again = walk.outgoing.attempt_id.removeprefix(message.id) if walk.outgoing is not None else ""
    return [record.kind for record in walk.records], again


def test_a_lost_marketing_message_is_unknown() -> None:
    assert after_recovery("marketing", repeatable=False) == (["unknown"], "")


def test_it_is_repeated_where_repeats_do_no_harm() -> None:
    assert after_recovery("marketing", repeatable=True) == ([], "-email-1")


def test_a_lost_transactional_message_is_repeated_with_its_id() -> None:
    assert after_recovery("service", repeatable=False) == ([], "-email-1")


def test_an_unsubscribe_without_a_channel_of_its_own_means_where_it_was_said() -> None:
    story = joined(TWICE)
    story.event("2026-03-02T08:30:00Z", "unsubscribed", channel="email")

    assert story.ana.consent["email/marketing"].state == "denied"


FALLBACK = """
journey: fallback
start: {event: booked}
steps:
  - send: m1
    via: [email, push]
    try_next_after: 3h
  - wait: 1h
  - send: m2
    via: email
"""


def test_a_journey_does_not_wait_for_its_fallback_but_its_end_does() -> None:
    story = joined(FALLBACK, agrees=("email", "push"))
    story.event(MORNING, "booked", booking_id="k1")
    story.end()

    assert story.sent == [
        f"m1 by email {MORNING}",
        "m2 by email 2026-03-02T10:00:00Z",
        "m1 by push 2026-03-02T12:00:00Z",
    ]
    (ended,) = [record for record in story.records if record.kind == "ended"]
    assert (iso(ended.at), ended.reason, ended.step) == ("2026-03-02T12:00:00Z", "completed", "")


def test_an_arm_is_kept_when_the_shares_are_changed() -> None:
    half = (
        "journey: half\nstart: {event: booked}\nsteps:\n  - split: test\n    arms: {a: {share: %s}, b: {share: %s}}\n"
    )
    story = joined(half % ("100%", "0%"))
    story.event(MORNING, "booked", booking_id="k1")
    story.simulator.plan = compile_sources(workspace(half % ("0%", "100%"))).sound().plan
    story.event("2026-03-03T09:00:00Z", "booked", booking_id="k2")

    assert [record.extra for record in story.records if record.kind == "split"] == [{"arm": "a"}] * 2


def test_what_time_changes_has_a_timer() -> None:
    story = joined(TWICE, policies=QUIET + "  suppress: [{when: order_placed in last 7d, purpose: marketing}]\n")
    story.event(MORNING, "order_placed", order_id="o1")

    due = story.ana.next_due()
    assert due is not None
    assert iso(due) == "2026-03-09T09:00:00Z"


def test_a_wait_keeps_its_instant_when_the_customer_moves() -> None:
    story = joined("journey: j\nstart: {event: booked}\nsteps:\n  - wait_until: 18:00\n  - send: m1\n    via: email\n")
    story.event(MORNING, "booked", booking_id="k1")
    story.event("2026-03-02T10:00:00Z", "moved", timezone="America/New_York")
    story.end()

    assert story.sent == ["m1 by email 2026-03-02T17:00:00Z"]  # six in the evening in Paris


def test_who_is_held_out_still_emits_updates_and_suggests() -> None:
    silent = (
        "journey: silent\nholdout: 100%\nstart: {event: booked}\n"
        "steps: [{send: m1, via: email}, {update: {tier: gold}}, {emit: case_opened, properties: {case_id: c1}}]\n"
    )
    story = joined(silent)
    story.event(MORNING, "booked", booking_id="k1")

    assert (story.sent, len(story.kinds("held_out"))) == ([], 1)
    assert (story.ana.attributes["tier"], story.ana.attributes["open_cases"]) == ("gold", 1)


def test_an_update_is_the_newest_word_until_a_later_event() -> None:
    story = joined("journey: j\nstart: {event: booked}\nsteps: [{update: {tier: gold, first_name: Ana}}]\n")
    story.event("2026-03-02T08:30:00Z", "tier_changed", tier="silver", version=1)
    story.event(MORNING, "booked", booking_id="k1")
    assert story.ana.attributes["tier"] == "gold"
    story.event("2026-03-02T08:59:00Z", "joined", received="2026-03-02T09:10:00Z", first_name="Old")
    assert story.ana.attributes["first_name"] == "Ana"
    story.event("2026-03-02T09:30:00Z", "joined", first_name="Anna")
    story.event("2026-03-02T09:30:00Z", "tier_changed", tier="bronze", version=1)

    assert (story.ana.attributes["tier"], story.ana.attributes["first_name"]) == ("bronze", "Anna")


def test_the_event_that_brings_a_customer_into_a_segment_does_not_end_the_journey_it_starts() -> None:
    buyers = "segments: {buyers: order_placed in last 30d}\n"
    thanks = (
        "journey: thanks\nstart: {enters: buyers}\ngoal: order_placed\nsteps: [{send: m1, via: email}, {wait: 1d}]\n"
    )
    story = Story(thanks, others=[buyers])
    story.join("2026-03-02T08:00:00Z")
    story.event(MORNING, "order_placed", order_id="o1")
    story.event("2026-03-02T10:00:00Z", "order_placed", order_id="o2")

    assert story.sent == [f"m1 by email {MORNING}"]
    assert [reason.partition(":")[0] for reason in story.reasons("ended")] == ["goal"]


def test_chance_is_a_hash() -> None:
    assert share("holdout:win_back", "c1") == share("holdout:win_back", "c1") != share("holdout:win_back", "c2")


def test_nothing_real_leaves_by_itself() -> None:
    plan = compile_sources(workspace(TWICE, policies="policies: {timezone: Europe/Paris}\n")).plan

    assert plan.policies.delivery == "outbox"
    assert Settings.model_fields["delivery"].default is None


def test_all_mistakes_come_at_once() -> None:
    wrong = (
        TWICE.replace("wait: 2d", "wait: 2").replace("send: m2", "send: m22").replace("event: booked", "event: boked")
    )
    compiled = compile_sources(workspace(wrong))

    assert len(compiled.problems) == 3


def test_the_reasons_for_an_end_are_those_of_the_page() -> None:
    text = (ROOT / "docs/journeys.md").read_text("utf-8").partition("<!-- reasons: ended -->")[2].partition("\n\n")[0]
    said = {name for line in text.splitlines() for name in re.findall(r"`(\w+)`", line.split("|")[1] if line else "")}
    code = "".join(path.read_text() for path in (ROOT / "engine/journey").rglob("*.py"))

    assert {
        "completed",
        "goal",
        "stop_if",
        "stop",
        "past",
        "lost_step",
        "runaway",
        "cap",
        "quiet_hours",
        "no_channel",
        "killed",
        "expired",
    } == said
    assert all(f'"{name}"' in code or f'"{name}"' in (ROOT / "engine/policy/caps.py").read_text() for name in said)
