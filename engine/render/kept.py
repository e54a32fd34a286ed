"""Parts of messages, and blocks of other parts, that were rendered once, for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from typing import Any, NamedTuple

from jinja2 import Template

from engine.render.alike import KNOWN, LONGEST, Alike
from engine.render.filling import Told, told
from engine.render.links import Links
from engine.render.parts import EVERYWHERE, Part

MOST = 20_000  # messages in a language, at a place, by a journey

# The word itself, and what leads to another template: the layout is the one that all messages have.
_LINKED = re.compile(r"links|include|import|extends(?!\s+layout\s*-?%\})")

Spent = tuple[int, Set[Any]]  # fuel, and amounts of money
Name = tuple[str, str, str, str, str, bool]


class Said(NamedTuple):
    """The parts of one message that everybody is told alike, the fuel that it took to render them, and the amounts of
    money in them; and of its other parts (by name) the blocks that are alike (by name)."""

    parts: Mapping[str, str] = {}
    fuel: int = 0
    amounts: frozenset[Any] = frozenset()
    blocks: Mapping[str, Told] = {}


NOTHING = Said()


class Kept:
    """What everybody is told alike, since it was first rendered. Threads may share it."""

    def __init__(self, templates: Mapping[str, str], links: Links) -> None:
        self._templates = templates
        self._alike = Alike(templates, links)
        self._linked: dict[tuple[str, str], bool] = {}
        self._said: dict[Name, Said] = {}
        self._names: dict[tuple[str, Part], tuple[str, ...]] = {}  # of the blocks that are alike

    def look(self, message: str, channels: Iterable[str]) -> None:
        """Find out what of a message is alike, before somebody waits for it."""
        for channel in channels:
            for part in EVERYWHERE[channel]:
                self._alike(message, part)
                self._blocks(message, part)

    def asks_for_links(self, message: str, channel: str) -> bool:
        """Whether any part of the message may read `links`: where nothing that it goes through writes the word, and
        nothing else can be reached from there, none does."""
        found = self._linked.get((message, channel))
        if found is None:
            said = {f"messages/{message}.j2"}
            for part in EVERYWHERE[channel]:
                said |= {part.layout, f"components/{part.form}.j2"}
            found = any(_LINKED.search(self._templates.get(path, "")) is not None for path in said)
            self._linked[message, channel] = found
        return found

    def name(self, roots: Mapping[str, Any], said: Name) -> Name | None:
        """What parts are kept by: message, channel, language, place, journey, and whether it is marketing. None where
        the data hides what every template knows."""
        return said if KNOWN.isdisjoint(roots) else None

    def get(self, name: Name | None) -> Said:
        """The parts that need not be rendered again."""
        return self._said.get(name, NOTHING) if name is not None else NOTHING

    def blocks(self, name: Name | None, part: Part, template: Template, variables: dict[str, Any]) -> Told:
        """What is to be kept of a part that is not alike, which was just rendered: its blocks that are."""
        if name is None or not self._room(name):
            return {}
        return told(template, variables, self._blocks(name[0], part), LONGEST)

    def keep(
        self, name: Name | None, parts: Mapping[str, str], spent: Mapping[str, Spent], blocks: Mapping[str, Told]
    ) -> None:
        """Keep what is alike of a message that was rendered whole; `spent` is what went into each part."""
        if name is None or not self._room(name):
            return
        message, channel = name[:2]
        same = [part.name for part in EVERYWHERE[channel] if self._alike(message, part)]
        amounts = frozenset(amount for each in same for amount in spent[each][1])
        fuel = sum(spent[each][0] for each in same)
        self._said[name] = Said({each: parts[each] for each in same}, fuel, amounts, blocks)

    def _room(self, name: Name) -> bool:
        return name not in self._said and len(self._said) < MOST

    def _blocks(self, message: str, part: Part) -> tuple[str, ...]:
        """The names of the blocks that are alike; none where the whole part is."""
        found = self._names.get((message, part))
        if found is None:
            found = () if self._alike(message, part) else self._alike.blocks(message, part)
            self._names[message, part] = found
        return found
