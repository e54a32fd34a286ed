"""The bodies of questions and outcomes as JSON Schema, for whoever makes a client from /openapi.json.

They are told here and checked in `questions.py` and `outcomes.py`, whose errors say what to write instead.
"""

from __future__ import annotations

from typing import Any

from engine.api.questions import (
    LEAST_MS,
    LONGEST,
    LONGEST_TEXT,
    MOST_CONTEXT,
    MOST_ITEMS,
    MOST_LIMIT,
    MOST_MS,
    MOST_PLACEMENTS,
    MOST_PROFILES,
)
from engine.define.actions import OUTCOMES

Shape = dict[str, Any]

_NAME: Shape = {"type": "string", "minLength": 1, "maxLength": LONGEST}
_PLAIN: Shape = {"type": ["string", "number", "boolean", "null"], "maxLength": LONGEST_TEXT}
_WHO: Shape = {
    "description": "identifiers, one of them as 'email:ana@example.org', or a profile's id; null: nobody is known",
    "anyOf": [
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "integer"]}},
        _NAME,
        {"type": "null"},
    ],
}

QUESTION: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "profile": _WHO,
        "profiles": {"type": "array", "items": _WHO, "minItems": 1, "maxItems": MOST_PROFILES},
        "placement": _NAME,
        "placements": {"type": "array", "items": _NAME, "minItems": 1, "maxItems": MOST_PLACEMENTS},
        "context": {
            "type": ["object", "null"],
            "maxProperties": MOST_CONTEXT,
            "additionalProperties": {"anyOf": [_PLAIN, {"type": "array", "items": _PLAIN, "maxItems": MOST_ITEMS}]},
        },
        "limit": {"type": ["integer", "null"], "minimum": 0, "maximum": MOST_LIMIT},
        "request_id": {**_NAME, "type": ["string", "null"]},
        "explain": {"type": "boolean", "default": False},
        "budget_ms": {"type": ["integer", "null"], "minimum": LEAST_MS, "maximum": MOST_MS},
    },
    "allOf": [
        {"oneOf": [{"required": ["profile"]}, {"required": ["profiles"]}]},
        {"oneOf": [{"required": ["placement"]}, {"required": ["placements"]}]},
    ],
}
OUTCOME: Shape = {
    "type": "object",
    "additionalProperties": False,
    "required": ["action", "outcome"],
    "properties": {"action": _NAME, "outcome": {"enum": list(OUTCOMES)}, "profile": _WHO},
}
