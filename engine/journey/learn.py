"""What a provider's refusal says of the address: the same events as a receipt that comes later."""

from __future__ import annotations

from typing import Any

from engine.journey.walk import Walk
from engine.journey.whom import address_of
from engine.model.address import DEAD, Said
from engine.model.event import Event
from engine.model.ids import attempt_id
from engine.model.message import Message, SendOutcome


def learn(walk: Walk, message: Message, outcome: SendOutcome) -> None:
    """Have the customer's profile learn that an address is dead, or refuses messages. It is processed in this walk."""
    attempt = attempt_id(message.id, message.channel, message.attempt)
    address = address_of(walk.plan, walk.profile, message, walk.plan.channels[message.channel])
    if message.to:  # what is wrong with a mailbox of ours is nothing of the customer's
        if outcome.kind == "bad_address":
            walk.say(Said(message.channel, address, DEAD, "dead", walk.now, attempt))
        return
    about = {"channel": message.channel, "message": attempt, "address": address}
    if outcome.kind == "bad_address":
        _emit(walk, f"{attempt}/bounced", "bounced", {**about, "kind": "hard", "reason": outcome.reason})
    if outcome.withdrawn:
        for purpose in walk.plan.policies.purposes.values():
            if not purpose.transactional:
                more = {"purpose": purpose.name, "source": outcome.reason}
                _emit(walk, f"{attempt}/{purpose.name}", "unsubscribed", {**about, **more})


def _emit(walk: Walk, id_: str, name: str, properties: dict[str, Any]) -> None:
    given = {key: value for key, value in properties.items() if value}
    walk.emitted.append(Event(id=id_, name=name, profile={}, at=walk.now, received=walk.now, properties=given))
