"""Who is signed in to the console, and links that sign in once: in the store, so that every process knows.

Only hashes of secrets are kept. Nothing here is signed: a session that the store does not know is none.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store

LASTS = 12 * 3600  # seconds without a request
LONGEST = 7 * 86_400  # seconds, whatever happens
LINK_LASTS = 30 * 60  # seconds


class Session(msgspec.Struct, frozen=True):
    """Somebody who is signed in: `who` for the audit, `since` (server ms), and `key`, the SHA-256 (hex) of their API
    key; '' for whoever came by a link, who has the rights in `scopes`."""

    who: str
    since: int
    key: str = ""
    scopes: tuple[str, ...] = ()


_decoder = msgspec.msgpack.Decoder(Session)


def open_session(store: Store, secret: str, session: Session) -> None:
    """Remember a session by the secret that its browser was given."""
    name = _hashed(secret)
    store.redis.set(keys.session(name), msgspec.msgpack.encode(session), ex=LASTS)
    store.redis.zadd(keys.SESSIONS, {name: session.since})
    store.redis.zremrangebyscore(keys.SESSIONS, "-inf", session.since - LONGEST * 1000)


def session(store: Store, secret: str, *, by_itself: bool = False) -> Session | None:
    """The session of this secret; None when there is none, or it is over. It lasts on by being asked for, but not
    when a page asks `by_itself`, with nobody there."""
    name = keys.session(_hashed(secret))
    found = store.redis.get(name) if by_itself else store.redis.getex(name, ex=LASTS)
    if found is None:
        return None
    known = _decoder.decode(found)
    if store.clock().server - known.since > LONGEST * 1000:
        store.redis.delete(name)
        return None
    return known


def end_session(store: Store, secret: str) -> None:
    """Sign out."""
    store.redis.delete(keys.session(_hashed(secret)))


def end_sessions(store: Store, who: str = "") -> int:
    """End all sessions of `who` ('': of everybody), in every browser; how many there were."""
    ended = 0
    for name in (each.decode() for each in store.redis.zrange(keys.SESSIONS, 0, -1)):
        found = store.redis.get(keys.session(name))
        if found is None or not who or _decoder.decode(found).who == who:
            ended += bool(store.redis.delete(keys.session(name)))
            store.redis.zrem(keys.SESSIONS, name)
    return ended


def make_link(store: Store, secret: str, who: str, lasts: int = LINK_LASTS) -> None:
    """A link that lets `who` in once, within `lasts` seconds, with all rights: whoever makes one has the store."""
    store.redis.set(keys.sign_in(_hashed(secret)), who, ex=lasts)


def use_link(store: Store, secret: str) -> str:
    """Who comes by this link, which is used up by that; '' when it is no link, was used, or is too old."""
    found = store.redis.getdel(keys.sign_in(_hashed(secret)))
    return found.decode() if found else ""


def _hashed(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
