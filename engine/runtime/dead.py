"""Dead letters: what the engine could not deal with, to be listed, looked into and taken up again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import msgspec

from engine.model.errors import SetupError
from engine.model.event import Event
from engine.model.ids import shard_of
from engine.model.words import Words
from engine.policy.wallclock import iso
from engine.runtime import keys
from engine.runtime.audit import note
from engine.runtime.blob import read_arrival
from engine.runtime.commit import Claim
from engine.runtime.newest import newest as newest_of
from engine.runtime.store import Store

PAGE = 500
REFUSED = "refused-"  # how the ids of what sources have sent begin
_ID = re.compile(r"(\d{1,3})-(\d+-\d+)")


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter.

    id      '<shard>-<entry>', as commands take it
    at      engine time, epoch ms, at which it was set aside
    what    'order_placed o1', 'a timer', or 'message <id> by <channel>'
    reason  one line; trace  where the engine failed, '' when it did not raise
    event   the event, when it is one and can be read
    claim   the message, when it is one; to  'out' or 'sending': where it goes when it is taken up again
    source  the source that sent it, when it was no event of ours; sent  what it was
    """

    id: str
    shard: int
    entry: str
    at: int
    profile: str
    what: str
    reason: str
    trace: str
    event: Event | None = None
    claim: Claim | None = None
    to: str = ""
    source: str = ""
    sent: dict[str, Any] | None = None


def letters(store: Store, *, reason: str = "", shards: Iterable[int] = keys.EVERY_SHARD) -> list[Letter]:
    """All dead letters whose reason contains `reason` (in any case), the oldest first."""
    sent = refused(store) if shards is keys.EVERY_SHARD else ()  # it belongs to no shard, and to no customer
    everything = chain(sent, *(_of(store, shard) for shard in _filled(store, shards)))
    found = [each for each in everything if reason.lower() in each.reason.lower()]
    return sorted(found, key=lambda each: (each.at, each.id))


