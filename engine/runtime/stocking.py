"""Putting fields over items of the catalogue, whoever asks: what fits the declared kinds, dated as of now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.define.doc import did_you_mean
from engine.model.catalog import LARGEST, Kind, faults, strangers
from engine.render.stock import Change
from engine.runtime.store import Store

LONGEST_KEY = 200


def put_items(store: Store, name: str, shape: Kind, items: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Put items that are not `wrong` over those of a kind, all or none; how many, and the version. Raises TooMany."""
    now = datetime.fromtimestamp(store.clock().engine / 1000, UTC).isoformat()
    changes: dict[str, Change] = {}
    for each in items:
        fields = {shape.key: each[shape.key], **each}
        if shape.dated and fields.get(shape.dated) is None:
            fields[shape.dated] = now  # it is true as it comes
        changes[str(each[shape.key])] = (name, str(each[shape.key]), fields)
    return len(changes), store.stock.put(list(changes.values()))


def wrong(shape: Kind, item: Any) -> Iterator[str]:
    """What is wrong with an item, in sentences."""
    if not isinstance(item, dict):
        yield "an item is an object."
        return
    key = item.get(shape.key)
    if not (isinstance(key, str) and 0 < len(key) <= LONGEST_KEY) and not (type(key) is int and abs(key) <= LARGEST):
        yield f"it has no '{shape.key}': a text of up to {LONGEST_KEY} characters, or a whole number."
        return
    if not str(key).isprintable():
        yield f"its '{shape.key}' has characters that nobody sees."
    for name in strangers(shape, item):
        yield f"'{name[:60]}' is not among the fields. {did_you_mean(name, shape.fields)}".strip()
    for _, said in faults(shape, str(key)[:60], item):
        yield said
