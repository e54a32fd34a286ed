"""The overview: what came in, what was said, what was held back and why, and where to look next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine.console.figures import counted, sum_of
from engine.console.fresh import Fresh
from engine.console.looking import may_see_people, voice
from engine.console.page import Ask, Page, Shown
from engine.console.pages.journeys import rows
from engine.console.people.glance import BACK, Glance, glances, some
from engine.console.people.recent import recent
from engine.console.rules import CHANNELS, KINDS, RULES, STANDINGS
from engine.console.stages import Stages, stages
from engine.runtime import keys
from engine.runtime.store import Store

MOST_JOURNEYS, MOST_WHY, MOST_PEOPLE = 6, 6, 6
_latest: Fresh[Store, str, list[Glance]] = Fresh(10.0)


@dataclass(frozen=True)
class Kept:
    """Why messages did not leave, or not at once: a kind of record, its reason, how often."""

    kind: str
    rule: str
    count: int


def start(ask: Ask) -> Shown:
    """The page."""
    figures = counted(ask.store)
    listed = rows(ask)
    everything = sum_of(row.figures for row in listed)
    kept = [Kept(kind, rule, count) for (kind, rule), count in everything.other.most_common() if kind in BACK]
    busiest = sorted(listed, key=lambda row: (-row.figures.all_started, row.name))
    return ask.shown(
        "start.html",
        people=people(ask.store),
        everything=everything,
        kept=kept[:MOST_WHY],
        all_kept=sum(each.count for each in kept),
        stages=(stood := stages(ask.store)),
        well=_well(stood),
        busiest=[row for row in busiest if row.figures.all_started][:MOST_JOURNEYS],
        journeys=len(listed),
        stopped=[row for row in listed if row.standing in ("paused", "killed")],
        worth=_worth(ask) if may_see_people(ask) else [],
        channels=CHANNELS,
        kinds=KINDS,
        rules=RULES,
        standings=STANDINGS,
        first=not figures.flows,
    )


def people(store: Store) -> int:
    """How many customers there are."""
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.zcard(keys.people(shard))
    return sum(pipe.execute())


def _well(stood: Stages) -> bool:
    """Whether nobody has to look after the engine now."""
    return bool(stood.alive) and not stood.dead and not any(each.open for each in stood.breakers.values())


def _worth(ask: Ask) -> list[Glance]:
    """People to whom different things happened lately; at most ten seconds old."""
    return _latest.ask(ask.store, ask.locale, lambda: _chosen(ask))


def _chosen(ask: Ask) -> list[Glance]:
    found = recent(ask.store, voice(ask), ask.plan.policies.timezone, ask.now)
    seen: Counter[str] = Counter()
    chosen: dict[str, int] = {}
    for most in (1, MOST_PEOPLE):  # first one of each sort
        for each in found:
            if each.profile not in chosen and seen[each.badge] < most and len(chosen) < MOST_PEOPLE:
                seen[each.badge] += 1
                chosen[each.profile] = each.at
    if len(chosen) < MOST_PEOPLE:
        for profile in some(ask.store, MOST_PEOPLE):
            if len(chosen) < MOST_PEOPLE:
                chosen.setdefault(profile, 0)
    made = glances(ask.engine, chosen, voice(ask))
    return sorted(made, key=lambda each: -(each.last.at if each.last else 0))


START = (Page("/", start, shared="all"),)
