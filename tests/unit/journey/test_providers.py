"""What a provider's answer does: retries and their instants, the next channel, dead addresses, unknown ends."""

from __future__ import annotations

import pytest

from engine.model.message import SendOutcome
from engine.model.span import MINUTE, SECOND
from engine.policy.bucket import share
from tests.story import QUIET, Story, ms
from tests.unit.journey.hand import DAYTIME, NOTE, Hand

BUSY = SendOutcome("retry", "503")
TWO = NOTE + "  - send: m2\n    via: email\n"
CAPPED = QUIET + "  caps: [{limit: 1 per 24h, channels: [email]}]\n"


def sending(**options: object) -> Hand:
    hand = Hand(NOTE, **options)  # type: ignore[arg-type]
    hand.event(DAYTIME, "booked", booking_id="k1")
    hand.leave(DAYTIME)
    return hand


def test_retries_wait_1_4_16_and_64_seconds_and_a_quarter_more_at_most() -> None:
    hand = sending()
    at = ms(DAYTIME)
    for attempt, base in enumerate((1, 4, 16, 64), start=1):
        walk = hand.settle(DAYTIME, BUSY)
        jitter = share("retry", f"{hand.message}:{attempt}")
        assert [row.due for row in walk.rows] == [at + int(base * (1 + 0.25 * jitter) * SECOND)]
        assert hand.told[-1] == f"retried: retry: 503 (attempt {attempt})"
        assert hand.profile.ledger == []  # it has not left: it does not count
        outgoing = hand.leave(DAYTIME).outgoing
        assert outgoing is not None
        assert outgoing.attempt_id == f"{hand.message}-email-{attempt + 1}"
    # then every 64 seconds, the last time when the next channel's turn has come
    later = "2026-06-01T10:09:30Z"
    walk = hand.settle(later, BUSY)
    assert [(row.channel, row.due) for row in walk.rows] == [("email", at + 10 * MINUTE)]
    hand.leave("2026-06-01T10:10:00Z")
    walk = hand.settle("2026-06-01T10:10:00Z", BUSY)
    assert [(row.channel, row.due) for row in walk.rows] == [("sms", at + 10 * MINUTE)]
    assert hand.told[-1] == "retried: next_channel: unavailable: 503"


def test_a_message_with_little_time_goes_on_at_half_of_it() -> None:
    hand = Hand(NOTE.replace("    via:", "    time_to_live: 4m\n    via:", 1))
    hand.event(DAYTIME, "booked", booking_id="k1")
    hand.leave(DAYTIME)
    hand.settle(DAYTIME, BUSY)
    hand.leave("2026-06-01T10:01:59Z")
    walk = hand.settle("2026-06-01T10:01:59Z", BUSY)
    assert [(row.channel, row.due) for row in walk.rows] == [("email", ms(DAYTIME) + 2 * MINUTE)]
    hand.leave("2026-06-01T10:02:00Z")
    walk = hand.settle("2026-06-01T10:02:00Z", BUSY)
    assert [row.channel for row in walk.rows] == ["sms"]


def test_how_long_a_channel_is_waited_for_is_a_policy() -> None:
    story = Story(NOTE, policies=QUIET + "  fall_back_after: 90s\n", outcomes={("m1", "email"): BUSY})
    story.join("2026-05-01T08:00:00Z", agrees=("email", "sms"))
    story.event(DAYTIME, "booked", booking_id="k1")
    story.end()
    assert story.sent == ["m1 by sms 2026-06-01T10:01:30Z"]


def test_retry_after_is_kept_when_it_is_longer_than_the_pause() -> None:
    hand = sending()
    walk = hand.settle(DAYTIME, SendOutcome("retry", "429", retry_after=90.0))
    assert walk.rows[0].due == ms(DAYTIME) + 90 * SECOND
    hand.leave(DAYTIME)
    walk = hand.settle(DAYTIME, SendOutcome("retry", "429", retry_after=0.5))
    assert walk.rows[0].due >= ms(DAYTIME) + 4 * SECOND


