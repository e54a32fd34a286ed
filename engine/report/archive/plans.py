"""The plans that decided: their files lie in the archive beside what they decided, under their fingerprints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from engine.report.archive.place import Place
from engine.report.archive.segment import Entry
from engine.runtime.plans import sources_of
from engine.runtime.releases import releases

if TYPE_CHECKING:
    from engine.runtime.store import Store

FOLDER = "plans/"


class Released(Struct):
    """One plan: when (engine ms) and by whom it was released, its journeys' versions, and the files it is made of."""

    fingerprint: str
    at: int
    by: str
    journeys: dict[str, str]
    sources: dict[str, str]


class Archived:
    """Sees to it that an archive has every plan that its entries speak of."""

    def __init__(self, store: Store, place: Place) -> None:
        self._store, self._place = store, place
        self._known: set[str] | None = None

    def keep(self, entries: Iterable[Entry]) -> None:
        """Keep the plans of these entries, and every other that is deployed."""
        if self._known is None:
            self._known = {fingerprint(name) for name in self._place.names(FOLDER)}
        wanted = {fields["f"].decode() for _, _, fields in entries if "f" in fields}
        if not wanted - self._known:
            return
        known = releases(self._store)
        for name in sorted((wanted | set(known)) - self._known - {""}):
            self._known.add(name)
            sources = sources_of(self._store, name)
            if sources is not None:
                release = known.get(name)
                found = Released(
                    fingerprint=name,
                    at=release.at if release is not None else 0,
                    by=release.by if release is not None else "",
                    journeys=release.journeys if release is not None else {},
                    sources=sources,
                )
                self._place.put(f"{FOLDER}{name}.json", msgspec.json.encode(found))


def fingerprint(name: str) -> str:
    """The plan whose file has this name."""
    return name.removeprefix(FOLDER).removesuffix(".json")


def read_plans(place: Place) -> dict[str, Released]:
    """All plans of an archive, by fingerprint, the oldest first."""
    found: list[Any] = []
    for name in place.names(FOLDER):
        packed = place.get(name)
        if packed is not None:
            found.append(msgspec.json.decode(packed, type=Released))
    return {each.fingerprint: each for each in sorted(found, key=lambda each: (each.at, each.fingerprint))}
