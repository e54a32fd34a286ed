"""Voucher codes that were given, as hashes: none of them is given again after a rebuild, whatever file is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import msgspec

from engine.report.archive.place import Place

if TYPE_CHECKING:
    from engine.runtime.store import Store

FOLDER = "vouchers/"


def keep_codes(store: Store, place: Place) -> int:
    """Archive the hashes of codes that were given since the last time; how many. Killed in between, it writes some
    of them again, which does no harm."""
    count = 0
    for pool in store.vouchers.known():
        while hashes := store.vouchers.taken(pool):
            name = f"{FOLDER}{quote(pool, safe='')}/{store.clock().server:015d}.{hashes[0]}.json"
            place.put(name, msgspec.json.encode(hashes))
            store.vouchers.archived(pool, len(hashes))
            count += len(hashes)
    return count


def restore_codes(store: Store, place: Place) -> int:
    """Tell an empty store which codes are gone; how many."""
    count = 0
    for name in place.names(FOLDER):
        packed = place.get(name)
        if packed is not None:
            hashes = msgspec.json.decode(packed, type=list[str])
            store.vouchers.lost(unquote(name.split("/")[1]), hashes)
            count += len(hashes)
    return count
