"""The catalogue as messages read it: in one language, at one moment.

What is written in the workspace comes with the release. What is put over HTTP lies over it, field by field, and may
change under a renderer at any time; a rendering that has begun goes on with what it began with.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from engine.model.catalog import Kind
from engine.render.dated import named
from engine.render.language import fallbacks
from engine.render.listed import PRODUCTS, Listed

Items = Mapping[str, Mapping[str, Any]]
Change = tuple[str, str, Mapping[str, Any] | None]  # kind, key, the fields that are put (None: none any more)


class Shelf(NamedTuple):
    """All kinds as one language reads them (kind -> key -> fields), and the products among them, ready to stand in."""

    kinds: dict[str, dict[str, Mapping[str, Any]]]
    listed: Listed


class Stock:
    """`written` is the catalogue of the workspace: kind -> key -> fields; `source` the language that stands in."""

    def __init__(self, written: Mapping[str, Items], kinds: Mapping[str, Kind], source: str) -> None:
        self._written, self._kinds, self._source = written, kinds, source
        self._put: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._shelves: dict[str, Shelf] = {}
        self._changing = threading.Lock()

    def shelf(self, locale: str) -> Shelf:
        """What a rendering in one language reads."""
        found = self._shelves.get(locale)
        if found is None:
            with self._changing:
                found = self._shelves[locale] = self._filled(locale)
        return found

    def change(self, changes: Iterable[Change], *, anew: bool = False) -> None:
        """Put fields over items, or take them away. `anew`: `changes` are all that there are. Kinds that the workspace
        does not have are left out."""
        with self._changing:
            if anew:
                self._put = {}
            touched: dict[str, set[str]] = {}
            for kind, key, fields in changes:
                if kind in self._written:
                    self._put.pop((kind, key), None)
                    if fields is not None:
                        self._put[kind, key] = fields
                    touched.setdefault(kind, set()).add(key)
            if anew:
                self._shelves = {locale: self._filled(locale) for locale in self._shelves}
            elif touched:
                self._shelves = {name: self._restocked(name, shelf, touched) for name, shelf in self._shelves.items()}

    def put(self) -> dict[str, int]:
        """How many items of each kind have fields that were put."""
        counts = dict.fromkeys(self._written, 0)
        for kind, _ in tuple(self._put):
            counts[kind] += 1
        return counts

    def _filled(self, locale: str) -> Shelf:
        keys = {kind: dict.fromkeys(items) for kind, items in self._written.items()}
        for kind, key in self._put:
            keys[kind][key] = None
        kinds = {kind: {key: self._item(kind, key, locale) or {} for key in found} for kind, found in keys.items()}
        key = self._kinds[PRODUCTS].key if PRODUCTS in self._kinds else ""
        return Shelf(kinds, Listed(kinds.get(PRODUCTS) or {}, key))

    def _restocked(self, locale: str, shelf: Shelf, touched: Mapping[str, set[str]]) -> Shelf:
        """Another shelf, on which only what was touched is new: there may be very many items."""
        kinds = dict(shelf.kinds)
        for kind, keys in touched.items():
            items = kinds[kind] = dict(kinds[kind])
            for key in keys:
                item = self._item(kind, key, locale)
                if item is None:
                    items.pop(key, None)
                else:
                    items[key] = item
        changed = {key: kinds[PRODUCTS].get(key) for key in touched.get(PRODUCTS, ())}
        return Shelf(kinds, shelf.listed.changed(changed) if changed else shelf.listed)

    def _item(self, kind: str, key: str, locale: str) -> Mapping[str, Any] | None:
        written, put = self._written[kind].get(key), self._put.get((kind, key))
        if written is None and put is None:
            return None
        shape = self._kinds.get(kind, Kind())
        whole = written if written is not None and put is None else {**(written or {shape.key: key}), **(put or {})}
        texts = {name: self._said(value, locale) for name, value in whole.items() if isinstance(value, dict)}
        return named(kind, key, {**whole, **texts} if texts else whole, shape)

    def _said(self, texts: Mapping[str, str], locale: str) -> str | None:
        """A text in the language, or in the one that stands in for it."""
        return next((texts[name] for name in (*fallbacks(locale), self._source, "") if texts.get(name)), None)
