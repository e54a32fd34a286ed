"""`catalog:` - products, offers, stores: read by every channel, so that all say the same."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import Field

from engine.define.catalog_tells import TellShape
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.vocabulary import TYPES
from engine.model.catalog import TEXT, Kind, faults, strangers
from engine.model.codes import read_codes
from engine.render.outside import POOLS

_POOL = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_OF_POOLS = ("codes", "low")


class CatalogShape(Shape):
    """One kind of item: where the items are and what each has."""

    about: str = Field(default="", description="What these items are.")
    key: str = Field(default="id", description="The field that names an item.")
    fields: dict[str, str] = Field(default_factory=dict, description="Names and types of the other fields.")
    max_age: str | None = Field(
        default=None, examples=["24h"], description="How long the numbers of an item may be said after its `dated`."
    )
    dated: str | None = Field(default=None, description="The field that says when an item was last true.")
    tells: dict[str, TellShape] = Field(
        default_factory=dict, description="The events that changes of an item are, for those who showed interest."
    )
    file: str | None = Field(default=None, description="A .csv or .json file in the workspace, beside this one.")
    items: dict[str, dict[str, Any]] = Field(default_factory=dict, description="The items themselves, by key.")


def compile_catalog(doc: Doc | None, sources: Mapping[str, str]) -> dict[str, dict[str, dict[str, Any]]]:
    """kind -> key -> fields. Problems go to `doc`."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    if doc is None or not isinstance(doc.data, dict) or not isinstance(doc.data["catalog"], dict):
        return found
    for kind, data in doc.data["catalog"].items():
        path: Path = ("catalog", kind)
        shape = shaped(doc, data, CatalogShape, path)
        if shape is None:
            continue
        declared = Kind(shape.key, shape.fields)
        for field, written in shape.fields.items():
            if written not in TYPES:
                doc.problem((*path, "fields", field), f"'{written}' is no type.", did_you_mean(written, TYPES))
        items = {key: {shape.key: key, **fields} for key, fields in shape.items.items()}
        if shape.file is not None:
            items.update(_from_file(doc, path, shape, sources))
        for key, item in items.items():
            _check(doc, path, declared, key, item, written=key in shape.items)
            if kind == POOLS:
                _pool(doc, (*path, "items", key), key, item, sources)
        found[str(kind)] = items
    return found


def _pool(doc: Doc, path: Path, name: str, item: dict[str, Any], sources: Mapping[str, str]) -> None:
    """A pool of voucher codes: `codes` names a file of them beside this one, `low` says when there are few."""
    if not _POOL.fullmatch(name):
        doc.problem(path, f"'{name}' is no name for a pool.", "Write small letters, digits, _ and -.", key=True)
    low, file = item.get("low"), item.get("codes")
    if low is not None and (not isinstance(low, int) or isinstance(low, bool) or low < 0):
        doc.problem((*path, "low"), f"'{low}' is no number of codes.", "Write a whole number: 100.")
    if file is None:
        return
    place, near = _beside(doc, str(file), sources)
    if place is None:
        doc.problem((*path, "codes"), f"there is no file '{file}' beside this one.", did_you_mean(str(file), near))
        return
    item["codes"] = place
    try:
        read_codes(sources[place])
    except ValueError as fault:
        doc.problem((*path, "codes"), f"'{file}' cannot be read: {fault}.")


def _beside(doc: Doc, file: str, sources: Mapping[str, str]) -> tuple[str | None, list[str]]:
    """The path of a file in the folder of `doc`, None when it is not there; and the files that are."""
    folder = doc.file.rpartition("/")[0]
    name = f"{folder}/{file}" if folder else file
    near = [each.removeprefix(folder + "/") for each in sources if each.endswith((".csv", ".json"))]
    return (name if name in sources else None), near


def _from_file(doc: Doc, path: Path, shape: CatalogShape, sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    name, near = _beside(doc, str(shape.file), sources)
    if name is None:
        hint = did_you_mean(str(shape.file), near)
        doc.problem((*path, "file"), f"there is no file '{shape.file}' beside this one.", hint)
        return {}
    try:
        rows = _rows(name, sources[name])
    except ValueError as fault:
        doc.problem((*path, "file"), f"'{shape.file}' cannot be read: {fault}.")
        return {}
    items: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, start=1):
        key = row.get(shape.key) if isinstance(row, dict) else None
        if key in (None, ""):
            doc.problem((*path, "file"), f"item {number} of '{shape.file}' has no '{shape.key}'.")
            continue
        items[str(key)] = _item(row, shape)
    return items


def _item(row: Mapping[str, Any], shape: CatalogShape) -> dict[str, Any]:
    """A row with its columns `name` and `name.fr` as one text in two languages."""
    item: dict[str, Any] = {}
    for column, value in row.items():
        field, dot, locale = str(column).partition(".")
        if value in (None, ""):
            continue
        if dot and shape.fields.get(field) == TEXT:
            texts = item.get(field)
            item[field] = {
                **(texts if isinstance(texts, dict) else {} if texts is None else {"": texts}),
                locale: value,
            }
        elif isinstance(item.get(column), dict):
            item[column] = {"": value, **item[column]}
        else:
            item[str(column)] = _typed(value, shape.fields.get(column, TEXT))
    return item


def _rows(name: str, text: str) -> list[Any]:
    if name.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(text)))
    data = json.loads(text)
    if not isinstance(data, list):
        raise ValueError("a list of items is wanted")
    return data


def _typed(value: Any, kind: str) -> Any:
    """A CSV cell as its declared type; left as it is when it does not fit (the check then says so)."""
    if isinstance(value, str) and kind in ("number", "integer"):
        try:
            return int(value) if kind == "integer" else float(value)
        except ValueError:
            return value
    return value == "yes" if kind == "yes_no" and value in ("yes", "no") else value


def _check(doc: Doc, path: Path, kind: Kind, key: str, item: Mapping[str, Any], *, written: bool) -> None:
    """`written`: it stands in the document itself, not in a file beside it."""
    here: Path = (*path, "items", key)
    for field in strangers(kind, item) if written else ():
        if not (path[-1] == POOLS and field in _OF_POOLS):
            doc.problem(
                (*here, field), f"'{field}' is not among the fields.", did_you_mean(field, kind.fields), key=True
            )
    declared = {name: value for name, value in item.items() if name in kind.fields}
    for field, said in faults(kind, key, declared):
        doc.problem((*here, field) if written else (*path, "file"), said)


def check_languages(
    doc: Doc | None, catalog: Mapping[str, Mapping[str, Mapping[str, Any]]], known: Collection[str]
) -> None:
    """Texts of items in a language that the workspace does not have. Problems go to `doc`, once for each field."""
    told: set[tuple[str, str, str]] = set()
    for kind, items in catalog.items() if doc is not None else ():
        for key, item in items.items():
            for field, texts in item.items():
                for locale in set(texts) - {*known, ""} if isinstance(texts, dict) else ():
                    if doc is not None and (kind, field, locale) not in told:
                        told.add((kind, field, locale))
                        said = f"'{field}' of item '{key}' is written in '{locale}', which is no language here."
                        doc.problem(text_of_item(doc, kind, key, field), said, did_you_mean(locale, known))


def text_of_item(doc: Doc, kind: str, key: str, field: str) -> Path:
    """Where an item's field stands: in the document, or the name of the file that has it."""
    data = doc.data["catalog"][kind] if isinstance(doc.data, dict) else {}
    return ("catalog", kind, "items", key, field) if key in (data.get("items") or {}) else ("catalog", kind, "file")
