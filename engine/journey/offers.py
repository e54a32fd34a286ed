"""What becomes of actions that were shown: they stay the answer for a while, rest, count in caps, leave the table."""

from __future__ import annotations

from engine.journey.prompts import withdraw
from engine.journey.trials import answered, shown
from engine.journey.walk import Walk
from engine.model.action import STAYS
from engine.model.event import Event
from engine.model.message import Counted
from engine.model.profile import Offer
from engine.model.record import Reason
from engine.policy import caps

# With these a customer has answered: the action is no longer the answer, nor on the table.
ANSWERS = frozenset({"accepted", "declined", "not_relevant"})
MOST_OFFERS = 200


def heed_outcome(walk: Walk, event: Event) -> None:
    """Remember what was made of an action. An event that is late changes what is remembered by its own time."""
    profile, name, outcome = walk.profile, event.properties.get("action"), event.properties.get("outcome")
    if not isinstance(name, str) or not isinstance(outcome, str):
        return
    offer = profile.offers.setdefault(name, Offer(event.at, event.at, {}))
    first = outcome not in offer.said or event.at >= offer.until
    if event.at <= offer.said.get(outcome, -1):
        return
    offer.said[outcome] = event.at
    if outcome == "shown" and first and event.at >= offer.until:
        offer.since, offer.until = event.at, event.at + STAYS
        if not event.properties.get("message"):  # a message counts by itself
            _count(walk, event, name)
        shown(walk, offer, event, name)
    elif outcome in ANSWERS and event.at >= offer.since:
        offer.until = min(offer.until, event.at, walk.now)  # at once, also when the clock that says so is ahead
        profile.suggestions = [each for each in profile.suggestions if each.action != name]
        for prompt in [each for each in profile.prompts if each.action == name]:
            withdraw(walk, prompt, Reason("answered", f"{name} was {outcome} ({event.id})"))
    if outcome != "shown":
        answered(walk, offer, event, name, outcome)
    while len(profile.offers) > MOST_OFFERS:
        del profile.offers[min(profile.offers, key=lambda each: (max(profile.offers[each].said.values()), each))]
    placement = event.properties.get("placement")
    walk.record(
        "shown" if outcome == "shown" else "answered",
        reason=Reason(outcome, f"{name} ({event.id})"),
        channel=event.channel,
        until=offer.until if offer.until > walk.now else None,
        extra={"action": name, **({"placement": placement} if isinstance(placement, str) else {})},
    )


def _count(walk: Walk, event: Event, name: str) -> None:
    """An action that is shown counts in caps as a message does, once for as long as it stays the answer."""
    action = walk.plan.actions.get(name)
    purpose = action.purpose if action is not None else ""
    placement = walk.plan.placements.get(str(event.properties.get("placement") or ""))
    channel = placement.channel if placement is not None else event.channel
    tags = list(action.tags) if action is not None else []
    counted = Counted(caps.shown(name, event.at), event.at, channel, purpose, name, committed=True, tags=tags)
    caps.reserve(walk.profile, walk.plan.policies, counted)
