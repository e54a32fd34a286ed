"""The work of the shards: taking events in, leasing, reading, committing, claiming.

Typed methods over the functions of `functions/*.lua`, which say what is atomic. Whoever calls does many
things per round trip: lists in, lists out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from engine.model.ids import shard_of
from engine.runtime import keys, points
from engine.runtime.blob import Arrival
from engine.runtime.commit import SENDING_LEASE, Claim, Commit
from engine.runtime.erasure import gravestone
from engine.runtime.follow import log_commit
from engine.runtime.meters import meters
from engine.runtime.shard_data import MOST_MERGES, Append, Appended, Entry, Look, read_look
from engine.runtime.timeline import read_timeline

if TYPE_CHECKING:
    from engine.model.record import Told
    from engine.runtime.store import Store

BELL_MS = 10_000  # a bell that nobody heard may be rung again after this; the ticker does not wait for it


class ShardStore:
    """Access to all shards of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # In

    def append(self, events: Sequence[Append]) -> list[Appended]:
        """What became of each; `relay.append_home` follows those who were merged."""
        pipe = self._store.pipeline()
        for each in events:
            shard = shard_of(each.profile)
            names = [keys.inbox(shard), keys.seen(shard), keys.bell(shard), keys.block(shard, each.profile)]
            names.append(keys.profile(shard, each.profile))
            kind = "e" if each.what is None or isinstance(each.what, Arrival) else "o"
            stays = "1" if each.stays else ""
            self._store.call("append", names, each.event, each.entry, BELL_MS, kind, stays, *each.blocks, pipe=pipe)
        answers = pipe.execute() if events else []
        return [Appended(entry.decode(), bool(ring), moved.decode()) for entry, ring, moved in answers]

    def relay(self, shard: int, count: int) -> list[tuple[str, bytes, dict[str, str]]]:
        """The first parcels of a shard's relay: entry id, parcel, and the blocks that go with it."""
        return [
            (entry.decode(), fields[b"x"], _blocks(fields.get(b"b")))
            for entry, fields in self._store.redis.xrange(keys.relay(shard), count=count)
        ]

    def relayed(self, shard: int, entry: str) -> None:
        """A parcel has been brought."""
        self._store.redis.xdel(keys.relay(shard), entry)

    # Advance

    def lease(self, shard: int, owner: str, ms: int) -> int:
        """Take or keep a shard: the fencing number, 0 while somebody else holds it."""
        return int(self._store.call("lease", [keys.lease(shard), keys.fence(shard)], owner, ms))

    def release(self, shard: int, owner: str, now: int) -> bool:
        """Give a shard back; True when it has work left at engine time `now`."""
        names = [keys.lease(shard), keys.bell(shard), keys.inbox(shard), keys.timers(shard), keys.relay(shard)]
        return bool(self._store.call("release", names, owner, now) == 1)

    def wake(self, shard: int, now: int, most: int = 500) -> int:
        """Move due timers into the inbox; how many."""
        return int(self._store.call("wake", [keys.timers(shard), keys.inbox(shard)], now, most))

    def wake_and_read(self, shard: int, now: int, count: int) -> list[Entry]:
        """Move due timers into the inbox, then its next entries. A second try would skip some: there is none."""
        pipe = self._store.once.pipeline(transaction=False)
        self._store.call("wake", [keys.timers(shard), keys.inbox(shard)], now, 500, pipe=pipe)
        pipe.xreadgroup(keys.GROUP, keys.CONSUMER, {keys.inbox(shard): ">"}, count=count)
        return _entries(pipe.execute()[1])

    def read_left(self, shard: int, entry: str) -> Entry:
        """An entry that a dead owner left unfinished. Reading it counts for nothing: see `blame`."""
        found = self._store.redis.xrange(keys.inbox(shard), entry, entry)
        return _entry(entry, found[0][1] if found else {})

    def blame(self, shard: int, entry: str, times: int) -> None:
        """Set how often an unfinished entry has killed its worker, its first delivery included."""
        inbox = keys.inbox(shard)
        self._store.redis.xclaim(inbox, keys.GROUP, keys.CONSUMER, 0, [entry], retrycount=times, justid=True)

    def deliveries(self, shard: int) -> tuple[str, int] | None:
        """The first unfinished entry and how often it was delivered or blamed; None when nothing was left."""
        found = self._store.redis.xpending_range(keys.inbox(shard), keys.GROUP, "-", "+", 1)
        return (found[0]["message_id"].decode(), int(found[0]["times_delivered"])) if found else None

    def profiles(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The blobs of these profiles; a profile that does not exist yet is missing."""
        wanted = list(dict.fromkeys(ids))
        pipe = self._store.pipeline()
        for each in wanted:
            pipe.hget(keys.profile(shard_of(each), each), "b")
        blobs = pipe.execute() if wanted else []
        return {each: blob for each, blob in zip(wanted, blobs, strict=True) if blob is not None}

    def erased(self, profile: str) -> int:
        """When the latest erasure of a profile was asked (server ms); 0 when none is remembered."""
        shard = shard_of(profile)
        return int(self._store.redis.zscore(keys.erased(shard), gravestone(profile)) or 0)

    def commit(self, commits: Sequence[Commit], *, keep: tuple[int, str, int] | None = None) -> list[str]:
        """Each commit's answer: ok, fenced, again, stale, or 'blocked <block>'. `keep` renews a lease as well.

        What they say about addresses is remembered first: a commit that fails then is decided again, and says it
        again, while one that was written can say nothing any more.
        """
        if words := [said for each in commits for said in each.said]:
            self._store.addresses.hear(words)
            points.at("commit.heard")
        pipe = self._store.pipeline()
        for each in commits:
            names, arguments = each.parts(self._store.timeline)
            self._store.call("commit", names, *arguments, pipe=pipe)
        if keep is not None:
            shard, owner, ms = keep
            self._store.call("lease", [keys.lease(shard), keys.fence(shard)], owner, ms, pipe=pipe)
        answers = [answer.decode() for answer in pipe.execute()[: len(commits)]]
        for each, answer in zip(commits, answers, strict=True):
            if answer == "ok":
                meters().recorded(each.records)
                log_commit(each)
        return answers

    # Deliver

    def claim(self, most: Mapping[int, int], channel: str, klass: str, now: int) -> list[Claim]:
        """Take due rows of these shards' outboxes, at most so many of each; the earliest of each first."""
        pipe = self._store.pipeline()
        for shard, count in most.items():
            names = [keys.out(shard, channel, klass), keys.sending(shard)]
            self._store.call("claim", names, now, SENDING_LEASE, count, f"{channel}|{klass}|", pipe=pipe)
        return [Claim(channel, klass, *row.decode().split("|")) for rows in pipe.execute() for row in rows]

    def due(self, shards: Sequence[int], channel: str, klass: str, now: int) -> dict[int, int]:
        """How many rows of each shard's outbox may be looked at."""
        pipe = self._store.pipeline()
        for shard in shards:
            pipe.zcount(keys.out(shard, channel, klass), "-inf", now)
        return dict(zip(shards, map(int, pipe.execute()), strict=True))

    def pass_on(self, claim: Claim, provider: str) -> bool:
        """Renew the lease of a message that goes on to another provider; False when it is not ours any more."""
        shard = shard_of(claim.profile)
        names = [keys.sending(shard), keys.message(shard, claim.message)]
        return bool(self._store.call("extend", names, str(claim), SENDING_LEASE, provider))

    def drop(self, claims: Iterable[Claim]) -> None:
        """Forget rows of `sending` whose message is no more."""
        pipe = self._store.pipeline()
        for claim in claims:
            pipe.zrem(keys.sending(shard_of(claim.profile)), str(claim))
        pipe.execute()

    def expired(self, shard: int, most: int = 100) -> list[Claim]:
        """Take rows whose sender is gone."""
        found = self._store.call("expired", [keys.sending(shard)], SENDING_LEASE, most)
        return [Claim.parse(member.decode()) for member in found]

    def home(self, profile: str) -> str:
        """The profile that this one was merged into, else itself."""
        for _ in range(MOST_MERGES):
            moved = self._store.redis.hget(keys.profile(shard_of(profile), profile), "m")
            if moved is None:
                break
            profile = moved.decode()
        return profile

    def inbox(self, shard: int) -> list[bytes]:
        """The events of an inbox that are still to be processed."""
        return [fields[b"e"] for _, fields in self._store.redis.xrange(keys.inbox(shard)) if b"e" in fields]

    def copies(self, profile: str) -> list[str]:
        """The messages of a profile of which a rendered copy is kept, oldest first."""
        return [each.decode() for each in self._store.redis.zrange(keys.copies(shard_of(profile), profile), 0, -1)]

    def message(self, message_id: str, shard: int) -> dict[str, bytes]:
        """What is kept of a message that left; empty when nothing is."""
        found = self._store.redis.hgetall(keys.message(shard, message_id))
        return {name.decode(): value for name, value in found.items()}

    # Around

    def look(self, channels: Sequence[str], shards: Iterable[int] = keys.EVERY_SHARD) -> list[Look]:
        """What these shards have to do, one look each, in one round trip."""
        pipe, wanted = self._store.pipeline(), list(shards)
        for shard in wanted:
            names = [keys.inbox(shard), keys.timers(shard), keys.sending(shard), keys.lease(shard), keys.relay(shard)]
            self._store.call("look", [*names, *keys.outs(shard, channels)], pipe=pipe)
        places = [(channel, klass) for channel in channels for klass in keys.KLASSES]
        return [read_look(shard, seen, places) for shard, seen in zip(wanted, pipe.execute(), strict=True)]

    def bury_old(self, shard: int, seen_before: int, messages_before: int, log_most: int) -> None:
        """Forget event ids that arrived before `seen_before`, doubts about messages and stones of erasures from before
        `messages_before` (server ms), and the log beyond about `log_most`."""
        pipe = self._store.pipeline()
        pipe.zremrangebyscore(keys.seen(shard), "-inf", seen_before)
        pipe.zremrangebyscore(keys.doubtful(shard), "-inf", messages_before)
        pipe.zremrangebyscore(keys.erased(shard), "-inf", messages_before)
        pipe.xtrim(keys.log(shard), maxlen=log_most, approximate=True)
        pipe.xtrim(keys.dead(shard), maxlen=log_most, approximate=True)
        pipe.execute()

    def timeline(self, profile: str) -> list[Told]:
        """What is told of a customer, oldest first."""
        return read_timeline(self._store.redis.lrange(keys.timeline(shard_of(profile), profile), 0, -1))

    def read_log(self, shard: int, after: str = "-", count: int = 1000) -> list[tuple[str, dict[str, bytes]]]:
        """Entries of the log after an id, oldest first: t engine ms, p profile, f plan, i inputs, r records."""
        found = self._store.redis.xrange(keys.log(shard), f"({after}" if after != "-" else after, count=count)
        return [_fields(each) for each in found]

    def read_dead(
        self, shard: int, count: int = 100, *, after: str = "-", inclusive: bool = False
    ) -> list[tuple[str, dict[str, bytes]]]:
        """The shard's dead letters after an id (or from it on), oldest first."""
        start = after if after == "-" or inclusive else f"({after}"
        return [_fields(each) for each in self._store.redis.xrange(keys.dead(shard), start, count=count)]


def _fields(entry: Any) -> tuple[str, dict[str, bytes]]:
    return entry[0].decode(), {name.decode(): value for name, value in entry[1].items()}


def _entries(answer: Any) -> list[Entry]:
    streams = answer.values() if isinstance(answer, dict) else [rows for _, rows in answer or ()]
    rows = [row for stream in streams for row in (stream[0] if isinstance(answer, dict) else stream)]
    return [_entry(id.decode(), fields or {}) for id, fields in rows]


def _entry(id_: str, fields: dict[bytes, bytes]) -> Entry:
    return Entry(id_, fields.get(b"e", b""), fields.get(b"w", b"").decode(), fields.get(b"o", b""))


def _blocks(packed: bytes | None) -> dict[str, str]:
    """Fields and values of a block hash, one after the other, as a function of Redis packs them."""
    words = [word.decode() for word in msgspec.msgpack.decode(packed, type=list[bytes], strict=False)] if packed else []
    return dict(zip(words[::2], words[1::2], strict=True))
