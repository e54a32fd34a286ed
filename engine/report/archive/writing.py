"""Writing a rebuilt state into an empty Redis."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from engine.journey.identity import Link, bears
from engine.model.flags import How
from engine.model.profile import Profile
from engine.policy.standing import RUNS, Standing, killed, paused, resumed
from engine.report.archive.plans import Released
from engine.report.archive.rebuilding import Shard
from engine.runtime import keys
from engine.runtime.addresses import Taking
from engine.runtime.archived import Cursor, Kept
from engine.runtime.blob import pack, read_profile
from engine.runtime.commit import KEEP_MESSAGE
from engine.runtime.heard import remember
from engine.runtime.identities import forget_events
from engine.runtime.learned import Lesson
from engine.runtime.releases import Release, put_release
from engine.runtime.stops import mark

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from engine.runtime.store import Store

SEEN_MS = 8 * 86_400_000
PAGE = 500  # profiles in one round trip


def write_shard(store: Store, shard: Shard, now: int) -> int:
    """Everything of one shard; how many customers. `now` is server time."""
    number, count, stands, pipe = shard.number, 0, Counter[str](), store.pipeline()
    for profile_id, blob in shard.blobs.items():
        profile = read_profile(blob)
        stands.update(profile.stands())
        fields: dict[str, Any] = {"v": profile.version, "b": blob}
        if profile.moved:
            fields["m"] = profile.into
        else:
            pipe.zadd(keys.people(number), {profile_id: 0})
        pipe.hset(keys.profile(number, profile_id), mapping=fields)
        due = profile.next_due() if not profile.into else None
        if due is not None:
            pipe.zadd(keys.timers(number), {profile_id: due})
        _messages(pipe, shard, profile)
        if told := shard.told.get(profile_id):
            pipe.rpush(keys.timeline(number, profile_id), *told)
        count += 1
        if count % PAGE == 0:
            pipe.execute()
    if stands:
        pipe.hset(keys.counts(number), mapping=dict(stands))
    if shard.flows:
        pipe.hset(keys.flows(number), mapping=dict(shard.flows))
    if shard.graves:
        pipe.zadd(keys.erased(number), shard.graves)
    if recent := {event: at for event, at in shard.seen.items() if at >= now - SEEN_MS}:
        pipe.zadd(keys.seen(number), recent)
    if shard.doubtful:
        pipe.zadd(keys.doubtful(number), shard.doubtful)
    for message, sent in shard.sent.items():
        if sent.get("profile"):
            pipe.hset(keys.message(number, message), mapping=sent)
            pipe.pexpire(keys.message(number, message), KEEP_MESSAGE)
    pipe.execute()
    for names, provider_id, attempt in shard.named:
        remember(store, names, provider_id, attempt)
    forget_events(store, shard.forgotten)
    store.addresses.hear(shard.said.values())
    for profile_id, at, asked in shard.intents:
        taking = Taking(*asked.leads_to, asked.intent, profile_id, asked.absorbed)
        store.addresses.ask([], [taking], at)
    return count


def _messages(pipe: Any, shard: Shard, profile: Profile) -> None:
    """Where messages wait; one that was with a provider is found by whoever looks for lost ones."""
    for message in profile.messages.values():
        row = shard.rows.get((profile.id, message.id))
        if row is None or profile.into:
            continue
        if message.status == "planned":
            pipe.zadd(keys.out(shard.number, row.channel, row.klass), {f"{profile.id}|{message.id}": row.due})
        elif message.status == "sending":
            member = f"{message.queue or row.channel}|{row.klass}|{profile.id}|{message.id}"
            pipe.zadd(keys.sending(shard.number), {member: 1})


def write_identities(store: Store, profiles: Iterable[Profile], strong: Iterable[str]) -> None:
    """The index of identifiers. Where two bear the same one, the one who was told of it last has it."""
    best: dict[Link, tuple[int, str]] = {}
    borne: dict[Link, str] = {}
    for profile in profiles:
        for name, values in profile.identifiers.items():
            stamp = profile.stamps.get(name)
            for value in values:
                current = profile.attributes.get(name) == value and stamp is not None
                rank = (stamp.at if current and stamp is not None else 0, profile.id)
                best[name, value] = max(best.get((name, value), (-1, "")), rank)
        for name in strong:
            if found := profile.identifiers.get(name):
                borne[bears(name, profile.id)] = found[0]
    store.relink({link: profile for link, (_, profile) in best.items()} | borne)


def write_installation(store: Store, db: DuckDBPyConnection, plans: Mapping[str, Released], created: int) -> str:
    """Plans, what was stopped, what operators did; the plan that is current ('' for none)."""
    store.redis.hset(keys.META, "created", created)
    for name, plan in plans.items():
        store.redis.set(keys.sources(name), zlib.compress(msgspec.msgpack.encode(plan.sources)))
        put_release(store, name, Release(plan.at, plan.by, plan.journeys))
        for journey, version in plan.journeys.items():
            store.redis.hset(keys.JOURNEYS, f"{journey}|{version}", name)
    standings: dict[str, Standing] = {}
    current = ""
    rows = db.execute("SELECT decided, what, who, details FROM audit ORDER BY segment, logged, n").fetchall()
    for at, what, who, details in rows:
        store.redis.xadd(keys.AUDIT, {"t": at, "what": what, "who": who, "details": details})
        given = msgspec.json.decode(details)
        if what == "deploy":
            current = given["plan"]
        elif what in ("pause", "resume", "kill"):
            _stand(standings, what, given["journey"], at, who, given.get("how"))
    for name, standing in standings.items():
        store.redis.hset(keys.FLAGS, name, msgspec.json.encode(standing))
    mark(store)
    current = current or next(reversed(list(plans)), "")
    if current:
        store.redis.set(keys.PLAN, current)
    return current


def _stand(standings: dict[str, Standing], what: str, name: str, at: int, who: str, how: How | None) -> None:
    before = standings.get(name, RUNS)
    if what == "pause":
        standings[name] = paused(name, before, at, who)
    elif what == "kill":
        standings[name] = killed(name, before, at, who)
    else:
        standings[name] = resumed(name, before, how or None, at, who)


def write_lesson(store: Store, lesson: Lesson) -> None:
    """What was learned, as the snapshot that comes next; the archive is told."""
    assert lesson.whole is not None
    store.redis.hset(keys.LEARNED, mapping={"n": lesson.number, "b": pack(lesson.whole)})
    store.lessons.say(lesson)


def tell_cursor(store: Store, next_segment: int) -> None:
    """Let the archiver go on behind what was read."""
    last = store.redis.xrevrange(keys.AUDIT, count=1)
    at = {"-1": last[0][0].decode()} if last else {}
    kept = Kept(store)
    kept.read()
    kept.write(Cursor(next=next_segment, at=at, written=store.clock().server))
