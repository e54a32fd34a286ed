"""`personas:` of the brand - customers of the shop's own for the preview, by name."""

from __future__ import annotations

from typing import Any

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.events import typed_value
from engine.model.errors import BadEvent
from engine.model.vocabulary import Vocabulary


def compile_personas(
    doc: Doc | None, written: dict[str, dict[str, Any]], vocabulary: Vocabulary
) -> dict[str, dict[str, Any]]:
    """What is known of each, by attribute; what the vocabulary does not allow goes to `doc` and is left out."""
    found: dict[str, dict[str, Any]] = {}
    if doc is None:
        return found
    for name, known in written.items():
        found[name] = {}
        for key, value in known.items():
            path: Path = ("brand", "personas", name, key)
            attribute = vocabulary.attributes.get(key)
            if attribute is None:
                hint = did_you_mean(key, vocabulary.attributes)
                doc.problem(path, f"the customer has no attribute '{key}'.", hint, key=True)
                continue
            plain = isinstance(value, int | float) and not isinstance(value, bool) and attribute.type.name == "text"
            try:
                found[name][key] = typed_value(key, attribute.type, str(value) if plain else value)
            except BadEvent as fault:
                doc.problem(path, f"{fault.reason}.")
    return found
