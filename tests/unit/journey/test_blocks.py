"""Blocks: what is withdrawn the moment an event is accepted, before it is processed."""

from __future__ import annotations

import pytest

from engine.journey.blocks import blocks_of, leave_past_block, refusing
from engine.model.event import Event
from engine.model.policy import Purpose
from tests.story import ms
from tests.unit.journey.hand import DAYTIME, NOTE, Hand


def happened(name: str, channel: str = "web", **properties: object) -> Event:
    return Event(id="e", name=name, profile={}, at=0, received=0, channel=channel, properties=properties)


@pytest.mark.parametrize(
    ("event", "blocks"),
    [
        (happened("unsubscribed", channel="email"), ("email/marketing",)),
        (happened("unsubscribed", **{"purpose": "news"}), ("web/news",)),
        (happened("complained"), ("web/marketing",)),
        (happened("consent_changed", state="denied"), ("web/marketing",)),
        (happened("consent_changed", state="granted"), ()),
        (happened("bounced", kind="soft"), ()),
        (happened("order_placed"), ()),
        # an event without a channel names nothing
        (happened("unsubscribed", channel=""), ()),
    ],
)
def test_what_an_event_withdraws(event: Event, blocks: tuple[str, ...]) -> None:
    assert blocks_of(event) == blocks


def test_a_transactional_message_only_minds_a_dead_address() -> None:
    assert refusing("email", Purpose("service", transactional=True)) == ("email/*",)
    assert refusing("email", Purpose("marketing")) == ("email/*", "email/marketing")


def test_a_blocked_channel_gives_way_to_the_next() -> None:
    hand = Hand(NOTE)
    hand.event(DAYTIME, "booked", booking_id="k1")
    render = hand.compiled.renderer.render
    walk = leave_past_block(hand.plan, hand.profile, hand.message, "email/marketing", ms(DAYTIME), render)
    assert [(record.kind, record.channel) for record in walk.records] == [("retried", "email")]
    assert walk.records[0].reason.startswith("block: email/marketing was withdrawn")
    assert [row.channel for row in walk.rows] == ["sms"]


def test_a_block_on_the_last_channel_ends_the_message() -> None:
    hand = Hand(NOTE, agrees=("email",))
    hand.event(DAYTIME, "booked", booking_id="k1")
    render = hand.compiled.renderer.render
    walk = leave_past_block(hand.plan, hand.profile, hand.message, "email/*", ms(DAYTIME), render)
    assert [record.kind for record in walk.records] == ["retried", "refused", "ended"]
    again = leave_past_block(hand.plan, hand.profile, "gone", "email/*", ms(DAYTIME), render)
    assert again.records == []
