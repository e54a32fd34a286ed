"""`actions:` - what may be said to a customer who is there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from pydantic import Field

from engine.define.caps import read_cap
from engine.define.condition import Names
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.learning import read_ramp
from engine.define.lines import read_lines
from engine.define.moment import parse_moment
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.span import parse_span
from engine.model.action import Action, Outcome, Propensity, Rest, Weight
from engine.model.condition import Condition
from engine.model.plan import Placement
from engine.model.policy import Cap, Policies, Ramp
from engine.model.span import Span
from engine.policy.moments import this_time

SUGGESTED = "suggested"
_SUGGESTED = re.compile(r"sug+es+te?d?|sugested|suggestion", re.IGNORECASE)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_REST = re.compile(r"^\s*(.+?)\s+after\s+(\w+)\s*$")

Lines = str | list[str]


class PropensityShape(Shape):
    """How likely the action is accepted."""

    learn: bool = Field(default=False, description="Whether it is learned from what customers answer.")
    start: float | None = Field(default=None, gt=0, lt=1, description="Where it begins: 0.05 is one in twenty.")


class WeightShape(Shape):
    """What the moment makes of the action."""

    when: str = Field(description="A condition: context.intent is browse")
    by: float = Field(gt=0, le=1000, description="Its score is multiplied by this.")


class ActionShape(Shape):
    """One action."""

    about: str = Field(default="", description="What it is for, in a sentence.")
    purpose: str = Field(description="Which purpose: marketing, service.")
    message: str | None = Field(default=None, description="Its template in templates/messages/ (default: its name).")
    placements: str | list[str] = Field(
        default_factory=list, description="Where it may be shown: web.home, store.till."
    )
    eligible: Lines = Field(default_factory=list, description="May they have it? Conditions, or: suggested.")
    applicable: Lines = Field(default_factory=list, description="Does it make sense now? Conditions.")
    suitable: Lines = Field(default_factory=list, description="Is it good for them? Conditions.")
    value: float = Field(default=1.0, ge=0, description="What its success is worth.")
    propensity: float | PropensityShape = Field(default_factory=PropensityShape, description="0.1, or {learn: true}.")
    context: list[WeightShape] = Field(default_factory=list, description="What the moment makes of it.")
    rest: Lines = Field(default_factory=list, description="14d after declined.")
    caps: Lines = Field(default_factory=list, description="How often one customer sees it: 1 per 24h.")
    tags: list[str] = Field(default_factory=list, description="Tags that caps may name.")
    mandatory: bool = Field(default=False, description="It goes before all others.")
    from_: str | None = Field(default=None, alias="from", description="The first moment of its life: 2026-03-01.")
    until: str | None = Field(default=None, description="The moment it is over: 2026-04-01.")
    ramp: str | None = Field(default=None, description="How many see it while it is new: 10% over 7d, or none.")


@dataclass(frozen=True, slots=True)
class Around:
    """What is declared around the actions."""

    names: Names
    policies: Policies
    placements: Mapping[str, Placement]
    messages: Collection[str]


def action_names(doc: Doc | None) -> frozenset[str]:
    """The names that a document declares."""
    data = doc.data.get("actions") if doc is not None and isinstance(doc.data, dict) else None
    return frozenset(str(name) for name in data) if isinstance(data, dict) else frozenset()


def compile_actions(doc: Doc | None, around: Around) -> dict[str, Action]:
    """The actions by name; what is wrong goes to `doc`."""
    if doc is None:
        return {}
    data = doc.data.get("actions")
    if not isinstance(data, dict):
        doc.problem(("actions",), "actions have names, one a line.", "Write 'call_back: {purpose: service, ...}'.")
        return {}
    found: dict[str, Action] = {}
    for name, written in data.items():
        path: Path = ("actions", name)
        shape = shaped(doc, written if written is not None else {}, ActionShape, path)
        if shape is not None:
            found[str(name)] = _Reader(doc, path, around).action(str(name), shape)
    return found


def mean_propensities(actions: Iterable[Action]) -> dict[str, float]:
    """Purpose -> the mean of the propensities that are written for its actions."""
    written: dict[str, list[float]] = {}
    for action in actions:
        if action.propensity.start is not None:
            written.setdefault(action.purpose, []).append(action.propensity.start)
    return {purpose: sum(starts) / len(starts) for purpose, starts in written.items()}


class _Reader:
    """Compiles one action and reports what is wrong with it."""

    def __init__(self, doc: Doc, path: Path, around: Around) -> None:
        self.doc, self.path, self.around = doc, path, around

    def action(self, name: str, shape: ActionShape) -> Action:
        eligible = [shape.eligible] if isinstance(shape.eligible, str) else shape.eligible
        return Action(
            name=name,
            purpose=self.purpose(shape.purpose),
            message=self.message(name, shape.message),
            placements=self.placements(shape.placements),
            eligible=self.lines("eligible", shape.eligible),
            applicable=self.lines("applicable", shape.applicable),
            suitable=self.lines("suitable", shape.suitable),
            suggested=any(line.strip() == SUGGESTED for line in eligible),
            value=shape.value,
            propensity=(
                Propensity(shape.propensity.start, shape.propensity.learn)
                if isinstance(shape.propensity, PropensityShape)
                else self.fixed(shape.propensity)
            ),
            weights=tuple(self.weights(shape.context)),
            rests=tuple(self.rests(shape.rest)),
            caps=tuple(self.caps(shape.caps)),
            tags=tuple(shape.tags),
            mandatory=shape.mandatory,
            since=self.instant("from", shape.from_),
            until=self.end(shape),
            ramp=self.ramp(shape),
            about=shape.about,
            place=self.doc.place(self.path, key=True),
        )

    def problem(self, at: Path, text: str, hint: str = "", *, code: str = "action") -> None:
        self.doc.problem((*self.path, *at), text, hint, code=code)

    def purpose(self, name: str) -> str:
        known = self.around.policies.purposes
        if name not in known:
            self.problem(("purpose",), f"no purpose '{name}' in the policies.", did_you_mean(name, known))
        return name if name in known else next(iter(known))

    def message(self, name: str, written: str | None) -> str:
        message = written or name
        if message not in self.around.messages:
            hint = did_you_mean(message, self.around.messages) or f"Write templates/messages/{message}.j2."
            at = ("message",) if written else ()
            self.problem(at, f"there is no template for the message '{message}'.", hint, code="unknown_message")
        return message

    def placements(self, written: str | list[str]) -> frozenset[str]:
        known = self.around.placements
        names = [written] if isinstance(written, str) else written
        for index, name in enumerate(names):
            if name not in known:
                at = ("placements",) if isinstance(written, str) else ("placements", index)
                hint = did_you_mean(name, known) if known else "Declare it: placements: {web.home: {show: 1}}."
                self.problem(at, f"no placement '{name}'.", hint, code="unknown_placement")
        return frozenset(name for name in names if name in known)

    def lines(self, field: str, lines: Lines) -> tuple[Condition, ...]:
        """The conditions of a list, in which the word 'suggested' may stand."""
        found: list[Condition] = []
        for index, line in enumerate([lines] if isinstance(lines, str) else lines):
            at = (field,) if isinstance(lines, str) else (field, index)
            if line.strip() == SUGGESTED:
                if field != "eligible":
                    self.problem(at, "'suggested' says who may have it.", "Move it to 'eligible:'.")
                continue
            if _SUGGESTED.fullmatch(line.strip()) and line.strip() not in self.around.names.events:
                self.problem(at, f"'{line.strip()}' is no condition.", f"Did you mean '{SUGGESTED}'?")
                continue
            found += read_lines(self.doc, (*self.path, *at), line, self.around.names)
        return tuple(found)

    def fixed(self, value: float) -> Propensity:
        if not 0 < value < 1:
            hint = "Write a number between 0 and 1: 0.05 is one in twenty."
            self.problem(("propensity",), f"{value:g} is no likelihood.", hint)
            return Propensity()
        return Propensity(value)

    def ramp(self, shape: ActionShape) -> Ramp | None:
        """Its own, else that of all actions that learn."""
        if shape.ramp is not None:
            return read_ramp(self.doc, (*self.path, "ramp"), shape.ramp, "action")
        learns = isinstance(shape.propensity, PropensityShape) and shape.propensity.learn
        return self.around.policies.learning.ramp if learns else None

    def weights(self, shapes: list[WeightShape]) -> Iterator[Weight]:
        for index, each in enumerate(shapes):
            for line in read_lines(self.doc, (*self.path, "context", index, "when"), each.when, self.around.names):
                yield Weight(line, each.by)

    def rests(self, lines: Lines) -> Iterator[Rest]:
        for at, text in self._each("rest", lines):
            found = _REST.match(text)
            if found is None:
                self.problem(at, f"'{text}' is no rest.", "Write '14d after declined'.")
                continue
            after = next((outcome for outcome in OUTCOMES if outcome == found[2]), None)
            if after is None:
                self.problem(at, f"'{found[2]}' is no outcome.", did_you_mean(found[2], OUTCOMES))
                continue
            span = self._span(at, found[1])
            if span is not None:
                yield Rest(span, after, " ".join(text.split()), self.doc.place((*self.path, *at)))

    def caps(self, lines: Lines) -> Iterator[Cap]:
        for at, text in self._each("caps", lines):
            try:
                limit, window, calendar = read_cap(text)
            except ValueError as fault:
                self.problem(at, *fault.args)
                continue
            said, place = " ".join(text.split()), self.doc.place((*self.path, *at))
            yield Cap(limit, window, calendar, frozenset(), frozenset(), text=said, place=place)

    def instant(self, field: str, text: str | None) -> int | None:
        """A date of the workspace's zone as epoch ms."""
        if text is None:
            return None
        try:
            moment = parse_moment(text)
        except ValueError as fault:
            self.problem((field,), str(fault), code="time")
            return None
        if not moment.date:
            self.problem((field,), f"'{text}' is no date.", "Write 2026-03-01, or 2026-03-01 09:00.", code="time")
            return None
        return this_time(moment, 0, self.around.policies.timezone)

    def end(self, shape: ActionShape) -> int | None:
        """The moment it is over; one that is not after its beginning is a slip."""
        since = self.instant("from", shape.from_) if shape.from_ and shape.until else None
        until = self.instant("until", shape.until)
        if since is not None and until is not None and until <= since:
            text = f"it is over {shape.until} and begins {shape.from_}: it is never shown."
            self.problem(("until",), text, "Change one of the two.", code="time")
        return until

    def _each(self, field: str, lines: Lines) -> Iterator[tuple[Path, str]]:
        if isinstance(lines, str):
            yield (field,), lines
        else:
            for index, line in enumerate(lines):
                yield (field, index), line

    def _span(self, at: Path, text: str) -> Span | None:
        try:
            return parse_span(text)
        except ValueError as fault:
            self.problem(at, str(fault), code="time")
            return None
