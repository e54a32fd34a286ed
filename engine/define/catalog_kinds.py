"""What each kind of the catalogue is: its key, its fields, how long its numbers hold (`max_age`, `dated`), whom its
changes concern (`tells`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.define.catalog_tells import compile_tells
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.span import parse_span
from engine.model.catalog import Kind
from engine.model.vocabulary import EventType


def catalog_kinds(doc: Doc | None, events: Mapping[str, EventType]) -> dict[str, Kind]:
    """The kinds by name; `events` are those of the vocabulary.

    Problems of `max_age`, `dated` and `tells` go to `doc`; `compile_catalog` tells the others.
    """
    kinds = doc.data.get("catalog") if doc is not None and isinstance(doc.data, dict) else None
    if doc is None or not isinstance(kinds, dict):
        return {}
    found = {}
    for name, data in kinds.items():
        if isinstance(data, dict):
            kind = _kind(doc, ("catalog", name), data)
            tells = compile_tells(doc, ("catalog", name, "tells"), data.get("tells"), kind, events)
            found[str(name)] = replace(kind, tells=tells)
    return found


def _kind(doc: Doc, path: Path, written: Mapping[str, object]) -> Kind:
    key, found = str(written.get("key") or "id"), written.get("fields")
    fields = {str(name): str(kind) for name, kind in found.items()} if isinstance(found, dict) else {}
    field, lasts = written.get("dated"), written.get("max_age")
    if lasts is None:
        if field is not None:
            hint = "Write also max_age: 24h."
            doc.problem((*path, "dated"), "'dated' says nothing without 'max_age'.", hint, key=True)
        return Kind(key, fields)
    if field is None:
        hint = "Write also dated: and the field that says when an item was last true."
        doc.problem((*path, "max_age"), "'max_age' says nothing without 'dated'.", hint, key=True)
        return Kind(key, fields)
    if field not in fields:
        doc.problem((*path, "dated"), f"'{field}' is not among the fields.", did_you_mean(str(field), fields))
        return Kind(key, fields)
    try:
        return Kind(key, fields, str(field), parse_span(str(lasts)).elapsed)
    except ValueError as fault:
        doc.problem((*path, "max_age"), f"{fault}.")
        return Kind(key, fields)
