"""Checking a file's data against a pydantic model, with problems at the place of the fault."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.define.doc import Doc, Path, did_you_mean

Model = TypeVar("Model", bound=BaseModel)

ROUNDS = 5
EXTRA = "extra_forbidden"
# What people write from other tools, and what it is called here.
_HERE = {"else": "otherwise", "channel": "via", "channels": "via", "trigger": "start", "condition": "only_if"}
_HERE |= {"timeout": "up_to", "within": "up_to", "until": "up_to", "description": "about", "exit": "stop_if"}
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

_BOUNDS = {
    "greater_than_equal": ("small", "ge", "least"),
    "less_than_equal": ("large", "le", "most"),
    "greater_than": ("small", "gt", "limit"),
    "less_than": ("large", "lt", "limit"),
}


def shaped(doc: Doc, data: Any, model: type[Model], path: Path = ()) -> Model | None:
    """`data` (which stands at `path` of `doc`) as `model`. What does not fit becomes problems in `doc`.

    The model is then made without the parts at fault, so that the rest can be looked at too; None when it
    cannot be made without them.
    """
    rest = data
    for _ in range(ROUNDS):
        try:
            return model.model_validate(rest)
        except ValidationError as fault:
            errors = fault.errors(include_url=False)
        if rest is data:
            _report_all(doc, data, model, path, errors)
        faults = [real for error in errors if (real := _real(error["loc"], rest))]
        if not faults:
            return None
        doc.left_out |= {real[-1] for real in faults if isinstance(real[-1], str)}
        rest = _without(rest, faults)
        if "tests" not in (doc.data or ()):  # a story is read by its own lines
            _close_up(doc, path, faults)
    return None


def _close_up(doc: Doc, path: Path, faults: list[Path]) -> None:
    """What follows a part that was left out of a list moves up: so do its marks."""
    for real in sorted({each for each in faults if isinstance(each[-1], int)}, key=str, reverse=True):
        *head, gone = (*path, *real)
        depth = len(head)
        for table in (doc.values, doc.keys):
            inside = {at: mark for at, mark in table.items() if len(at) > depth and at[:depth] == tuple(head)}
            for at in inside:
                del table[at]
            for at, mark in inside.items():
                index = at[depth]
                if isinstance(index, int) and isinstance(gone, int) and index != gone:
                    table[(*head, index - (index > gone), *at[depth + 1 :])] = mark


def _report_all(doc: Doc, data: Any, model: type[BaseModel], path: Path, errors: list[Any]) -> None:
    """One problem for each fault: the members of a union each complain, and a slip in a key is not a key that lacks."""
    reals = [_real(error["loc"], data) for error in errors]
    wanted: dict[Path, list[str]] = {}
    for error, real in zip(errors, reals, strict=True):
        if error["type"] in _WANTED:
            wanted.setdefault(real, []).append(_WANTED[error["type"]])
    lacking = {real for error, real in zip(errors, reals, strict=True) if error["type"] == "missing"}
    strangers = {(real[:-1], str(real[-1])) for e, real in zip(errors, reals, strict=True) if e["type"] == EXTRA}
    seen: set[tuple[Path, str]] = set()
    for error, real in zip(errors, reals, strict=True):
        kind = "type" if error["type"] in _WANTED else f"{error['type']}:{error['loc'][-1:]}"
        other_member = kind == "type" and (
            real in lacking or any(len(each) > len(real) and each[: len(real)] == real for each in reals)
        )
        names = [name for at, name in strangers if at == real]
        slip = error["type"] == "missing" and bool(get_close_matches(str(error["loc"][-1]), names, 1))
        if (real, kind) not in seen and not other_member and not slip:
            seen.add((real, kind))
            _report(doc, (*path, *real), error, model, " or ".join(dict.fromkeys(wanted.get(real, ()))))


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
    if kind == EXTRA:
        known = _names(model, loc[:-1])
        hint = f"Did you mean '{_HERE[name]}'?" if _HERE.get(name) in known else did_you_mean(name, known)
        mark = doc.mark(at, key=True)
        if error["input"] is None and not hint.startswith("Did") and "{" in doc.line(mark.line)[: mark.column]:
            hint = "A comma ends a text between { and }: put the whole text in quotes."
        doc.problem(at, f"'{name}' is not known here.", hint, key=True)
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
        hint = _instead(doc, at, error["input"], wanted) or _describe(model, loc) or _describe(model, loc[:-1])
        doc.problem(at, f"{_found(error['input'])} stands here, but {wanted} is wanted.", hint)
    elif kind in _BOUNDS:
        word, limit, most = _BOUNDS[kind]
        text = f"{_found(error['input'])} is too {word}: {error['ctx'][limit]} is the {most}."
        doc.problem(at, text, _describe(model, loc))
    elif kind == "string_pattern_mismatch":
        doc.problem(at, f"{_found(error['input'])} does not fit here.", _describe(model, loc))
    elif kind == "string_too_short":
        doc.problem(at, "nothing stands here.", _describe(model, loc))
    else:
        doc.problem(at, f"{error['msg'][:1].lower()}{error['msg'][1:]}.", _describe(model, loc))


def _instead(doc: Doc, at: Path, value: Any, wanted: str) -> str:
    """What to write, where the slip shows by itself."""
    mark = doc.mark(at)
    if value is None and re.search(r":\s+#", doc.line(mark.line)[: mark.column + 3]):
        return "After ' #' comes a comment: put the value in quotes."
    if isinstance(value, list) and wanted.startswith("names"):
        return "Take the '- ' away."
    if isinstance(value, str) and wanted == "a list":
        return f"Write [{value[:60]}]."
    return ""


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
                example = f" For example {field.examples[0]}." if field.examples else ""
                return field.description + example
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
