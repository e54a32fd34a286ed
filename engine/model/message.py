"""A message on its way out, and what became of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from msgspec import Struct, field

from engine.model.span import DAY

# What stands for a channel where a service is called.
CALL = "call"
# The channel of prompts for the people in a store, and how long one is shown that has no time to live of its own.
STORE = "store"
PROMPT_LASTS = DAY

OutcomeKind = Literal["accepted", "retry", "refused", "bad_address", "unknown"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message rendered for one channel.

    `parts` by channel: email {subject, preheader, html, text}; push {title, body, link};
    sms {text}; store {title, body, associate, link}. All values are final text; `html` is a whole document.
    `links` are the addresses that its short links stand for, in the order of their numbers. `figures` are the prices
    and amounts that it says, by what they are of: `products/boots.price`, `offers/come_back.amount`.
    """

    message: str
    channel: str
    locale: str
    parts: dict[str, str]
    links: tuple[str, ...] = ()
    figures: dict[str, float] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom one rendering is for: the message's id, the customer's, and the address that the channel leads to.

    `clicks`, `opens`: whether the policies and this customer's consent allow us to learn of them.
    """

    message: str
    profile: str = ""
    channel: str = ""
    address: str = ""
    purpose: str = ""
    clicks: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One attempt to hand one rendered message to a provider.

    `attempt_id` is the provider's idempotency key (SMTP: the Message-ID's local part): the same
    attempt id never stands for two different messages. `address` is what the channel needs
    (an e-mail address, an E.164 number, a push token, a store id). `expires` is epoch ms or None. `to` names
    whom it is for when that is not the customer ('' else).
    """

    attempt_id: str
    message_id: str
    profile: str
    label: str
    journey: str
    step: str
    message: str
    channel: str
    address: str
    purpose: str
    at: int
    expires: int | None
    rendered: Rendered
    to: str = ""


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What the provider said.

    accepted     it has the message (`provider_id` is its own name for it)
    retry        it definitely has not; try again, not before `retry_after` seconds when given
    refused      it definitely has not and will not take this message: go on to the next channel
    bad_address  as `refused`, and the address itself is dead
    unknown      nobody can say (a time-out after the message was handed over)

    `answer` is what a called service said, as data. `recipient`: this says nothing about the provider, which
    may well take the next message; `untried`: no provider was asked at all, so that no attempt was made;
    `withdrawn`: the provider knows that this address refuses whatever can be refused. `names`: as whom it reports
    of this message by its own `provider_id`, '' where its reports carry our ids.
    """

    kind: OutcomeKind
    reason: str = ""
    provider_id: str = ""
    retry_after: float | None = None
    answer: dict[str, Any] | None = None
    recipient: bool = False
    untried: bool = False
    withdrawn: bool = False
    names: str = ""

    @property
    def provider_fault(self) -> bool:
        """Whether the provider did not do its work."""
        return self.kind in ("retry", "unknown") and not self.recipient


class Sender(Protocol):
    """A provider's client. `idempotent` says that repeating an attempt id is harmless there."""

    name: str
    idempotent: bool

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """Hand one message over. Never raises for what a provider or a network can do."""
        ...

    def close(self) -> None: ...


class Counted(Struct, omit_defaults=True):
    """A message that counts in caps: reserved when it leaves, committed when the provider accepts.

    `action` is the action that it says, if any: it counts in the action's own caps as well.
    """

    id: str
    at: int
    channel: str
    purpose: str
    name: str
    committed: bool = False
    tags: list[str] = field(default_factory=list)
    action: str = ""


class Message(Struct, omit_defaults=True, kw_only=True):
    """A message that a step decided to send and that has not reached its end yet.

    status   planned -> (held -> planned)* -> sending -> gone from here (see the log), or left: a provider has it
             and another channel may follow; set_aside: the engine failed on it
    queue    the channel whose outbox it lies in now
    due      epoch ms: when a held message is looked at again
    first_due, expires  epoch ms; the time to live runs from first_due unless it was given
    tried    channel -> why it is not to be tried (again)
    failing  since when no provider of its channel takes it, epoch ms; 0: none was asked in vain
    waits    it is known to wait until a provider is well again
    unsure   an attempt of it may have arrived
    doubted  the attempt that it makes (again, with the same id) may have arrived at this instant already, epoch ms
    action   the action that it says, when the best of a `placement` was chosen; `data` is in what context
    to       whom it is for when that is not the customer, as the step says; `address` is what that led to
    call     the URL of a service, when this is no message but a call; `data` is what it is told
    version, key  of its enrolment, once that has ended while a provider had the message; '' before
    """

    id: str
    enrolment: str
    journey: str
    step: str
    name: str
    purpose: str
    via: list[str]
    status: str = "planned"
    queue: str = ""
    due: int | None = None
    first_due: int = 0
    expires: int | None = None
    attempt: int = 0
    channel: str = ""
    retries: int = 0
    tried: dict[str, str] = field(default_factory=dict)
    failing: int = 0
    tags: list[str] = field(default_factory=list)
    unsure: bool = False
    doubted: int = 0
    waits: bool = False
    action: str = ""
    placement: str = ""
    to: str = ""
    address: str = ""
    call: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    version: str = ""
    key: str = ""
