"""What one shard asks of another: orders in an inbox, and the parcels that carry them there.

A parcel is written into the shard's relay by the commit that made it, and brought at least once (relay.py).
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from engine.journey.identity import Link
from engine.model.ids import token
from engine.model.profile import Profile
from engine.runtime.blob import Arrival, pack


class Give(Struct, tag="give", frozen=True, kw_only=True):
    """`profile` turns out to be the customer of `into`, who bears the `strong` identifiers: hand over everything.

    `links` led to `profile`. `forced`: an operator says so, whatever identifiers the two bear. `blocks` were put up
    with this order, under its `id`. `at` is when it was asked (server ms).
    """

    profile: str
    into: str
    strong: dict[str, list[str]]
    links: list[Link]
    forced: bool = False
    id: str = ""
    blocks: tuple[str, ...] = ()
    at: int = 0


class HandOver(Struct, tag="hand_over", frozen=True, kw_only=True):
    """Everything of `origin`, for `profile` to take over. `blocks` is what its accepted events have withdrawn.

    Back at its origin, nobody could take it: the profile lives on there.
    """

    profile: str
    origin: str
    blob: bytes
    blocks: dict[str, str] = {}


class Bring(Struct, tag="bring", frozen=True, kw_only=True):
    """An event of another profile that must not go before what `profile` hands over to it."""

    profile: str
    arrival: Arrival


class Erase(Struct, tag="erase", frozen=True, kw_only=True):
    """Delete everything of `profile`, as was asked at `at` (server ms).

    `remains`: it was merged into one that is erased, or was on its way there. What went along is erased with it:
    `events`, `links`, `prompts`, and the profiles that it had `absorbed`.
    """

    profile: str
    remains: bool = False
    events: list[str] = []
    links: list[Link] = []
    prompts: list[tuple[str, str]] = []
    absorbed: list[str] = []
    at: int = 0


class Letter(Struct, tag="letter", frozen=True, kw_only=True):
    """An event or an order for an inbox, under an id of its own. `blocks` is what it withdraws."""

    id: str
    arrival: Arrival | None = None
    order: Order | None = None
    blocks: tuple[str, ...] = ()


class Relink(Struct, tag="relink", frozen=True, kw_only=True):
    """These identifiers lead to `to` from now on, if they led to one of `before`. `strong` are those it bears now."""

    to: str
    before: list[str]
    links: list[Link]
    strong: dict[str, str]


Order = Give | HandOver | Bring | Erase
Parcel = Letter | Relink
_order: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_parcel: msgspec.msgpack.Decoder[Parcel] = msgspec.msgpack.Decoder(Parcel)


def read_order(blob: bytes) -> Order:
    """Raises msgspec.DecodeError when the bytes are no order."""
    return _order.decode(blob)


def read_parcel(blob: bytes) -> Parcel:
    """Raises msgspec.DecodeError when the bytes are no parcel."""
    return _parcel.decode(blob)


def ready_to_go(profile: Profile) -> bool:
    """Whether a profile that is merged into another can be handed over: it is here, and none of it is sending."""
    return bool(profile.into) and not profile.moved and all(m.status != "sending" for m in profile.messages.values())


def handed_over(profile: Profile) -> tuple[Profile, Letter]:
    """What stays behind of a profile, and the letter that brings the rest to its new home."""
    stood, profile.stood = profile.stood, None
    order = HandOver(profile=profile.into, origin=profile.id, blob=pack(profile))
    letter = Letter(id=token("hand", profile.id, str(profile.version), profile.into), order=order)
    rest = Profile(id=profile.id, label="", version=profile.version, into=profile.into, moved=True, stood=stood)
    return rest, letter


def order_of(profile: str, order: Order) -> Order:
    """The order for another profile."""
    return msgspec.structs.replace(order, profile=profile)
