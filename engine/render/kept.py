"""Parts of messages that were rendered once, for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any, NamedTuple

from engine.render.alike import KNOWN, Alike
from engine.render.links import Links
from engine.render.parts import EVERYWHERE

MOST = 20_000  # messages in a language, at a place, by a journey

Spent = tuple[int, Set[Any]]  # fuel, and amounts of money
Name = tuple[str, str, str, str, str, bool]


class Said(NamedTuple):
    """The parts of one message that everybody is told alike, the fuel that it took to render them, and the amounts of
    money in them."""

    parts: Mapping[str, str] = {}
    fuel: int = 0
    amounts: frozenset[Any] = frozenset()


NOTHING = Said()


class Kept:
    """What everybody is told alike, since it was first rendered. Threads may share it."""

    def __init__(self, templates: Mapping[str, str], links: Links) -> None:
        self._alike = Alike(templates, links)
        self._said: dict[Name, Said] = {}

    def look(self, message: str, channels: Iterable[str]) -> None:
        """Find out what of a message is alike, before somebody waits for it."""
        for channel in channels:
            for part in EVERYWHERE[channel]:
                self._alike(message, part)

    def name(self, roots: Mapping[str, Any], said: Name) -> Name | None:
        """What parts are kept by: message, channel, language, place, journey, and whether it is marketing. None where
        the data hides what every template knows."""
        return said if KNOWN.isdisjoint(roots) else None

    def get(self, name: Name | None) -> Said:
        """The parts that need not be rendered again."""
        return self._said.get(name, NOTHING) if name is not None else NOTHING

    def keep(self, name: Name | None, parts: Mapping[str, str], spent: Mapping[str, Spent]) -> None:
        """Keep what is alike of a message that was rendered whole; `spent` is what went into each part."""
        if name is None or name in self._said or len(self._said) >= MOST:
            return
        message, channel = name[:2]
        same = [part.name for part in EVERYWHERE[channel] if self._alike(message, part)]
        amounts = frozenset(amount for each in same for amount in spent[each][1])
        self._said[name] = Said({each: parts[each] for each in same}, sum(spent[each][0] for each in same), amounts)
