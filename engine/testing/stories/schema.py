"""The JSON Schema of a story file, for completion and hover in editors."""

from __future__ import annotations

from typing import Any

from engine.define.schema import DRAFT, Known, Schema, plain
from engine.testing.stories.model import EXPECTED
from engine.testing.stories.shape import STEP, SettingShape, StoryShape

# What each key of a step is for; the same words as in docs/stories.md.
ABOUT = {
    "at": "When: a length of time after the clock (2h40m), or a moment like the clock's.",
    "event": "What the customer does. Its properties stand beside it.",
    "channel": "Where.",
    "id": "The event's id. Left out: a new one.",
    "received": "When the event reached us, for one that came late; 'at' is then when it happened.",
    "properties": "Properties whose names are words of a story.",
    "profile": "Other identifiers than the customer's: {cookie: k7}.",
    "customer": "Which customer, of 'customers'.",
    "start": "A journey that is started by request.",
    "ask": "A placement: what it is told to show is 'actions', what is left out and why 'without'.",
    "context": "What the channel app says of the moment when it asks: {intent: browse}.",
    "outcomes": "What providers say from now on: {email: refused}.",
    "expect": "What should have happened by now: {sent: [welcome by email]}.",
}


def story_schema(known: Known | None = None) -> Schema:
    """The schema of a file that begins with `tests:`. `known` fills in the names of one workspace."""
    names = known or Known()
    schema = StoryShape.model_json_schema(by_alias=True)
    case = SettingShape.model_json_schema(by_alias=True)["properties"]
    step: Schema = {name: {"description": ABOUT[name]} for name in STEP}
    step["event"] |= _one_of(names.events)
    step["ask"] |= _one_of(names.placements)
    step["expect"] |= {
        "type": "object",
        "properties": {name: {} for name in EXPECTED},
        "additionalProperties": False,
        "minProperties": 1,
    }
    # the first line of a case may hold settings; `customer` is one of them, and a name on other lines
    line = {name: {} for name in sorted(names.properties)} | case | step
    schema["properties"]["cases"]["additionalProperties"] = {
        "type": "array",
        "items": {"type": "object", "properties": line, "additionalProperties": not names.properties},
    }
    return {"$schema": DRAFT, **plain(schema)}


def _one_of(names: frozenset[str]) -> dict[str, Any]:
    return {"enum": sorted(names)} if names else {"type": "string"}
