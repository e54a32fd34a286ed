"""Reading an `expect:`: phrases whose every word is known."""

from __future__ import annotations

from typing import Any

from engine.decide.stages import WORDS as WITHOUT
from engine.define.doc import Doc, Path, did_you_mean
from engine.journey.best import NOTHING
from engine.journey.steps.send import Sending
from engine.testing.stories.model import (
    EXPECTED,
    OF_ACTIONS,
    OF_JOURNEYS,
    OF_MESSAGES,
    OF_SEGMENTS,
    PHRASED,
    Expect,
    World,
)
from engine.testing.stories.people import ALWAYS, typed
from engine.testing.stories.phrase import RULES, Phrase, parse_phrase
from engine.testing.stories.when import Clock


def read_expects(doc: Doc, path: Path, line: dict[str, Any], world: World, clock: Clock) -> tuple[Expect, ...]:
    """The parts of a line's `expect:`. Problems go to `doc`."""
    at: Path = (*path, "expect")
    written = line["expect"]
    if not isinstance(written, dict) or not written:
        doc.problem(at, "an expectation names what should have happened.", "Write 'expect: {sent: []}'.")
        return ()
    found: list[Expect] = []
    for key, value in written.items():
        here: Path = (*at, key)
        if key not in EXPECTED:
            doc.problem(here, f"nothing can be expected of '{key}'.", did_you_mean(key, EXPECTED), key=True)
        elif key == "customer":
            found.append(Expect(key, here, values=_customer(doc, here, value, world)))
        elif key == "without":
            found.append(Expect(key, here, values=_without(doc, here, value, line, world)))
        elif (many := _list(doc, here, value)) is None:
            continue
        elif key in PHRASED:
            phrases = [_phrase(doc, (*here, i), key, text, world, clock) for i, text in enumerate(many)]
            found.append(Expect(key, here, phrases=tuple(each for each in phrases if each is not None)))
        else:
            if key == "actions" and not line.get("ask"):
                doc.problem(here, "nobody asks on this line.", "Add 'ask: PLACEMENT'.", key=True)
            known = actions(world) if key == "actions" else {each.name for each in world.plan.segments}
            for index, name in enumerate(many):
                _name(doc, (*here, index), "action" if key == "actions" else "segment", name, known)
            found.append(Expect(key, here, names=tuple(many)))
    return tuple(found)


def actions(world: World) -> set[str]:
    """What a placement may be told: declared actions, and messages that journeys suggest."""
    return {*world.plan.actions, *world.messages}


def _without(doc: Doc, path: Path, value: Any, line: dict[str, Any], world: World) -> dict[str, Any]:
    """Actions that are left out, each with the stage or the rule that takes it out."""
    if not line.get("ask"):
        doc.problem(path, "nobody asks on this line.", "Add 'ask: PLACEMENT'.", key=True)
    if not isinstance(value, dict) or not value:
        doc.problem(path, "actions with what leaves them out are wanted.", "Write '{call_back: eligibility}'.")
        return {}
    for name, why in value.items():
        _name(doc, (*path, name), "action", str(name), actions(world))
        if why not in WITHOUT:
            doc.problem((*path, name), f"nothing leaves an action out by '{why}'.", did_you_mean(str(why), WITHOUT))
    return {str(name): str(why) for name, why in value.items()}


def _list(doc: Doc, path: Path, value: Any) -> list[str] | None:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    doc.problem(path, "a list is wanted.", "Write '[basket_reminder by push]', or '[]' for nothing.")
    return None


def _customer(doc: Doc, path: Path, value: Any, world: World) -> dict[str, Any]:
    vocabulary = world.plan.vocabulary
    types = {**ALWAYS, **{name: each.type for name, each in vocabulary.attributes.items()}}
    types |= dict.fromkeys(vocabulary.identifiers, ALWAYS["timezone"])
    if not isinstance(value, dict):
        doc.problem(path, "attributes with their values are wanted.", "Write 'customer: {tier: gold}'.")
        return {}
    found: dict[str, Any] = {}
    for name, wanted in value.items():
        if name not in types:
            hint = did_you_mean(name, types)
            doc.problem((*path, name), f"the customer has no attribute '{name}' in the vocabulary.", hint, key=True)
        else:
            found[name] = None if wanted is None else typed(doc, (*path, name), types[name], wanted)
    return found


def _phrase(doc: Doc, path: Path, key: str, text: str, world: World, clock: Clock) -> Phrase | None:
    """One phrase, its names checked."""
    if path not in doc.values:
        path = path[:-1]
    try:
        phrase = parse_phrase(text, clock.zone)
    except ValueError as fault:
        doc.problem(path, f"{fault}.")
        return None
    before = len(doc.problems)
    if key in OF_JOURNEYS:
        _name(doc, path, "journey under test", phrase.name, world.journeys)
    elif key in OF_SEGMENTS:
        _name(doc, path, "segment", phrase.name, {each.name for each in world.plan.segments})
    elif key in OF_MESSAGES:
        _name(doc, path, "message", phrase.name, world.messages)
    elif key in OF_ACTIONS:
        _name(doc, path, "action", phrase.name, actions(world) | ({NOTHING} if key == "chosen" else set()))
    elif key == "called":
        _name(doc, path, "service", phrase.name, world.plan.policies.calls)
    else:
        _name(doc, path, "rule", phrase.name, RULES)
    if phrase.channel:
        _name(doc, path, "channel that messages leave by", phrase.channel, world.plan.channels)
    if phrase.to:
        specs = [step.spec for journey in world.plan.journeys.values() for step in journey.steps.values()]
        written = {spec.to.text for spec in specs if isinstance(spec, Sending) and spec.to is not None}
        _name(doc, path, "recipient", phrase.to, {*world.plan.policies.recipients, *written})
    if phrase.rule:
        _name(doc, path, "rule", phrase.rule, RULES)
    return phrase if len(doc.problems) == before else None


def _name(doc: Doc, path: Path, what: str, name: str, known: Any) -> None:
    if name not in known:
        hint = did_you_mean(name, known)
        doc.problem(path if path in doc.values else path[:-1], f"there is no {what} '{name}'.", hint, part=name)
