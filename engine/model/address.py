"""What is known of an address whoever uses it: who refused mail to it, whether it is dead, what it just got."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from msgspec import Struct

# Stands for every purpose: nothing reaches this address.
DEAD = "*"
# Within this time (ms of engine time) one step of one journey writes to an address once, whoever it belongs to.
INTENT_LASTS = 86_400_000


class Said(Struct, array_like=True, frozen=True):
    """One statement about an address: `state` is granted or denied for a purpose, or dead for DEAD.

    `at` (epoch ms) is when the event happened that said so, `by` its id: the newest counts.
    """

    channel: str
    address: str
    purpose: str
    state: str
    at: int
    by: str


class Heard(Struct, array_like=True, frozen=True):
    """The newest statement on one purpose: see Said."""

    state: str
    at: int
    by: str


class Standing(Struct, frozen=True):
    """All that the gate must know of one address: statements by purpose, and the other customer (`taken_by`, ''
    for nobody) to whom the message that wants to leave has just gone at this address."""

    said: Mapping[str, Heard] = MappingProxyType({})
    taken_by: str = ""


UNHEARD_OF = Standing()
# (channel, address) -> what is known of it
Book = Callable[[str, str], Standing]


def nothing_known(channel: str, address: str) -> Standing:
    """The book of a world in which no address was ever spoken of."""
    return UNHEARD_OF


def newer(said: Said, heard: Heard | None) -> bool:
    """Whether a statement replaces the one that stands: by time, then by the event's id."""
    return heard is None or (said.at, said.by) >= (heard.at, heard.by)
