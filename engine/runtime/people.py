"""What an operator may do to a customer: merge two, erase one. Seen through here, whether workers run or not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from engine.journey.merge import differing
from engine.model.errors import SetupError
from engine.model.ids import shard_of, token
from engine.runtime.audit import note
from engine.runtime.engine import Engine
from engine.runtime.held import profile_of
from engine.runtime.orders import Erase, Give
from engine.runtime.relay import append_home, order_append

PATIENCE_SECONDS = 10.0


def merge(engine: Engine, keep: str, absorb: str, who: str, *, forced: bool = False) -> tuple[str, bool]:
    """Merge the customer `absorb` into `keep`; the profile that is left, and whether it is done by now.

    It is not when a provider is just being handed a message: then it follows by itself. `who` does it, for the
    audit. Raises UnknownProfile, and SetupError when both are one, or two people by a strong identifier (unless
    `forced`).
    """
    one, other = profile_of(engine, keep), profile_of(engine, absorb)
    strong = engine.running().plan.vocabulary.strong
    borne = {name: one.identifiers[name] for name in sorted(strong) if name in one.identifiers}
    if one.id == other.id:
        raise SetupError(f"{keep} and {absorb} are one customer already: {one.label}.")
    name = differing(borne, other)
    if name and not forced:
        raise SetupError(
            f"{one.label} and {other.label} are two people: their {name} differs. "
            "If you know that they are one, say so with --force."
        )
    store, now = engine.store, engine.store.clock()
    give = Give(profile=other.id, into=one.id, strong=borne, links=[], forced=forced, at=now.server)
    append_home(store, engine.bells, [order_append(give, token("merge", other.id, one.id, str(now.server)))])
    note(store, now.engine, "merge", who, kept=token("audit", one.id), absorbed=token("audit", other.id), forced=forced)

    def done() -> bool:
        return other.id in profile_of(engine, one.id).absorbed

    return one.id, _see_through(engine, (one.id, other.id), done)


def erase(engine: Engine, customer: str, who: str) -> bool:
    """Delete everything that is held of a customer; whether it is done by now (else it follows by itself).

    `who` does it: the audit keeps that, and of the customer a hash. Raises UnknownProfile.
    """
    profile = profile_of(engine, customer)
    store, now = engine.store, engine.store.clock()
    order = Erase(profile=profile.id, at=now.server)
    append_home(store, engine.bells, [order_append(order, token("erase", profile.id, str(now.server)))])
    note(store, now.engine, "erase", who, customer=token("audit", profile.id))
    ids = (profile.id, *profile.absorbed)

    def done() -> bool:
        left = store.shards.look((), sorted({shard_of(each) for each in ids}))
        return not store.shards.profiles(ids) and not any(look.entries or look.parcels for look in left)

    return _see_through(engine, ids, done)


def _see_through(engine: Engine, profiles: Iterable[str], done: Callable[[], bool]) -> bool:
    """Do the work here unless a worker is faster; False when it is not done in time."""
    shards = sorted({shard_of(each) for each in profiles})
    until = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > until:
            return False
        if not sum(engine.advance(shard) for shard in shards):
            time.sleep(0.05)
    return True
