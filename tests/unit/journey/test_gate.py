"""The gate's order, stage by stage: what stops a message that wants to leave, and what is kept of it."""

from __future__ import annotations

import pytest

from engine.model.flags import Flags
from tests.story import QUIET, ms
from tests.unit.journey.hand import DAYTIME, NOTE, Hand

CAPPED = QUIET + "  caps: [{limit: 1 per 24h, channels: [email]}]\n"
SUPPRESSED = QUIET + "  suppress: [{when: customer.open_cases > 0, purpose: marketing}]\n"


def planned(*journeys: str, **options: object) -> Hand:
    """Ana has a message that is planned and has not been let out yet."""
    hand = Hand(*(journeys or (NOTE,)), **options)  # type: ignore[arg-type]
    hand.event(DAYTIME, "booked", booking_id="k1")
    return hand


def test_a_message_that_nothing_stops_is_handed_over_reserved_and_counted() -> None:
    hand = planned()
    walk = hand.leave(DAYTIME)
    assert walk.outgoing is not None
    assert walk.outgoing.address == "ana@example.com"
    assert walk.outgoing.attempt_id == f"{hand.message}-email-1"
    assert hand.profile.messages[hand.message].status == "sending"
    assert [entry.committed for entry in hand.profile.ledger] == [False]
    hand.settle(DAYTIME)
    assert [entry.committed for entry in hand.profile.ledger] == [True]
    assert hand.told == ["sent", "ended: completed"]


def test_a_message_that_is_not_planned_any_more_is_left_alone() -> None:
    hand = planned()
    hand.leave(DAYTIME)
    walk = hand.leave(DAYTIME)  # it is being sent already
    assert (walk.outgoing, walk.records, walk.rows) == (None, [], [])
    hand.settle(DAYTIME)
    walk = hand.leave(DAYTIME)  # it is gone
    assert (walk.outgoing, walk.records, walk.rows) == (None, [], [])
    assert hand.settle(DAYTIME).records == []


@pytest.mark.parametrize("name", ["note", "*"])
def test_killed_lets_nothing_more_out(name: str) -> None:
    hand = planned()
    hand.flags = Flags(killed=frozenset({name}))
    assert hand.leave(DAYTIME).outgoing is None
    why = "killed: note was killed by an operator"
    assert hand.told == [f"refused: {why}", f"ended: {why}"]


@pytest.mark.parametrize("name", ["note", "*"])
def test_paused_holds_a_message_until_its_journey_goes_on(name: str) -> None:
    hand = planned()
    hand.flags = Flags(paused=frozenset({name}))
    assert hand.leave(DAYTIME).rows == []
    assert hand.told == ["held: paused: note was paused by an operator"]
    hand.flags = Flags(paused=frozenset({"another"}))
    assert [(row.channel, row.due) for row in hand.timers(DAYTIME).rows] == [("email", ms(DAYTIME))]
    assert hand.leave(DAYTIME).outgoing is not None


def test_killed_goes_before_paused() -> None:
    hand = planned()
    hand.flags = Flags(paused=frozenset({"note"}), killed=frozenset({"note"}))
    hand.leave(DAYTIME)
    assert hand.told[0].startswith("refused: killed")


def test_a_goal_between_planning_and_leaving_cancels_the_message() -> None:
    hand = planned()
    hand.event("2026-06-01T10:00:01Z", "order_placed", order_id="o1")
    assert hand.profile.messages == {}
    assert hand.told == ["cancelled: goal: order_placed (e5)", "ended: goal: order_placed (e5)"]


def test_a_condition_that_came_true_by_time_alone_ends_the_journey_as_the_message_leaves() -> None:
    hand = Hand(NOTE.replace("goal: order_placed", "stop_if: no basket_viewed in last 1h"))
    hand.event("2026-06-01T09:30:00Z", "basket_viewed", basket_id="b1")
    hand.event(DAYTIME, "booked", booking_id="k1")
    hand.leave("2026-06-01T10:31:00Z")
    assert hand.profile.messages == {}
    assert hand.told[-1].startswith("ended: stop_if: no basket_viewed in last 1h")


