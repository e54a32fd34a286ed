"""The story of one customer: what happened and why, what is planned, and what could still stop it."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from engine.journey.outlook import Planned, outlook
from engine.journey.why_not import Answer, why_not
from engine.model.errors import SetupError
from engine.model.profile import Profile
from engine.model.record import Told
from engine.model.words import Words
from engine.policy.wallclock import customer_zone
from engine.runtime.blob import read_profile
from engine.runtime.engine import Engine
from engine.runtime.find import find
from engine.runtime.quotes import Quotes

MOST_QUIET = 100  # events that led to nothing, the newest, beside all that led to something


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened; `quote` is the line of the file at `told.place`, as it was then.

    `properties` are those of an event; `quiet` marks an event that led to nothing.
    """

    told: Told
    quote: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """All that `explain` says. `known` are identifiers and addresses; `full`: the timeline has no more room, so
    that older lines are gone."""

    profile: Profile
    now: int
    zone: str
    lines: list[Line]
    planned: list[Planned]
    quotes: Quotes
    plan: str
    full: bool
    known: dict[str, str]
    why_not: list[Answer] | None = None


def explain(engine: Engine, who: str, *, since: int | None = None, journey: str = "", ask: str = "") -> Story:
    """The story of `who` (see `find`), from `since` (epoch ms) on, and only of `journey` when one is given.

    With `ask`, also why that journey has not started. Raises UnknownProfile, and SetupError when no plan was
    published or it has no such journey.
    """
    pulse = engine.store.pulse()
    running = engine.plans.at(pulse.plan)
    plan = running.plan
    for name in (journey, ask):
        if name and name not in plan.journeys:
            close = get_close_matches(name, plan.journeys, 1)
            hint = (
                Words("Did you mean '{near}'?", near=close[0])
                if close
                else Words("There are: {what}.", what=", ".join(sorted(plan.journeys)))
            )
            raise SetupError(Words("There is no journey '{name}'. {hint}", name=name, hint=hint))
    profile_id = find(engine.store, plan, who)
    blob = engine.store.shards.profiles([profile_id]).get(profile_id)
    profile = read_profile(blob) if blob is not None else Profile(id=profile_id, label=who)
    engine.plans.provide(running, profile)
    timelines = [engine.store.shards.timeline(each) for each in (*profile.absorbed, profile_id)]
    told = sorted((line for timeline in timelines for line in timeline), key=lambda line: line.at)
    quotes = Quotes(engine.store)
    full = max(map(len, timelines)) >= engine.store.timeline > 0
    lines = _lines(profile, told, quotes, full)
    if since is not None:
        lines = [line for line in lines if line.told.at >= since]
    if journey:
        lines = _of_journey(lines, journey)
    answers = why_not(plan, profile, plan.journeys[ask], pulse.time.engine, pulse.flags) if ask else None
    planned = [each for each in outlook(plan, profile, pulse.time.engine, pulse.flags) if journey in ("", each.journey)]
    zone = customer_zone(profile, plan.policies)
    names = dict.fromkeys([*plan.vocabulary.identifiers, *(each.address for each in plan.channels.values())])
    known = {name: str(profile.attributes[name]) for name in names if profile.attributes.get(name)}
    return Story(profile, pulse.time.engine, zone, lines, planned, quotes, plan.fingerprint, full, known, answers)


def _lines(profile: Profile, told: list[Told], quotes: Quotes, full: bool) -> list[Line]:
    past = {one.id: (name, one) for name, all_ in profile.history.items() for one in all_}
    lines = []
    for each in told:
        known = past.pop(each.id, None) if each.kind == "event" else None
        quote = quotes.line(each.place, each.plan, each.journey, each.version)
        lines.append(Line(each, quote, known[1].data if known is not None else {}))
    floor = told[0].at if told and full else None
    quiet = sorted(
        ((one.at, name, one) for name, one in past.values() if floor is None or one.at >= floor),
        key=lambda each: each[:2],
    )
    for at, name, one in quiet[-MOST_QUIET:]:
        event = Told(at=at, kind="event", message=name, id=one.id, channel=str(one.data.get("channel") or ""), until=at)
        lines.append(Line(event, "", one.data, quiet=True))
    # an event comes before what it brought about; the rest keeps the order in which it was decided
    return sorted(lines, key=lambda line: (line.told.at, not line.quiet))


def _of_journey(lines: list[Line], journey: str) -> list[Line]:
    """The lines of one journey, each with the event that led to it."""
    kept: list[Line] = []
    event: Line | None = None
    for line in lines:
        if line.told.kind == "event":
            event = line
        elif line.told.journey == journey:
            if event is not None and event.told.at == line.told.at:
                kept.append(event)
            event = None
            kept.append(line)
    return kept
