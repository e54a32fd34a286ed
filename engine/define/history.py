"""Where the history of each event begins: what the author wrote, and what a new plan finds out about itself.

An event that is newly declared, or kept for longer than before, has a past that nobody wrote down. A look-back
that reaches beyond its beginning is false, and so is its opposite, until time has covered the window.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine.model.condition import Condition, timed_in
from engine.model.plan import Plan
from engine.model.problem import Place
from engine.model.vocabulary import Vocabulary

# Published beside the workspace's own files: event -> epoch ms at which its history begins.
HISTORY = "history.json"


def parse_since(text: str) -> int:
    """Epoch ms of a written day (its midnight UTC) or instant. Raises ValueError with a sentence."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise ValueError(f"'{text}' is no day and no instant: write 2026-05-01 or 2026-05-01T10:00:00Z") from None


def recorded(sources: Mapping[str, str]) -> dict[str, int]:
    """What an earlier publication has recorded in `sources`."""
    text = sources.get(HISTORY)
    return {str(name): int(at) for name, at in json.loads(text).items()} if text else {}


def begins(old: Vocabulary, new: Vocabulary, now: int) -> dict[str, int]:
    """Event -> where its history begins (epoch ms), when `new` takes over from `old` at `now`.

    Only events whose history does not cover all of `keep` are named. What the author says (`since:`) stays the
    author's word: it is not repeated here, unless `keep` has grown beyond it.
    """
    found: dict[str, int] = {}
    for name, kind in new.events.items():
        before = old.events.get(name)
        if kind.built_in or (kind.since_written):
            continue
        if before is None:
            at = now
        else:
            at = before.since or 0
            if kind.keep > before.keep:
                at = max(at, now - before.keep)
        if at > now - kind.keep:
            found[name] = at
    return found


def with_history(sources: Mapping[str, str], before: Mapping[str, str] | None, now: int) -> dict[str, str]:
    """`sources` as they are to be published at `now` over the published `before` (None: the first plan)."""
    from engine.define.workspace import vocabulary_of

    found = {name: text for name, text in sources.items() if name != HISTORY}
    if before is not None:
        began = begins(vocabulary_of(before), vocabulary_of(found), now)
        if began:
            found[HISTORY] = json.dumps(began, sort_keys=True)
    return found


@dataclass(frozen=True, slots=True)
class Gap:
    """A look-back that history does not cover: false, like its opposite, until `covered` (epoch ms)."""

    place: Place
    text: str
    event: str
    since: int
    covered: int

    def __str__(self) -> str:
        return (
            f"{self.place}: history of {self.event} begins {_day(self.since)}: '{self.text}' and its opposite are "
            f"false until {_day(self.covered)}."
        )


def gaps(plan: Plan, now: int) -> tuple[Gap, ...]:
    """What a plan asks at `now` that its history cannot answer yet, by place. For those who look at a new plan."""
    found = {
        Gap(line.place, line.text, timed.event, timed.since, timed.since + timed.window)
        for line in _conditions((plan.journeys, plan.segments, plan.policies))
        for timed in timed_in(line.node)
        if timed.since is not None and now - timed.window < timed.since
    }
    return tuple(sorted(found, key=lambda gap: (gap.place.file, gap.place.line, gap.place.column, gap.event)))


def _conditions(thing: Any) -> Iterator[Condition]:
    """Every condition somewhere inside a plan's part."""
    if isinstance(thing, Condition):
        yield thing
    elif isinstance(thing, Mapping):
        for each in thing.values():
            yield from _conditions(each)
    elif isinstance(thing, tuple | list):
        for each in thing:
            yield from _conditions(each)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            yield from _conditions(getattr(thing, field.name))


def _day(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant / 1000, UTC):%Y-%m-%d}"
