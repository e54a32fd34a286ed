"""Who an event is about, when it happened, and what it withdraws."""

from __future__ import annotations

import pytest

from engine.journey.arrival import arrive
from engine.journey.blocks import blocks_of, refusing
from engine.journey.identity import resolve
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.ids import profile_id
from engine.model.policy import Purpose

ORDER = ("customer_id", "card", "email")
NOW = 1_764_064_800_000


def event(name: str = "page_viewed", at: int = NOW, **properties: object) -> Event:
    return Event(id="e1", name=name, profile={"email": "a@b.c"}, at=at, received=at, properties=properties)


def test_nobody_is_known_so_a_profile_begins_with_the_strongest_identifier() -> None:
    who = resolve({"email": "a@b.c", "card": "7"}, ORDER, {})
    assert who.profile_id == profile_id("card", "7")
    assert who.label == "card:7"
    assert who.new_links == (("card", "7"), ("email", "a@b.c"))
    assert who.conflict == ""


@pytest.mark.parametrize(
    ("known", "owner", "new", "absorbed"),
    [
        # a weak identifier leads to somebody, a stronger one is learnt
        ({("email", "a@b.c"): "p1"}, "p1", (("card", "7"),), ()),
        # both lead to the same
        ({("email", "a@b.c"): "p1", ("card", "7"): "p1"}, "p1", (), ()),
        # they lead to two: these are one customer
        ({("email", "a@b.c"): "p2", ("card", "7"): "p1"}, "p1", (), ("p2",)),
    ],
)
def test_the_strongest_known_identifier_decides(
    known: dict[tuple[str, str], str], owner: str, new: tuple[tuple[str, str], ...], absorbed: tuple[str, ...]
) -> None:
    who = resolve({"email": "a@b.c", "card": "7"}, ORDER, known)
    assert (who.profile_id, who.new_links, who.absorbs, who.conflict) == (owner, new, absorbed, "")


@pytest.mark.parametrize("identifiers", [{}, {"shoe_size": "43"}, {"card": ""}])
def test_an_event_about_nobody_is_bad(identifiers: dict[str, str]) -> None:
    with pytest.raises(BadEvent, match="profile: needs at least one of customer_id, card, email"):
        resolve(identifiers, ORDER, {})


@pytest.mark.parametrize(
    ("at", "taken_as", "noted"),
    [
        (NOW - 86_400_000, NOW - 86_400_000, False),  # late is late
        (NOW + 300_000, NOW + 300_000, False),  # five minutes ahead: a clock that is a little wrong
        (NOW + 300_001, NOW, True),
    ],
)
def test_the_future_is_not_believed(at: int, taken_as: int, noted: bool) -> None:
    arrived = arrive(event(at=at), NOW)
    assert (arrived.at, arrived.received) == (taken_as, NOW)
    assert ("ahead of its arrival" in arrived.note) == noted


@pytest.mark.parametrize(
    ("given", "blocks"),
    [
        (event("unsubscribed", channel="email"), ("email/marketing",)),
        (event("complained", channel="sms", purpose="news"), ("sms/news",)),
        (event("consent_changed", channel="push", purpose="marketing", state="denied"), ("push/marketing",)),
        (event("consent_changed", channel="push", purpose="marketing", state="granted"), ()),
        (event("bounced", channel="email", kind="hard"), ("email/*",)),
        (event("bounced", channel="email", kind="soft"), ()),
        (event("unsubscribed"), ()),  # of what?
    ],
)
def test_what_an_event_withdraws_at_once(given: Event, blocks: tuple[str, ...]) -> None:
    assert blocks_of(given) == blocks


def test_a_transactional_message_only_minds_a_dead_address() -> None:
    assert refusing("email", Purpose("marketing")) == ("email/*", "email/marketing")
    assert refusing("email", Purpose("service", transactional=True)) == ("email/*",)


def test_a_shared_address_never_makes_two_strong_identities_one() -> None:
    strong = {"customer_id"}
    anna = resolve({"customer_id": "anna", "email": "home@x"}, ORDER, {}, strong)
    known = dict.fromkeys(anna.new_links, anna.profile_id) | anna.facts
    # when somebody else comes with the same address
    bert = resolve({"customer_id": "bert", "email": "home@x"}, ORDER, known, strong)
    # then he is himself, the address is his from now on, and it is said
    assert bert.profile_id == profile_id("customer_id", "bert")
    assert bert.facts[("email", "home@x")] == bert.profile_id
    assert f"email belongs to {anna.profile_id}" in bert.conflict
    known |= dict.fromkeys(bert.new_links, bert.profile_id) | bert.facts
    assert resolve({"customer_id": "anna"}, ORDER, known, strong).profile_id == anna.profile_id
    assert resolve({"email": "home@x"}, ORDER, known, strong).profile_id == bert.profile_id


def test_somebody_known_only_by_an_address_is_learnt_to_be_a_customer() -> None:
    seen = resolve({"email": "a@x"}, ORDER, {}, {"customer_id"})
    known = dict.fromkeys(seen.new_links, seen.profile_id) | seen.facts
    learnt = resolve({"customer_id": "ana", "email": "a@x"}, ORDER, known, {"customer_id"})
    assert learnt.profile_id == seen.profile_id
    assert learnt.facts == {("@customer_id", seen.profile_id): "ana"}
    assert learnt.conflict == ""
