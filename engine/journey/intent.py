"""One intent reaches one address once: what a message wants to say, and where it is about to say it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.journey.whom import address_of
from engine.model.ids import intent_id
from engine.model.plan import Plan
from engine.model.profile import Profile

Where = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Concerns:
    """`places` are the (channel, address) a message might go to, `leads_to` the one that it is queued for;
    `intent` is what it wants to say there, '' when it may be said to everybody (a receipt). What one of
    `absorbed` has taken is the customer's own: those profiles were merged into it."""

    places: tuple[Where, ...] = ()
    leads_to: Where = ("", "")
    intent: str = ""
    absorbed: tuple[str, ...] = ()


def concerns(plan: Plan, profile: Profile, message_id: str) -> Concerns:
    """The addresses that the gate may ask about when one planned message wants to leave."""
    message = profile.messages.get(message_id)
    if message is None or message.call or message.status not in ("planned", "set_aside"):
        return Concerns()
    places: list[Where] = []
    for name in message.via:
        facts = plan.channels[name]
        address = None if facts.shared else facts.normalise(address_of(plan, profile, message, facts))
        if address is not None and name not in message.tried:
            places.append((name, address))
    leads_to = next((place for place in places if place[0] == message.queue), ("", ""))
    run = profile.enrolments.get(message.enrolment)
    if not leads_to[0] or run is None or plan.policies.purpose(message.purpose).transactional:
        return Concerns(tuple(places))
    intent = intent_id(run.journey, run.key, message.step)
    return Concerns(tuple(places), leads_to, intent, tuple(profile.absorbed))
