"""Events the engine itself understands, and identifiers it knows without being told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from engine.channels import CHANNELS
from engine.define.identifiers import IdentifierShape, Strength
from engine.model.action import Outcome
from engine.model.event import ACTION_OUTCOME, ANSWERED, OUTCOMES, REPLIED
from engine.model.vocabulary import EventType, Type

TEXT = Type("text")
# The channels that messages leave by, as the engine's own events name them.
BY = Type("text", one_of=tuple(channel.name for channel in CHANNELS))

# Events the engine itself understands; they need no declaration.
WITHDRAWN = {"channel": BY, "purpose": TEXT, "address": TEXT, "message": TEXT, "source": TEXT}
BUILT_IN: dict[str, tuple[str, dict[str, Type]]] = {
    "identified": ("The identifiers of this event are one customer's.", {}),
    "consent_changed": (
        "The customer agreed or disagreed to a channel and purpose.",
        {
            "channel": BY,
            "purpose": TEXT,
            "state": Type("text", one_of=("granted", "denied")),
            "source": TEXT,
            "wording": TEXT,
            "address": TEXT,
        },
    ),
    "unsubscribed": ("The customer wants no more of a purpose on a channel.", WITHDRAWN),
    "complained": ("The customer marked a message as unwanted.", WITHDRAWN),
    "bounced": (
        "A message came back; a hard bounce means the address is dead.",
        {
            "channel": BY,
            "kind": Type("text", one_of=("hard", "soft")),
            "address": TEXT,
            "message": TEXT,
            "reason": TEXT,
        },
    ),
    "delivered": ("A provider says the message arrived.", {"channel": BY, "message": TEXT}),
    "opened": ("The customer opened a message.", {"channel": BY, "message": TEXT}),
    "clicked": ("The customer clicked in a message.", {"channel": BY, "message": TEXT, "link": TEXT}),
    REPLIED: ("The customer wrote back, and no keyword such as STOP.", {"channel": BY, "text": TEXT, "plain": TEXT}),
    ANSWERED: (
        "What an associate says of a prompt that a store showed.",
        {
            "prompt": TEXT,
            "message": TEXT,
            "outcome": Type("text", one_of=OUTCOMES),
            "associate": TEXT,
            "store": TEXT,
        },
    ),
    ACTION_OUTCOME: (
        "An action was shown to the customer, or answered.",
        {
            "action": TEXT,
            "outcome": Type("text", one_of=get_args(Outcome)),
            "placement": TEXT,
            "decision": TEXT,
            "message": TEXT,
        },
    ),
}


def consented_at(placed: Iterable[str]) -> dict[str, EventType]:
    """The events by which a customer agrees or refuses, where there are placements at these channels as well: who
    sees offers there may refuse them there."""
    found = {}
    for name in ("consent_changed", "unsubscribed"):
        about, properties = BUILT_IN[name]
        channel = Type("text", one_of=tuple(dict.fromkeys((*BY.one_of, *placed))))
        found[name] = EventType(name, {**properties, "channel": channel}, about=about, built_in=True)
    return found


IDENTIFIERS: dict[str, Strength | IdentifierShape] = {
    "customer_id": "strong",
    "loyalty_card": "strong",
    "email": "weak",
    "phone": "weak",
    "device": "weak",
}
