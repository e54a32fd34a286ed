"""A person's real history as events again: what the time machine runs under a draft."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from engine.define.built_in import BUILT_IN
from engine.journey.steps.emit import Emitted
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.policy.wallclock import iso

ENVELOPE = ("event", "channel", "at")
MOST = 5_000  # the newest


def lines_of(profile: Profile, plan: Plan) -> list[str]:
    """The events that are kept of somebody, oldest first, one line of JSON each.

    What journeys emitted is left out: they emit it again.
    """
    emitted = {
        step.spec.event
        for journey in plan.journeys.values()
        for step in journey.steps.values()
        if isinstance(step.spec, Emitted)
    }
    names = {name: many[0] for name, many in profile.identifiers.items() if many}
    if not names:
        kind, _, text = profile.label.partition(":")
        names = {kind: text}
    found = sorted(_events(profile, plan, names, emitted), key=lambda each: each["at"])
    return [msgspec.json.encode(each).decode() for each in found[-MOST:]]


def _events(profile: Profile, plan: Plan, names: dict[str, str], emitted: set[str]) -> Iterator[dict[str, Any]]:
    for name, many in profile.history.items():
        kind = plan.vocabulary.events.get(name)
        known = kind.properties if kind is not None else BUILT_IN.get(name, ("", {}))[1]
        own = "channel" in known  # a word of the event's own, and not where it came from
        for past in many:
            if name in emitted and "/" in past.id:  # named by the run and the step that emitted it
                continue
            properties = {key: each for key, each in past.data.items() if key not in ENVELOPE}
            found = {"id": past.id, "event": name, "profile": names, "at": iso(past.at), "properties": properties}
            channel = past.data.get("channel")
            if own and channel is not None:
                properties["channel"] = channel
            elif isinstance(channel, str) and channel:
                found["channel"] = channel
            yield found
