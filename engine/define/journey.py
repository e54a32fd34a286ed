"""`journey:` - one journey: what starts it, what ends it, its steps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pydantic import Field

from engine.define.at_step import World
from engine.define.condition import parse_condition, parse_match
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.journey_names import answers, awaited, names, requested, strangers
from engine.define.moment import parse_moment
from engine.define.percent import read_percent
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.span import parse_span
from engine.define.steps import StepReader
from engine.journey.steps import BY_NAME
from engine.model.condition import Condition, Match, timed_in
from engine.model.moment import Moment
from engine.model.plan import Again, Journey, Move, Start, Step
from engine.model.span import Span

WAYS = ("event", "enters", "leaves", "schedule", "request")
_AGAIN = re.compile(r"^after\s+(.+?)(\s+per\s+customer)?$")


class StartShape(Shape):
    """What starts the journey."""

    event: str | None = Field(default=None, description="The event that starts it.")
    enters: str | None = Field(default=None, description="Or: the segment that a customer enters.")
    leaves: str | None = Field(default=None, description="Or: the segment that a customer leaves.")
    schedule: str | None = Field(default=None, description="Or: a recurring moment, such as 'Monday 10:00'.")
    audience: str | list[str] = Field(default_factory=list, description="For a schedule: who; all lines must hold.")
    local: bool = Field(default=False, description="For a schedule: on each customer's own clock.")
    request: bool | dict[str, Any] = Field(
        default=False, description="Or: asked for by name; true, or its properties: {reason: text}."
    )
    key: str | None = Field(default=None, description="Tells several runs of one customer apart: event.basket_id.")
    idle_for: str | None = Field(default=None, description="Start when the event has not come again for this long: 2h.")
    only_if: str | list[str] = Field(default_factory=list, description="Conditions; all of them must hold.")
    again: str | None = Field(default=None, description="never, at once (default), after 7d, after 7d per customer.")
    max_concurrent: int | None = Field(
        default=None, ge=1, description="At most so many runs of one customer at a time."
    )


class JourneyShape(Shape):
    """The whole file."""

    journey: str = Field(description="The journey's name, the same as the file's.")
    about: str = Field(default="", description="What it is for, in a sentence.")
    owner: str = Field(default="", description="Who answers for it.")
    purpose: str = Field(default="marketing", description="What its messages are for; policies declare the purposes.")
    start: StartShape = Field(description="What starts it.")
    goal: str | list[str] = Field(default_factory=list, description="Reaching one of these ends it well.")
    stop_if: str | list[str] = Field(default_factory=list, description="One of these ends it.")
    holdout: str | None = Field(default=None, description="The share that walks silently, to compare with: 10%.")
    steps: list[Any] = Field(description="What happens, step by step.")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="Takes people of older versions along: where they stand -> the step of this version to go on at.",
    )


def compile_journey(doc: Doc, world: World) -> Journey | None:
    """The journey of one document; None when its shape is wrong. All problems go to `doc`."""
    shape = shaped(doc, doc.data, JourneyShape)
    if shape is None:
        # the steps are looked at all the same, so that one run reports everything
        steps = doc.data.get("steps")
        if isinstance(steps, list):
            StepReader(doc, world, names(world, None, ()), "marketing").read(steps)
        return None
    reader = _Reader(doc, world, shape)
    version = _version(doc.data)
    steps = StepReader(doc, world, reader.in_steps, reader.purpose())
    first = steps.read(shape.steps)
    if not shape.steps:
        doc.problem(("steps",), "this journey has no steps.", f"Verbs: {', '.join(BY_NAME)}.")
    for problem in strangers(steps.steps):
        doc.add(problem)
    goal, stop_if = reader.matches("goal", shape.goal), reader.matches("stop_if", shape.stop_if)
    return Journey(
        name=reader.name(),
        version=version,
        purpose=steps.purpose_,
        start=reader.start(),
        steps=steps.steps,
        first=first,
        again=reader.again(),
        goal=goal,
        stop_if=stop_if,
        holdout=reader.holdout(),
        moves=reader.moves(shape.map, steps.steps),
        max_concurrent=shape.start.max_concurrent,
        about=shape.about,
        owner=shape.owner,
        place=doc.place(("journey",), key=True),
        timed=frozenset(
            each
            for match in (*goal, *stop_if)
            if match.condition is not None
            for each in timed_in(match.condition.node)
        ),
    )


def _version(data: dict[str, Any]) -> str:
    """The name of what people walk: a hash of the file without what only describes it or takes others along."""
    walked = {name: value for name, value in data.items() if name not in ("map", "about", "owner")}
    return sha256(json.dumps(walked, sort_keys=True, default=str).encode()).hexdigest()[:12]


class _Reader:
    """Compiles the head of one journey and reports what is wrong with it."""

    def __init__(self, doc: Doc, world: World, shape: JourneyShape) -> None:
        self.doc, self.world, self.shape = doc, world, shape
        event = shape.start.event
        ways = [name for name in WAYS if name in doc.data["start"]]
        if len(ways) != 1:
            found = " and ".join(f"'{name}'" for name in ways) or "nothing"
            hint = "Write one of: event, enters, leaves, schedule, request."
            doc.problem(("start",), f"a journey starts in one way, {found} stands here.", hint, key=True)
        if event is not None and event not in world.vocabulary.events:
            hint = did_you_mean(event, world.vocabulary.events)
            doc.problem(("start", "event"), f"no event '{event}' in the vocabulary.", hint, code="unknown_event")
        for name in ("enters", "leaves"):
            segment = getattr(shape.start, name)
            if segment is not None and segment not in world.segments:
                hint = did_you_mean(segment, world.segments)
                doc.problem(("start", name), f"there is no segment '{segment}'.", hint, code="unknown_segment")
        if shape.start.request is not False:
            event = requested(shape.journey)
        self.at_start = names(world, event, ())
        self.in_steps = names(world, event, sorted(awaited(shape.steps)), answers(doc, shape.steps))

    def name(self) -> str:
        name = self.shape.journey
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            self.doc.problem(("journey",), f"'{name}' is no name.", "Use small letters, digits and _.")
        return name

    def purpose(self) -> str:
        if self.shape.purpose not in self.world.purposes:
            hint = did_you_mean(self.shape.purpose, self.world.purposes)
            self.doc.problem(("purpose",), f"no purpose '{self.shape.purpose}' in the policies.", hint)
            return next(iter(self.world.purposes), "marketing")
        return self.shape.purpose

    def start(self) -> Start:
        shape = self.shape.start
        return Start(
            event=shape.event or (requested(self.shape.journey) if shape.request is not False else ""),
            enters=shape.enters or "",
            leaves=shape.leaves or "",
            schedule=self._schedule(),
            audience=self._lines("audience", shape.audience),
            local=shape.local,
            request=shape.request is not False,
            key=self._key(),
            idle_for=self._span(("start", "idle_for"), shape.idle_for) if shape.idle_for else None,
            only_if=self._lines("only_if", shape.only_if),
            place=self.doc.place(("start", next((name for name in WAYS if getattr(shape, name)), "event"))),
        )

    def _lines(self, field: str, written: str | list[str]) -> tuple[Condition, ...]:
        lines = [written] if isinstance(written, str) else written
        found = [self._condition(("start", field), index, lines, written) for index in range(len(lines))]
        return tuple(condition for condition in found if condition is not None)

    def _schedule(self) -> Moment | None:
        shape = self.shape.start
        if shape.schedule is None:
            return None
        if not shape.audience:
            hint = "Say who, or 'audience: [customer.orders >= 0]' for all."
            self.doc.problem(("start", "schedule"), "a schedule needs an 'audience'.", hint)
        try:
            moment = parse_moment(shape.schedule)
        except ValueError as fault:
            self.doc.problem(("start", "schedule"), str(fault), code="time")
            return None
        if moment.path is not None:
            self.doc.problem(("start", "schedule"), "a schedule cannot depend on a customer.", "Write 'Monday 10:00'.")
            return None
        return moment

    def _key(self) -> str:
        key = self.shape.start.key
        if key is None:
            return ""
        event = self.world.vocabulary.events.get(self.shape.start.event or requested(self.shape.journey))
        root, _, name = key.partition(".")
        if root != "event" or not name:
            self.doc.problem(("start", "key"), f"'{key}' is no key.", "Write a property: event.basket_id.")
        elif event is not None and name not in event.properties:
            hint = did_you_mean(name, event.properties)
            self.doc.problem(("start", "key"), f"'{event.name}' has no property '{name}'.", hint)
        return name

    def _span(self, path: Path, text: str) -> Span:
        try:
            return parse_span(text)
        except ValueError as fault:
            self.doc.problem(path, str(fault), code="time")
            return Span()

    def _condition(self, path: Path, index: int, lines: list[str], written: str | list[str]) -> Condition | None:
        at = path if isinstance(written, str) else (*path, index)
        condition, problems = parse_condition(lines[index], self.doc.place(at), self.at_start)
        for problem in problems:
            self.doc.add(problem)
        return condition

    def again(self) -> Again:
        text = self.shape.start.again
        if text in (None, "at once"):
            return Again()
        if text == "never":
            return Again(None, False, "never")
        found = _AGAIN.match(str(text))
        if found is None:
            hint = "Write never, at once, after 7d, or after 7d per customer."
            self.doc.problem(("start", "again"), f"'{text}' does not say when it may start again.", hint)
            return Again()
        return Again(self._span(("start", "again"), found.group(1)).elapsed, bool(found.group(2)), str(text))

    def matches(self, field: str, written: str | list[str]) -> tuple[Match, ...]:
        lines = [written] if isinstance(written, str) else written
        found: list[Match] = []
        for index, line in enumerate(lines):
            at: Path = (field,) if isinstance(written, str) else (field, index)
            match, problems = parse_match(line, self.doc.place(at), self.in_steps)
            for problem in problems:
                self.doc.add(problem)
            if match is not None:
                found.append(match)
        return tuple(found)

    def moves(self, written: dict[str, str], steps: Mapping[str, Step]) -> dict[str, Move]:
        """Where people of older versions go on."""
        for old, new in written.items():
            if new not in steps:
                hint = did_you_mean(new, steps)
                self.doc.problem(("map", old), f"this journey has no step '{new}'.", hint, code="unknown_step")
        return {old: Move(new, self.doc.place(("map", old), key=True)) for old, new in written.items() if new in steps}

    def holdout(self) -> float:
        text = self.shape.holdout
        share = read_percent(text) if text is not None else 0.0
        if share is None:
            self.doc.problem(("holdout",), f"'{text}' is no share.", "Write a percentage from 0% to 100%: 10%.")
        return share or 0.0
