"""The one flat fact that a scope becomes for the matcher: a short name for each value and each bit that rules use."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from engine.decide.facts import fact
from engine.model.condition import Scope
from engine.model.term import Bit, Kind, Test


class Attributes:
    """Names are our own (`a0`, `a1`): the matcher knows a name by 32 bits of hash, and others might collide."""

    def __init__(self) -> None:
        self._names: dict[Hashable, str] = {}
        self._reads: list[tuple[str, Kind, Callable[[Scope], Any]]] = []
        self._bits: list[tuple[str, Callable[[Scope], bool]]] = []

    def name(self, leaf: Test | Bit) -> str:
        """The name of what a leaf asks; the same for the same value or question."""
        key: Hashable = leaf.asks if isinstance(leaf, Bit) else (leaf.path, leaf.kind)
        known = self._names.get(key)
        if known is None:
            known = self._names[key] = f"a{len(self._names)}"
            if isinstance(leaf, Bit):
                self._bits.append((known, leaf.holds))
            else:
                self._reads.append((known, leaf.kind, leaf.read))
        return known

    def fact(self, scope: Scope) -> dict[str, str]:
        """What is there, by name, as JSON text that can be strung together: ',"a0":12.0'."""
        found = {name: f',"{name}":1' for name, holds in self._bits if holds(scope)}
        for name, kind, read in self._reads:
            written = fact(kind, read(scope))
            if written is not None:
                found[name] = f',"{name}":{written}'
        return found
