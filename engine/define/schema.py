"""JSON Schemas of a workspace's files, for completion and hover in editors.

They are made from the same models that the files are read with, so they cannot drift apart from them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from engine.channels import CHANNELS
from engine.define.actions import ActionShape
from engine.define.at_step import ArmShape
from engine.define.brand import BrandFile
from engine.define.catalog import CatalogShape
from engine.define.journey import JourneyShape
from engine.define.placements import PlacementShape
from engine.define.policies import PoliciesShape
from engine.define.reporting_shapes import ReportShape
from engine.define.rules import RuleShape
from engine.define.segments import SegmentShape
from engine.define.sources import MeansShape, SourceShape
from engine.define.vocabulary import VocabularyShape
from engine.define.workspace import Compiled
from engine.journey.steps import VERBS

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"  # the newest that all editors read


@dataclass(frozen=True, slots=True)
class Known:
    """Names that a workspace has declared; a set that is empty allows any name."""

    events: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    placements: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    channels: frozenset[str] = field(default_factory=lambda: frozenset(channel.name for channel in CHANNELS))

    @classmethod
    def of(cls, compiled: Compiled) -> Known:
        """The names of a compiled workspace."""
        plan = compiled.plan
        return cls(
            events=frozenset(plan.vocabulary.events),
            messages=frozenset(compiled.renderer.messages()),
            segments=frozenset(segment.name for segment in plan.segments),
            placements=frozenset(plan.placements),
            shown=frozenset(each.channel for each in plan.placements.values() if each.channel),
            actions=frozenset(plan.actions),
            purposes=frozenset(plan.policies.purposes),
            attributes=frozenset(plan.vocabulary.attributes),
            recipients=frozenset(plan.policies.recipients),
            properties=frozenset(name for event in plan.vocabulary.events.values() for name in event.properties),
        )

    def by_key(self) -> dict[str, frozenset[str]]:
        """Which names may stand behind a key of a journey or of the policies."""
        return {
            **dict.fromkeys(("event", "wait_for", "emit", "unless"), self.events),
            "send": self.messages,
            **dict.fromkeys(("suggest", "fallback"), self.messages | self.actions),
            "action": self.actions,
            **dict.fromkeys(("enters", "leaves"), self.segments),
            **dict.fromkeys(("via", "channels"), self.channels),
            "placements": self.placements,
            "purpose": self.purposes,
        }


def schemas(known: Known | None = None) -> dict[str, Schema]:
    """A schema for each kind of file, by kind. `known` fills in the names of one workspace."""
    names = known or Known()
    made: dict[str, Callable[[], Schema]] = {
        "journey": lambda: _journey(names),
        "source": lambda: _source(names),
        "vocabulary": lambda: _one("vocabulary", VocabularyShape),
        "policies": lambda: _offer(
            _one("policies", PoliciesShape), {**names.by_key(), "channels": names.channels | names.shown}
        ),
        "brand": lambda: _one("brand", BrandFile),
        "catalog": lambda: _one("catalog", dict[str, CatalogShape]),
        "segments": lambda: _one("segments", dict[str, str | list[str] | SegmentShape]),
        "placements": lambda: _offer(_one("placements", dict[str, PlacementShape | None]), names.by_key()),
        "actions": lambda: _offer(
            _one("actions", dict[str, ActionShape]), {**names.by_key(), "message": names.messages}
        ),
        "rules": lambda: _offer(_one("rules", dict[str, RuleShape]), names.by_key()),
        "report": lambda: _one("report", ReportShape),
    }
    return {kind: {"$schema": DRAFT, **plain(make())} for kind, make in made.items()}


def _one(kind: str, shape: Any) -> Schema:
    """The schema of a file whose only key is its kind."""
    inner = TypeAdapter(shape).json_schema(by_alias=True)
    definitions = inner.pop("$defs", {})
    return {
        "type": "object",
        "properties": {kind: inner},
        "required": [kind],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _journey(names: Known) -> Schema:
    """A journey: its head, and steps of which each has exactly one verb."""
    schema = JourneyShape.model_json_schema(by_alias=True)
    definitions = schema.setdefault("$defs", {})
    definitions["arm"] = _steps_inside(ArmShape.model_json_schema(by_alias=True))
    for verb in VERBS:
        step = _steps_inside(verb.Shape.model_json_schema(by_alias=True))
        definitions |= step.pop("$defs", {})
        about = inspect.getdoc(type(verb)) or ""
        step |= {"title": verb.name, "description": about, "required": [verb.name, *_others(step, verb.name)]}
        step["properties"][verb.name]["description"] = about
        if verb.name == "update":
            step["properties"]["update"]["properties"] = {name: {} for name in sorted(names.attributes)}
        definitions[verb.name] = step
    if names.recipients:  # one of them, or the path of a property
        paths = {"type": "string", "pattern": r"\."}
        definitions["send"]["properties"]["to"]["anyOf"] = [{"enum": sorted(names.recipients)}, paths]
    definitions["step"] = {"anyOf": [{"$ref": f"#/$defs/{verb.name}"} for verb in VERBS]}
    own = {"send_best": names.placements, "suppress": names.messages | names.actions}
    return _offer(_steps_inside(schema), {**names.by_key(), **own})


def _source(names: Known) -> Schema:
    """A source: what stands behind `events` is an event's name or what is taken for it."""
    schema = SourceShape.model_json_schema(by_alias=True)
    means = MeansShape.model_json_schema(by_alias=True)
    means["properties"]["event"] |= {"enum": sorted(names.events)} if names.events else {}
    one = [{"type": "string"}, {"$ref": "#/$defs/means"}]
    several = {"type": "array", "items": {"anyOf": one}}
    schema.setdefault("$defs", {})["means"] = means
    schema["properties"]["events"]["additionalProperties"] = {"anyOf": [*one, several]}
    return schema


