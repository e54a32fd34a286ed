"""`tells:` of a kind of the catalogue - which event a change of an item is for those who showed interest in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.shapes import Shape
from engine.model.catalog import MOVES, Kind, Tell
from engine.model.vocabulary import EventType

NUMBERS = ("number", "integer")


class TellShape(Shape):
    """An event that a change of an item is."""

    when: str = Field(
        description="What changes, and how: price falls; price rises; stock returns; stock ends.",
        examples=["price falls", "stock returns"],
    )
    interest: str | list[str] = Field(description="The events by which customers show interest in an item.")


def compile_tells(
    doc: Doc, path: Path, written: object, kind: Kind, events: Mapping[str, EventType]
) -> tuple[Tell, ...]:
    """What `written` at `path` says of changes. Problems go to `doc`; what is wrong in its shape is told elsewhere."""
    key, fields = kind.key, kind.fields
    found: list[Tell] = []
    for event, says in written.items() if isinstance(written, dict) else ():
        here = (*path, event)
        if not isinstance(says, dict) or not isinstance(says.get("when"), str):
            continue
        known = _about(doc, here, str(event), key, events, name=True)
        given: Any = says.get("interest")
        names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        wanted = [
            str(name)
            for number, name in enumerate(names)
            if _about(doc, (*here, "interest", *([number] if isinstance(given, list) else [])), str(name), key, events)
        ]
        field, _, moves = says["when"].strip().partition(" ")
        if moves.strip() not in MOVES:
            hint = f"Write a field and one of {', '.join(MOVES)}: price falls."
            doc.problem((*here, "when"), f"'{says['when']}' says no change.", hint)
        elif fields.get(field) not in NUMBERS:
            numbers = [name for name, kind in fields.items() if kind in NUMBERS]
            doc.problem(
                (*here, "when"), f"'{field}' is no field that is a number.", did_you_mean(field, numbers), part=field
            )
        elif known is not None and wanted:
            found.append(Tell(str(event), field, moves.strip(), tuple(wanted)))
    return tuple(found)


def _about(
    doc: Doc, path: Path, event: str, key: str, events: Mapping[str, EventType], *, name: bool = False
) -> EventType | None:
    """The event, when it is declared and says which item it is about."""
    found = events.get(event)
    if found is None:
        hint = did_you_mean(event, events)
        doc.problem(path, f"no event '{event}' is declared in the vocabulary.", hint, code="unknown_event", key=name)
    elif key not in found.properties or found.properties[key].name != "text":
        hint = f"Give it the property {key}: text, or name another event."
        doc.problem(path, f"'{event}' does not say which item it is about: it has no text '{key}'.", hint, key=name)
    else:
        return found
    return None
