"""Broadcasts: a journey that starts by request is asked for, for every customer, in waves.

A wave takes some customers of each shard, in the order of their ids, and puts the request into the inbox:
only where the inbox is short, so that what customers do meanwhile does not wait behind a crowd. How far a
shard is stands in Redis; the id of a request is made of broadcast and customer. So whatever dies, the next
wave goes on, and a customer is asked for once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from engine.define.journey_names import requested
from engine.journey.starts import BROADCAST
from engine.model.errors import SetupError
from engine.model.event import Event
from engine.model.flags import Flags
from engine.model.ids import shard_of
from engine.model.plan import Plan
from engine.runtime import keys
from engine.runtime.bells import Bells
from engine.runtime.blob import Arrival, pack
from engine.runtime.shard_data import Append
from engine.runtime.store import Store

WAVE = 100  # customers of one shard at a time
SHORT = 100  # entries of an inbox that count as nobody waiting
WAVE_SECONDS = 1.0
PAUSE_SECONDS = 0.1  # while every inbox is full
KEPT = 200  # broadcasts that are remembered
BEGIN, DONE = "-", "+"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`state` is running, done or stopped; `told` of about `total` customers have been asked for; `at` is server ms."""

    id: str
    journey: str
    who: str
    at: int
    state: str
    told: int
    total: int
    shards_done: int


def start(store: Store, plan: Plan, journey: str, who: str) -> Broadcast:
    """Begin a broadcast to all customers. Raises SetupError when the journey does not start by request."""
    found = plan.journeys.get(journey)
    if found is None:
        raise SetupError(f"No journey '{journey}' is deployed.")
    if not found.start.request or found.start.key:
        raise SetupError(
            f"{journey} cannot be broadcast: only a journey with `start: {{request: true}}` and no `key` is asked "
            f"for by name. Its `only_if` says who is meant."
        )
    name = f"b{uuid4().hex[:12]}"
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.zcard(keys.people(shard))
    total, at = sum(pipe.execute()), store.clock().server
    store.redis.hset(
        keys.broadcast(name), mapping={"journey": journey, "who": who, "at": at, "state": "running", "total": total}
    )
    store.redis.zadd(keys.BROADCASTS, {name: at})
    store.redis.sadd(keys.BROADCASTING, name)  # last: from here on waves go out
    for old in store.redis.zrange(keys.BROADCASTS, 0, -KEPT - 1):
        if not store.redis.sismember(keys.BROADCASTING, old):
            store.redis.delete(keys.broadcast(old.decode()))
            store.redis.zrem(keys.BROADCASTS, old)
    return show(store, name)


def running(store: Store) -> list[str]:
    """The ids of broadcasts that still have customers to reach."""
    return sorted(name.decode() for name in store.redis.smembers(keys.BROADCASTING))


def broadcasts(store: Store) -> list[Broadcast]:
    """All that are remembered, the newest first."""
    return [show(store, name.decode()) for name in store.redis.zrevrange(keys.BROADCASTS, 0, -1)]


def show(store: Store, name: str) -> Broadcast:
    """How far one is. Raises SetupError when there is none of this id."""
    found = {key.decode(): value.decode() for key, value in store.redis.hgetall(keys.broadcast(name)).items()}
    if "journey" not in found:
        raise SetupError(f"There is no broadcast '{name}': `parcours broadcast list` shows their ids.")
    return Broadcast(
        id=name,
        journey=found["journey"],
        who=found.get("who", ""),
        at=int(found["at"]),
        state=found["state"],
        told=sum(int(value) for key, value in found.items() if key[0] == "n" and key[1:].isdigit()),
        total=int(found["total"]),
        shards_done=sum(value == DONE for key, value in found.items() if key[0] == "c" and key[1:].isdigit()),
    )


def stop(store: Store, name: str) -> Broadcast:
    """Reach nobody else with it; who was asked for goes on. Raises SetupError."""
    if show(store, name).state == "running":
        _end(store, name, "stopped")
    return show(store, name)


