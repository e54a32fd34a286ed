"""How an event changes what is known of a customer: traits, cases, objects, consent, history.

An older event never moves state backwards: a value is set only by a higher stamp.
"""

from __future__ import annotations

from bisect import insort
from typing import Any

from engine.journey.less import take_out, without
from engine.model.address import DEAD, Said
from engine.model.event import Event
from engine.model.profile import Consent, Past, Profile, Stamp, Thing
from engine.model.vocabulary import Attribute, ObjectType, Vocabulary

# What is over is forgotten first once a customer has this many objects of one kind.
MOST_OBJECTS = 200


def apply_event(profile: Profile, vocabulary: Vocabulary, event: Event, *, late: bool = False) -> list[Said]:
    """Change `profile` by `event`: everything except what journeys do with it. `late`: too late for them.

    Returns what the event says about an address; its `address` is '' where it means the customer's own.
    """
    view = event.view()
    profile.seen = max(profile.seen, event.received)
    for name, value in event.profile.items():
        known_by = profile.identifiers.setdefault(name, [])
        if value not in known_by:
            known_by.append(value)
        _set(profile, name, value, Stamp(0, event.at, event.id))
    for attribute, prop, version in vocabulary.setters.get(event.name, ()):
        if view.get(prop) is not None:
            _set(profile, attribute.name, view[prop], Stamp(_number(view.get(version)), event.at, event.id))
    for attribute in vocabulary.counters.get(event.name, ()):
        profile.attributes[attribute.name] = int(profile.attributes.get(attribute.name, 0)) + 1
    for attribute in vocabulary.cases.get(event.name, ()):
        _case(profile, attribute, event, view)
    for kind in vocabulary.carriers.get(event.name, ()):
        _thing(profile, kind, event, view)
    if isinstance(view.get("timezone"), str):
        _set(profile, "last_timezone", view["timezone"], Stamp(0, event.at, event.id))
    built_in = _BUILT_IN.get(event.name)
    said = built_in(profile, event, view) if built_in is not None and view.get("channel") else None
    _remember(profile, vocabulary, event, view, late)
    return [said] if said is not None else []


def merged_past(ours: list[Past], theirs: list[Past], keep: int) -> list[Past]:
    """Two histories of one event as one, in order, without repeats and what is older than `keep` ms."""
    both = {past.id: past for past in (*ours, *theirs)}
    found = sorted(both.values(), key=lambda past: (past.at, past.id))
    return [past for past in found if past.at > found[-1].at - keep]


def set_attribute(profile: Profile, name: str, value: Any, at: int, source: str) -> None:
    """Set an attribute at `at` (epoch ms) by a step: it knew what was there, so its word is the newest."""
    old = profile.stamps.get(name)
    profile.stamps[name] = Stamp(old.version, max(at, old.at), source) if old is not None else Stamp(0, at, source)
    profile.attributes[name] = value


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def newer(new: Stamp, old: Stamp | None) -> bool:
    """Whether a value with the stamp `new` may be written over one with `old`."""
    return old is None or (new.version, new.at, new.event) >= (old.version, old.at, old.event)


def _set(profile: Profile, name: str, value: Any, stamp: Stamp) -> None:
    if newer(stamp, profile.stamps.get(name)):
        profile.stamps[name] = stamp
        profile.attributes[name] = value


def _case(profile: Profile, attribute: Attribute, event: Event, view: dict[str, Any]) -> None:
    """Count what is open. A close that arrives before its open keeps the case closed."""
    case = str(view.get(attribute.by, ""))
    key = f"{attribute.name}/{case}"
    stamp = Stamp(0, event.at, event.id)
    if not newer(stamp, profile.stamps.get(key)):
        return
    profile.stamps[key] = stamp
    cases = profile.open.setdefault(attribute.name, [])
    if event.name == attribute.opens and case not in cases:
        cases.append(case)
    elif event.name == attribute.closes and case in cases:
        cases.remove(case)
    profile.attributes[attribute.name] = len(cases)


def _thing(profile: Profile, kind: ObjectType, event: Event, view: dict[str, Any]) -> None:
    identity = view.get(kind.id)
    if identity is None:
        return
    held = profile.objects.setdefault(kind.name, {})
    stamp = Stamp(_number(view.get(kind.version)) if kind.version else 0.0, event.at, event.id)
    old = held.get(str(identity))
    if event.name in kind.less:
        held[str(identity)] = take_out(kind, old, event)
    elif old is not None and not newer(stamp, old.stamp):
        return
    else:
        less = old.less if old is not None else {}
        data = {**(old.data if old is not None else {}), **event.properties}
        held[str(identity)] = Thing(without(kind, data, less), stamp, event.name in kind.ends, less)
    if len(held) > MOST_OBJECTS:
        oldest = min(held, key=lambda name: (not held[name].ended, held[name].stamp.at, name))
        del held[oldest]


def _remember(profile: Profile, vocabulary: Vocabulary, event: Event, view: dict[str, Any], late: bool) -> None:
    past = profile.history.setdefault(event.name, [])
    entry = Past(event.id, event.at, view, late)
    if past and past[-1].at > event.at:
        insort(past, entry, key=lambda each: each.at)
    else:
        past.append(entry)
    floor = past[-1].at - vocabulary.events[event.name].keep
    if past[0].at <= floor:
        profile.history[event.name] = [each for each in past if each.at > floor]


def _consent_changed(profile: Profile, event: Event, view: dict[str, Any]) -> Said | None:
    state = view.get("state")
    if state not in ("granted", "denied"):
        return None
    return _consent(profile, event, str(view.get("channel")), str(view.get("purpose", "marketing")), state, view)


def _unsubscribed(profile: Profile, event: Event, view: dict[str, Any]) -> Said | None:
    return _consent(profile, event, str(view.get("channel")), str(view.get("purpose", "marketing")), "denied", view)


def _bounced(profile: Profile, event: Event, view: dict[str, Any]) -> Said | None:
    address, channel = view.get("address"), view.get("channel")
    if view.get("kind") != "hard" or not isinstance(address, str) or not isinstance(channel, str):
        return None
    profile.dead[channel] = address
    return Said(channel, address, DEAD, "dead", event.at, event.id)


def _consent(
    profile: Profile, event: Event, channel: str, purpose: str, state: str, view: dict[str, Any]
) -> Said | None:
    """What this says about the address, too. That somebody agrees is news about it only after a denial."""
    key = f"{channel}/{purpose}"
    stamp = Stamp(0, event.at, event.id)
    if not newer(stamp, profile.stamps.get(f"consent:{key}")):
        return None
    before = profile.consent.get(key)
    profile.stamps[f"consent:{key}"] = stamp
    source = str(view.get("source") or event.name)
    profile.consent[key] = Consent(state, event.at, source, str(view.get("wording") or ""))
    if state == "granted" and (before is None or before.state == "granted"):
        return None
    address = view.get("address")
    return Said(channel, address if isinstance(address, str) else "", purpose, state, event.at, event.id)


_BUILT_IN = {
    "consent_changed": _consent_changed,
    "unsubscribed": _unsubscribed,
    "complained": _unsubscribed,
    "bounced": _bounced,
}
