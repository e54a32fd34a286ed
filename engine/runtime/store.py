"""The state in Redis: what concerns the whole installation. Shards: `shardstore.py`; clients: `client.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import redis
from redis.exceptions import RedisClusterException

from engine.model.errors import SetupError, StoreMismatch
from engine.model.flags import Flags
from engine.model.ids import SHARDS
from engine.runtime import keys, points
from engine.runtime.breakers import Breakers, Guard, read_breakers
from engine.runtime.bundles import Call, bundles
from engine.runtime.client import connect, is_cluster
from engine.runtime.clock import Reading
from engine.runtime.lua import function
from engine.runtime.stops import read_flags

if TYPE_CHECKING:
    from engine.runtime.addresses import Addresses
    from engine.runtime.learned import Lessons
    from engine.runtime.ready import Ready
    from engine.runtime.shardstore import ShardStore
    from engine.runtime.stock import StockRoom
    from engine.runtime.store_prompts import StorePrompts
    from engine.runtime.vouchers import Vouchers

StoreError = redis.RedisError
CLOCK_FIELDS = ("offset_ms", "held_ms", "timers_ms")
TIMELINE = 200  # lines that are kept of a customer's timeline, unless the settings say otherwise


@dataclass(frozen=True, slots=True)
class Pulse:
    """What every batch begins with: the time, what an operator has stopped, what was learned, the current plan's
    fingerprint, which providers have failed lately."""

    time: Reading
    flags: Flags
    plan: str
    breakers: Breakers = field(default_factory=dict)


class Store:
    """One installation's state. Threads may share it; it may be used again after a fork."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.timeline = TIMELINE
        self.archived = False  # whether only the archiver may let go of the log
        self.redis: Any = connect(url)

    @classmethod
    def open(cls, url: str) -> Store:
        """Connect, make the store when it is new, load the functions. Raises SetupError or StoreMismatch."""
        try:
            store = cls(url)
            store._found()
            store.redis.load_functions()
        except (redis.ConnectionError, redis.TimeoutError, RedisClusterException) as fault:
            raise SetupError(f"No Redis answers where PARCOURS_REDIS_URL points: {fault}") from None
        return store

    def _found(self) -> None:
        shards = self.redis.hget(keys.META, "shards")
        if shards is None:
            pipe = self.pipeline()
            for shard in range(SHARDS):
                pipe.xgroup_create(keys.inbox(shard), keys.GROUP, "0", mkstream=True)
            for answer in pipe.execute(raise_on_error=False):
                if isinstance(answer, Exception) and "BUSYGROUP" not in str(answer):
                    raise answer
            self.redis.hsetnx(keys.META, "created", self.clock().server)
            self.redis.hsetnx(keys.META, "shards", SHARDS)
        elif int(shards) != SHARDS:
            raise StoreMismatch(f"This store was made with {int(shards)} shards, this release uses {SHARDS}.")

    def close(self) -> None:
        """Let go of all connections."""
        self.redis.close()

    @cached_property
    def shards(self) -> ShardStore:
        """The work of the shards."""
        from engine.runtime.shardstore import ShardStore

        return ShardStore(self)

    @cached_property
    def ready(self) -> Ready:
        """The shards that are to be looked at."""
        from engine.runtime.ready import Ready

        return Ready(self)

    @cached_property
    def addresses(self) -> Addresses:
        """What is known of addresses."""
        from engine.runtime.addresses import Addresses

        return Addresses(self)

    @cached_property
    def prompts(self) -> StorePrompts:
        """What stores show on their tablets."""
        from engine.runtime.store_prompts import StorePrompts

        return StorePrompts(self)

    @cached_property
    def vouchers(self) -> Vouchers:
        """The pools of voucher codes."""
        from engine.runtime.vouchers import Vouchers

        return Vouchers(self)

    @cached_property
    def lessons(self) -> Lessons:
        """What was learned of actions."""
        from engine.runtime.learned import Lessons

        return Lessons(self)

    @cached_property
    def stock(self) -> StockRoom:
        """What was put over the catalogue."""
        from engine.runtime.stock import StockRoom

        return StockRoom(self)

    @cached_property
    def guard(self) -> Guard:
        """The circuit breakers of the providers."""
        return Guard(self)

    def call(self, name: str, names: Sequence[str], *arguments: Any, pipe: Any = None) -> Any:
        """Call one function of the library, or add the call to a pipeline."""
        if pipe is not None:
            return pipe.fcall(function(name), len(names), *names, *arguments)
        alone = self.pipeline()
        alone.fcall(function(name), len(names), *names, *arguments)
        return alone.execute()[0]

    def calls(self, name: str, wanted: Sequence[Call]) -> list[Any]:
        """Call one function for many things, in order, in one round trip; the answer to each.

        On one server a few calls of Redis do it all. On a cluster each goes to its own node.
        """
        pipe = self.pipeline()
        self.add_calls(pipe, name, wanted)
        return self.answers(pipe.execute()) if wanted else []

    def add_calls(self, pipe: Any, name: str, wanted: Sequence[Call]) -> None:
        """The same as the last thing that a pipeline does: `answers` reads what it says to them."""
        if is_cluster(self.url):
            for names, arguments in wanted:
                self.call(name, names, *arguments, pipe=pipe)
            return
        for words in bundles(name, wanted):
            pipe.execute_command(*words)

    def answers(self, said: Sequence[Any]) -> list[Any]:
        """The answer to each of the calls that `add_calls` has added."""
        return list(said) if is_cluster(self.url) else [answer for part in said for answer in part]

    def servers(self) -> list[tuple[str, Any]]:
        """Each server that holds a part of the state: a name for people, and a client of it alone."""
        if not is_cluster(self.url):
            return [("Redis", self.redis)]
        nodes = self.redis.get_primaries()
        return [(f"Redis {node.name}", self.redis.get_redis_connection(node)) for node in nodes]

    def pipeline(self) -> Any:
        """Many commands in one round trip; nothing atomic about it."""
        return self.redis.pipeline(transaction=False)

    # Time and what an operator has stopped

    def clock(self) -> Reading:
        """Server and engine time."""
        pipe = self.pipeline()
        pipe.time()
        pipe.hmget(keys.CLOCK, *CLOCK_FIELDS)
        server, clock = pipe.execute()
        return Reading.of(server, *clock)

    def set_clock(self, *, offset: int | None, held: int | None, timers: int | None = None) -> None:
        """Replace the stored clock; neither means the server's own time. `timers`: see `Reading.timers`."""
        pipe = self.redis.pipeline(transaction=True)
        pipe.delete(keys.CLOCK)
        if held is not None:
            pipe.hset(keys.CLOCK, mapping={"held_ms": held, **({} if timers is None else {"timers_ms": timers})})
        elif offset is not None:
            pipe.hset(keys.CLOCK, "offset_ms", offset)
        pipe.execute()

    def pulse(self) -> Pulse:
        """All that a batch must know before it begins, in one round trip."""
        pipe = self.pipeline()
        pipe.time()
        pipe.hmget(keys.CLOCK, *CLOCK_FIELDS)
        pipe.hgetall(keys.FLAGS)
        pipe.get(keys.PLAN)
        pipe.hgetall(keys.BREAKERS)
        pipe.hget(keys.LEARNED, "n")
        server, clock, words, plan, breakers, learned = pipe.execute()
        flags = replace(read_flags(words), learned=self.lessons.at(int(learned or 0)))
        return Pulse(Reading.of(server, *clock), flags, (plan or b"").decode(), read_breakers(breakers))

    def may_tick(self, ms: int) -> bool:
        """Whether nobody else has ticked within `ms` (server time)."""
        return bool(self.redis.set(keys.TICK, "1", nx=True, px=ms))

    # Identity

    def known(self, links: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Which of these (identifier, value) belong to which profile id."""
        wanted = list(dict.fromkeys(links))
        found = self.redis.mget([keys.identity(*link) for link in wanted]) if wanted else []
        return {link: owner.decode() for link, owner in zip(wanted, found, strict=True) if owner}

    def link(self, links: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
        """Remember links that nobody has yet; the answer says whose each one is now."""
        pipe = self.pipeline()
        for (identifier, value), owner in links.items():
            pipe.set(keys.identity(identifier, value), owner, nx=True, get=True)
        before = pipe.execute() if links else []
        return {link: old.decode() if old else links[link] for link, old in zip(links, before, strict=True)}

    def relink(self, facts: Mapping[tuple[str, str], str]) -> None:
        """Set entries of the index, whatever stood there."""
        if facts:
            self.redis.mset({keys.identity(*link): value for link, value in facts.items()})

    # Plans

    def put_plan(self, fingerprint: str, sources: bytes, journeys: Mapping[str, str], before: str) -> bool:
        """Keep a plan's sources and make it the current one. `journeys` maps name -> version.

        False when `before` is not the current plan any more: then it stays what it is.
        """
        pipe = self.pipeline()
        pipe.set(keys.sources(fingerprint), sources)
        for name, version in journeys.items():
            # the newest plan that holds a version: older ones need not be kept for its sake
            pipe.hset(keys.JOURNEYS, f"{name}|{version}", fingerprint)
        pipe.execute()
        points.at("plans.kept")
        return bool(self.call("switch", [keys.PLAN], before, fingerprint))  # last: whoever reads it finds the rest

    def plan_sources(self, fingerprint: str) -> bytes | None:
        """What `put_plan` kept; None when nothing is known under that fingerprint."""
        found: bytes | None = self.redis.get(keys.sources(fingerprint))
        return found

    def plan_of_journey(self, name: str, version: str) -> str:
        """Fingerprint of a plan that holds this version of a journey; '' when none does."""
        return str((self.redis.hget(keys.JOURNEYS, f"{name}|{version}") or b"").decode())

    def owe_wake(self) -> None:
        """Remember that everybody must be looked at, until `wake_everyone` has come to its end."""
        self.redis.set(keys.WAKE_OWED, "1")

    def owes_wake(self) -> bool:
        """Whether somebody died, or is still at work, between a release and the end of `wake_everyone`."""
        return bool(self.redis.exists(keys.WAKE_OWED))

    def wake_everyone(self) -> int:
        """Have every customer looked at soon: a new plan may have new segments and schedules. How many."""
        now, count = self.clock().engine, 0
        pipe = self.pipeline()
        for name in self.redis.scan_iter(match=keys.profile_pattern(), count=1_000):
            shard, profile = keys.profile_of(name.decode())
            pipe.zadd(keys.timers(shard), {profile: now}, lt=True)
            count += 1
            if count % 1_000 == 0:
                pipe.execute()
        pipe.execute()
        self.redis.delete(keys.WAKE_OWED)
        return count

    # Rates

    def tokens(
        self, channel: str, rate: float, burst: float, wanted: int, klass: str = keys.KLASSES[0]
    ) -> tuple[int, int, bool]:
        """Take `wanted` tokens of a channel for a class (negative: give them back).

        (granted, ms until there is another, whether more urgent messages wait for what there is).
        """
        urgency = keys.KLASSES.index(klass)
        granted, wait, urgent = self.call("gcra", [keys.rate(channel)], rate, burst, wanted, urgency)
        return int(granted), int(wait), bool(urgent)
