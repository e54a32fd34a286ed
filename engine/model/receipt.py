"""What is reported of a message that has left: one form for every provider, mail server and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Happened = Literal["delivered", "opened", "clicked", "bounced", "complained", "unsubscribed"]
Means = Literal["", "stop", "start", "help"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One thing that became of one message; `happened` is the event that the customer gets.

    source   who says so ('twilio', 'dsn', 'link'), and `id` its own name for this report: repeats change nothing
    message  the id of the message or of its attempt, as `Outgoing` carried it; '' where only `provider_id` says which
    channel  by which it went; '' where the message says it
    at       epoch ms; 0: when it reaches us
    address  where the message went, '' when the source does not say
    hard     a bounce: whether the address is dead for good
    link     a click: where it led
    purpose  what is withdrawn; '': the message's own
    provider_id  what the provider called the message when it took it
    """

    source: str
    id: str
    happened: Happened
    message: str
    channel: str = ""
    at: int = 0
    address: str = ""
    hard: bool = False
    reason: str = ""
    link: str = ""
    purpose: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Took:
    """What became of a receipt: accepted, duplicate, or set aside because of `reason`. `profile` is whose it is."""

    status: Literal["accepted", "duplicate", "aside"]
    profile: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Odd:
    """A report that could not be taken in: who says what of which message, and the reason. It holds no address."""

    source: str
    id: str
    what: str
    message: str
    reason: str


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody wrote to us who has an address: no more of it (stop), again (start), who we are (help), or
    anything else, which `text` holds then.

    `locale` is the language of the word; `answered`: the provider has replied to it already.
    """

    source: str
    id: str
    channel: str
    address: str
    means: Means
    locale: str = ""
    answered: bool = False
    text: str = ""
