"""The index of identities, after the fact: what a merge moves and what an erasure takes out.

Each entry is a key of its own, so each change stands for itself; all of them may be made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from engine.journey.identity import Link, bears
from engine.model.span import DAY
from engine.runtime import keys
from engine.runtime.orders import Relink
from engine.runtime.store import Store

# How long the events of an erased customer stay without effect.
REMEMBER_ERASED = 400 * DAY
ERASED = "erased"


def relink(store: Store, parcel: Relink) -> None:
    """Have the identifiers of a merged profile lead to its new home."""
    pipe = store.pipeline()
    for link in parcel.links:
        store.call("relink", [keys.identity(*link)], parcel.to, *parcel.before, pipe=pipe)
    for name, value in parcel.strong.items():
        pipe.set(keys.identity(*bears(name, parcel.to)), value, nx=True)
        for profile in parcel.before:
            pipe.delete(keys.identity(*bears(name, profile)))
    pipe.execute()


def unlink(store: Store, links: Iterable[Link], owners: Sequence[str], strong: Iterable[str]) -> None:
    """Take an erased customer's identifiers out of the index, as far as they still lead to one of `owners`."""
    pipe = store.pipeline()
    for link in links:
        store.call("relink", [keys.identity(*link)], "", *owners, pipe=pipe)
    for name in strong:
        for owner in owners:
            pipe.delete(keys.identity(*bears(name, owner)))
    pipe.execute()


def stone(event: str) -> Link:
    """The entry of the index that stands for an erased customer's event."""
    return "!event", sha256(event.encode()).hexdigest()[:24]


def remember_erased(store: Store, events: Iterable[str]) -> None:
    """Keep events of an erased customer without effect, by hashes that tell nothing of them."""
    forget_events(store, stones(events))


def stones(events: Iterable[str]) -> list[str]:
    """What stands for these events, as the log keeps it."""
    return [stone(event)[1] for event in events]


def forget_events(store: Store, hashes: Iterable[str]) -> None:
    """The same for events that only hashes are known of."""
    pipe = store.pipeline()
    for each in hashes:
        pipe.set(keys.identity("!event", each), ERASED, px=REMEMBER_ERASED)
    pipe.execute()
