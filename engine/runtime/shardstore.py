"""The work of the shards: taking events in, leasing, reading, committing, claiming.

Typed methods over the functions of `functions/*.lua`, which say what is atomic. Whoever calls does many
things per round trip: lists in, lists out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from engine.model.ids import shard_of
from engine.runtime import keys, points
from engine.runtime.blob import Arrival
from engine.runtime.commit import SENDING_LEASE, Claim, Commit
from engine.runtime.erasure import gravestone
from engine.runtime.follow import log_commit
from engine.runtime.meters import meters
from engine.runtime.shard_data import MOST_MERGES, Append, Appended, Entry, Look, Opened, read_look
from engine.runtime.timeline import read_timeline

if TYPE_CHECKING:
    from engine.model.record import Told
    from engine.runtime.store import Store


class ShardStore:
    """Access to all shards of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # In

    def append(self, events: Sequence[Append]) -> list[Appended]:
        """What became of each; `relay.append_home` follows those who were merged."""
        calls = []
        for each in events:
            shard, profile = shard_of(each.profile), each.profile
            names = [keys.inbox(shard), keys.seen(shard), keys.block(shard, profile), keys.profile(shard, profile)]
            names += [keys.heed(shard, profile)] if each.heed else []
            kind = "e" if each.what is None or isinstance(each.what, Arrival) else "o"
            calls.append((names, (each.event, each.entry, kind, "1" if each.stays else "", *each.blocks)))
        return [Appended(entry.decode(), moved.decode()) for entry, moved in self._store.calls("append", calls)]

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

    def lease(self, shards: Iterable[int], owner: str, ms: int) -> list[int]:
        """Take shards, or keep them: the fencing number of each, 0 while somebody else holds it."""
        calls = [((keys.lease(shard), keys.fence(shard)), (owner, ms)) for shard in shards]
        return [int(fence) for fence in self._store.calls("lease", calls)]

    def open(self, shards: Sequence[int], owner: str, ms: int, now: int, most: int) -> list[Opened]:
        """Take shards, move the timers due at engine time `now` into their inboxes, and read up to `most` entries of
        each. Those that somebody else holds are not among the answers."""
        calls = []
        for shard in shards:
            names = (keys.lease(shard), keys.fence(shard), keys.inbox(shard), keys.timers(shard), keys.relay(shard))
            calls.append((names, (owner, ms, now, most)))
        answers = zip(shards, self._store.calls("open", calls), strict=True)
        return [
            Opened(shard, fence, parcels, bool(left), [_entry(shard, *found) for found in read])
            for shard, (fence, parcels, left, read) in answers
            if fence
        ]

    def release(self, shards: Sequence[int], owner: str, now: int) -> list[int]:
        """Give shards back; those that have work left at engine time `now`."""
        calls = [
            ((keys.lease(shard), keys.inbox(shard), keys.timers(shard), keys.relay(shard)), (owner, now))
            for shard in shards
        ]
        return [shard for shard, more in zip(shards, self._store.calls("release", calls), strict=True) if more == 1]

    def read_left(self, shard: int, entry: str) -> Entry:
        """An entry that a dead owner left unfinished. Reading it counts for nothing: see `blame`."""
        found = self._store.redis.xrange(keys.inbox(shard), entry, entry)
        return _entry(shard, *found[0]) if found else Entry(shard, entry)

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
        blobs = self._store.calls("blob", [((keys.profile(shard_of(each), each),), ()) for each in wanted])
        return {each: blob for each, blob in zip(wanted, blobs, strict=True) if blob is not None}

    def erased(self, profile: str) -> int:
        """When the latest erasure of a profile was asked (server ms); 0 when none is remembered."""
        shard = shard_of(profile)
        return int(self._store.redis.zscore(keys.erased(shard), gravestone(profile)) or 0)

    def commit(self, commits: Sequence[Commit]) -> list[str]:
        """Each commit's answer: ok, fenced, again, stale, or 'blocked <block>'.

        What they say about addresses is remembered first: a commit that fails then is decided again, and says it
        again, while one that was written can say nothing any more.
        """
        if words := [said for each in commits for said in each.said]:
            self._store.addresses.hear(words)
            points.at("commit.heard")
        parts = [each.parts(self._store.timeline) for each in commits]
        answers = [answer.decode() for answer in self._store.calls("commit", parts)]
        for each, answer in zip(commits, answers, strict=True):
            if answer == "ok":
                meters().recorded(each.records)
                log_commit(each)
        return answers

    # Deliver

    def claim(self, most: Mapping[int, int], channel: str, klass: str, now: int) -> list[Claim]:
        """Take due rows of these shards' outboxes, at most so many of each; the earliest of each first."""
        calls = []
        for shard, count in most.items():
            names = [keys.out(shard, channel, klass), keys.sending(shard)]
            calls.append((names, (now, SENDING_LEASE, count, f"{channel}|{klass}|")))
        found = self._store.calls("claim", calls)
        return [Claim(channel, klass, *row.decode().split("|")) for rows in found for row in rows]

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

    def copies(self, *profiles: str, since: int = 0) -> list[str]:
        """The messages of these profiles of which a rendered copy is kept until after `since` (server ms), the oldest
        first."""
        pipe = self._store.pipeline()
        for profile in profiles:
            pipe.zrangebyscore(keys.copies(shard_of(profile), profile), f"({since}", "+inf", withscores=True)
        found = [each for many in pipe.execute() for each in many]
        return [name.decode() for name, _ in sorted(found, key=lambda each: each[1])]

    def asked(self, profile: str) -> list[str]:
        """The requests about a profile whose answers are kept."""
        return [each.decode() for each in self._store.redis.zrange(keys.asked(shard_of(profile), profile), 0, -1)]

    def message(self, message_id: str, shard: int) -> dict[str, bytes]:
        """What is kept of a message that left; empty when nothing is."""
        found = self._store.redis.hgetall(keys.message(shard, message_id))
        return {name.decode(): value for name, value in found.items()}

    # Around

    def look(self, channels: Sequence[str], shards: Iterable[int] = keys.EVERY_SHARD) -> list[Look]:
        """What these shards have to do, one look each, in one round trip."""
        wanted, asked = list(shards), tuple(channels)
        calls = [(_looked_at(shard, asked), ()) for shard in wanted]
        places = [(channel, klass) for channel in channels for klass in keys.KLASSES]
        seen = self._store.calls("look", calls)
        return [read_look(shard, each, places) for shard, each in zip(wanted, seen, strict=True)]

    def bury_old(
        self, shard: int, seen_before: int, messages_before: int, log_most: int | None, dead_most: int
    ) -> None:
        """Forget event ids that arrived before `seen_before`, doubts about messages and stones of erasures from before
        `messages_before` (server ms), the log beyond about `log_most` (None: the archiver does that), and the
        dead letters beyond about `dead_most`."""
        pipe = self._store.pipeline()
        pipe.zremrangebyscore(keys.seen(shard), "-inf", seen_before)
        pipe.zremrangebyscore(keys.doubtful(shard), "-inf", messages_before)
        pipe.zremrangebyscore(keys.erased(shard), "-inf", messages_before)
        if log_most is not None:
            pipe.xtrim(keys.log(shard), maxlen=log_most, approximate=True)
        pipe.xtrim(keys.dead(shard), maxlen=dead_most, approximate=True)
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


@cache
def _looked_at(shard: int, channels: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of a look at a shard, asked for twice a second for every shard."""
    return (
        *(keys.inbox(shard), keys.timers(shard), keys.sending(shard), keys.lease(shard), keys.relay(shard)),
        *keys.outs(shard, channels),
    )


def _fields(entry: Any) -> tuple[str, dict[str, bytes]]:
    return entry[0].decode(), {name.decode(): value for name, value in entry[1].items()}


def _entry(shard: int, id_: bytes, read: Any) -> Entry:
    """`read` is a mapping, or fields and values one after the other, as a function of Redis answers."""
    fields = read if isinstance(read, dict) else dict(zip(read[::2], read[1::2], strict=True))
    return Entry(shard, id_.decode(), fields.get(b"e", b""), fields.get(b"w", b"").decode(), fields.get(b"o", b""))


def _blocks(packed: bytes | None) -> dict[str, str]:
    """Fields and values of a block hash, one after the other, as a function of Redis packs them."""
    words = [word.decode() for word in msgspec.msgpack.decode(packed, type=list[bytes], strict=False)] if packed else []
    return dict(zip(words[::2], words[1::2], strict=True))
