"""What the conditions of a journey may speak of: its start, what it waits for, what it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.define.at_step import World
from engine.define.condition import ENVELOPE, Names
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.vocabulary import TypeReader
from engine.journey.receipts import ANY
from engine.journey.steps.send import sends
from engine.journey.steps.wait_for import Awaited
from engine.model.plan import Step
from engine.model.problem import Problem
from engine.model.vocabulary import EventType, Type, Vocabulary


def requested(journey: str) -> str:
    """The event that asks for a journey by name."""
    return f"start:{journey}"


def request_events(docs: Iterable[Doc]) -> dict[str, EventType]:
    """The events by which journeys are asked for, with the properties they declare; problems go to the docs."""
    found: dict[str, EventType] = {}
    for doc in docs:
        start = doc.data.get("start")
        asked = start.get("request") if isinstance(start, dict) else None
        name = requested(str(doc.data.get("journey")))
        if asked is True or isinstance(asked, dict):
            reader = TypeReader(doc)
            properties = {
                str(prop): reader.type(("start", "request", prop), written)
                for prop, written in (asked.items() if isinstance(asked, dict) else ())
            }
            found[name] = EventType(name, properties, about="A channel app asks for this journey.", built_in=True)
    return found


def of_customer(
    vocabulary: Vocabulary, purposes: Iterable[str], channels: Iterable[str]
) -> dict[str, Mapping[str, Type] | None]:
    """What is known of a customer whatever happens: attributes, and by which channels a purpose reaches them."""
    return {
        "customer": {name: each.type for name, each in vocabulary.attributes.items()},
        "reach": dict.fromkeys(purposes, Type("list", of=Type("text", one_of=tuple(channels)))),
    }


def decision_names(
    vocabulary: Vocabulary,
    purposes: Iterable[str],
    channels: Iterable[str],
    segments: frozenset[str] | None,
    marks: frozenset[str],
    context: Mapping[str, Type] | None = None,
) -> Names:
    """What the conditions of actions and rules see: the customer, the objects that the context names, the context."""
    return Names(
        roots={
            **{name: kind.fields for name, kind in vocabulary.objects.items()},
            "context": context,
            **of_customer(vocabulary, purposes, channels),
        },
        events=vocabulary.events,
        segments=segments,
        marks=marks,
    )


def names(world: World, start: str | None, events: Iterable[str], answers: Mapping[str, Type] | None = None) -> Names:
    """What conditions in a journey started by `start` see; `events` are those its steps wait for, `answers` what
    the services that it calls say. After an event that nobody declared, `event` may have anything."""
    events = tuple(events)
    started = world.vocabulary.events.get(start) if start else None
    envelope = {**ENVELOPE, "channel": Type("text", one_of=world.vocabulary.channels)}
    at_start: Mapping[str, Type] | None = {**envelope, **started.properties} if started is not None else None
    seen: dict[str, Type] | None = dict(at_start) if at_start is not None else None
    for name in events:
        event = world.vocabulary.events.get(name)
        if event is not None and seen is not None:
            seen = {**event.properties, **seen}
    if seen is not None and answers:
        seen = {**answers, **seen}
    if any(name not in world.vocabulary.events for name in events):
        seen = None
    return Names(
        roots={
            **{name: kind.fields for name, kind in world.vocabulary.objects.items()},
            "event": seen,
            "start": at_start,
            "context": None,
            **of_customer(world.vocabulary, world.purposes, world.channels),
        },
        events=world.vocabulary.events,
        segments=world.segments,
        marks=frozenset(),
    )


def answers(doc: Doc, steps: Any, path: Path = ("steps",)) -> dict[str, Type]:
    """What any step of the raw list that calls a service says it answers; problems go to `doc`."""
    found: dict[str, Type] = {}
    if isinstance(steps, dict):
        answer = steps.get("answer") if "call" in steps else None
        if isinstance(answer, dict):
            reader = TypeReader(doc)
            found |= {str(name): reader.type((*path, "answer", name), written) for name, written in answer.items()}
        for key, value in steps.items():
            found |= answers(doc, value, (*path, key))
    elif isinstance(steps, list):
        for index, step in enumerate(steps):
            found |= answers(doc, step, (*path, index))
    return found


def awaited(steps: Any) -> set[str]:
    """The events that any step of the raw list waits for."""
    found: set[str] = set()
    if isinstance(steps, dict):
        if isinstance(steps.get("wait_for"), str):
            found.add(steps["wait_for"])
        steps = list(steps.values())
    if isinstance(steps, list):
        for step in steps:
            found |= awaited(step)
    return found


def strangers(steps: Mapping[str, Step]) -> Iterator[Problem]:
    """Waits for the receipt of a message that the journey never sends."""
    known = {each.message for step in steps.values() for each in sends(step.spec)}
    for step in steps.values():
        if isinstance(step.spec, Awaited) and step.spec.message not in (*known, "", ANY):
            hint = did_you_mean(step.spec.message, known) or "Name a message of a 'send' here, or any."
            yield Problem(step.place, f"this journey never sends '{step.spec.message}'.", "step", hint)
