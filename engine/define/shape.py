"""Checking a file's data against a pydantic model, with problems at the place of the fault."""

from __future__ import annotations

import types
from collections.abc import Iterable
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.define.doc import Doc, Path, did_you_mean

Model = TypeVar("Model", bound=BaseModel)

_WANTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "list_type": "a list",
    "dict_type": "names with values, one a line",
    "model_type": "names with values, one a line",
    "model_attributes_type": "names with values, one a line",
}


def shaped(doc: Doc, data: Any, model: type[Model], path: Path = ()) -> Model | None:
    """`data` (which stands at `path` of `doc`) as `model`. What does not fit becomes problems in `doc`.

    The model is then made without the parts at fault, so that the rest can be looked at too; None when it
    cannot be made without them.
    """
    try:
        return model.model_validate(data)
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
    wanted: dict[Path, list[str]] = {}
    for error in errors:
        if error["type"] in _WANTED:
            wanted.setdefault(_real(error["loc"], data), []).append(_WANTED[error["type"]])
    seen: set[tuple[Path, str]] = set()
    for error in errors:
        real = _real(error["loc"], data)
        # the members of a union each complain: one problem is enough
        kind = "type" if error["type"] in _WANTED else f"{error['type']}:{error['loc'][-1:]}"
        if (real, kind) not in seen:
            seen.add((real, kind))
            _report(doc, (*path, *real), error, model, " or ".join(dict.fromkeys(wanted.get(real, ()))))
    try:
        return model.model_validate(_without(data, [_real(e["loc"], data) for e in errors if e["type"] != "missing"]))
    except ValidationError:
        return None


def _without(data: Any, paths: list[Path]) -> Any:
    """A copy of `data` without what stands at `paths`."""
    copy: Any = deepcopy(data)
    for path in sorted(paths, key=lambda each: [str(part) for part in each], reverse=True):
        here: Any = copy
        for part in path[:-1]:
            here = here[part]
        if path and isinstance(here, dict):
            here.pop(path[-1], None)
        elif path and isinstance(here, list) and isinstance(path[-1], int) and path[-1] < len(here):
            del here[path[-1]]
    return copy


def _real(loc: Iterable[str | int], data: Any) -> Path:
    """The part of pydantic's location that is in the document: the names of union members are not."""
    path: list[str | int] = []
    here = data
    for part in loc:
        if isinstance(here, dict):
            if part in here:
                here = here[part]
                path.append(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
            path.append(part)
    return tuple(path)


def _report(doc: Doc, at: Path, error: Any, model: type[BaseModel], wanted: str) -> None:
    kind, loc = error["type"], error["loc"]
    name = str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        doc.problem(at, f"'{name}' is not known here.", did_you_mean(name, _names(model, loc[:-1])), key=True)
    elif kind == "missing":
        about = _describe(model, loc)
        doc.problem(at, f"'{name}' is missing.", f"Add '{name}:' ({about})" if about else f"Add '{name}:'.", key=True)
    elif kind == "literal_error":
        given = error["input"]
        names = [part.strip("' ") for part in str(error["ctx"]["expected"]).replace(" or ", ",").split(",")]
        near = get_close_matches(str(given), names, 1)
        hint = f"Did you mean '{near[0]}'?" if near else _describe(model, loc)
        doc.problem(at, f"'{given}' is not one of: {', '.join(names)}.", hint)
    elif kind == "value_error":
        doc.problem(at, str(error["ctx"]["error"]))
    elif wanted:
        doc.problem(at, f"{_found(error['input'])} stands here, but {wanted} is wanted.", _describe(model, loc))
    else:
        doc.problem(at, f"{error['msg'][:1].lower()}{error['msg'][1:]}.", _describe(model, loc))


def _found(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a block of names"
    return f"'{value}'" if len(str(value)) <= 40 else f"'{str(value)[:37]}...'"


def _names(model: type[BaseModel], loc: Iterable[str | int]) -> set[str]:
    """The keys that may stand at `loc` of `model`."""
    found: set[str] = set()
    for one in _models(model, loc):
        found |= {field.alias or name for name, field in one.model_fields.items()}
    return found


def _describe(model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    """What the field at `loc` is for, as its model says; '' when it says nothing."""
    for one in _models(model, loc[:-1]):
        for name, field in one.model_fields.items():
            if loc and loc[-1] in (name, field.alias) and field.description:
                return field.description
    return ""


def _models(model: type[BaseModel], loc: Iterable[str | int]) -> list[type[BaseModel]]:
    here: list[Any] = [model]
    for part in loc:
        following: list[Any] = []
        for kind in here:
            following += _into(kind, part)
        here = following or here
    return [kind for each in here for kind in _flat(each) if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _into(kind: Any, part: str | int) -> list[Any]:
    found: list[Any] = []
    for each in _flat(kind):
        if isinstance(each, type) and issubclass(each, BaseModel):
            found += [f.annotation for name, f in each.model_fields.items() if part in (name, f.alias)]
        elif get_origin(each) in (list, dict):
            found.append(get_args(each)[-1])
    return found


def _flat(kind: Any) -> list[Any]:
    """The members of a union; the kind itself when it is none."""
    if get_origin(kind) in (Union, types.UnionType):
        return [inner for each in get_args(kind) for inner in _flat(each)]
    return [kind]