def test_refused_goes_on_by_the_next_channel_and_not_back() -> None:
    story = Story(NOTE, outcomes={("m1", "email"): SendOutcome("refused", "spam")})
    story.join("2026-05-01T08:00:00Z", agrees=("email", "sms"))
    story.event(DAYTIME, "booked", booking_id="k1")
    assert story.sent == ["m1 by sms 2026-06-01T10:00:00Z"]
    assert story.reasons("retried") == ["next_channel: refused: spam"]
    assert [entry.channel for entry in story.ana.ledger] == ["sms"]


def test_refused_everywhere_ends_the_message_and_the_journey_goes_on() -> None:
    no = SendOutcome("refused", "no")
    story = Story(TWO, outcomes={("m1", "email"): no, ("m1", "sms"): no})
    story.join("2026-05-01T08:00:00Z", agrees=("email", "sms"))
    story.event(DAYTIME, "booked", booking_id="k1")
    assert story.reasons("refused") == ["no_channel: email refused: no; sms refused: no"]
    assert story.sent == ["m2 by email 2026-06-01T10:00:00Z"]


def test_a_bad_address_is_dead_for_good_until_it_changes() -> None:
    story = Story(NOTE, outcomes={("m1", "email"): SendOutcome("bad_address", "550 no such user")})
    story.join("2026-05-01T08:00:00Z", agrees=("email", "sms"))
    story.event(DAYTIME, "booked", booking_id="k1")
    assert story.sent == ["m1 by sms 2026-06-01T10:00:00Z"]
    story.outcomes.clear()
    story.event("2026-06-02T10:00:00Z", "booked", booking_id="k2")
    assert story.sent[1:] == ["m1 by sms 2026-06-02T10:00:00Z"]
    profile = {"customer_id": "ana", "email": "ana@new.example"}
    story.event("2026-06-03T10:00:00Z", "booked", booking_id="k3", profile=profile)
    assert story.sent[2:] == ["m1 by email 2026-06-03T10:00:00Z"]


def test_an_unknown_end_keeps_its_place_in_the_caps_and_is_not_sent_again() -> None:
    story = Story(TWO, policies=CAPPED, outcomes={("m1", "email"): SendOutcome("unknown")})
    story.join("2026-05-01T08:00:00Z", agrees=("email",))
    story.event(DAYTIME, "booked", booking_id="k1")
    story.end()
    assert story.reasons("unknown") == ["unknown: nobody can say whether it arrived"]
    assert [outgoing.message for outgoing in story.outgoing] == ["m1"]
    assert story.reasons("refused") == ["cap: 1 of 1 per 24h"]
    assert story.reasons("ended") == ["completed"]


def test_while_a_provider_is_down_everything_is_tried_again_five_minutes_later() -> None:
    hand = sending(agrees=("email",))
    hand.settle(DAYTIME, BUSY)
    hand.leave("2026-06-01T10:10:00Z")
    hand.settle("2026-06-01T10:10:00Z", BUSY)
    walk = hand.leave("2026-06-01T10:10:00Z")  # nothing is left to try: e-mail is down, SMS was never agreed to
    assert [(row.channel, row.due) for row in walk.rows] == [("email", ms(DAYTIME) + 15 * MINUTE)]
    hand.leave("2026-06-01T10:15:00Z")
    hand.settle("2026-06-01T10:15:00Z")
    assert hand.told[-2:] == ["sent", "ended: completed"]


@pytest.mark.parametrize("kind", ["accepted", "unknown", "refused", "retry"])
def test_an_answer_that_comes_after_the_journey_ended_starts_nothing_again(kind: str) -> None:
    hand = sending()
    hand.event("2026-06-01T10:00:01Z", "order_placed", order_id="o1")
    assert list(hand.profile.messages) == [hand.message]  # it is with the provider: not to be called back
    hand.settle("2026-06-01T10:00:02Z", SendOutcome(kind, "x"))  # type: ignore[arg-type]
    while hand.profile.messages:
        assert hand.leave("2026-06-01T10:00:03Z").outgoing is None
    ends = [told.partition(":")[0] for told in hand.told]
    assert ends[-1] == {"accepted": "sent", "unknown": "unknown"}.get(kind, "cancelled")


def test_what_the_provider_says_beside_accepting_is_kept() -> None:
    hand = sending()
    hand.settle(DAYTIME, SendOutcome("accepted", "queued"))
    assert hand.told[0] == "sent: accepted: queued"
