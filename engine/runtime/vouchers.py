"""Pools of voucher codes: each code is given to one message, and to nobody else, whatever dies.

A message claims its code while it is rendered, just before it begins to leave; a retry, another channel or a new
home after a merge get the same one. When it has ended, a sweep settles: a code that was handed to a provider, or of
which nobody can say, is used up for ever; one that nobody can have seen goes back into the pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.codes import read_codes
from engine.model.ids import day_of_telling, rehomed, shard_of, shard_of_message
from engine.model.plan import Plan
from engine.model.span import DAY
from engine.render.outside import POOLS
from engine.runtime import keys
from engine.runtime.attempt import REACHED
from engine.runtime.blob import read_profile

if TYPE_CHECKING:
    from engine.runtime.store import Store

SETTLE_AFTER = 120_000  # ms of server time, longer than any message is in somebody's hands
LOOK_AGAIN = 3_600_000  # ms until a message that still waits for a channel is looked at again
LOW = 100  # codes, unless the pool says otherwise
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Pool:
    """`free` codes are left, `given` are with messages that have not ended, of `total` that were ever loaded."""

    name: str
    free: int
    given: int
    total: int
    low: int


class Vouchers:
    """All pools of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, pool: str, codes: Iterable[str]) -> int:
        """Put codes in; how many were not there before. Those that were stay as they are, free or given."""
        wanted, new = list(codes), 0
        self._store.redis.sadd(keys.POOLS, pool)
        for start in range(0, len(wanted), BATCH):
            names = [keys.voucher(pool, part) for part in ("codes", "free", "gone")]
            new += int(self._store.call("voucher_add", names, *wanted[start : start + BATCH]))
        return new

    def claim(self, pool: str, message: str, profile: str) -> str:
        """The code of a message; '' when the pool is empty."""
        row = f"{profile}|{message}"
        names = [*_three(pool), keys.voucher(pool, "taken")]
        return str(self._store.call("voucher_claim", names, _known_by(message), row).decode())

    def taken(self, pool: str, most: int = 10_000) -> list[str]:
        """Hashes of codes that were given and are not archived yet, the oldest first."""
        return [each.decode() for each in self._store.redis.lrange(keys.voucher(pool, "taken"), 0, most - 1)]

    def archived(self, pool: str, count: int) -> None:
        """So many of them are archived now."""
        self._store.redis.ltrim(keys.voucher(pool, "taken"), count, -1)

    def lost(self, pool: str, hashes: Sequence[str]) -> None:
        """These codes were given before the state was lost: they are never given again."""
        for start in range(0, len(hashes), BATCH):
            self._store.redis.sadd(keys.voucher(pool, "gone"), *hashes[start : start + BATCH])

    def known(self) -> list[str]:
        """The pools that have, or had, codes."""
        return sorted(each.decode() for each in self._store.redis.smembers(keys.POOLS))

    def pools(self, plan: Plan) -> list[Pool]:
        """The pools that the plan declares, by name."""
        declared: Mapping[str, Mapping[str, object]] = plan.catalog.get(POOLS) or {}
        pipe = self._store.pipeline()
        for name in sorted(declared):
            pipe.llen(keys.voucher(name, "free"))
            pipe.hlen(keys.voucher(name, "given"))
            pipe.scard(keys.voucher(name, "codes"))
        counts = iter(pipe.execute() if declared else [])
        found = []
        for name in sorted(declared):
            low = declared[name].get("low")
            left, given, total = next(counts), next(counts), next(counts)
            found.append(Pool(name, left, given, total, low if isinstance(low, int) else LOW))
        return found

    def settle(self, pool: str, now: int, most: int = 500) -> int:
        """Look at messages that claimed a code a while ago (`now`: server ms); how many codes found their end."""
        rows = [
            row.decode()
            for row in self._store.redis.zrangebyscore(
                keys.voucher(pool, "claimed"), "-inf", now - SETTLE_AFTER, start=0, num=most
            )
        ]
        ended, today = 0, self._store.clock().engine // DAY
        for row in rows:
            profile, _, message = row.partition("|")
            end = self._end(profile, message, today)
            if end is None:
                self._store.redis.zadd(keys.voucher(pool, "claimed"), {row: now - SETTLE_AFTER + LOOK_AGAIN}, xx=True)
                continue
            self._store.call("voucher_end", _three(pool), _known_by(message), row, "1" if end == "free" else "")
            ended += 1
        return ended

    def _end(self, profile: str, message: str, today: int) -> str | None:
        """`used` or `free`; None while the message has not ended. An action may be told again until its day is over."""
        told = day_of_telling(message)
        if told is not None:
            return "used" if today > told + 1 else None
        home = self._store.shards.home(profile)
        blob = self._store.shards.profiles([home]).get(home)
        if blob is None:
            return "used"  # erased: nobody can say any more
        known = _known_by(message)
        if any(_known_by(each) == known for each in read_profile(blob).messages):
            return None
        # once it has been tried a message keeps its id when its customer is merged, and moves to the other's shard
        names = dict.fromkeys((message, rehomed(message, home), rehomed(message, profile)))
        places = [(name, shard) for name in names for shard in {shard_of_message(name), shard_of(home)}]
        for name, shard in places:
            kept = self._store.shards.message(name, shard)
            if kept.get(REACHED) or kept.get("outcome") == b"sending":
                return "used"
        return "free"


def load_pools(store: Store, plan: Plan, sources: Mapping[str, str]) -> None:
    """Put the codes of a workspace's files into their pools."""
    declared: Mapping[str, Mapping[str, object]] = plan.catalog.get(POOLS) or {}
    for name, item in declared.items():
        text = sources.get(str(item.get("codes") or ""))
        if text is not None:
            store.vouchers.add(name, read_codes(text))


def settle_all(store: Store, plan: Plan) -> None:
    """See to the codes of messages that have ended."""
    now = store.clock().server
    for pool in plan.catalog.get(POOLS) or {}:
        store.vouchers.settle(pool, now)


def _known_by(message: str) -> str:
    """What stays of a message's id when it moves to another home."""
    return message[3:]


def _three(pool: str) -> Sequence[str]:
    return [keys.voucher(pool, part) for part in ("free", "given", "claimed")]
