"""Compiling steps: exactly one verb each, nested blocks, identities that survive a change of order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from engine.define.condition import ENVELOPE, Names, parse_condition, parse_where
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.events import typed_value
from engine.define.moment import parse_moment
from engine.define.percent import read_percent
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.span import parse_span
from engine.journey.steps import BY_NAME, VERBS
from engine.journey.steps.split import Arm
from engine.journey.steps.step import StepShape, Verb
from engine.model.condition import Condition
from engine.model.condition import Path as ConditionPath
from engine.model.errors import BadEvent
from engine.model.moment import Moment
from engine.model.plan import ChannelFacts, Step
from engine.model.policy import Purpose
from engine.model.span import Span
from engine.model.vocabulary import Type, Vocabulary


@dataclass(frozen=True, slots=True)
class World:
    """What is declared around a journey."""

    vocabulary: Vocabulary
    purposes: Mapping[str, Purpose]
    channels: Mapping[str, ChannelFacts]
    messages: frozenset[str]
    placements: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    calls: Mapping[str, str] = field(default_factory=dict)


class ArmShape(Shape):
    """One arm of a split."""

    share: str = Field(description="Its share of the customers: 50%.")
    then: list[Any] = Field(default_factory=list, description="Its steps.")


class StepReader:
    """Compiles the steps of one journey. `steps` holds the result by id."""

    def __init__(self, doc: Doc, world: World, names: Names, purpose: str) -> None:
        self.doc, self.world, self.names, self.purpose_ = doc, world, names, purpose
        self.steps: dict[str, Step] = {}
        self.shapes: dict[Path, tuple[Verb, Any, str]] = {}
        self.used: Counter[str] = Counter()

    def read(self, steps: list[Any], path: Path = ("steps",)) -> str:
        """Compile a top-level list of steps; the id of the first ('' when there is none)."""
        self._identify(steps, path)
        return self._block(steps, path, "")

    def _identify(self, steps: Any, path: Path) -> None:
        """First pass: the verb, shape and id of every step, in the order they are written."""
        if not isinstance(steps, list):
            self.doc.problem(path, "a list of steps is wanted here.", "Begin each step with '- '.")
            return
        for index, step in enumerate(steps):
            at = (*path, index)
            verb = self._verb(step, at)
            if verb is None:
                continue
            shape = shaped(self.doc, step, verb.Shape, at)
            if shape is not None:
                self.shapes[at] = (verb, shape, self._id(verb, shape, at))
            for name in verb.blocks:
                block = step.get(name)
                if isinstance(block, dict):
                    for arm, body in block.items():
                        if isinstance(body, dict) and body.get("then") is not None:
                            self._identify(body["then"], (*at, name, arm, "then"))
                elif block is not None:
                    self._identify(block, (*at, name))

    def _verb(self, step: Any, at: Path) -> Verb | None:
        if not isinstance(step, dict):
            self.doc.problem(at, "a step begins with a verb.", f"Write one of: {', '.join(BY_NAME)}.", code="step")
            return None
        found = [name for name in step if name in BY_NAME]
        if len(found) == 1:
            return BY_NAME[found[0]]
        if found:
            verbs = " and ".join(f"'{name}'" for name in found)
            self.doc.problem((*at, found[1]), f"one step has {verbs}.", "Give each a step of its own.", key=True)
            return None
        fields = {f.alias or name for verb in VERBS for name, f in verb.Shape.model_fields.items()}
        stranger = next((name for name in step if name not in fields), next(iter(step), ""))
        hint = did_you_mean(stranger, BY_NAME) or f"Write one of: {', '.join(BY_NAME)}."
        self.doc.problem((*at, stranger), f"'{stranger}' is not a step.", hint, key=True, code="step")
        return None

    def _id(self, verb: Verb, shape: StepShape, at: Path) -> str:
        """The step's own `id`, else verb + name + occurrence: never its position."""
        if shape.id:
            if self.used[shape.id]:
                self.doc.problem((*at, "id"), f"the id '{shape.id}' is used twice in this journey.", "Choose another.")
            self.used[shape.id] += 1
            return shape.id
        label = verb.label(shape)
        name = f"{verb.name}:{label}" if label else verb.name
        self.used[name] += 1
        return name if self.used[name] == 1 else f"{name}:{self.used[name]}"

    def _block(self, steps: Any, path: Path, after: str) -> str:
        """Second pass over one list: compile each step; the id of the first, `after` when there is none."""
        if not isinstance(steps, list):
            return after
        known = [(*path, index) for index in range(len(steps)) if (*path, index) in self.shapes]
        for number, at in enumerate(known):
            verb, shape, identity = self.shapes[at]
            following = self.shapes[known[number + 1]][2] if number + 1 < len(known) else after
            spec = verb.compile(shape, _At(self, at), following)
            self.steps[identity] = Step(identity, verb, spec, following, self.doc.place((*at, verb.name), key=True))
        return self.shapes[known[0]][2] if known else after