def test_a_message_whose_journey_is_gone_is_cancelled() -> None:
    hand = planned()
    hand.profile.enrolments.clear()
    hand.leave(DAYTIME)
    assert hand.told == ["cancelled: exit: its journey has ended"]


def test_held_out_since_it_was_planned_is_silent() -> None:
    # a merge may bring an earlier exposure to an enrolment whose message is planned already
    hand = planned()
    next(iter(hand.profile.enrolments.values())).held_out = "holdout"
    hand.leave(DAYTIME)
    assert hand.told == ["held_out: holdout: note: assigned at its start", "ended: completed"]


def test_the_same_message_never_leaves_twice() -> None:
    hand = planned()
    hand.leave(DAYTIME)
    hand.profile.ledger[0].committed = True
    hand.profile.messages[hand.message].status = "planned"  # as a restored backup would have it
    message = hand.message
    hand.leave(DAYTIME)
    assert hand.told[0] == f"refused: duplicate: {message} has left before"


@pytest.mark.parametrize(
    ("at", "told"),
    [
        # 48 h after it was first due: the last instant counts
        ("2026-06-03T10:00:00.000Z", []),
        ("2026-06-03T10:00:00.001Z", ["expired: time_to_live: it had to leave by 2026-06-03T10:00:00Z"]),
    ],
)
def test_time_to_live(at: str, told: list[str]) -> None:
    hand = planned()
    assert (hand.leave(at).outgoing is None) == bool(told)
    assert hand.told[:1] == told


def test_time_to_live_goes_before_consent_and_suppression_before_consent() -> None:
    hand = planned(policies=SUPPRESSED, agrees=())
    hand.event("2026-06-01T10:00:01Z", "joined")
    hand.leave("2026-06-04T10:00:00Z")
    assert hand.told[0].startswith("expired: time_to_live")
    hand = planned(policies=SUPPRESSED, agrees=())
    hand.profile.attributes["open_cases"] = 1
    hand.leave(DAYTIME)
    assert hand.told[0] == "refused: suppressed: customer.open_cases > 0"


def test_quiet_hours_go_before_caps() -> None:
    hand = planned(policies=CAPPED)
    hand.leave(DAYTIME)
    hand.settle(DAYTIME)
    hand.event("2026-06-01T19:30:00Z", "booked", booking_id="k2")
    hand.leave("2026-06-01T19:30:00Z")  # 21:30 local, and the cap is full
    assert hand.told[-1] == "held: quiet_hours: 21:00-08:00 in Europe/Paris"


def test_a_message_goes_over_to_the_outbox_of_the_channel_that_takes_it() -> None:
    # planned for e-mail; by the time it leaves only SMS is allowed: it takes SMS's rate tokens, not e-mail's
    hand = planned()
    hand.event("2026-06-01T10:00:01Z", "unsubscribed", channel="email")
    walk = hand.leave("2026-06-01T10:00:02Z")
    assert walk.outgoing is None
    assert [row.channel for row in walk.rows] == ["sms"]
    walk = hand.leave("2026-06-01T10:00:02Z")
    assert walk.outgoing is not None
    assert walk.outgoing.channel == "sms"


def test_unsubscribed_between_planning_and_leaving_leaves_nothing() -> None:
    hand = planned(agrees=("email",))
    hand.event("2026-06-01T10:00:01Z", "unsubscribed", channel="email")
    hand.leave("2026-06-01T10:00:02Z")
    assert hand.told[0] == (
        "refused: no_channel: email consent: email for marketing was denied 2026-06-01T10:00:01Z; "
        "sms consent: sms for marketing is unknown"
    )


def test_every_refusal_names_the_rule_and_its_line() -> None:
    hand = planned(policies=CAPPED)
    hand.leave(DAYTIME)
    hand.settle(DAYTIME)
    hand.event("2026-06-01T10:00:01Z", "booked", booking_id="k2")
    hand.leave("2026-06-01T10:00:01Z")
    refused = [record for record in hand.records if record.kind == "refused"]
    assert [record.reason for record in refused] == ["cap: 1 of 1 per 24h"]
    line = int(refused[0].place.rpartition(":")[2])
    assert CAPPED.splitlines()[line - 1].startswith("  caps:")
