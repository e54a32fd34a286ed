"""Pause, kill and resume: what an operator says, in the store, and made known to everybody whom it concerns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from engine.model.flags import Flags, How
from engine.policy.standing import RUNS, Standing, flags_of, killed, paused, resumed
from engine.runtime import keys
from engine.runtime.audit import note

if TYPE_CHECKING:
    from engine.runtime.store import Store

# Longer than a worker may decide by the flags that it read before; who was decided about meanwhile is looked at again.
SECOND_LOOK_SECONDS = 1.0
WHY = 200  # characters of a reason that are kept
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Standing).decode


def standings(store: Store) -> dict[str, Standing]:
    """Every journey that is or was stopped, and '*' for everything."""
    return {name.decode(): _decode(text) for name, text in store.redis.hgetall(keys.FLAGS).items()}


def read_flags(fields: Mapping[bytes, bytes]) -> Flags:
    """The flags that the fields of their hash stand for."""
    return _flags(frozenset(fields.items())) if fields else Flags()


@lru_cache(maxsize=8)
def _flags(fields: frozenset[tuple[bytes, bytes]]) -> Flags:
    return flags_of({name.decode(): _decode(text) for name, text in fields})


def pause(store: Store, name: str, by: str, why: str = "") -> Standing:
    """Let a journey ('*': everything) stand still: seen by every worker within half a second; `why` is for the audit.
    Raises Conflict."""
    return _change(store, name, lambda standing, now: paused(name, standing, now, by), "pause", by, why=why)


def kill(store: Store, name: str, by: str, why: str = "") -> Standing:
    """Nothing of a journey leaves any more, and its enrolments end. Raises Conflict."""
    standing = _change(store, name, lambda standing, now: killed(name, standing, now, by), "kill", by, why=why)
    tell_everyone(store)
    return standing


def resume(store: Store, name: str, how: How | None, by: str, why: str = "") -> Standing:
    """Let a journey go on: see `resumed`. Raises Conflict."""

    def to(standing: Standing, now: int) -> Standing:
        return resumed(name, standing, how, now, by)

    change = _change(store, name, to, "resume", by, how=how or "", why=why)
    tell_everyone(store)
    return change


def tell_everyone(store: Store) -> None:
    """Have every customer looked at, and again once no worker can act on what it read before."""
    store.owe_wake()  # if this process dies now, a sweep does it
    store.wake_everyone()
    store.owe_wake()
    time.sleep(SECOND_LOOK_SECONDS)
    store.wake_everyone()


def known_names(store: Store) -> set[str]:
    """The journeys that are deployed, or that people may still be inside."""
    return {field.decode().partition("|")[0] for field in store.redis.hkeys(keys.JOURNEYS)}


def mark(store: Store) -> None:
    """Have every shard know what is stopped: then no message of it begins to leave, whatever its worker has read."""
    words: dict[str, str] = {}
    while (now := {name: each.word for name, each in standings(store).items()}) != words:
        _mark(store, now)  # again, if another operator was at work meanwhile
        words = now


def _mark(store: Store, words: Mapping[str, str]) -> None:
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        stopped = {name: word for name, word in words.items() if word}
        if stopped:
            pipe.hset(keys.stops(shard), mapping=stopped)
        if len(stopped) < len(words):
            pipe.hdel(keys.stops(shard), *(name for name, word in words.items() if not word))
    pipe.execute()


def _change(
    store: Store, name: str, to: Callable[[Standing, int], Standing], what: str, by: str, **details: str
) -> Standing:
    while True:
        before = store.redis.hget(keys.FLAGS, name) or b""
        now = store.clock().engine
        after = to(_decode(before) if before else RUNS, now)
        if not after.word:
            _mark(store, {name: ""})  # first: nobody who may send is refused
        if store.call("swap", [keys.FLAGS], name, before, _encode(after)):
            mark(store)
            note(
                store,
                now,
                what,
                by,
                journey=name,
                **{key: said for key, text in details.items() if (said := _plain(text))},
            )
            return after


def _plain(text: str) -> str:
    """A reason as it may stand on a line, of a terminal as well."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:WHY]