def newest(store: Store, most: int) -> tuple[list[Letter], int]:
    """The `most` newest dead letters, the newest first, and how many there are; however many that is."""

    def read(shard: int, entry: str, fields: Mapping[bytes, bytes]) -> tuple[int, list[Letter]]:
        found = _read(shard, entry, {name.decode(): value for name, value in fields.items()})
        return found.at, [found]

    filled = _filled(store)
    found = newest_of(store, keys.dead, list(filled), most, read, each=max(2, most // max(1, len(filled))))
    found += (_sent(*row) for row in store.redis.xrevrange(keys.REFUSED, count=most))
    found.sort(key=lambda each: (each.at, each.id), reverse=True)
    return found[:most], sum(filled.values()) + store.redis.xlen(keys.REFUSED)


def letter(store: Store, letter_id: str) -> Letter:
    """One of them. Raises SetupError when there is none of this id."""
    if letter_id.startswith(REFUSED):
        found_refused = next((each for each in refused(store) if each.id == letter_id), None)
        if found_refused is not None:
            return found_refused
    found = _ID.fullmatch(letter_id.strip())
    shard = int(found.group(1)) if found else -1
    if found is not None and shard in keys.EVERY_SHARD:
        for entry, fields in store.shards.read_dead(shard, 1, after=found.group(2), inclusive=True):
            if entry == found.group(2):
                return _read(shard, entry, fields)
    raise SetupError(
        Words("There is no dead letter '{letter_id}': `parcours dead list` shows their ids.", letter_id=letter_id)
    )


def replay(store: Store, wanted: Iterable[Letter], by: str = "") -> int:
    """Take letters up again, each once whoever else does the same; how many this call has taken up.

    An event or a timer goes to the end of its customer's inbox; a message is asked about again, where its customer
    lives now. The ticker rings for them. What a source has sent is read anew, as the plan says now; what is refused
    still stays. `by` is who asked for it, for the audit.
    """
    from engine.runtime.refused import again  # it compiles the plan, which listing does without

    now, many = store.clock().engine, list(wanted)
    taken = again(store, [each for each in many if each.source]) + sum(
        _revive(store, each, now) for each in many if not each.source
    )
    if many:  # else nothing was done, and there is nothing to tell
        note(store, now, "replay", by, letters=len(many), taken_up=taken)
    return taken


def _revive(store: Store, letter: Letter, now: int) -> bool:
    row, place, score = "", keys.sending(letter.shard), 1  # there: its lease is over
    home = store.shards.home(letter.claim.profile) if letter.claim is not None else ""
    if letter.claim is not None and home != letter.claim.profile:
        # no function spans two shards: should we die in between, the letter is taken up again, for nothing
        claim, shard = replace(letter.claim, profile=home), shard_of(home)
        if letter.to == "sending":
            store.redis.zadd(keys.sending(shard), {str(claim): 1})
        else:
            store.redis.zadd(keys.out(shard, claim.channel, claim.klass), {f"{home}|{claim.message}": now})
        return bool(store.redis.xdel(keys.dead(letter.shard), letter.entry))
    if letter.claim is not None:
        row = str(letter.claim)
        if letter.to != "sending":
            place, score = keys.out(letter.shard, letter.claim.channel, letter.claim.klass), now
            row = f"{letter.claim.profile}|{letter.claim.message}"
    names = [keys.dead(letter.shard), keys.inbox(letter.shard), place]
    return bool(store.call("revive", names, letter.entry, row, score))


def as_data(letter: Letter) -> dict[str, Any]:
    """A letter as plain data, for people's and programs' eyes; instants in ISO 8601."""
    return {
        "id": letter.id,
        "at": iso(letter.at),
        "profile": letter.profile,
        "what": letter.what,
        "reason": letter.reason,
        "event": msgspec.to_builtins(letter.event) if letter.event is not None else letter.sent,
        "trace": letter.trace,
    }


def refused(store: Store) -> Iterator[Letter]:
    """What sources have sent that was no event of ours, the oldest first."""
    after = "-"
    while page := store.redis.xrange(keys.REFUSED, after, "+", count=PAGE):
        yield from (_sent(*row) for row in page)
        if len(page) < PAGE:
            return
        after = f"({page[-1][0].decode()}"


def _sent(name: bytes, fields: dict[bytes, bytes]) -> Letter:
    entry, said = name.decode(), {key.decode(): value for key, value in fields.items()}
    source, kept = said["source"].decode(), msgspec.msgpack.decode(said["sent"])
    return Letter(
        id=f"{REFUSED}{entry}",
        shard=-1,
        entry=entry,
        at=int(said["at"]),
        profile="",
        what=f"sent by {source}",
        reason=said["reason"].decode("utf-8", "replace"),
        trace="",
        source=source,
        sent=kept,
    )


def _filled(store: Store, shards: Iterable[int] = keys.EVERY_SHARD) -> dict[int, int]:
    """How much was set aside in those of `shards` where anything was: most hold nothing, and are not asked again."""
    pipe, wanted = store.pipeline(), list(shards)
    for shard in wanted:
        pipe.xlen(keys.dead(shard))
    return {shard: count for shard, count in zip(wanted, pipe.execute() if wanted else [], strict=True) if count}


def _of(store: Store, shard: int) -> Iterator[Letter]:
    after = "-"
    while page := store.shards.read_dead(shard, PAGE, after=after):
        for entry, fields in page:
            yield _read(shard, entry, fields)
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _read(shard: int, entry: str, fields: dict[str, bytes]) -> Letter:
    said = {name: value.decode("utf-8", "replace") for name, value in fields.items() if name not in "eo"}
    event, claim, what = None, None, "a timer"
    if "e" in fields:
        what = "bytes that are no event"
        with suppress(msgspec.DecodeError):
            event = read_arrival(fields["e"]).event
            what = f"{event.name} {event.id}"
    elif "o" in fields:
        what = "a merge or an erasure"
    elif "m" in said:
        claim = Claim.parse(said["m"])
        what = f"message {claim.message} by {claim.channel}"
    return Letter(
        id=f"{shard}-{entry}",
        shard=shard,
        entry=entry,
        at=int(said.get("at") or entry.partition("-")[0]),
        profile=said.get("profile", ""),
        what=what,
        reason=said.get("reason", ""),
        trace=said.get("trace", ""),
        event=event,
        claim=claim,
        to=said.get("to", ""),
    )
