"""What happened: one thing a customer did, or a channel reported, at one instant."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

# What changes consent: each concerns one channel by which messages leave.
ABOUT_CONSENT = frozenset({"consent_changed", "unsubscribed", "complained"})
# What is reported of one message, which its property `message` names.
RECEIPTS = frozenset({"delivered", "opened", "clicked", "bounced"})
# Those, and what follows from them, that nobody can report of a message which has not arrived.
ARRIVED = frozenset({"delivered", "opened", "clicked", "complained", "unsubscribed"})
# What an associate says of a prompt on a store's tablets, and the words that mean that nobody spoke of it.
ANSWERED = "prompt_answered"
NO_TIME = "no_time"
OUTCOMES = ("accepted", "declined", "not_relevant", NO_TIME)
UNSPOKEN = frozenset({"not_relevant", NO_TIME})
# What a customer wrote back to us, in words of their own.
REPLIED = "replied"
# What a journey may wait for about its own messages.
ABOUT_A_MESSAGE = RECEIPTS | {ANSWERED}

# What a customer, or whoever served them, made of an action.
ACTION_OUTCOME = "action_outcome"
# How the id of an event begins that a change of the catalogue is.
FROM_CATALOG = "catalog:"


class Event(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One event as the core sees it.

    `profile` maps identifier -> value; `at` is when it happened and `received` when it reached us,
    both epoch ms UTC. `note` says what ingestion had to change ('' mostly). `depth` counts how many
    `emit` steps lie behind it.
    """

    id: str
    name: str
    profile: dict[str, str]
    at: int
    received: int
    channel: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    depth: int = 0

    def view(self) -> dict[str, Any]:
        """What conditions and templates see as `event`: its properties, and its envelope beneath them."""
        return {"event": self.name, "channel": self.channel, "at": self.at, **self.properties}
