"""What somebody tries out in the time machine: kept for a while, so that every process can show it."""

from __future__ import annotations

import secrets
import zlib

import msgspec
from msgspec import Struct

from engine.runtime import keys
from engine.runtime.store import Store

LASTS = 3600  # seconds


class Tryout(Struct, frozen=True):
    """A try by `who` (a session): the history of the customer `profile`, else the lines of `file`; `sources` is the
    draft, called `draft`, in which the file `changed` was changed for the try. `days`: the past is that of the archive,
    so many days of it."""

    who: str
    profile: str
    file: str
    draft: str
    changed: str
    sources: dict[str, str]
    days: int = 0


_decoder = msgspec.msgpack.Decoder(Tryout)


def keep(store: Store, tryout: Tryout) -> str:
    """Keep it for an hour; the name under which it is found."""
    name = secrets.token_urlsafe(12)
    store.redis.set(keys.tryout(name), zlib.compress(msgspec.msgpack.encode(tryout), 1), ex=LASTS)
    return name


def kept(store: Store, name: str) -> Tryout | None:
    """What was kept; None when there is none of this name, or no longer."""
    packed = store.redis.get(keys.tryout(name)) if len(name) < 40 else None
    return _decoder.decode(zlib.decompress(packed)) if packed else None
