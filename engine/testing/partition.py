"""Who must be simulated together: customers with an identifier or an address in common."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

import msgspec

from engine.define.identifiers import spelled
from engine.model.event import Event
from engine.model.plan import Plan

Token = tuple[str, str]


class _Line(msgspec.Struct):
    """What is needed of a line; whatever is wrong with it is said when it is read in earnest."""

    event: str = ""
    channel: str = ""
    profile: dict[str, object] = {}
    properties: dict[str, object] = {}


class Parts:
    """Which of `parts` processes takes an event, so that customers who touch each other meet in one.

    Built from all lines of a file beforehand; the same on every process that reads the same file.
    """

    def __init__(self, plan: Plan, lines: Iterable[bytes], parts: int) -> None:
        self._parts = parts
        self._above: dict[Token, Token] = {}
        personal = {facts.name: facts.address for facts in plan.channels.values() if not facts.shared}
        addresses = set(personal.values())
        setters = {
            event: [(prop, attribute.name) for attribute, prop, _ in moved if attribute.name in addresses]
            for event, moved in plan.vocabulary.setters.items()
        }
        decode = msgspec.json.Decoder(_Line).decode
        for text in lines:
            try:
                line = decode(text)
            except msgspec.MsgspecError:
                continue
            tokens = [(name, str(value)) for name, value in line.profile.items()]
            tokens += [
                (name, str(line.properties[p])) for p, name in setters.get(line.event, ()) if p in line.properties
            ]
            about = personal.get(str(line.properties.get("channel") or line.channel))
            if about is not None and "address" in line.properties:
                tokens.append((about, str(line.properties["address"])))
            self._join([(name, spelled(plan.vocabulary, name, value) or value) for name, value in tokens])

    def of(self, event: Event) -> int:
        """The process (0..parts-1) of an event that carries an identifier."""
        name, value = next(iter(event.profile.items()))
        root = self._root((name, value))
        return crc32("\x1f".join(root).encode()) % self._parts

    def _root(self, token: Token) -> Token:
        above = self._above
        while (up := above.get(token, token)) != token:
            above[token] = above.get(up, up)
            token = up
        return token

    def _join(self, tokens: list[Token]) -> None:
        if not tokens:
            return
        first = self._root(tokens[0])
        for token in tokens[1:]:
            root = self._root(token)
            if root != first:
                # the smaller one leads, whatever order the lines come in
                low, high = sorted((first, root))
                self._above[high] = first = low
