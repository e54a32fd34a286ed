"""A change of the catalogue is an event of those who showed interest in the item: found out, and told in waves.

Every second it is looked whether a release or a request has changed the catalogue; what numbers were before stands
beside it. All that changed since is one job: every customer's history is looked through once for interest in
any of these items, and the event is put into the inbox of those who have shown it, only where the inbox is short.
The id of such an event is made of the job, the change and the customer: whatever dies, the next wave goes on, and
nobody is told twice. What changes while a job goes on waits for the next one, which tells the difference only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import Struct, msgpack

from engine.model.event import FROM_CATALOG, Event
from engine.model.ids import token
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.runtime import keys
from engine.runtime.bells import Bells
from engine.runtime.blob import Arrival, pack, read_profile
from engine.runtime.item_changes import Change, changes_of, numbers_of
from engine.runtime.relay import append_home, event_append
from engine.runtime.shard_data import Append
from engine.runtime.store import Store

WAVE = 100  # customers of one shard at a time
SHARDS = 16  # at a time
SHORT = 100  # entries of an inbox that count as nobody waiting
WAVE_SECONDS = 1.0
PAUSE_SECONDS = 0.1  # while every inbox is full
MOST = 5_000  # items whose numbers are taken note of at a time
BEGIN, DONE = b"-", b"+"
NOTHING_DEPLOYED = b" "
KEPT = 86_400  # seconds for which it is kept how far a job is
_NEWS, _TOLD, _CHANGED = keys.stock("news"), keys.stock("told"), keys.stock("changed")
# The event that shows interest -> the property that names the item, and of each item the numbers of its changes.
Wanted = Mapping[str, list[tuple[str, dict[str, list[int]]]]]


class Job(Struct):
    """What is being told: to whom it concerns by what they did until `at` (engine ms)."""

    id: str
    at: int
    changes: list[Change]


class _State(NamedTuple):
    seen: bytes
    now: bytes
    job: bytes


def pending(store: Store) -> bool:
    """Whether the catalogue has changed since it was last looked at, or somebody is still to be told."""
    state = _state(store)
    return bool(state.job) or (state.seen != state.now and not state.now.startswith(NOTHING_DEPLOYED))


def work(store: Store, plan: Plan, bells: Bells, *, seconds: float = WAVE_SECONDS) -> int:
    """Look for changes, or tell of them for about `seconds`; how many customers were told of one."""
    until, told = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        state = _state(store)
        if state.job:
            told += _tell(store, bells, state.job, until)
        elif state.seen == state.now or not _look(store, plan, state):
            break
    return told


def _state(store: Store) -> _State:
    pipe = store.pipeline()
    pipe.hmget(_NEWS, ["seen", "job"])
    pipe.zrange(_CHANGED, -1, -1, withscores=True)
    pipe.get(keys.PLAN)
    (seen, job), last, plan = pipe.execute()
    version = int(last[0][1]) if last else 0
    return _State(seen or b"", b"%s %d" % (plan or b"", version), job or b"")


def _look(store: Store, plan: Plan, state: _State) -> bool:
    """Compare the catalogue with what it was; False when somebody else is doing it, or another plan has come."""
    if state.now.split()[0] != plan.fingerprint.encode():
        return False
    before_plan, _, version = state.seen.partition(b" ")
    since = int(version) if before_plan == plan.fingerprint.encode() and version else None
    now = numbers_of(plan, store.stock.since(since or 0), whole=since is None)
    names = list(now)
    found = store.redis.hmget(_TOLD, names) if names else []
    before = {name: msgpack.decode(each) for name, each in zip(names, found, strict=True) if each is not None}
    differ = [name for name, item in now.items() if (item.numbers if item is not None else None) != before.get(name)]
    some = differ[:MOST]
    changes = list(changes_of(plan, {name: now[name] for name in some}, before))
    at = store.clock()
    rows: list[Any] = []
    for name in some:
        item = now[name]
        rows += [name, pack(item.numbers) if item is not None else b""]
    job = pack(Job(token("news", state.now.decode(), str(at.server)), at.engine, changes)) if changes else b""
    seen = state.now if len(some) == len(differ) else state.seen
    return bool(store.call("stock_news", [_NEWS, _TOLD], state.seen, seen, job, *rows))


def _tell(store: Store, bells: Bells, packed: bytes, until: float) -> int:
    """Wave after wave; how many events were put into inboxes."""
    job = msgpack.decode(packed, type=Job)
    wanted, done = _by_interest(job), 0
    while True:
        found = store.redis.hmget(_how_far(job), list(keys.EVERY_SHARD))
        cursors = {s: at or BEGIN for s, at in zip(keys.EVERY_SHARD, found, strict=True) if at != DONE}
        if not cursors:
            store.call("swap", [_NEWS], "job", packed, "")
            return done
        told = _wave(store, bells, job, wanted, cursors)
        done += max(told, 0)
        if time.monotonic() >= until:
            return done
        if told < 0:
            time.sleep(PAUSE_SECONDS)  # every inbox is full


def _how_far(job: Job) -> str:
    return keys.stock(f"news:{job.id}")


def _wave(store: Store, bells: Bells, job: Job, wanted: Wanted, cursors: dict[int, bytes]) -> int:
    """One wave over some shards with room; how many events went out, -1 when there was no room."""
    pipe = store.pipeline()
    for shard in cursors:
        pipe.xlen(keys.inbox(shard))
    free = [shard for shard, length in zip(cursors, pipe.execute(), strict=True) if length < SHORT][:SHARDS]
    if not free:
        return -1
    pipe = store.pipeline()
    for shard in free:
        after = cursors[shard] if cursors[shard] == BEGIN else b"(" + cursors[shard]
        pipe.zrangebylex(keys.people(shard), after, "+", start=0, num=WAVE)
    people = dict(zip(free, pipe.execute(), strict=True))
    blobs = store.shards.profiles(name.decode() for row in people.values() for name in row)
    appends = [each for blob in blobs.values() for each in _told(job, wanted, read_profile(blob))]
    new = append_home(store, bells, appends)
    _remember(store, job, people)
    return sum(new)


def _remember(store: Store, job: Job, people: Mapping[int, list[bytes]]) -> None:
    """How far the shards are now. Two who do the same wave write the same."""
    pipe = store.pipeline()
    pipe.hset(_how_far(job), mapping={s: row[-1] if len(row) == WAVE else DONE for s, row in people.items()})
    pipe.expire(_how_far(job), KEPT)
    pipe.execute()


def _by_interest(job: Job) -> Wanted:
    found: dict[str, dict[str, dict[str, list[int]]]] = {}
    for number, change in enumerate(job.changes):
        for name in change.interest:
            found.setdefault(name, {}).setdefault(change.names, {}).setdefault(change.key, []).append(number)
    return {name: list(items.items()) for name, items in found.items()}


def _told(job: Job, wanted: Wanted, profile: Profile) -> Iterator[Append]:
    """The events of one customer, each change once."""
    numbers = {
        number
        for name, kinds in wanted.items()
        for past in profile.history.get(name, ())
        if past.at <= job.at
        for names, items in kinds
        for number in items.get(str(past.data.get(names)), ())
    }
    for number in sorted(numbers):
        change = job.changes[number]
        id_ = f"{FROM_CATALOG}{job.id}:{number}:{profile.id}"
        event = Event(id=id_, name=change.event, profile={}, at=job.at, received=job.at, properties=change.properties)
        yield event_append(Arrival(profile.id, "", event), id_)
