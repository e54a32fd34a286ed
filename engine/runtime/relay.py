"""The relay: bringing what a commit sends beyond its own shard.

Whoever has committed brings it right away; should he die, the ticker finds what is left. It may be brought
twice: an inbox takes it in once, and the index changes only what still leads where it did.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.model.errors import Fenced
from engine.model.ids import shard_of, token
from engine.runtime import points
from engine.runtime.bells import Bells
from engine.runtime.blob import Arrival, pack
from engine.runtime.identities import relink
from engine.runtime.orders import Bring, Erase, Give, HandOver, Letter, Order, Relink, order_of, read_parcel
from engine.runtime.shard_data import MOST_MERGES, Append
from engine.runtime.store import Store

PAGE = 100


def bring(store: Store, bells: Bells, shard: int) -> int:
    """Bring everything that waits in a shard's relay, in order; how many parcels."""
    count = 0
    while waiting := store.shards.relay(shard, PAGE):
        for entry, packed, blocks in waiting:
            parcel = read_parcel(packed)
            if isinstance(parcel, Relink):
                relink(store, parcel)
            else:
                append_home(store, bells, [letter_append(parcel, blocks)])
            points.at("relay.brought")
            store.shards.relayed(shard, entry)
            count += 1
    return count


def letter_append(letter: Letter, blocks: dict[str, str]) -> Append:
    """A letter as it goes into an inbox; `blocks` go along with a profile that is handed over."""
    if letter.arrival is not None:
        return event_append(letter.arrival, letter.id, letter.blocks)
    order = letter.order
    assert order is not None
    if isinstance(order, HandOver) and blocks:
        order = msgspec.structs.replace(order, blocks=blocks)
    return order_append(order, letter.id, letter.blocks)


def event_append(arrival: Arrival, id_: str, blocks: tuple[str, ...] = (), *, heed: bool = False) -> Append:
    """An event as it goes into the inbox of its profile; `heed`: answers know of it before it is processed.

    A shard that it came by knows its id already: there it goes by another.
    """
    shown = token("forward", id_, arrival.profile) if shard_of(arrival.profile) in arrival.via else id_
    return Append(arrival.profile, shown, pack(arrival), blocks, what=arrival, heed=heed)


def order_append(order: Order, id_: str, blocks: tuple[str, ...] = ()) -> Append:
    """An order as it goes into an inbox. What is meant for a merged profile itself stays with it."""
    back = isinstance(order, HandOver) and order.origin == order.profile
    stays = back or (isinstance(order, Erase) and order.remains)
    return Append(order.profile, id_, pack(order), blocks, what=order, stays=stays)


def append_home(store: Store, bells: Bells, appends: Iterable[Append]) -> list[bool]:
    """Append each where its customer lives now, however often they were merged; which were new.

    Raises Fenced when somebody is being merged in a circle just now: the next try finds it undone.
    """
    wanted = list(appends)
    new, todo = [False] * len(wanted), list(range(len(wanted)))
    for _ in range(MOST_MERGES):
        if not todo:
            return new
        answers = store.shards.append([wanted[index] for index in todo])
        bells.advance({shard_of(wanted[i].profile) for i, answer in zip(todo, answers, strict=True) if answer.entry})
        moved = []
        for index, answer in zip(todo, answers, strict=True):
            new[index] = bool(answer.entry)
            follow = _follow(wanted[index], answer.moved) if answer.moved else None
            if follow is not None:
                wanted[index] = follow
                moved.append(index)
        todo = moved
    raise Fenced(wanted[todo[0]].profile)


def _follow(append: Append, home: str) -> Append | None:
    """The same for the profile it was merged into; None when there is nothing left to do."""
    what = append.what
    if isinstance(what, Arrival):
        return event_append(msgspec.structs.replace(what, profile=home), append.event, append.blocks, heed=append.heed)
    if isinstance(what, Bring):  # what it should have waited for is on its way
        return event_append(what.arrival, append.event, append.blocks)
    if what is None or (isinstance(what, Give) and what.into == home):
        return None
    return order_append(order_of(home, what), append.event, append.blocks)
