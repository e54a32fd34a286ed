"""A wait for a receipt is about a message of this very enrolment."""

from __future__ import annotations

from typing import Any

import pytest

from engine.define.workspace import compile_sources
from engine.model.message import Outgoing
from tests.story import Story, workspace

# m1, an hour later m2, then a wait for a receipt
WAITS = """
journey: j
start: {event: booked, key: event.booking_id}
steps:
  - send: m1
    via: email
  - wait: 1h
  - send: m2
    via: email
  - wait_for: opened
    %s
    up_to: 2h
    then: [{stop: opened}]
    on_timeout: [{stop: never}]
"""
OTHER = """
journey: other
start: {event: cancelled}
steps:
  - send: m3
    via: email
"""


def told(wanted: str, about: str, *, name: str = "message") -> str:
    """How the run ends when a receipt comes about `about`: a message (id of its attempt), a name, or ''."""
    story = Story(WAITS % wanted, OTHER)
    story.join("2026-03-02T08:00:00Z")
    story.event("2026-03-02T10:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T10:30:00Z", "booked", booking_id="k2")
    story.event("2026-03-02T10:40:00Z", "cancelled", booking_id="k9")
    story.until("2026-03-02T11:45:00Z")
    given: dict[str, Any] = {"message": named(story, about)} if about else {}
    story.event("2026-03-02T12:00:00Z", "opened", channel="email", **given)
    story.end()
    ended = [r for r in story.records if r.kind == "ended" and r.key == "k1"]
    return ended[0].reason.removeprefix("stop: ")


def named(story: Story, about: str) -> str:
    message, _, key = about.partition("/")
    found = [each for each in story.outgoing if each.message == message and of_key(story, each) in (key, "")]
    return found[0].attempt_id if found else about


def of_key(story: Story, outgoing: Outgoing) -> str:
    return next(record.key for record in story.records if record.id == outgoing.message_id)


@pytest.mark.parametrize(
    ("wanted", "about", "end"),
    [
        ("", "m2/k1", "opened"),
        ("", "m1/k1", "never"),
        ("", "m2/k2", "never"),
        ("", "m3", "never"),
        ("", "", "opened"),  # nobody can tell of which it is
        ("message: m1", "m1/k1", "opened"),
        ("message: m1", "m2/k1", "never"),
        ("message: m1", "m1/k2", "never"),
        ("message: any", "m3", "opened"),
        ("message: any", "m1/k2", "opened"),
        ("where: message is known", "m3", "never"),
    ],
)
def test_of_which_message_the_receipt_must_be(wanted: str, about: str, end: str) -> None:
    assert told(wanted, about) == end


def test_before_its_first_message_a_journey_takes_every_receipt() -> None:
    journey = "journey: k\nstart: {event: booked}\nsteps: [{wait_for: opened, up_to: 5h, then: [{stop: opened}]}]\n"
    story = Story(journey, OTHER)
    story.join("2026-03-02T08:00:00Z")
    story.event("2026-03-02T10:00:00Z", "cancelled", booking_id="k9")
    story.event("2026-03-02T10:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T12:00:00Z", "opened", channel="email", message=story.outgoing[0].attempt_id)
    assert story.reasons("ended")[-1] == "stop: opened"


@pytest.mark.parametrize(("about", "channels"), [("m1", ["push"]), ("m3", ["push", "email"]), ("", ["push"])])
def test_a_receipt_in_unless_is_about_the_message_itself(about: str, channels: list[str]) -> None:
    journey = """
journey: j
start: {event: booked}
steps:
  - send: m1
    via: [push, email]
    try_next_after: 3h
    unless: delivered
"""
    story = Story(journey, OTHER)
    story.join("2026-03-02T08:00:00Z")
    story.event("2026-03-02T09:00:00Z", "cancelled", booking_id="k9")
    story.event("2026-03-02T10:00:00Z", "booked", booking_id="k1")
    given: dict[str, Any] = {"message": named(story, about)} if about else {}
    story.event("2026-03-02T11:00:00Z", "delivered", channel="email", **given)
    story.end()
    assert [each.channel for each in story.outgoing if each.message == "m1"] == channels


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ("message: m4", "this journey never sends 'm4'. Known: m1, m2."),
        ("message: m9", "there is no template for the message 'm9'."),
    ],
)
def test_a_message_that_is_never_sent_cannot_be_meant(wanted: str, problem: str) -> None:
    found = [str(each).partition(": ")[2] for each in compile_sources(workspace(WAITS % wanted)).problems]
    assert found[0].startswith(problem) or found[-1].startswith(problem)


def test_only_a_receipt_is_about_a_message() -> None:
    found = compile_sources(workspace((WAITS % "message: m1").replace("opened\n", "order_placed\n", 1))).problems
    assert [str(each).partition(": ")[2] for each in found] == [
        "'order_placed' is not about a message. Say which one is meant with 'where:'."
    ]


def test_with_since_start_an_event_that_came_too_late_satisfies_no_wait_either() -> None:
    journey = """
journey: j
start: {event: booked}
steps:
  - wait: 4d
  - wait_for: order_placed
    since: start
    up_to: 1d
    then: [{stop: came}]
    on_timeout: [{stop: gave up}]
"""
    for received, end in (("2026-03-05T10:00:01Z", "gave up"), ("2026-03-05T09:59:59Z", "came")):
        story = Story(journey)
        story.event("2026-03-02T08:00:00Z", "booked", booking_id="k1")
        story.event("2026-03-03T10:00:00Z", "order_placed", received=received, order_id="o1")
        story.end()
        assert story.reasons("ended") == [f"stop: {end}"]
