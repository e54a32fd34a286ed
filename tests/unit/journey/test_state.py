"""What events make of a customer: the newest word counts, whatever the order of arrival."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from engine.journey.apply import MOST_OBJECTS, apply_event
from engine.journey.arrival import MOST_AHEAD, arrive
from engine.journey.identity import resolve
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.ids import profile_id
from engine.model.profile import Profile
from engine.model.span import DAY, HOUR
from tests.story import VOCABULARY, Story, compiled

JOURNEY = "journey: j\nstart: {event: booked}\nsteps: [{wait: 1h}]\n"
KEEPS = VOCABULARY.replace("    moved:\n", "    moved:\n      keep: 30d\n")
WORDS = compiled(JOURNEY, vocabulary=KEEPS).plan.vocabulary


def event(
    name: str, at: int = 0, *, id: str = "", received: int | None = None, came_by: str = "web", **data: object
) -> Event:
    return Event(
        id=id or f"{name}{at}",
        name=name,
        profile={"customer_id": "ana"},
        at=at,
        received=at if received is None else received,
        channel=came_by,
        properties=data,
    )


def after(*events: Event) -> Profile:
    """A customer to whom these events came, in this order."""
    profile = Profile(id="c", label="c")
    for each in events:
        apply_event(profile, WORDS, each)
    return profile


def in_any_order(*events: Event) -> list[Profile]:
    return [after(*order) for order in permutations(events)]


def test_the_latest_value_stays_whatever_the_order() -> None:
    for profile in in_any_order(
        event("joined", 1, first_name="A"), event("joined", 2, first_name="B"), event("joined", 3)
    ):
        assert profile.attributes["first_name"] == "B"  # the third named none


def test_at_one_instant_the_id_decides() -> None:
    for profile in in_any_order(event("joined", 1, id="a", first_name="A"), event("joined", 1, id="b", first_name="B")):
        assert profile.attributes["first_name"] == "B"


def test_the_highest_version_stays_even_when_it_is_older() -> None:
    versions = [event("tier_changed", 9 - number, tier=f"t{number}", version=number) for number in (4, 6, 5)]
    for profile in in_any_order(*versions):
        assert profile.attributes["tier"] == "t6"


def test_a_version_that_is_no_number_is_the_lowest() -> None:
    profile = after(event("tier_changed", 1, tier="t1", version=1), event("tier_changed", 2, tier="t2"))
    assert profile.attributes["tier"] == "t1"


def test_identifiers_are_attributes_too() -> None:
    profile = after(Event(id="1", name="moved", profile={"customer_id": "ana", "email": "a@x"}, at=0, received=7))
    assert profile.attributes["email"] == "a@x"
    assert profile.seen == 7


def test_events_are_counted() -> None:
    assert after(event("order_placed", 1), event("order_placed", 2)).attributes["orders"] == 2


def test_cases_are_counted_while_they_are_open() -> None:
    one, two = event("case_opened", 1, case_id="c1"), event("case_opened", 2, case_id="c2")
    closed = event("case_closed", 3, case_id="c1")
    assert after(one, two).attributes["open_cases"] == 2
    assert after(one, two, closed).attributes["open_cases"] == 1
    assert after(one, event("case_opened", 2, case_id="c1")).attributes["open_cases"] == 1
    assert after(closed, event("case_closed", 4, case_id="c1")).attributes["open_cases"] == 0


def test_a_close_that_comes_before_its_open_keeps_the_case_closed() -> None:
    for profile in in_any_order(event("case_opened", 1, case_id="c1"), event("case_closed", 2, case_id="c1")):
        assert profile.attributes["open_cases"] == 0
    reopened = event("case_opened", 3, case_id="c1")
    assert after(event("case_closed", 2, case_id="c1"), reopened).attributes["open_cases"] == 1


def test_an_object_keeps_what_a_newer_event_does_not_mention() -> None:
    profile = after(
        event("basket_updated", 1, basket_id="b", total=5, tags=["x"]),
        event("basket_updated", 2, basket_id="b", total=6),
    )
    assert profile.objects["basket"]["b"].data == {"basket_id": "b", "total": 6, "tags": ["x"]}


def test_an_object_ends_and_an_older_state_does_not_bring_it_back() -> None:
    ended = event("basket_emptied", 2, basket_id="b")
    profile = after(ended, event("basket_updated", 1, basket_id="b", total=5))
    assert profile.objects["basket"]["b"].ended
    assert "total" not in profile.objects["basket"]["b"].data
    assert not after(ended, event("basket_updated", 3, basket_id="b")).objects["basket"]["b"].ended


def test_an_object_without_its_id_is_none() -> None:
    assert after(event("basket_updated", 1, total=5)).objects == {}


def test_of_too_many_objects_those_that_are_over_go_first_then_the_oldest() -> None:
    many = [event("basket_updated", number, basket_id=f"b{number}") for number in range(MOST_OBJECTS)]
    over = event("basket_emptied", 5_000, basket_id="b7")
    more = [event("basket_updated", 6_000 + number, basket_id=f"n{number}") for number in range(2)]
    held = after(*many, over, *more).objects["basket"]
    assert len(held) == MOST_OBJECTS
    assert "b7" not in held
    assert "b0" not in held
    assert "b1" in held


@pytest.mark.parametrize(
    ("name", "data", "came_by", "consent"),
    [
        ("consent_changed", {"channel": "sms", "state": "granted"}, "web", {"sms/marketing": "granted"}),
        ("consent_changed", {"channel": "sms", "state": "denied", "purpose": "news"}, "web", {"sms/news": "denied"}),
        ("consent_changed", {"channel": "sms", "state": "perhaps"}, "web", {}),
        ("unsubscribed", {"channel": "email"}, "web", {"email/marketing": "denied"}),
        ("complained", {"channel": "email"}, "web", {"email/marketing": "denied"}),
        # it names no channel: the one it came by is meant
        ("unsubscribed", {}, "email", {"email/marketing": "denied"}),
    ],
)
def test_consent_is_by_channel_and_purpose(
    name: str, data: dict[str, Any], came_by: str, consent: dict[str, str]
) -> None:
    profile = after(event(name, 1, came_by=came_by, **data))
    assert {key: each.state for key, each in profile.consent.items()} == consent


def test_the_newest_word_on_consent_counts_whatever_the_order() -> None:
    words = [
        event("consent_changed", 1, channel="email", state="granted", source="till", wording="v3"),
        event("unsubscribed", 2, channel="email"),
        event("consent_changed", 3, channel="email", state="granted", source="web"),
    ]
    for profile in in_any_order(*words):
        assert (profile.consent["email/marketing"].state, profile.consent["email/marketing"].source) == (
            "granted",
            "web",
        )
    assert after(words[0]).consent["email/marketing"].wording == "v3"
    assert after(words[1]).consent["email/marketing"].source == "unsubscribed"


@pytest.mark.parametrize(
    ("data", "dead"),
    [
        ({"channel": "email", "kind": "hard", "address": "a@x"}, {"email": "a@x"}),
        ({"channel": "email", "kind": "soft", "address": "a@x"}, {}),
        ({"channel": "email", "kind": "hard"}, {}),
    ],
)
def test_only_a_hard_bounce_kills_an_address(data: dict[str, Any], dead: dict[str, str]) -> None:
    assert after(event("bounced", 1, **data)).dead == dead


def test_the_zone_of_the_last_device_is_kept() -> None:
    profile = after(event("moved", 2, timezone="Asia/Tokyo"), event("joined", 1, timezone="Europe/Rome"))
    assert profile.attributes["last_timezone"] == "Asia/Tokyo"


def test_history_is_in_order_of_what_happened_and_no_longer_than_it_is_kept() -> None:
    profile = after(event("moved", 5 * DAY), event("moved", 1 * DAY), event("moved", 3 * DAY, received=9 * DAY))
    assert [past.at // DAY for past in profile.history["moved"]] == [1, 3, 5]
    apply_event(profile, WORDS, event("moved", 33 * DAY))
    assert [past.at // DAY for past in profile.history["moved"]] == [5, 33]  # keep: 30d, the 30th day itself is over
    apply_event(profile, WORDS, event("moved", 2 * DAY, received=34 * DAY))
    assert [past.at // DAY for past in profile.history["moved"]] == [5, 33]


@pytest.mark.parametrize(("ahead", "kept"), [(0, True), (MOST_AHEAD, True), (MOST_AHEAD + 1, False), (-HOUR, True)])
def test_a_clock_that_is_more_than_five_minutes_ahead_is_not_believed(ahead: int, kept: bool) -> None:
    came = arrive(event("moved", DAY + ahead), DAY)
    assert came.received == DAY
    assert came.at == (DAY + ahead if kept else DAY)
    assert (came.note == "") is kept


def test_what_was_noted_before_stays() -> None:
    came = arrive(Event(id="1", name="moved", profile={}, at=DAY, received=DAY, note="first"), 0)
    assert came.note == "first; at was 1970-01-02T00:00:00Z, ahead of its arrival"


ORDER = ("customer_id", "email", "phone")


def test_a_new_customer_is_named_after_the_strongest_identifier() -> None:
    who = resolve({"phone": "1", "customer_id": "ana"}, ORDER, {})
    assert who.profile_id == profile_id("customer_id", "ana")
    assert who.label == "customer_id:ana"
    assert who.new_links == (("customer_id", "ana"), ("phone", "1"))


def test_the_strongest_known_identifier_decides_and_a_conflict_is_told() -> None:
    known = {("customer_id", "ana"): "c1", ("email", "a@x"): "c2"}
    known |= {("@customer_id", "c1"): "ana", ("@customer_id", "c2"): "bob"}
    who = resolve({"email": "a@x", "customer_id": "ana", "phone": "1"}, ORDER, known, ["customer_id"])
    assert (who.profile_id, who.new_links, who.absorbs) == ("c1", (("phone", "1"),), ())
    assert who.conflict == "identity_conflict: taken as c1 by customer_id, but email belongs to c2"
    assert resolve({"email": "a@x"}, ORDER, known).profile_id == "c2"


def test_two_profiles_that_an_event_names_are_one_customer() -> None:
    known = {("customer_id", "ana"): "c9", ("@customer_id", "c9"): "ana", ("email", "a@x"): "c2", ("phone", "1"): "c1"}
    who = resolve({"email": "a@x", "customer_id": "ana"}, ORDER, known, ["customer_id"])
    assert (who.profile_id, who.absorbs, who.conflict, who.bears) == ("c9", ("c2",), "", {"customer_id": "ana"})
    # neither bears a strong one: whichever the event names first, the same one is kept
    assert resolve({"email": "a@x", "phone": "1"}, ORDER, known, ["customer_id"]).absorbs == ("c2",)
    # all three
    three = resolve({"email": "a@x", "phone": "1", "customer_id": "ana"}, ORDER, known, ["customer_id"])
    assert (three.profile_id, three.absorbs) == ("c9", ("c1", "c2"))


def test_nobody_can_be_told_from_no_identifier() -> None:
    with pytest.raises(BadEvent, match="needs at least one of customer_id, email, phone"):
        resolve({"email": ""}, ORDER, {})


UPDATES = """
journey: j
start: {event: tier_changed}
steps:
  - update: {tier: first}
    id: z
  - update: {tier: second}
    id: a
"""


def test_an_update_step_is_the_newest_word_whatever_its_name_and_whatever_version_was_there() -> None:
    story = Story(UPDATES)
    story.event("2026-03-02T08:00:00Z", "tier_changed", id="zzz", tier="gold", version=7)
    assert story.ana.attributes["tier"] == "second"


def test_an_event_after_an_update_step_counts_again() -> None:
    story = Story(UPDATES.replace("{event: tier_changed}", "{event: booked}"))
    story.event("2026-03-02T08:00:00Z", "booked", booking_id="k")
    story.event("2026-03-02T09:00:00Z", "tier_changed", tier="gold", version=1)
    assert story.ana.attributes["tier"] == "gold"
