"""Virtual time: one order at one instant, and a fault of the core that stays where it happened."""

from __future__ import annotations

import pytest

import engine.testing.simulator as simulator_room
from engine.journey.core import handle_event, handle_timers
from engine.model.event import Event
from engine.model.flags import Flags
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.testing.output import to_json
from engine.testing.run import run_lines
from engine.testing.simulator import Simulator
from tests.story import Story, compiled, ms
from tests.unit.journey.world import copy
from tests.unit.testing.lines import line

HOURS = """
journey: j
start: {event: booked, key: event.booking_id}
steps:
  - wait: 1h
  - send: m1
    via: email
"""
CHAIN = """
journey: j
start: {event: booked}
steps:
  - emit: moved
  - wait: 1h
  - emit: moved
"""


def test_at_one_instant_events_go_before_timers_and_timers_by_customer() -> None:
    kinds: list[str] = []
    work = compiled(HOURS)
    lines = [
        line("2026-03-02T08:00:00Z", "booked", "bob", booking_id="k1"),
        line("2026-03-02T08:00:00Z", "booked", "ana", booking_id="k1"),
        line("2026-03-02T09:00:00Z", "booked", "eve", booking_id="k1"),
    ]
    run_lines(work, lines, lambda record: kinds.append(f"{record.kind} {record.label[12:]} {record.at}"))
    nine = ms("2026-03-02T09:00:00Z")
    at_nine = [text for text in kinds if text.endswith(f" {nine}")]
    assert at_nine[0] == f"started eve {nine}"
    assert len(at_nine) == 5  # and the two others' messages and ends


def test_a_repeat_is_counted_and_changes_nothing_also_under_another_name() -> None:
    story = Story(HOURS)
    story.event("2026-03-02T08:00:00Z", "booked", id="x", booking_id="k1")
    assert story.event("2026-03-02T08:00:00Z", "moved", id="x", timezone="Asia/Tokyo") == "duplicate"
    assert "timezone" not in story.ana.attributes


def test_nothing_is_due_before_something_waits() -> None:
    story = Story(HOURS)
    assert story.simulator.next_due() is None
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    assert story.simulator.next_due() == ms("2026-03-02T09:00:00Z")


def test_two_identifiers_of_two_customers_are_flagged() -> None:
    story = Story(HOURS)
    story.event("2026-03-02T08:00:00Z", "moved", profile={"customer_id": "bob", "email": "a@x.example"})
    story.event("2026-03-02T08:00:00Z", "moved", profile={"customer_id": "ana"})
    story.event("2026-03-02T08:00:00Z", "moved", profile={"customer_id": "ana", "email": "a@x.example"})
    assert len(story.simulator.profiles) == 2
    assert "identity_conflict" in story.reasons("flagged")[0]


def test_two_identifiers_of_one_customer_merge_what_was_known_of_them() -> None:
    story = Story(HOURS)
    story.event("2026-03-02T08:00:00Z", "booked", profile={"email": "a@x.example"}, booking_id="k1")
    story.event("2026-03-02T08:10:00Z", "consent_changed", channel="email", state="granted")
    story.event("2026-03-02T08:20:00Z", "moved", profile={"customer_id": "ana", "email": "a@x.example"})
    (profile,) = story.simulator.profiles.values()
    assert profile.label == "customer_id:ana"
    assert story.reasons("merged") == ["identity: email:a@x.example is the same customer"]
    # what the absorbed one waited for goes on, and its address leads to the one that is left
    story.event("2026-03-02T08:30:00Z", "moved", profile={"email": "a@x.example"}, timezone="Asia/Tokyo")
    story.end()
    assert story.sent == ["m1 by email 2026-03-02T09:00:00Z"]
    assert len(story.simulator.profiles) == 1


def test_a_fault_of_the_core_leaves_the_customer_as_she_was_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story(HOURS)
    story.join("2026-03-02T07:00:00Z")
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    before = copy(story.ana)

    def faulty(plan: Plan, profile: Profile, event: Event, now: int, flags: Flags) -> object:
        walk = handle_event(plan, profile, event, now, flags)
        if event.name == "moved":
            raise ZeroDivisionError("the core's mistake")
        return walk

    monkeypatch.setattr(simulator_room, "handle_event", faulty)
    story.event("2026-03-02T08:10:00Z", "moved", timezone="Asia/Tokyo")
    assert story.ana == before
    assert story.reasons("set_aside") == ["decision_fault: moved e5: ZeroDivisionError: the core's mistake"]
    story.event("2026-03-02T08:20:00Z", "booked", profile={"customer_id": "bob"}, booking_id="k1")
    story.end()
    assert story.sent == ["m1 by email 2026-03-02T09:00:00Z"]


def test_a_fault_takes_back_what_emitted_events_left_in_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(CHAIN)
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    before = copy(story.ana)

    def faulty(plan: Plan, profile: Profile, now: int, flags: Flags) -> object:
        handle_timers(plan, profile, now, flags)
        raise ZeroDivisionError("the core's mistake")

    monkeypatch.setattr(simulator_room, "handle_timers", faulty)
    story.end()
    assert story.reasons("set_aside") == ["decision_fault: a timer: ZeroDivisionError: the core's mistake"]
    assert story.ana == before


def test_a_fault_while_leaving_stays_with_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    work = compiled(HOURS)
    records: list[object] = []

    def render(message: str, channel: str, locale: str, roots: object) -> object:
        raise KeyError("a fault in rendering, not a refusal")

    simulator = Simulator(work.plan, render, records.append)  # type: ignore[arg-type]
    story = Story(HOURS)
    story.simulator, story.records = simulator, records  # type: ignore[assignment]
    story.join("2026-03-02T07:00:00Z")
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
    story.until("2026-03-02T12:00:00Z")
    assert [reason.partition(":")[0] for reason in story.reasons("set_aside")] == ["decision_fault"]
    assert story.event("2026-03-02T13:00:00Z", "moved", timezone="Asia/Tokyo") == ""


def test_many_messages_in_a_row_need_no_deeper_stack() -> None:
    sends = "".join("  - send: m1\n    via: email\n" for _ in range(700))
    story = Story(f"journey: j\nstart: {{event: booked}}\nsteps:\n{sends}")
    story.join("2026-03-02T07:00:00Z")
    story.event("2026-03-02T10:00:00Z", "booked", booking_id="k1")
    assert len(story.sent) == 700


def test_a_record_as_json_has_readable_instants() -> None:
    story = Story(HOURS)
    story.join("2026-03-02T07:00:00Z")
    story.event("2026-03-02T20:30:00Z", "booked", booking_id="k1")
    story.end()
    text = b"\n".join(to_json(record) for record in story.records).decode()
    assert '"kind":"held"' in text
    assert '"until":"2026-03-03T07:00:00Z"' in text
    assert '"key":"k1"' in text
    assert '"profile":"customer_id:ana"' in text
