"""How old what the catalogue says may be: `max_age` and `dated` of a kind of items."""

from __future__ import annotations

from collections.abc import Mapping

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.span import parse_span
from engine.render.dated import Age


def catalog_ages(doc: Doc | None) -> dict[str, Age]:
    """The kinds that bound the age of their numbers. Problems go to `doc`."""
    kinds = doc.data.get("catalog") if doc is not None and isinstance(doc.data, dict) else None
    found: dict[str, Age] = {}
    for kind, written in kinds.items() if doc is not None and isinstance(kinds, dict) else ():
        if isinstance(written, dict) and {"max_age", "dated"} & written.keys():
            age = _age(doc, ("catalog", kind), written) if doc is not None else None
            if age is not None:
                found[str(kind)] = age
    return found


def _age(doc: Doc, path: Path, written: Mapping[str, object]) -> Age | None:
    field, longest, fields = written.get("dated"), written.get("max_age"), written.get("fields")
    if longest is None:
        doc.problem((*path, "dated"), "'dated' says nothing without 'max_age'.", "Write also max_age: 24h.", key=True)
        return None
    if field is None:
        hint = "Write also dated: and the field that says when an item was last true."
        doc.problem((*path, "max_age"), "'max_age' says nothing without 'dated'.", hint, key=True)
        return None
    known = fields if isinstance(fields, dict) else {}
    if field not in known:
        doc.problem((*path, "dated"), f"'{field}' is not among the fields.", did_you_mean(str(field), known))
        return None
    try:
        return Age(str(field), parse_span(str(longest)).elapsed)
    except ValueError as fault:
        doc.problem((*path, "max_age"), f"{fault}.")
        return None
