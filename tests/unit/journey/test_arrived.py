"""Somebody reports that a message arrived of which nobody here could be sure."""

from __future__ import annotations

import pytest

from engine.model.message import SendOutcome
from tests.story import QUIET
from tests.unit.journey.hand import DAYTIME, NOTE, Hand

SERVICE = NOTE.replace("goal:", "purpose: service\ngoal:")
AT_LEAST_ONCE = QUIET.replace("service: {transactional: true}", "service: {transactional: true, at_least_once: true}")
SOON, LATER = "2026-06-01T10:00:30Z", "2026-06-01T10:10:00Z"


def handed_over(*, repeats: bool = False) -> tuple[Hand, str]:
    """Its message went to a provider, whose answer nobody has heard; the id of the attempt."""
    hand = Hand(SERVICE, policies=AT_LEAST_ONCE) if repeats else Hand(NOTE)
    hand.event(DAYTIME, "booked", booking_id="k1")
    hand.leave(DAYTIME)
    attempt = f"{hand.message}-email-1"
    if repeats:
        hand.settle(DAYTIME, SendOutcome("unknown", "no answer"))
        assert hand.told[-1].startswith("retried: unknown")
    return hand, attempt


@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize("happened", ["delivered", "opened", "clicked", "complained", "unsubscribed"])
def test_it_has_left_and_is_not_sent_again(repeats: bool, happened: str) -> None:
    hand, attempt = handed_over(repeats=repeats)
    hand.event(SOON, happened, message=attempt, channel="email")
    sent = [told for told in hand.told if told.startswith("sent")]
    assert sent == [f"sent: {happened}: {attempt}"]
    assert [entry.committed for entry in hand.profile.ledger] == [True]
    # whoever comes later with an answer, or for the row of a dead worker, finds nothing to do; the SMS is not needed
    before = len(hand.records)
    hand.settle(LATER, SendOutcome("unknown", "no answer"))
    hand.recover(LATER, repeatable=True)
    hand.leave(LATER)
    assert len(hand.records) == before


@pytest.mark.parametrize(
    "report",
    [
        {"message": "mffffffffffffffffffffffffff-email-1", "channel": "email"},  # of another message
        {"message": "{id}-sms-1", "channel": "sms"},  # of another channel
        {"message": "{id}", "channel": "sms"},
        {"message": "m1", "channel": "email"},  # its template's name is nobody's proof
        {"channel": "email"},
    ],
)
def test_a_report_of_something_else_ends_no_doubt(report: dict[str, str]) -> None:
    hand, attempt = handed_over()
    given = {name: value.format(id=attempt.partition("-")[0]) for name, value in report.items()}
    hand.event(SOON, "delivered", **given)
    assert hand.profile.messages[attempt.partition("-")[0]].status == "sending"
    hand.recover(LATER, repeatable=False)
    assert "unknown: unknown: its worker died while sending" in hand.told


def test_that_it_bounced_is_no_arrival() -> None:
    hand, attempt = handed_over(repeats=True)
    hand.event(SOON, "bounced", message=attempt, channel="email", kind="soft")
    assert [message.unsure for message in hand.profile.messages.values()] == [True]
