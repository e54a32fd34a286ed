"""What was learned, in Redis: shards count, a maintenance task makes snapshots, every process looks for the newest."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from engine.decide.contextual import changed
from engine.decide.learning import Parcel, learn
from engine.decide.thompson import Thompson
from engine.model.learned import NOTHING_YET, Snapshot, Tried
from engine.runtime import keys, points
from engine.runtime.blob import pack
from engine.runtime.contextual import trained

if TYPE_CHECKING:
    from engine.model.plan import Plan
    from engine.runtime.store import Store

MOST_TRIES = 5
MOST_LESSONS = 20_000
_decoder = msgspec.msgpack.Decoder(Snapshot)


class Lesson(msgspec.Struct, frozen=True):
    """What the snapshot `number` has added to the one before, at engine time `at` (ms); or that it is `whole`, all
    there is, where a state was rebuilt. `weights` are those of the contextual model that are others now, 0 for gone."""

    number: int
    at: int
    half_life: int
    parcels: list[Parcel]
    whole: Snapshot | None = None
    weights: dict[str, float] = {}


class Lessons:
    """The newest snapshot as this process knows it. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest = Thompson()
        self._lock = threading.Lock()

    def at(self, number: int) -> Thompson:
        """What was learned by the snapshot of this number, the newest: it is read when it is not known yet."""
        if number != self._newest.number:
            with self._lock:
                if number != self._newest.number:
                    self._newest = Thompson(self.read())
        return self._newest

    def read(self) -> Snapshot:
        """The snapshot that is kept."""
        blob = self._store.redis.hget(keys.LEARNED, "b")
        return _decoder.decode(blob) if blob is not None else NOTHING_YET

    def learn(self, plan: Plan) -> Snapshot:
        """Make a snapshot of what the shards have counted, and keep it: the newest one, whoever made it.

        Whoever dies on the way has taken nothing: a parcel is given out until it is part of a snapshot.
        """
        for _ in range(MOST_TRIES):
            before, now = self.read(), self._store.clock().engine
            calls = [((keys.tried(s), keys.parcel(s)), (before.marks.get(s, 0),)) for s in keys.EVERY_SHARD]
            found = zip(keys.EVERY_SHARD, self._store.calls("parcel", calls), strict=True)
            parcels = [_parcel(shard, fields) for shard, fields in found if fields]
            points.at("learned.parcels")
            half_life = plan.policies.learning.half_life
            trains = partial(trained, plan) if plan.policies.learning.features else None
            after = learn(before, parcels, now, half_life, trains)
            if after is not before:  # first: whoever dies after it has said what will be learned all the same
                self.say(Lesson(after.number, now, half_life, parcels, weights=changed(before.weights, after.weights)))
            if after is before or self._keep(before, after):
                return after
        return self.read()  # others are at it, and take what there is

    def say(self, lesson: Lesson) -> None:
        """Have the archive know it: what is decided by a snapshot can then be decided again."""
        self._store.redis.xadd(keys.LESSONS, {"l": pack(lesson)}, maxlen=MOST_LESSONS, approximate=True)

    def _keep(self, before: Snapshot, after: Snapshot) -> bool:
        kept = self._store.call("learned", [keys.LEARNED], before.number, after.number, pack(after))
        return bool(kept)


def _parcel(shard: int, fields: list[bytes]) -> Parcel:
    """A parcel from the fields and values of its hash."""
    number, tried = 0, []
    for name, value in zip(fields[::2], fields[1::2], strict=True):
        if name == b"#":
            number = int(value)
            continue
        day, action, placement, segment, kind, *traits = name.decode().split("|")
        count = (int(value), 0) if kind == "s" else (0, int(value))
        tried.append(Tried(int(day), f"{action}|{placement}|{segment}", *count, *traits))
    return Parcel(shard, number, tuple(tried))
