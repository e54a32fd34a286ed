"""Some people in a line each: what they got, what was kept from them and why, what happened last and what is next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from engine.console.people.coming import Next, planned
from engine.console.people.recent import WORTH, Happened, happened
from engine.console.plain import calm
from engine.model.errors import ParcoursError
from engine.runtime import keys
from engine.runtime.engine import Engine
from engine.runtime.explain import Story, explain
from engine.runtime.store import Store
from engine.runtime.voice import Voice

# What kept messages back for good, or for a while.
BACK = ("held", "refused", "expired", "cancelled", "withdrawn", "held_out", "unknown")
EACH = 2  # people of each shard who are looked at when too few are known otherwise


@dataclass(frozen=True, slots=True)
class Glance:
    """One person. `sent` counts messages by channel, `kept` what was kept back by (kind of record, reason)."""

    profile: str
    name: str
    label: str
    sent: Counter[str]
    kept: Counter[tuple[str, str]]
    last: Happened | None
    next: Next | None


def glances(engine: Engine, profiles: Iterable[str], voice: Voice) -> list[Glance]:
    """A line for each of `profiles` who is still there, as their own pages tell it."""
    found = []
    for profile in profiles:
        try:
            found.append(_glance(explain(engine, profile), voice))
        except ParcoursError:  # erased, or merged, since somebody named them
            continue
    return found


def some(store: Store, most: int) -> list[str]:
    """The ids of up to `most` people, whoever they are."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.zrange(keys.people(shard), 0, EACH - 1)
    return [each.decode() for ids in pipe.execute() for each in ids][:most]


def _glance(story: Story, voice: Voice) -> Glance:
    told = [line.told for line in story.lines]
    last = next((each for each in reversed(told) if each.kind in WORTH), None)
    name, label = story.profile.attributes.get("first_name"), calm(story.profile.label, 80)
    return Glance(
        profile=story.profile.id,
        name=calm(name, 60) if isinstance(name, str) else "",
        label=label,
        sent=Counter(each.channel for each in told if each.kind == "sent"),
        kept=Counter((each.kind, each.reason.partition(":")[0]) for each in told if each.kind in BACK),
        last=happened(last, story.profile.id, label, voice, story.zone, story.now) if last else None,
        next=next((each for each in planned(story, voice) if each.at is not None), None),
    )
