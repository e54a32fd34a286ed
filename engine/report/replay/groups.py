"""Who must be replayed together: customers who were merged, or who share an address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from engine.model.plan import Plan
from engine.report.archive.duck import quoted
from engine.runtime.orders import Bring, Give, HandOver, Order

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_order = msgspec.json.Decoder(tuple[str, str, Order])


class Groups:
    """Profiles in groups. Who stands in none is a group of their own."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def join(self, profiles: Iterable[str]) -> None:
        """These are in one group; the smallest id names it, whatever order they come in."""
        roots = sorted({self.of(each) for each in profiles if each})
        for each in roots[1:]:
            self._above[each] = roots[0]
        if roots:
            self._above.setdefault(roots[0], roots[0])

    def of(self, profile: str) -> str:
        """The name of a profile's group."""
        above, root = self._above, profile
        while (up := above.get(root, root)) != root:
            root = up
        while (up := above.get(profile, profile)) != root:
            above[profile], profile = root, up
        return root

    def pairs(self) -> list[tuple[str, str]]:
        """(profile, group) of all that stand in one."""
        return [(profile, self.of(profile)) for profile in list(self._above)]


def merged(db: DuckDBPyConnection) -> Groups:
    """Who was, or was to be, merged with whom."""
    found = Groups()
    for (given,) in db.execute("SELECT given FROM commands WHERE command = 'order'").fetchall():
        order = _order.decode(given)[2]
        if isinstance(order, Give):
            found.join((order.profile, order.into))
        elif isinstance(order, HandOver):
            found.join((order.profile, order.origin))
        elif isinstance(order, Bring):
            found.join((order.profile, order.arrival.profile))
    return found


def together(db: DuckDBPyConnection, plans: Iterable[Plan]) -> Groups:
    """Those, and who shares an address by which messages leave: what is said about it concerns all of them.

    `plans` are those whose vocabularies say by which events a customer gets an address.
    """
    found = merged(db)
    asked: set[str] = set()
    for plan in plans:
        for facts in plan.channels.values():
            if facts.shared:
                continue
            if facts.address in plan.vocabulary.identifiers:
                asked.add(_values("identifiers", facts.address, ""))
            for event, moved in plan.vocabulary.setters.items():
                asked |= {_values("properties", prop, event) for each, prop, _ in moved if each.name == facts.address}
    if asked:
        shared = (
            f"SELECT list(DISTINCT profile) FROM ({' UNION ALL '.join(sorted(asked))}) WHERE value <> '' "
            "GROUP BY lower(trim(value)) HAVING count(DISTINCT profile) > 1"
        )
        for (profiles,) in db.execute(shared).fetchall():
            found.join(profiles)
    return found


def _values(column: str, name: str, event: str) -> str:
    path = quoted(f'$."{name}"')
    only = f" WHERE event = {quoted(event)}" if event else ""
    return f"SELECT profile, json_extract_string({column}, {path}) AS value FROM events{only}"
