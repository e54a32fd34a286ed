"""Two courses of events side by side: what both have in one row, what only one has on its side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.console.people.signs import sign_of
from engine.console.plain import calm
from engine.model.record import Told
from engine.policy.wallclock import iso, to_local
from engine.runtime.telling import sentence
from engine.runtime.voice import Voice

MOST = 400  # rows


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens on one side, in the words of a story."""

    icon: str
    badge: str
    tone: str
    text: str
    journey: str
    place: str


@dataclass(frozen=True, slots=True)
class Row:
    """An instant. `same`: both sides say the same; else one of them is None. `day` is a heading before it, or ''."""

    time: str
    instant: str
    day: str
    before: Happening | None
    after: Happening | None
    ahead: bool

    @property
    def same(self) -> bool:
        return self.before is not None and self.after is not None


@dataclass(frozen=True, slots=True)
class Beside:
    """The rows (the first MOST of `count`), and the messages: how many left before and after, which only there."""

    rows: tuple[Row, ...]
    count: int
    sent: tuple[int, int]
    gone: int
    new: int
    differing: int


def beside(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], zone: str, now: int, voice: Voice
) -> Beside:
    """The two sides of engine.console.machine. What lies after `now` is `ahead`."""
    left, right = ([_told(each) for each in side] for side in (before, after))
    both = Counter(map(_key, left)) & Counter(map(_key, right))
    rows: list[tuple[int, int, Told | None, Told | None]] = []
    rest = Counter(both)
    for number, record in enumerate(left):
        shared = rest[_key(record)] > 0
        rest[_key(record)] -= shared
        rows.append((record.at, number, record, record if shared else None))
    rest = Counter(both)
    for number, record in enumerate(right):
        if rest[_key(record)] > 0:
            rest[_key(record)] -= 1
        else:
            rows.append((record.at, number, None, record))
    rows.sort(key=lambda row: row[:2])
    only = [
        [each.kind for _, _, *pair in rows for each in (pair[side],) if each and not pair[1 - side]] for side in (0, 1)
    ]
    return Beside(
        rows=tuple(_shown(rows[:MOST], zone, now, voice)),
        count=len(rows),
        sent=(sum(each.kind == "sent" for each in left), sum(each.kind == "sent" for each in right)),
        gone=only[0].count("sent"),
        new=only[1].count("sent"),
        differing=len(only[0]) + len(only[1]),
    )


def _told(line: Mapping[str, Any]) -> Told:
    return Told(**{name: line[name] for name in Told.__struct_fields__ if name in line})


def _key(record: Told) -> tuple[Any, ...]:
    """What makes two things the same: not where it is written, nor in which version."""
    what = (record.at, record.kind, record.journey, record.key, record.message, record.channel)
    return (*what, record.reason, record.until, str(record.extra))


def _shown(rows: Sequence[tuple[int, int, Told | None, Told | None]], zone: str, now: int, voice: Voice) -> list[Row]:
    made, last = [], ""
    for at, _, before, after in rows:
        local = to_local(at, zone)
        day = voice.day(local)
        made.append(
            Row(
                time=f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}",
                instant=iso(at),
                day=day if day != last else "",
                before=_happening(before, zone, voice),
                after=_happening(after, zone, voice),
                ahead=at > now,
            )
        )
        last = day
    return made


def _happening(record: Told | None, zone: str, voice: Voice) -> Happening | None:
    if record is None:
        return None
    sign = sign_of(record)
    text = calm(sentence(record, zone, voice), 300)
    return Happening(
        sign.icon, voice.say(sign.badge) if sign.badge else "", sign.tone, text, record.journey, record.place
    )
