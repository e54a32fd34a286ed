"""Items of the catalogue: they know their own names, and those whose numbers hold for a time only know that time: a
price that is too old is not said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.model.catalog import Kind
from engine.render.meter import METER

# What only a line of a basket can know of a product.
QUANTITY = "quantity"
_NUMBERS = (int, float)


class TooOld(Exception):
    """A number of the catalogue was read after its time; carries the sentence."""


class Item(dict[str, Any]):
    """An item, or what was made of one, by its `name` (`products/boots`; '' for what is several in one)."""

    __slots__ = ("name",)

    def __init__(self, fields: Mapping[str, Any], name: str) -> None:
        super().__init__(fields)
        self.name = name

    def note(self, key: object, value: object) -> None:
        """Tell the meter of a number that is looked at."""
        if self.name and isinstance(value, _NUMBERS) and not isinstance(value, bool) and key != QUANTITY:
            many = self.get(QUANTITY)
            METER.read[f"{self.name}.{key}"] = value, value * many if isinstance(many, _NUMBERS) else value


class Dated(Item):
    """An item whose numbers may be read until `until` (epoch ms), as the meter's `now` goes."""

    __slots__ = ("said", "until")

    def __init__(self, fields: Mapping[str, Any], name: str, until: int, said: str) -> None:
        super().__init__(fields, name)
        self.until, self.said = until, said

    def check(self, key: object, value: object) -> None:
        """Raises TooOld for a number after its time."""
        if isinstance(value, _NUMBERS) and METER.now > self.until and not isinstance(value, bool):
            raise TooOld(f"'{key}' of {self.said}.")


def named(kind: str, key: str, item: Mapping[str, Any], shape: Kind) -> Item:
    """`item`, knowing its name, and its time where its kind bounds it; one without a date has none left."""
    name = f"{kind}/{key}"
    if shape.lasts is None:
        return Item(item, name)
    since = _instant(item.get(shape.dated))
    said = f"'{key}' in the catalogue's {kind} is too old to be said: it was true at {item.get(shape.dated)}"
    if since is None:
        said = f"'{key}' in the catalogue's {kind} may be too old to be said: its {shape.dated} says no instant"
    return Dated(item, name, (since if since is not None else 0) + shape.lasts, said)


def _instant(value: Any) -> int | None:
    """Epoch ms of `2026-03-02T14:00:00Z`, of a day (its beginning, in UTC), or of epoch ms."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