def _others(step: Schema, verb: str) -> Iterator[str]:
    return (name for name in step.get("required", ()) if name != verb)


def _steps_inside(schema: Schema) -> Schema:
    """Lists of anything are steps, and names with anything are arms: nothing else is open in these shapes."""
    for name, each in schema.get("properties", {}).items():
        for option in (each, *each.get("anyOf", ())):
            if option.get("type") == "array" and not option.get("items"):
                option["items"] = {"$ref": "#/$defs/step"}
            if name == "arms" and option.get("type") == "object":
                option["additionalProperties"] = {"$ref": "#/$defs/arm"}
    return schema


def _offer(schema: Schema, by_key: Mapping[str, Iterable[str]]) -> Schema:
    """Put the known names behind the keys that take them."""
    for part in _parts(schema):
        for key, each in part.get("properties", {}).items():
            names = sorted(by_key.get(key, ()))
            for option in (each, *each.get("anyOf", ())) if names and isinstance(each, dict) else ():
                if option.get("type") == "string":
                    option["enum"] = names
                elif option.get("type") == "array" and option.get("items", {}).get("type") == "string":
                    option["items"] = {"type": "string", "enum": names}
    return schema


def _parts(schema: Any) -> Iterator[Schema]:
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from _parts(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _parts(each)


def plain(schema: Schema) -> Schema:
    """Without what an editor would show for no use: titles made of field names, and `null` for a key left out."""
    for name, each in schema.get("$defs", {}).items():
        if name.endswith("Shape"):
            each["title"] = name.removesuffix("Shape").lower()
    for part in _parts(schema):
        title = part.get("title")
        if isinstance(title, str) and title != title.lower():
            del part["title"]
        options = part.get("anyOf", ())
        if part.get("default", "") is None:
            del part["default"]
            if any(option.get("type") == "string" for option in options):
                part["anyOf"] = [option for option in options if option.get("type") != "null"]
    return schema
