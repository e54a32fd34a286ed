"""Names that are computed, never drawn: the same facts give the same id on every machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from zlib import crc32

SHARDS = 256
_DECISION = re.compile(r"d[0-9a-f]{46}(?:[0-9a-f]{4})*")
_ATTEMPT = re.compile(r"(m[0-9a-f]{26})(?:-([a-z_]+)-\d+)?")


def shard_of(profile: str) -> int:
    """The shard (0..255) a profile lives in, for ever: crc32(profile id) % 256."""
    return crc32(profile.encode()) % SHARDS


def profile_id(identifier: str, value: str) -> str:
    """A new profile's id, from the strongest identifier it was first seen with; tells nobody who it is."""
    return "c" + _hash("profile", identifier, value)


def enrolment_id(profile: str, journey: str, key: str, entry: int) -> str:
    """`entry` counts the runs of this (customer, journey, key) from 1."""
    return "e" + _hash(profile, journey, key, str(entry))


def message_id(profile: str, journey: str, key: str, entry: int, step: str, visit: int) -> str:
    """Begins with the shard in two hex digits, so that a receipt finds its way home."""
    return f"m{shard_of(profile):02x}" + _hash(profile, journey, key, str(entry), step, str(visit))


def intent_id(journey: str, key: str, step: str) -> str:
    """What one step of a journey wants to say about one key: the same for everybody whom it tells."""
    return "i" + _hash("intent", journey, key, step)


def address_id(address: str) -> str:
    """What stands for an address where the address itself must not be kept."""
    return _hash("address", address)


def shard_of_message(message: str) -> int:
    """The shard that a message id names. Raises ValueError when it is no message id."""
    if not message.startswith("m"):
        raise ValueError(f"'{message}' is not a message id")
    return int(message[1:3], 16)


def rehomed(message: str, profile: str) -> str:
    """The id of a message that moves to another profile before it has left."""
    return f"m{shard_of(profile):02x}{message[3:]}"


def attempt_id(message: str, channel: str, number: int) -> str:
    """The provider's idempotency key: message, channel and the number of the attempt."""
    return f"{message}-{channel}-{number}"


def parted(attempt: str) -> tuple[str, str]:
    """Message id and channel of an attempt id; the channel is '' when this is a message id. ('', '') when neither."""
    found = _ATTEMPT.fullmatch(attempt)
    return (found[1], found[2] or "") if found else ("", "")


def decision_id(profile: str, name: str, placement: str, shown: Iterable[str] = ()) -> str:
    """One answer of one placement about one customer ('': nobody is known): it begins with whom it is about, then names
    the place, and at its end stands by what one knows an action that it has shown."""
    whom = (profile or profile_id("", ""))[1:]
    own = f"d{whom}{_hash('decision', name, placement)[:16]}{_hash('placement', placement)[:6]}"
    return own + ("".join(_sign(own, action) for action in shown) or _sign(own, ""))


def has_shown(decision: str, action: str) -> bool:
    """Whether a decision has shown this action; also true for one of an older release, which does not say."""
    own, signs = decision[:47], decision[47:]
    return not signs or _sign(own, action) in (signs[at : at + 4] for at in range(0, len(signs), 4))


def _sign(decision: str, action: str) -> str:
    return _hash("shown", decision, action)[:4]


def telling_id(profile: str, action: str, day: int) -> str:
    """What links and voucher codes of an action know it by that a customer is told: one for each `day` since 1970."""
    return f"a{day:05x}{_hash('telling', profile, action, str(day))[:21]}"


def day_of_telling(message: str) -> int | None:
    """The day of such an id; None for the id of a message."""
    return int(message[1:6], 16) if message.startswith("a") else None


def parts_of_decision(decision: str, placements: Iterable[str]) -> tuple[str, str]:
    """The profile and the placement of a decision; '' for a placement that is none of these. Raises ValueError when
    it is no decision id."""
    if not _DECISION.fullmatch(decision):
        raise ValueError(f"'{decision[:60]}' is not a decision id")
    place = next((each for each in placements if _hash("placement", each).startswith(decision[41:47])), "")
    return f"c{decision[1:25]}", place


def token(*parts: str) -> str:
    """A name for something that happens once, which tells nothing of its parts."""
    return _hash("token", *parts)


def _hash(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:24]
