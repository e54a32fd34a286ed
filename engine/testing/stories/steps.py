"""Reading one line of a case: its instant, its event, what it asks and what it expects."""

from __future__ import annotations

from typing import Any

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.events import read_event
from engine.define.journey_names import requested
from engine.model.action import Asked
from engine.model.errors import BadEvent
from engine.model.event import RECEIPTS, Event
from engine.policy.wallclock import iso
from engine.testing.stories.expect import read_expects
from engine.testing.stories.model import MAIN, Case, Step, World
from engine.testing.stories.outcomes import read_outcomes
from engine.testing.stories.shape import STEP, SettingShape
from engine.testing.stories.when import Clock, parse_at


def read_step(doc: Doc, path: Path, line: dict[str, Any], world: World, case: Case) -> Step | None:
    """One line of `case`; None when it cannot be placed in time. Problems go to `doc`."""
    at = _instant(doc, path, line, "at", case.clock)
    received = _instant(doc, path, line, "received", case.clock)
    if at is None:
        return None
    who = str(line.get("customer", MAIN))
    if who not in case.people:
        known = set(case.people) - {MAIN}
        doc.problem((*path, "customer"), f"no customer '{who}' in 'customers:'.", did_you_mean(who, known))
        return None
    outcomes = line.get("outcomes", {})
    if not isinstance(outcomes, dict):
        doc.problem((*path, "outcomes"), "outcomes are given by channel.", "Write 'outcomes: {email: refused}'.")
        outcomes = {}
    before = len(doc.problems)
    event = _event(doc, path, line, world, case, (at, received, who))
    step = Step(
        path=path,
        at=at if received is None else received,
        customer=who,
        event=event,
        about=str((event.properties if event else {}).get("message", "")) if line.get("event") in RECEIPTS else "",
        ask=_ask(doc, path, line, world),
        outcomes=read_outcomes(doc, world.plan, (*path, "outcomes"), outcomes, case.clock),
        expects=read_expects(doc, path, line, world, case.clock) if "expect" in line else (),
    )
    if step.about and step.about not in world.messages:
        at_message = (*path, "message") if "message" in line else (*path, "properties", "message")
        doc.problem(at_message, f"there is no message '{step.about}'.", did_you_mean(step.about, world.messages))
    does = event is not None or step.ask or step.outcomes or step.expects
    if not does and len(doc.problems) == before:
        doc.problem(path, "nothing happens on this line.", "Give it 'event:', 'ask:', 'outcomes:' or 'expect:'.")
    return step


def _instant(doc: Doc, path: Path, line: dict[str, Any], key: str, clock: Clock) -> int | None:
    if line.get(key) is None:
        if key in line:
            doc.problem((*path, key), "nothing stands here.", f"Write '{key}: 0m'.", key=True)
        return None
    try:
        return parse_at(str(line[key]), clock)
    except ValueError as fault:
        doc.problem((*path, key), str(fault), code="time")
        return None


def _ask(doc: Doc, path: Path, line: dict[str, Any], world: World) -> Asked | None:
    placement, context = str(line.get("ask") or ""), line.get("context") or {}
    if "context" in line and (not isinstance(context, dict) or not placement):
        what = "is told in names and values" if placement else "is what somebody says who asks"
        doc.problem((*path, "context"), f"a context {what}.", "Write 'ask: web.home, context: {intent: browse}'.")
        return None
    if placement and placement not in world.plan.placements:
        hint = did_you_mean(placement, world.plan.placements)
        doc.problem((*path, "ask"), f"no placement '{placement}'.", hint)
        return None
    return Asked(placement, context) if placement else None


def _event(
    doc: Doc, path: Path, line: dict[str, Any], world: World, case: Case, when: tuple[int, int | None, str]
) -> Event | None:
    """The event of a line (`start: JOURNEY` is one too), as the vocabulary allows it."""
    at, received, who = when
    beside = {key: value for key, value in line.items() if key not in STEP}
    name = line.get("event")
    if "start" in line:
        journey = str(line["start"])
        if journey not in world.journeys:
            hint = did_you_mean(journey, world.journeys)
            doc.problem((*path, "start"), f"the journey '{journey}' is not tested here.", hint)
            return None
        name = requested(journey)
        if name not in world.plan.vocabulary.events:
            hint = "Write 'start: {request: true}' in the journey."
            doc.problem((*path, "start"), f"the journey '{journey}' cannot be started by request.", hint)
            return None
    if name is None:
        for key in beside:
            hint = did_you_mean(key, {*STEP, *SettingShape.model_fields})
            doc.problem((*path, key), f"'{key}' is not known here.", hint, key=True)
        return None
    known = world.plan.vocabulary.events.get(str(name))
    if known is None:
        hint = did_you_mean(str(name), [each for each in world.plan.vocabulary.events if ":" not in each])
        doc.problem((*path, "event"), f"no event '{name}' in the vocabulary.", hint, code="unknown_event")
        return None
    own = line.get("properties") or {}
    properties = {**beside, **own} if isinstance(own, dict) else own
    if isinstance(properties, dict):
        properties = {key: _written(value, known.properties.get(key), case.clock) for key, value in properties.items()}
    raw = {
        "id": str(line.get("id") or f"{name} at line {doc.mark(path).line}, {path[-1]}"),
        "event": name,
        "profile": line.get("profile") or dict([next(iter(case.people[who].identifiers.items()))]),
        "at": iso(at),
        "channel": line.get("channel", ""),
        "properties": properties,
    }
    try:
        return read_event(world.plan.vocabulary, raw, at if received is None else received)
    except BadEvent as fault:
        _complain(doc, path, line, fault, set(known.properties))
        return None


def _written(value: Any, kind: Any, clock: Clock) -> Any:
    """A number where text is wanted; a moment in the words of the story where an instant is."""
    if kind is not None and kind.name == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if kind is not None and kind.name == "instant" and isinstance(value, str):
        try:
            return iso(parse_at(value, clock))
        except ValueError:
            return value
    return value


def _complain(doc: Doc, path: Path, line: dict[str, Any], fault: BadEvent, properties: set[str]) -> None:
    """The vocabulary's word at the place of the property."""
    group, _, rest = fault.field.partition(".")
    name = rest.partition(".")[0].partition("[")[0]
    if group != "properties" or not name:
        doc.problem((*path, group), _ended(fault.reason))
        return
    at = (*path, name) if name in line else (*path, "properties", name)
    if name not in properties:
        hint = did_you_mean(name, {*properties, *STEP})
        doc.problem(at, f"'{name}' is no property of '{line.get('event')}' and no word of a story.", hint, key=True)
    else:
        doc.problem(at, _ended(fault.reason))


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."
