"""The compiler as a verb sees it, standing at one step: every call reports what is wrong by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field

from engine.define.condition import ENVELOPE, parse_where
from engine.define.doc import Path, did_you_mean
from engine.define.events import typed_value
from engine.define.lines import read_lines
from engine.define.moment import parse_moment
from engine.define.percent import read_percent
from engine.define.recipients import read_to
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.span import parse_span
from engine.journey.steps.split import Arm
from engine.journey.whom import Whom
from engine.model.action import Action
from engine.model.condition import Condition
from engine.model.condition import Path as ConditionPath
from engine.model.errors import BadEvent
from engine.model.event import ABOUT_CONSENT
from engine.model.moment import Moment
from engine.model.plan import ChannelFacts, Placement
from engine.model.policy import Purpose, Recipient
from engine.model.span import Span
from engine.model.vocabulary import Type, Vocabulary

if TYPE_CHECKING:
    from engine.define.steps import StepReader


@dataclass(frozen=True, slots=True)
class World:
    """What is declared around a journey. `made` are those of `actions` that could be read."""

    vocabulary: Vocabulary
    purposes: Mapping[str, Purpose]
    channels: Mapping[str, ChannelFacts]
    messages: frozenset[str]
    placements: Mapping[str, Placement] = field(default_factory=dict)
    segments: frozenset[str] = frozenset()
    calls: Mapping[str, str] = field(default_factory=dict)
    actions: frozenset[str] = frozenset()
    made: Mapping[str, Action] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    catalog: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)


class ArmShape(Shape):
    """One arm of a split."""

    share: str = Field(description="Its share of the customers: 50%.")
    then: list[Any] = Field(default_factory=list, description="Its steps.")


class At:
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
            self.path_to((*self.path, field), str(moment.path), ("instant", "date"))
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
            found.append(Arm(name, share or 0.0, self.reader.block(shape.then, (*path, "then"), after)))
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
        needed = ("channel", "state") if event == "consent_changed" else ("channel",) if event in ABOUT_CONSENT else ()
        for name in needed:
            if name not in values:
                hint = f"Write it: {field}: {{{name}: ...}}."
                self.doc.problem(self.path, f"'{event}' says nothing without a {name}.", hint, code="step", key=True)
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
                read = self.path_to(at, value, (types[name].name,))
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

    def path_to(self, at: Path, text: str, wanted: tuple[str, ...]) -> ConditionPath | None:
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
                read = self.path_to(at, value, ())
                if read is not None:
                    found[name] = read
            elif isinstance(value, str | int | float | bool):
                found[name] = value
            else:
                self.doc.problem(at, "a plain value or a property is wanted.", "For example start.basket_id.")
        return found

    def placements(self, field: str, names: str | list[str], home: str | None = None) -> tuple[str, ...]:
        known = self.world.placements
        many = [names] if isinstance(names, str) else names
        for index, name in enumerate(many):
            if name not in known:
                at = (*self.path, field) if isinstance(names, str) else (*self.path, field, index)
                hint = did_you_mean(name, known) if known else "Declare it: placements: {web.home: {show: 1}}."
                self.doc.problem(at, f"no placement '{name}'.", hint, code="unknown_placement")
        of_its_own = self.world.made.get(home or "")
        if home is not None and not many and (of_its_own is None or not of_its_own.placements):
            self.problem(field, f"'{home}' has no placements of its own.", "Write where: 'placements: [web.home]'.")
        return tuple(many)

    def shown_at(self, placement: str) -> tuple[Action, ...]:
        made = sorted(self.world.made.values(), key=lambda each: each.name)
        return tuple(each for each in made if placement in each.placements)

    def declared(self, action: str) -> bool:
        return action in self.world.actions

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
        return read_lines(self.doc, (*self.path, field), lines, self.reader.names)

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

    def action(self, field: str, name: str) -> str:
        if name not in self.world.messages and name not in self.world.actions:
            hint = did_you_mean(name, self.world.actions | self.world.messages)
            hint = hint or f"Declare it in 'actions:', or write templates/messages/{name}.j2."
            self.doc.problem((*self.path, field), f"no action or message '{name}'.", hint, code="unknown_action")
        return name

    def channels(self, field: str, names: str | list[str]) -> tuple[str, ...]:
        many = [names] if isinstance(names, str) else names
        known = self.world.channels
        for index, name in enumerate(many):
            at = (*self.path, field) if isinstance(names, str) else (*self.path, field, index)
            if name not in known:
                hint = f"Write a list: [{name}]." if "," in name else did_you_mean(name, known)
                self.doc.problem(at, f"no message leaves by '{name}'.", hint, code="unknown_channel")
            elif name in many[:index]:
                self.doc.problem(at, f"'{name}' stands twice in this list.", "Keep the first.")
        if not many:
            self.doc.problem((*self.path, field), "a message needs a channel.", f"Choose of: {', '.join(known)}.")
        return tuple(dict.fromkeys(name for name in many if name in known))

    def recipient(self, field: str, text: str, via: tuple[str, ...], shape: Any) -> Whom:
        return read_to(self, field, text, via, shape)

    def purpose(self, field: str, name: str | None) -> str:
        if name is not None and name not in self.world.purposes:
            hint = did_you_mean(name, self.world.purposes)
            self.doc.problem((*self.path, field), f"no purpose '{name}' in the policies.", hint)
        return name if name in self.world.purposes and name is not None else self.reader.purpose_

    def block(self, field: str, steps: list[Any] | None, after: str) -> str:
        return self.reader.block(steps, (*self.path, field), after)
