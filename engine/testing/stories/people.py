"""Customers of a story: read from YAML, and seated in the simulator as if they had long been known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.events import typed_value
from engine.define.identifiers import spelled, wrong
from engine.journey.apply import set_attribute
from engine.model.errors import BadEvent
from engine.model.ids import profile_id
from engine.model.plan import Plan
from engine.model.profile import Consent, Profile, Stamp
from engine.model.vocabulary import Type
from engine.testing.stories.model import Person

# What decides on the customer's zone and language, declared or not.
ALWAYS = {name: Type("text") for name in ("timezone", "country", "locale")}


def read_person(doc: Doc, path: Path, plan: Plan, name: str, written: Mapping[str, Any]) -> Person:
    """One customer; what is wrong becomes problems of `doc`. `id` is the strongest identifier's value."""
    vocabulary = plan.vocabulary
    types = {**ALWAYS, **{key: each.type for key, each in vocabulary.attributes.items()}}
    types |= dict.fromkeys(vocabulary.identifiers, Type("text"))
    strongest = next(iter(vocabulary.identifiers))
    values: dict[str, Any] = {}
    consent: dict[str, str] = {}
    for key, value in written.items():
        at = (*path, key)
        if key == "consent":
            consent = _consent(doc, at, plan, value)
            continue
        known = strongest if key == "id" and key not in types else key
        if known not in types:
            hint = did_you_mean(key, {*types, "id", "consent"})
            doc.problem(at, f"the customer has no attribute '{key}' in the vocabulary.", hint, key=True)
        elif value is not None:
            values[known] = typed(doc, at, types[known], value)
            if known in vocabulary.identifiers and isinstance(values[known], str):
                one = spelled(vocabulary, known, values[known])
                if one is None:
                    doc.problem(at, f"'{values[known]}' {wrong(vocabulary, known)}.")
                values[known] = one
    identifiers = {key: str(values[key]) for key in vocabulary.identifiers if values.get(key) is not None}
    if not identifiers:  # who is known by a cookie alone may turn out to be somebody else
        identifiers[strongest] = values[strongest] = name
    return Person(name, identifiers, {key: value for key, value in values.items() if value is not None}, consent)


def typed(doc: Doc, path: Path, kind: Type, value: Any) -> Any:
    """`value` as `kind`; a number may stand for text. None, with a problem, when it is something else."""
    if kind.name == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    try:
        return typed_value(str(path[-1]), kind, value)
    except BadEvent as fault:
        doc.problem(path, f"{fault.reason}.")
        return None


def _consent(doc: Doc, path: Path, plan: Plan, written: Any) -> dict[str, str]:
    """`{marketing: [push, email]}` or `{marketing: {push: granted, email: denied}}`."""
    found: dict[str, str] = {}
    if not isinstance(written, dict):
        doc.problem(path, "consent is given by purpose.", "Write 'consent: {marketing: [push, email]}'.")
        return found
    for purpose, channels in written.items():
        at = (*path, purpose)
        if purpose not in plan.policies.purposes:
            hint = did_you_mean(purpose, plan.policies.purposes)
            doc.problem(at, f"no purpose '{purpose}' in the policies.", hint, key=True)
            continue
        many = [channels] if isinstance(channels, str) else channels
        states = {str(each): "granted" for each in many} if isinstance(many, list) else many
        if not isinstance(states, dict):
            doc.problem(at, "a list of channels is wanted.", "Write 'marketing: [push, email]'.")
            continue
        for channel, state in states.items():
            here = (*at, list(states).index(channel)) if isinstance(channels, list) else (*at, channel)
            known = plan.vocabulary.events["consent_changed"].properties["channel"].one_of
            if channel not in known:
                nor = ", and no placement stands there" if channel in plan.vocabulary.channels else ""
                doc.problem(here, f"no message leaves by '{channel}'{nor}.", did_you_mean(channel, known))
            elif state not in ("granted", "denied"):
                doc.problem(here, f"'{state}' is no consent.", "Write 'granted' or 'denied'.")
            else:
                found[f"{channel}/{purpose}"] = state
    return found


def seated(plan: Plan, person: Person, arms: Mapping[str, Any], now: int) -> Profile:
    """The profile of a customer who has been known since just before `now` (epoch ms).

    Its segments are those it is in by now: entering them is not part of the story.
    """
    first = next(iter(person.identifiers.items()))
    profile = Profile(id=profile_id(*first), label=":".join(first), arms=dict(arms))
    since = now - 1
    for name, value in {**person.identifiers, **person.attributes}.items():
        set_attribute(profile, name, value, since, "story")
        attribute = plan.vocabulary.attributes.get(name)
        if attribute is not None and attribute.opens:
            profile.open[name] = [f"before {number}" for number in range(1, int(value) + 1)]
    for key, state in person.consent.items():
        profile.consent[key] = Consent(state, since, "story")
        profile.stamps[f"consent:{key}"] = Stamp(0, since, "story")
    return profile
