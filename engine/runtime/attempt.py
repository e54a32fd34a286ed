"""What is kept of an attempt to send: the rendered copy, for thirty days and for a recovery."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import msgspec

from engine.model.message import Outgoing, Rendered, SendOutcome
from engine.runtime.blob import pack


def begun(outgoing: Outgoing) -> dict[str, str]:
    """Fields of the message's hash when it begins to leave."""
    return {
        "profile": outgoing.profile,
        "journey": outgoing.journey,
        "message": outgoing.message,
        "channel": outgoing.channel,
        "attempt": outgoing.attempt_id,
        "at": str(outgoing.at),
        "outcome": "sending",
    }


def ended(outcome: SendOutcome) -> dict[str, str]:
    """Fields of the message's hash when the provider has answered."""
    return {"outcome": outcome.kind, "reason": outcome.reason, "provider_id": outcome.provider_id}


def copy_of(outgoing: Outgoing) -> bytes:
    """The rendered message, compressed."""
    return zlib.compress(pack(outgoing.rendered), 1)


def read_copy(kept: Mapping[str, bytes]) -> Rendered | None:
    """The rendered message of a hash; None when it holds none."""
    packed = kept.get("copy")
    return msgspec.msgpack.decode(zlib.decompress(packed), type=Rendered) if packed else None
