"""Taking events in: whose they are, when they happened, once, in order, and a bell for whoever is to look."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from engine.journey.arrival import arrive, noted
from engine.journey.blocks import blocks_of, said_of
from engine.journey.identity import Resolved, bears, resolve
from engine.model.event import Event
from engine.model.ids import shard_of
from engine.model.plan import Plan
from engine.runtime.bells import Bells
from engine.runtime.blob import Arrival, pack
from engine.runtime.follow import log_events
from engine.runtime.meters import meters
from engine.runtime.shardstore import Append
from engine.runtime.store import Store


@dataclass(frozen=True, slots=True)
class Accepted:
    """The event is in: it will be processed, whatever dies."""

    event: str
    profile: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An event of this id came before; this one changed nothing."""

    event: str
    profile: str


def accept(store: Store, plan: Plan, events: Sequence[Event], bells: Bells) -> list[Accepted | Duplicate]:
    """Take events in that the vocabulary has allowed; arrival is now, in the order given.

    Raises BadEvent, before anything is written, when one carries no known identifier.
    """
    begun, received = time.perf_counter(), store.clock().engine
    who = identify(store, plan, events)
    appends = [_append(event, resolved, received) for event, resolved in zip(events, who, strict=True)]
    store.addresses.hear(said for event in events if (said := said_of(plan, event)) is not None)
    answers = store.shards.append(appends)
    new = sum(bool(entry) for entry, _ in answers)
    meters().ingested(new, len(answers) - new, time.perf_counter() - begun)
    log_events(appends, answers)
    bells.advance({shard_of(a.profile) for a, (_, ring) in zip(appends, answers, strict=True) if ring})
    return [
        Accepted(append.event, append.profile) if entry else Duplicate(append.event, append.profile)
        for append, (entry, _) in zip(appends, answers, strict=True)
    ]


def identify(store: Store, plan: Plan, events: Sequence[Event]) -> list[Resolved]:
    """Whose each event is. New links are remembered; two first events that race agree on one profile."""
    order, strong = tuple(plan.vocabulary.identifiers), plan.vocabulary.strong
    known = store.known((name, value) for event in events for name, value in event.profile.items())
    if known:
        known.update(
            store.known(bears(name, owner) for owner in sorted(set(known.values())) for name in sorted(strong))
        )
    while True:
        seen, new, facts = dict(known), dict[tuple[str, str], str](), dict[tuple[str, str], str]()
        resolved = []
        for event in events:
            who = resolve(event.profile, order, seen, strong)
            for link in who.new_links:
                seen[link] = new[link] = who.profile_id
            seen.update(who.facts)
            facts.update(who.facts)
            resolved.append(who)
        owners = store.link(new)
        if owners == new:
            store.relink(facts)
            return resolved
        known.update(owners)  # somebody was faster: decide again, knowing that


def _append(event: Event, who: Resolved, received: int) -> Append:
    event = arrive(event, received)
    if who.conflict:
        event = replace(event, note=noted(event, who.conflict))
    entry = pack(Arrival(who.profile_id, who.label, event))
    return Append(who.profile_id, event.id, entry, blocks_of(event))
