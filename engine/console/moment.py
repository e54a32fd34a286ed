"""What is said of the moment when a placement is asked: the fields that the workspace declares, read from a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.console.plain import calm
from engine.model.plan import Placement, Plan

KINDS = {"integer": "number", "number": "number", "yes_no": "yes_no", "list": "list"}
MOST = 50  # lines of what is said freely
LARGEST = 1e15
PREFIX = "c."  # before the names of the form's fields


@dataclass(frozen=True, slots=True)
class Field:
    """Something that may be said: `kind` is text, number, yes_no, list or choice of `options`; `value` as filled in."""

    name: str
    kind: str
    options: tuple[str, ...]
    value: str


def fields(plan: Plan, placement: Placement, given: Mapping[str, str]) -> list[Field]:
    """What the placement declares, and the ids of objects, each with what was filled in."""
    found = [
        Field(name, "choice" if kind.one_of else KINDS.get(kind.name, "text"), tuple(map(str, kind.one_of)), "")
        for name, kind in placement.context.items()
    ]
    found += [Field(kind.id, "text", (), "") for kind in plan.vocabulary.objects.values() if kind.id]
    return [Field(each.name, each.kind, each.options, calm(given.get(PREFIX + each.name, ""), 1_000)) for each in found]


def free(plan: Plan) -> bool:
    """Whether no placement declares anything, so that anything may be said."""
    return not any(placement.context for placement in plan.placements.values())


def context_of(fields_: Sequence[Field], written: str) -> tuple[dict[str, Any], str]:
    """The context that was filled in, `written` being lines 'name: value'; and the first name whose value does not fit
    ('' for none)."""
    context: dict[str, Any] = {}
    for each in fields_:
        text = each.value.strip()
        if not text:
            continue
        if each.kind == "number":
            number = _number(text)
            if number is None:
                return context, each.name
            context[each.name] = number
        elif each.kind == "yes_no":
            context[each.name] = text == "yes"
        elif each.kind == "list":
            context[each.name] = [part.strip() for part in text.split(",") if part.strip()][:100]
        elif each.kind == "choice" and text not in each.options:
            return context, each.name
        else:
            context[each.name] = text
    for line in written.splitlines()[:MOST]:
        name, colon, text = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        if not colon or not name or len(name) > 200:
            return context, calm(line, 60)
        given = _number(text)
        context[name] = {"yes": True, "no": False}.get(text, calm(text, 1_000)) if given is None else given
    return context, ""


def _number(text: str) -> int | float | None:
    """What a text says as a number, with a point or a comma; None when it is none."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    if not abs(number) <= LARGEST:
        return None
    return int(number) if number.is_integer() else number
