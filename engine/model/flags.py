"""How things stand now: what an operator has stopped and when, which providers are away, what was learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from engine.model.learned import Learned

# How a journey goes on after a pause.
#   continue  what is overdue goes on now
#   shift     every wait is longer by the time that the journey stood still
#   expire    an enrolment whose time came meanwhile ends
How = Literal["continue", "shift", "expire"]
EVERYTHING = "*"


class Pause(Struct, array_like=True, frozen=True):
    """A time in which a journey was stopped, in epoch ms: [since, until). `how` it went on, or 'killed'."""

    since: int
    until: int
    how: How | Literal["killed"]


@dataclass(frozen=True, slots=True)
class Flags:
    """What is stopped now, by name of the journey ('*' for everything), and what was stopped lately (`over`).

    And the channels none of whose providers can be called: `resting` for a moment, `down` for so long that the
    next channel is used. A service that cannot be called is among the `resting`, by its URL. And what was `learned`
    of actions by now.
    """

    paused: frozenset[str] = frozenset()
    killed: frozenset[str] = frozenset()
    over: Mapping[str, tuple[Pause, ...]] = field(default_factory=dict)
    resting: frozenset[str] = frozenset()
    down: frozenset[str] = frozenset()
    learned: Learned | None = field(default=None, compare=False)

    def pauses(self, journey: str) -> bool:
        """Does this journey stand still?"""
        return bool(self.paused) and (journey in self.paused or EVERYTHING in self.paused)

    def kills(self, journey: str) -> bool:
        """Was this journey killed, and is it still?"""
        return bool(self.killed) and (journey in self.killed or EVERYTHING in self.killed)

    def over_since(self, journey: str, after: int) -> list[Pause]:
        """The stops of this journey that ended after an instant, in the order they ended."""
        if not self.over:
            return []
        found = (*self.over.get(journey, ()), *self.over.get(EVERYTHING, ()))
        return sorted((each for each in found if each.until > after), key=lambda each: (each.until, each.since))


NO_FLAGS = Flags()