def waves(store: Store, plan: Plan, flags: Flags, bells: Bells, name: str, *, seconds: float = WAVE_SECONDS) -> int:
    """Send waves of one broadcast for about `seconds`; how many customers were asked for.

    Nothing happens while its journey is paused; a killed journey, or one that is gone, stops it.
    """
    until, done = time.monotonic() + seconds, 0
    if not store.redis.sismember(keys.BROADCASTING, name):
        return 0
    journey = show(store, name).journey
    found = plan.journeys.get(journey)
    if found is None or not found.start.request or flags.kills(journey):
        _end(store, name, "stopped")
        return 0
    while not flags.pauses(journey) and time.monotonic() < until:
        cursors = _cursors(store, name)
        if not cursors:
            _end(store, name, "done")
            break
        told = _wave(store, bells, name, journey, cursors)
        done += told
        if not told and _cursors(store, name):
            time.sleep(PAUSE_SECONDS)  # every inbox is full
    return done


def _cursors(store: Store, name: str) -> dict[int, str]:
    """How far the unfinished shards are."""
    found = store.redis.hmget(keys.broadcast(name), [f"c{shard}" for shard in keys.EVERY_SHARD])
    cursors = {shard: (value or BEGIN.encode()).decode() for shard, value in zip(keys.EVERY_SHARD, found, strict=True)}
    return {shard: cursor for shard, cursor in cursors.items() if cursor != DONE}


def _wave(store: Store, bells: Bells, name: str, journey: str, cursors: dict[int, str]) -> int:
    """One wave over all shards with room; how many customers were asked for."""
    pipe = store.pipeline()
    for shard in cursors:
        pipe.xlen(keys.inbox(shard))
    free = [shard for shard, length in zip(cursors, pipe.execute(), strict=True) if length < SHORT]
    pipe = store.pipeline()
    for shard in free:
        after = BEGIN if cursors[shard] == BEGIN else f"({cursors[shard]}"
        pipe.zrangebylex(keys.people(shard), after, DONE, start=0, num=WAVE)
    people = dict(zip(free, ([each.decode() for each in row] for row in (pipe.execute() if free else [])), strict=True))
    now = store.clock().engine
    appends = [_request(name, journey, profile, now) for row in people.values() for profile in row]
    answers = store.shards.append(appends)
    bells.advance({shard_of(each.profile) for each, answer in zip(appends, answers, strict=True) if answer.entry})
    _remember(store, name, people)
    return sum(bool(answer.entry) for answer in answers)


def _remember(store: Store, name: str, people: dict[int, list[str]]) -> None:
    """How far the shards are now. Two who do the same wave write the same."""
    places: dict[str, str] = {}
    pipe = store.pipeline()
    for shard, row in people.items():
        places[f"c{shard}"] = row[-1] if len(row) == WAVE else DONE
        if row:
            pipe.zlexcount(keys.people(shard), "-", f"[{row[-1]}")
    counts = iter(pipe.execute())
    places |= {f"n{shard}": str(next(counts)) for shard, row in people.items() if row}
    if places:
        store.redis.hset(keys.broadcast(name), mapping=places)


def _request(name: str, journey: str, profile: str, now: int) -> Append:
    event = Event(
        id=f"{BROADCAST}:{name}:{profile}",
        name=requested(journey),
        profile={},
        at=now,
        received=now,
        properties={BROADCAST: name},
    )
    return Append(profile, event.id, pack(Arrival(profile, "", event)))


def _end(store: Store, name: str, state: str) -> None:
    store.redis.hset(keys.broadcast(name), "state", state)
    store.redis.srem(keys.BROADCASTING, name)


def progress(each: Broadcast) -> str:
    """'1,200 of about 4,000 customers (30 %)'."""
    share = 100 if each.state == "done" else min(99, 100 * each.told // max(each.total, 1))
    return f"{each.told:,} of about {each.total:,} customers ({share} %)"


def as_data(found: Sequence[Broadcast]) -> list[dict[str, object]]:
    """As plain data; `at` in ISO 8601."""
    from engine.policy.wallclock import iso

    return [
        {
            "id": each.id,
            "journey": each.journey,
            "who": each.who,
            "at": iso(each.at),
            "state": each.state,
            "told": each.told,
            "total": each.total,
        }
        for each in found
    ]
