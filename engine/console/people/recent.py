"""What has just happened, to whom: the way into the people's page for whoever has no identifier at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from engine.console.fresh import Fresh
from engine.console.people.signs import SHOWS, sign_of
from engine.console.plain import calm
from engine.model.record import Record, Told
from engine.policy.wallclock import iso
from engine.runtime import keys
from engine.runtime.blob import read_records
from engine.runtime.newest import newest as newest_of
from engine.runtime.store import Store
from engine.runtime.telling import clock, sentence
from engine.runtime.voice import Voice

MOST = 40
WORTH = SHOWS["messages"][1] | {"ended", "shown", "answered"}
_known: Fresh[Store, str, list[Record]] = Fresh(1.5)


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
    """The newest things that happened to anybody, at most MOST; `kind` as SHOWS names them.

    Many who look at once cost one look into the logs.
    """
    kind = kind if kind in SHOWS else "all"
    wanted = WORTH if kind == "all" else SHOWS[kind][1] & WORTH
    found = _known.ask(store, kind, partial(newest, store, wanted))
    return [
        happened(Told.of(each), each.profile, calm(each.label or each.profile, 80), voice, zone, now) for each in found
    ]


def newest(store: Store, wanted: frozenset[str]) -> list[Record]:
    """The MOST newest records of these kinds, the newest first."""

    def read(shard: int, name: str, fields: Mapping[bytes, bytes]) -> tuple[int, list[Record]]:
        records = [each for each in read_records(fields.get(b"r", b"")) if each.kind in wanted]
        return int(fields.get(b"t", 0)), records[::-1]  # of one entry the last one is the newest

    return newest_of(store, keys.log, keys.EVERY_SHARD, MOST, read)


def happened(told: Told, profile: str, label: str, voice: Voice, zone: str, now: int) -> Happened:
    """One line of somebody's story."""
    sign = sign_of(told)
    return Happened(
        profile=profile,
        label=label,
        at=told.at,
        when=clock(told.at, zone, now, voice),
        instant=iso(told.at),
        icon=sign.icon,
        badge=voice.say(sign.badge) if sign.badge else "",
        tone=sign.tone,
        text=calm(sentence(told, zone, voice), 300),
        journey=told.journey,
    )
