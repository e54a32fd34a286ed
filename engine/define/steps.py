"""Compiling steps: exactly one verb each, nested blocks, identities that survive a change of order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.define.condition import Names, parse_condition, parse_where
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.shape import shaped
from engine.define.span import parse_span
from engine.journey.steps import BY_NAME, VERBS
from engine.journey.steps.step import StepShape, Verb
from engine.model.condition import Condition
from engine.model.plan import ChannelFacts, Step
from engine.model.policy import Purpose
from engine.model.span import Span
from engine.model.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class World:
    """What is declared around a journey."""

    vocabulary: Vocabulary
    purposes: Mapping[str, Purpose]
    channels: Mapping[str, ChannelFacts]
    messages: frozenset[str]


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
                if step.get(name) is not None:
                    self._identify(step[name], (*at, name))

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
