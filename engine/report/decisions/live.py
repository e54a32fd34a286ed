"""The decisions that an installation still has in its logs, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from engine.model.decision import Decision
from engine.model.event import ACTION_OUTCOME, Event
from engine.model.policy import Measure
from engine.report.decisions.logged import Conversion, Dataset, Outcome, joined
from engine.runtime.decisions import read_decision
from engine.runtime.keys import EVERY_SHARD
from engine.runtime.store import Store

PAGE = 1_000


def told_of(
    decisions: Iterable[Decision], events: Iterable[tuple[str, Event]], measures: tuple[Measure, ...] = ()
) -> Dataset:
    """Decisions with their outcomes, and what is measured of customers. The same event twice counts once."""
    seen: set[str] = set()
    outcomes: list[Outcome] = []
    conversions: list[Conversion] = []
    for profile, event in events:
        if event.id in seen:
            continue
        seen.add(event.id)
        if event.name == ACTION_OUTCOME:
            outcomes.append(_outcome(profile, event))
        conversions += converted(profile, event, measures)
    return Dataset(joined(decisions, outcomes), sorted(conversions, key=lambda each: each.at))


def entries_now(store: Store) -> tuple[list[Decision], list[tuple[str, Event]]]:
    """What the logs still hold: decisions, and events with whose they are."""
    decisions: list[Decision] = []
    events: list[tuple[str, Event]] = []
    for profile, entry in _entries(store):
        if isinstance(entry, Decision):
            decisions.append(entry)
        else:
            events.append((profile, entry))
    return decisions, events


def _entries(store: Store) -> Iterator[tuple[str, Decision | Event]]:
    for shard in EVERY_SHARD:
        after = "-"
        while page := store.shards.read_log(shard, after, PAGE):
            for _, fields in page:
                decision = read_decision(fields)
                if decision is not None:
                    yield decision.profile, decision
                elif fields.get("i"):
                    profile = fields.get("p", b"").decode()
                    yield from ((profile, event) for event in events_in(fields["i"]))
            if len(page) < PAGE:
                break
            after = page[-1][0]


def events_in(inputs: bytes) -> list[Event]:
    """The events among the inputs of a log entry."""
    given: list[Any] = msgspec.msgpack.decode(inputs)
    return [msgspec.convert(each[1], Event) for each in given if each[0] == "event"]


def _outcome(profile: str, event: Event) -> Outcome:
    said = event.properties
    action, outcome, decision = (str(said.get(name) or "") for name in ("action", "outcome", "decision"))
    return Outcome(profile, action, outcome, event.at, decision)


def converted(profile: str, event: Event, measures: tuple[Measure, ...]) -> Iterator[Conversion]:
    """What an event counts for, by what is measured."""
    for each in measures:
        if each.event == event.name:
            value = event.properties.get(each.property) if each.property else 1.0
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield Conversion(each.name, profile, event.at, float(value))
