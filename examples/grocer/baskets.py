"""`order_placed`: 1.47 million till lines folded into baskets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from examples.grocer.feeds import Feed
from examples.grocer.source import Ints, Table, group, summed

COLUMNS = (
    *("household_id", "store_id", "basket_id", "product_id", "quantity", "transaction_timestamp"),
    *("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc"),
)
FUEL = "GASOLINE-REG UNLEADED"  # sold in thousandths of a gallon: one line of it is one item, not 12,000


@dataclass(frozen=True, slots=True)
class Baskets:
    """The feed, with the columns that other feeds need: `store` and `with_coupon` (0 or 1) per basket."""

    feed: Feed
    store: Ints
    with_coupon: Ints


def placed(households: Iterable[int | str] | None) -> Baskets:
    """Every basket with its total, items, categories and what was saved (cents are summed, dollars are shown)."""
    lines = Table("transactions", COLUMNS, households)
    basket, first, of = group(lines.ints("basket_id"))
    count = len(basket)
    category, names, fuel = shelf(lines.ints("product_id"))
    total = summed(lines.cents("sales_value"), of, count)
    coupon = summed(lines.cents("coupon_disc"), of, count)
    saved = coupon + summed(lines.cents("retail_disc") + lines.cents("coupon_match_disc"), of, count)
    items = summed(np.where(fuel, 1, lines.ints("quantity")), of, count)

    # Distinct (basket, category) pairs in order: the category numbers are alphabetical already.
    named = category >= 0
    pairs = np.unique(of[named] * len(names) + category[named])
    starts = np.searchsorted(pairs, np.arange(count + 1) * len(names))
    kinds = (pairs % max(len(names), 1)).astype(np.int16)

    store = lines.ints("store_id")[first]
    ids = [f"basket-{b}" for b in basket.tolist()]

    def properties(i: int) -> dict[str, Any]:
        return {
            "basket_id": str(basket[i]),
            "store": str(store[i]),
            "total": int(total[i]) / 100,
            "items": int(items[i]),
            "categories": [names[k] for k in kinds[starts[i] : starts[i + 1]].tolist()],
            "saved": int(saved[i]) / 100,
        }

    at = lines.seconds("transaction_timestamp")[first]
    feed = Feed("order_placed", "store", lines.ints("household_id")[first], at, ids, properties)
    return Baskets(feed, store, (coupon > 0).astype(np.int64))


def shelf(products: Ints) -> tuple[Ints, list[str], Ints]:
    """For each line's product: (number of its category or -1, the categories' names sorted, 1 where it is fuel)."""
    table = Table("products", ["product_id", "product_category", "product_type"])
    known = table.ints("product_id")
    category = [None if c is None else " ".join(c.lower().split()) for c in table.texts("product_category")]
    names = sorted({c for c in category if c is not None})
    number = {name: i for i, name in enumerate(names)}
    numbers = np.array([-1 if c is None else number[c] for c in category], np.int64)
    fuels = np.array([t == FUEL for t in table.texts("product_type")], np.int64)
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known[order], products), len(known) - 1)
    row = order[place]
    found = known[row] == products
    return np.where(found, numbers[row], -1), names, np.where(found, fuels[row], 0)