class _At:
    """The compiler as a verb sees it, standing at one step."""

    def __init__(self, reader: StepReader, path: Path) -> None:
        self.reader, self.path, self.doc, self.world = reader, path, reader.doc, reader.world

    @property
    def here(self) -> str:
        return self.reader.shapes[self.path][2]

    def moment(self, field: str, text: str) -> Moment:
        try:
            moment = parse_moment(text)
        except ValueError as fault:
            self.doc.problem((*self.path, field), str(fault), code="time")
            return Moment(text)
        if moment.path is not None:
            self._path((*self.path, field), str(moment.path), ("instant", "date"))
        return moment

    def arms(self, field: str, arms: dict[str, Any], after: str) -> tuple[Arm, ...]:
        found: list[Arm] = []
        for name, body in arms.items():
            path: Path = (*self.path, field, name)
            shape = shaped(self.doc, body, ArmShape, path)
            if shape is None:
                continue
            share = read_percent(shape.share)
            if share is None:
                self.doc.problem((*path, "share"), f"'{shape.share}' is no share.", "Write a percentage: 50%.")
            found.append(Arm(name, share or 0.0, self.reader._block(shape.then, (*path, "then"), after)))
        total = sum(arm.share for arm in found)
        if total > 1.000001:
            self.problem(field, f"the shares add up to {total:.0%}.", "They may reach 100 % together.")
        if len(arms) < 2:
            self.problem(field, "a split needs two arms or more.", "An arm with an empty 'then: []' does nothing.")
        return tuple(found)

    def attributes(self, field: str, values: dict[str, Any]) -> dict[str, Any]:
        types = {name: each.type for name, each in self.world.vocabulary.attributes.items()}
        return self._values((*self.path, field), values, types, "the customer has no attribute")

    def properties(self, field: str, event: str, values: dict[str, Any]) -> dict[str, Any]:
        known = self.world.vocabulary.events.get(event)
        if known is None:
            return {}
        return self._values((*self.path, field), values, known.properties, f"'{event}' has no property")

    def _values(self, path: Path, values: dict[str, Any], types: Mapping[str, Type], missing: str) -> dict[str, Any]:
        """Values of declared names: plain ones of the right type, or properties of a root."""
        found: dict[str, Any] = {}
        for name, value in values.items():
            at = (*path, name)
            if name not in types:
                self.doc.problem(at, f"{missing} '{name}'.", did_you_mean(name, types), key=True)
                continue
            if isinstance(value, str) and value.partition(".")[0] in self.reader.names.roots and "." in value:
                read = self._path(at, value, (types[name].name,))
                if read is not None:
                    found[name] = read
                continue
            if types[name].name == "text" and isinstance(value, int | float) and not isinstance(value, bool):
                value = str(value)
            try:
                found[name] = typed_value(name, types[name], value)
            except BadEvent as fault:
                self.doc.problem(at, f"{fault.reason}.")
        return found

    def _path(self, at: Path, text: str, wanted: tuple[str, ...]) -> ConditionPath | None:
        """`start.basket_id` as a path, checked against what is declared."""
        root, *names = text.split(".")
        fields = self.reader.names.roots.get(root, {})
        if root not in self.reader.names.roots:
            self.doc.problem(at, f"'{root}' cannot be read here.", did_you_mean(root, self.reader.names.roots))
            return None
        if fields is not None and names[0] not in {**ENVELOPE, **fields}:
            self.doc.problem(at, f"{root} has no property '{names[0]}'.", did_you_mean(names[0], fields))
            return None
        kind = {**ENVELOPE, **fields}[names[0]] if fields is not None else None
        same = {"number": ("number", "integer"), "text": ("text", "date")}
        allowed = {each for name in wanted for each in same.get(name, (name,))}
        if wanted and kind is not None and len(names) == 1 and kind.name not in allowed:
            self.doc.problem(at, f"{text} is {kind}, but {' or '.join(wanted)} is wanted.")
            return None
        return ConditionPath(root, tuple(names))

    def service(self, field: str, name: str) -> str:
        if name not in self.world.calls:
            hint = did_you_mean(name, self.world.calls) or "Declare it in the policies: calls: {stock: https://...}."
            self.doc.problem((*self.path, field), f"no service '{name}' in the policies.", hint, code="unknown_service")
        return self.world.calls.get(name, "")

    def anything(self, field: str, values: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in values.items():
            at = (*self.path, field, name)
            if isinstance(value, str) and "." in value and value.partition(".")[0] in self.reader.names.roots:
                read = self._path(at, value, ())
                if read is not None:
                    found[name] = read
            elif isinstance(value, str | int | float | bool):
                found[name] = value
            else:
                self.doc.problem(at, "a plain value or a property is wanted.", "For example start.basket_id.")
        return found

    def placements(self, field: str, names: list[str]) -> tuple[str, ...]:
        known = self.world.placements
        for index, name in enumerate(names):
            if name not in known:
                hint = did_you_mean(name, known) if known else "Declare it: placements: {web.home: {show: 1}}."
                self.doc.problem((*self.path, field, index), f"no placement '{name}'.", hint, code="unknown_placement")
        return tuple(names)

    def problem(self, field: str, text: str, hint: str = "") -> None:
        self.doc.problem((*self.path, field), text, hint, code="step")

    def span(self, field: str, text: str) -> Span:
        try:
            span = parse_span(text)
        except ValueError as fault:
            self.doc.problem((*self.path, field), str(fault), code="time")
            return Span(text=text)
        return span

    def conditions(self, field: str, lines: str | list[str]) -> tuple[Condition, ...]:
        many = [lines] if isinstance(lines, str) else lines
        found: list[Condition] = []
        for index, line in enumerate(many):
            at = (*self.path, field) if isinstance(lines, str) else (*self.path, field, index)
            condition, problems = parse_condition(line, self.doc.place(at), self.reader.names)
            for problem in problems:
                self.doc.add(problem)
            if condition is not None:
                found.append(condition)
        return tuple(found)

    def where(self, field: str, text: str, event: str) -> Condition | None:
        if event not in self.world.vocabulary.events:
            return None
        condition, problems = parse_where(text, self.doc.place((*self.path, field)), self.reader.names, event)
        for problem in problems:
            self.doc.add(problem)
        return condition

    def event(self, field: str, name: str) -> str:
        if name not in self.world.vocabulary.events:
            hint = did_you_mean(name, self.world.vocabulary.events)
            message = f"no event '{name}' in the vocabulary."
            self.doc.problem((*self.path, field), message, hint, code="unknown_event")
        return name

    def message(self, field: str, name: str, channels: tuple[str, ...]) -> str:
        if name not in self.world.messages:
            hint = did_you_mean(name, self.world.messages) or f"Write templates/messages/{name}.j2."
            text = f"there is no template for the message '{name}'."
            self.doc.problem((*self.path, field), text, hint, code="unknown_message")
        return name

    def channels(self, field: str, names: str | list[str]) -> tuple[str, ...]:
        many = [names] if isinstance(names, str) else names
        known = self.world.channels
        for index, name in enumerate(many):
            at = (*self.path, field) if isinstance(names, str) else (*self.path, field, index)
            if name not in known:
                hint = did_you_mean(name, known)
                self.doc.problem(at, f"no message leaves by '{name}'.", hint, code="unknown_channel")
            elif name in many[:index]:
                self.doc.problem(at, f"'{name}' stands twice in this list.", "Keep the first.")
        if not many:
            self.doc.problem((*self.path, field), "a message needs a channel.", f"Choose of: {', '.join(known)}.")
        return tuple(dict.fromkeys(name for name in many if name in known))

    def purpose(self, field: str, name: str | None) -> str:
        if name is not None and name not in self.world.purposes:
            hint = did_you_mean(name, self.world.purposes)
            self.doc.problem((*self.path, field), f"no purpose '{name}' in the policies.", hint)
        return name if name in self.world.purposes and name is not None else self.reader.purpose_

    def block(self, field: str, steps: list[Any] | None, after: str) -> str:
        return self.reader._block(steps, (*self.path, field), after)
