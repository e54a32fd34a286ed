"""A worker died between begin and end: what becomes of the message it was sending."""

from __future__ import annotations

import pytest

from engine.model.flags import Flags
from engine.model.message import SendOutcome
from tests.story import QUIET, TEMPLATE, ms
from tests.unit.journey.hand import DAYTIME, NOTE, Hand

LATER = "2026-06-01T10:10:00Z"
AT_LEAST_ONCE = QUIET.replace("service: {transactional: true}", "service: {transactional: true, at_least_once: true}")
UNKNOWN = "unknown: unknown: its worker died while sending"


def died(*journeys: str, **options: object) -> Hand:
    hand = Hand(*(journeys or (NOTE,)), **options)  # type: ignore[arg-type]
    hand.event(DAYTIME, "booked", booking_id="k1")
    hand.leave(DAYTIME)
    return hand


def test_marketing_is_listed_as_unknown_and_never_sent_again() -> None:
    # case 8
    hand = died()
    assert hand.recover(LATER, repeatable=False).outgoing is None
    assert hand.told == [UNKNOWN, "ended: completed"]
    assert len(hand.profile.ledger) == 1  # it may have arrived: it counts


@pytest.mark.parametrize(
    ("journey", "policies", "repeatable"),
    [
        # its purpose must arrive
        (NOTE.replace("goal:", "purpose: service\ngoal:"), AT_LEAST_ONCE, False),
        # its provider ignores repeats
        (NOTE, QUIET, True),
    ],
)
def test_what_may_be_repeated_goes_out_again_under_the_same_key(journey: str, policies: str, repeatable: bool) -> None:
    # case 8
    hand = died(journey, policies=policies)
    outgoing = hand.recover(LATER, repeatable=repeatable).outgoing
    assert outgoing is not None
    assert outgoing.attempt_id == f"{hand.message}-email-1"
    hand.settle(LATER)
    assert hand.told == ["sent", "ended: completed"]


SERVICE = NOTE.replace("goal:", "purpose: service\ngoal:")
FAILED = [SendOutcome("refused", "no"), SendOutcome("bad_address", "no"), SendOutcome("retry", "busy")]


@pytest.mark.parametrize("failed", FAILED, ids=lambda each: each.kind)
def test_a_repeat_that_is_refused_takes_nothing_back_of_what_may_have_arrived(failed: SendOutcome) -> None:
    # given a message whose worker died, repeated at a provider that does not know repeats
    hand = died(SERVICE, policies=AT_LEAST_ONCE)
    hand.recover(LATER, repeatable=False)
    # when the repeat comes to nothing
    hand.settle(LATER, failed, repeated=True)
    # then the first still counts, from when it left
    assert [(entry.id, entry.at) for entry in hand.profile.ledger] == [(f"{hand.message}-email-1", ms(DAYTIME))]
    # and what no channel takes is not said to be refused
    end = "2026-06-04T10:00:00Z"
    hand.leave(end)
    assert hand.told[-2].startswith("unknown: time_to_live")


def test_what_the_next_channel_refuses_after_a_doubt_does_not_count() -> None:
    # given a message of which nobody knows whether it arrived by e-mail, where it was refused when sent again
    hand = died(SERVICE, policies=AT_LEAST_ONCE)
    hand.settle(DAYTIME, SendOutcome("unknown", "no answer"))
    hand.leave(LATER)
    hand.settle(LATER, FAILED[0])
    # when the next channel does not take it either
    hand.leave(LATER)
    message = hand.message
    assert [entry.id for entry in hand.profile.ledger] == [f"{message}-email-1", f"{message}-sms-2"]
    hand.settle(LATER, FAILED[0])
    hand.leave(LATER)
    # then what may have arrived counts, and nothing else
    assert [(entry.id, entry.at) for entry in hand.profile.ledger] == [(f"{message}-email-1", ms(DAYTIME))]
    assert hand.told[-2].startswith("unknown: no_channel")


@pytest.mark.parametrize("name", ["note", "*"])
def test_what_an_operator_killed_is_not_repeated(name: str) -> None:
    hand = died()
    hand.flags = Flags(killed=frozenset({name}))
    assert hand.recover(LATER, repeatable=True).outgoing is None
    assert UNKNOWN in hand.told


def test_what_cannot_be_rendered_any_more_is_unknown_and_says_why() -> None:
    shows_tier = TEMPLATE.replace("Hello", "Hello {{ customer.tier }}")
    hand = Hand(NOTE, m1=shows_tier)
    hand.event("2026-05-02T08:00:00Z", "tier_changed", tier="gold", version=1)
    hand.event(DAYTIME, "booked", booking_id="k1")
    hand.leave(DAYTIME)
    del hand.profile.attributes["tier"]
    assert hand.recover(LATER, repeatable=True).outgoing is None
    assert hand.told[0].startswith("retried: render_failed")
    assert hand.told[1] == UNKNOWN


def test_what_is_not_being_sent_is_left_alone() -> None:
    hand = Hand(NOTE)
    hand.event(DAYTIME, "booked", booking_id="k1")
    assert hand.recover(LATER, repeatable=True).outgoing is None
    hand.leave(DAYTIME)
    hand.settle(DAYTIME)
    assert hand.recover(LATER, repeatable=True).records == []
