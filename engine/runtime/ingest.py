"""Taking events in: whose they are, when they happened, once, in order, and a bell for whoever is to look."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from engine.journey.arrival import arrive, noted
from engine.journey.blocks import blocks_of, said_of
from engine.journey.identity import Link, Resolved, bears, resolve
from engine.model.event import ACTION_OUTCOME, ANSWERED, Event
from engine.model.ids import token
from engine.model.plan import Plan
from engine.runtime import points
from engine.runtime.bells import Bells
from engine.runtime.blob import Arrival
from engine.runtime.follow import log_events
from engine.runtime.identities import ERASED, stone
from engine.runtime.meters import meters
from engine.runtime.orders import Bring, Give
from engine.runtime.relay import append_home, event_append, order_append
from engine.runtime.shard_data import Append
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

    An event that shows two profiles to be one customer has them merged. Raises BadEvent, before anything is
    written, when one carries no known identifier.
    """
    begun, now = time.perf_counter(), store.clock()
    stones = [stone(event.id) for event in events]
    known = _known(store, plan, events, stones)
    answers: list[Accepted | Duplicate | None] = [
        Duplicate(event.id, "") if each in known else None for event, each in zip(events, stones, strict=True)
    ]
    todo = [index for index, answer in enumerate(answers) if answer is None]
    who = _identify(store, plan, [events[index] for index in todo], known)
    appends: list[Append] = []
    places: list[int] = []
    for index, resolved in zip(todo, who, strict=True):
        event = arrive(events[index], now.engine)
        appends += [_give(event, resolved, other, now.server) for other in resolved.absorbs]
        places.append(len(appends))
        appends.append(_append(plan, event, resolved))
    points.at("ingest.identified")
    store.addresses.hear(said for index in todo if (said := said_of(plan, events[index])) is not None)
    points.at("ingest.heard")
    new = append_home(store, bells, appends)
    points.at("ingest.appended")
    for index, place, resolved in zip(todo, places, who, strict=True):
        made = Accepted if new[place] else Duplicate
        answers[index] = made(events[index].id, resolved.profile_id)
    accepted = sum(isinstance(answer, Accepted) for answer in answers)
    meters().ingested(accepted, len(answers) - accepted, time.perf_counter() - begun)
    log_events((answer.event, answer.profile, isinstance(answer, Accepted)) for answer in answers if answer)
    return [answer for answer in answers if answer is not None]


def _known(store: Store, plan: Plan, events: Sequence[Event], stones: Iterable[Link]) -> dict[Link, str]:
    """What the index says of the identifiers of these events, of their owners, and of erased ones among them."""
    known = store.known([*(link for event in events for link in event.profile.items()), *stones])
    return known | _bear(store, plan, known.values())


def _bear(store: Store, plan: Plan, owners: Iterable[str]) -> dict[Link, str]:
    links = [bears(name, owner) for owner in sorted({*owners} - {ERASED}) for name in sorted(plan.vocabulary.strong)]
    return store.known(links) if links else {}


def _identify(store: Store, plan: Plan, events: Sequence[Event], known: dict[Link, str]) -> list[Resolved]:
    """Whose each event is. New links are remembered; two first events that race agree on one profile."""
    order, strong = tuple(plan.vocabulary.identifiers), plan.vocabulary.strong
    while True:
        seen, new, facts = dict(known), dict[Link, str](), dict[Link, str]()
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
        known.update(_bear(store, plan, owners.values()))


def _give(event: Event, who: Resolved, other: str, at: int) -> Append:
    """Ask a profile to give itself up. What the event withdraws holds there as well, at once."""
    give = Give(
        profile=other,
        into=who.profile_id,
        strong={name: [value] for name, value in who.bears.items()},
        links=list(who.led[other]),
        id=token("give", event.id, other),
        blocks=blocks_of(event),
        at=at,
    )
    return order_append(give, give.id, give.blocks)


def _append(plan: Plan, event: Event, who: Resolved) -> Append:
    """The event on its way: to its profile, or behind the one that is to be merged into it.

    What withdraws something goes straight: its block must stand where messages leave.
    """
    if who.conflict:
        event = replace(event, note=noted(event, who.conflict))
    arrival = Arrival(who.profile_id, who.label, event)
    blocks = blocks_of(event)
    if who.absorbs and not blocks:
        return order_append(Bring(profile=who.absorbs[-1], arrival=arrival), event.id)
    heed = event.name in (ACTION_OUTCOME, ANSWERED) or event.name in plan.vocabulary.cases
    return event_append(arrival, event.id, blocks, heed=heed)
