"""Products as the catalogue has them: the one place where a message's names, prices and pictures come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.render.dated import QUANTITY, Dated, Item
from engine.render.meter import METER

PRODUCTS = "products"
_NUMBERS = (int, float)
_KEYS = (str, int)
_GROUPS = (list, tuple)

Items = Mapping[str, Mapping[str, Any]]


class Listed:
    """The filter `listed`, over `products` of the catalogue (key -> fields, each item carrying its own key) and the
    field `key` that names them ('': the one that does).

    What an event said of a product may be old or wrong, and two channels must not differ: so whatever the
    catalogue says of a product stands in place of what the event said. Nothing is changed in place.
    """

    def __init__(self, products: Items, key: str = "") -> None:
        self._key = key or _key_field(products)
        self._items = {name: _ready(item) for name, item in products.items()} if self._key else {}

    def changed(self, products: Mapping[str, Mapping[str, Any] | None]) -> Listed:
        """The same with these products changed, or gone (None)."""
        other = Listed({}, self._key)
        gone = {key for key, item in products.items() if item is None}
        other._items = {key: item for key, item in self._items.items() if key not in gone} if gone else {**self._items}
        other._items.update({key: _ready(item) for key, item in products.items() if item is not None})
        return other

    def __call__(self, value: Any) -> Any:
        """A product, a list of them, or what has `lines` of them (a basket, an order), each as the catalogue has it.

        A product that the catalogue does not know, and anything else, is given back as it is.
        """
        if type(value) is list or isinstance(value, _GROUPS):
            return [self._once(self._product, each) for each in METER.items(value)]
        if isinstance(value, Mapping) and isinstance(value.get("lines"), _GROUPS):
            return self._once(self._summed, value)
        return self._once(self._product, value)

    def _product(self, value: Any) -> Any:
        item = self._item(value)
        return self.named(value) if item is None else _of(item, {**value, **item})

    def named(self, value: Any) -> Any:
        """What an event says of a product, knowing which one; anything else as it is."""
        key = value.get(self._key) if self._key and type(value) is dict else None
        return Item(value, f"{PRODUCTS}/{key}") if isinstance(key, _KEYS) else value

    def _once(self, find: Callable[[Any], Any], value: Any) -> Any:
        """What `find` finds for a value, once for all parts of a message: they ask for the same lines."""
        known = METER.known.get(id(value))
        if known is not None and known[0] is self and known[1] is value:
            return known[2]
        found = find(value)
        METER.known[id(value)] = self, value, found  # holding the value: none other can have its id meanwhile
        return found

    def _item(self, value: Any) -> Mapping[str, Any] | None:
        key = value.get(self._key) if type(value) is dict or isinstance(value, Mapping) else None
        return self._items.get(str(key)) if isinstance(key, _KEYS) else None

    def _summed(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """With a total that is what the lines come to, once the catalogue has a say in one of them."""
        lines = self(value["lines"])
        whole = {**value, "lines": lines}
        amounts = [_amount(line) for line in lines]
        if value.get("total") is not None and any(map(self._item, value["lines"])) and None not in amounts:
            whole["total"] = sum(amounts)
            oldest = min((line for line in lines if isinstance(line, Dated)), key=lambda line: line.until, default=None)
            return whole if oldest is None else Dated(whole, "", oldest.until, oldest.said)
        return whole


def _ready(item: Mapping[str, Any]) -> Item:
    """A product without what only a line of a basket can know."""
    return _of(item, {name: value for name, value in item.items() if name != QUANTITY})


def _of(item: Mapping[str, Any], fields: dict[str, Any]) -> Item:
    """`fields`, which come from `item` and hold as long as it does."""
    if type(item) is Item:
        return Item(fields, item.name)
    name = item.name if isinstance(item, Item) else ""
    return Dated(fields, name, item.until, item.said) if isinstance(item, Dated) else Item(fields, name)


def _amount(line: Any) -> float | None:
    """Price times quantity (one, when nothing is said); None when that is not known."""
    if type(line) is not dict and not isinstance(line, Mapping):
        return None
    price, quantity = line.get("price"), line.get(QUANTITY)
    if quantity is None:
        quantity = 1
    return price * quantity if isinstance(price, _NUMBERS) and isinstance(quantity, _NUMBERS) else None


def _key_field(items: Items) -> str:
    """The field that names an item: the one in which each carries its own key."""
    names = next(iter(items.values()), {})
    return next((name for name in names if all(str(item.get(name)) == key for key, item in items.items())), "")
