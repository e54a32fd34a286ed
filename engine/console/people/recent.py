"""What has just happened, to whom: the way into the people's page for whoever has no identifier at hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.console.people.signs import SHOWS, sign_of
from engine.console.plain import calm
from engine.model.record import Record, Told
from engine.policy.wallclock import iso
from engine.runtime import keys
from engine.runtime.blob import read_records
from engine.runtime.store import Store
from engine.runtime.telling import clock, sentence
from engine.runtime.voice import Voice

MOST = 40
EACH = 12  # entries of each shard's log that are looked through
WORTH = SHOWS["messages"][1] | {"ended", "shown", "answered"}


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to one person, in the words of their story."""

    profile: str
    label: str
    at: int
    when: str
    instant: str
    icon: str
    badge: str
    tone: str
    text: str
    journey: str


def recent(store: Store, voice: Voice, zone: str, now: int, kind: str = "all") -> list[Happened]:
    """The newest things that happened to anybody, at most MOST; `kind` as SHOWS names them."""
    wanted = SHOWS[kind][1] & WORTH if kind in SHOWS and kind != "all" else WORTH
    found = [record for record in _last(store) if record.kind in wanted]
    found.sort(key=lambda record: -record.at)
    return [_happened(record, voice, zone, now) for record in found[:MOST]]


def _last(store: Store) -> Iterable[Record]:
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.xrevrange(keys.log(shard), count=EACH)
    for rows in pipe.execute():
        for _, fields in rows:
            yield from read_records(fields.get(b"r", b""))


def _happened(record: Record, voice: Voice, zone: str, now: int) -> Happened:
    told = Told.of(record)
    sign = sign_of(told)
    return Happened(
        profile=record.profile,
        label=calm(record.label or record.profile, 80),
        at=record.at,
        when=clock(record.at, zone, now, voice),
        instant=iso(record.at),
        icon=sign.icon,
        badge=voice.say(sign.badge) if sign.badge else "",
        tone=sign.tone,
        text=calm(sentence(told, zone, voice), 300),
        journey=record.journey,
    )
