"""A word on consent always says which channel it means; what does not is refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from engine.define.events import read_event
from engine.define.workspace import compile_sources
from engine.journey.apply import apply_event
from engine.journey.blocks import blocks_of
from engine.model.errors import BadEvent
from engine.model.event import ABOUT_CONSENT, Event
from engine.model.profile import Profile
from tests.story import compiled, workspace
from tests.unit.journey.hand import NOTE

VOCABULARY = compiled(NOTE).plan.vocabulary


def read(name: str, by: str, **properties: Any) -> Event:
    state = {"state": "denied"} if name == "consent_changed" else {}
    raw = {
        "id": "e1",
        "event": name,
        "at": "2026-06-01T10:00:00Z",
        "profile": {"customer_id": "ana"},
        "channel": by,
        "properties": {**state, **properties},
    }
    return read_event(VOCABULARY, {key: value for key, value in raw.items() if value != ""}, None)


@pytest.mark.parametrize("name", sorted(ABOUT_CONSENT))
@pytest.mark.parametrize(("channel", "given"), [("sms", {}), ("web", {"channel": "sms"}), ("", {"channel": "sms"})])
def test_the_channel_that_is_meant_is_the_one_that_is_blocked_and_denied(
    name: str, channel: str, given: dict[str, str]
) -> None:
    event = read(name, channel, **given)
    profile = Profile(id="c", label="c")
    apply_event(profile, VOCABULARY, event)
    assert blocks_of(event) == ("sms/marketing",)
    assert {key: each.state for key, each in profile.consent.items()} == {"sms/marketing": "denied"}


@pytest.mark.parametrize("name", sorted(ABOUT_CONSENT))
@pytest.mark.parametrize(("channel", "found"), [("", "is missing"), ("web", "by which no message leaves")])
def test_one_that_means_no_channel_is_refused(name: str, channel: str, found: str) -> None:
    with pytest.raises(BadEvent, match=found) as told:
        read(name, channel)
    assert told.value.field == "properties.channel"
    assert "email, push, sms, store" in told.value.reason.replace("sms, email", "email")


def test_a_change_of_consent_says_which_way() -> None:
    with pytest.raises(BadEvent, match=r"properties\.state: is missing: write granted or denied"):
        read("consent_changed", "sms", state=None)


def test_no_journey_emits_one_without_a_channel_and_if_the_value_is_missing_nothing_changes() -> None:
    steps = "[{emit: unsubscribed}, {emit: consent_changed, properties: {channel: sms}}]"
    journey = f"journey: j\nstart: {{event: booked}}\nsteps: {steps}\n"
    told = [str(problem) for problem in compile_sources(workspace(journey)).problems]
    assert [text.partition(": ")[2] for text in told] == [
        "'unsubscribed' says nothing without a channel. Write it: properties: {channel: ...}.",
        "'consent_changed' says nothing without a state. Write it: properties: {state: ...}.",
    ]
    profile = Profile(id="c", label="c")
    apply_event(profile, VOCABULARY, Event(id="e", name="unsubscribed", profile={}, at=1, received=1))
    assert profile.consent == {}


def test_who_sees_offers_at_a_placement_may_refuse_them_there_and_says_so() -> None:
    placements = "placements: {web.home: {show: 1}, kiosk: {channel: partner}}\n"
    vocabulary = compiled(NOTE, others=[placements]).plan.vocabulary
    said = {"id": "e1", "event": "unsubscribed", "at": "2026-06-01T10:00:00Z", "profile": {"customer_id": "ana"}}
    for channel in ("web", "partner"):
        event = read_event(vocabulary, {**said, "properties": {"channel": channel}}, None)
        profile = Profile(id="c", label="c")
        apply_event(profile, vocabulary, event)
        assert list(profile.consent) == [f"{channel}/marketing"]
    # the web is also where somebody unsubscribes from something else
    with pytest.raises(BadEvent, match="say which channel is meant, email, push, sms, store, web, partner"):
        read_event(vocabulary, {**said, "channel": "web"}, None)
    with pytest.raises(BadEvent, match="email or push or sms or store or web or partner"):
        read_event(vocabulary, {**said, "properties": {"channel": "app"}}, None)
