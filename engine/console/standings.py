"""What an operator has stopped, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.flags import EVERYTHING
from engine.policy.standing import RUNS, Standing
from engine.runtime.stops import standings
from engine.runtime.store import Store


@dataclass(frozen=True)
class Standings:
    """Every journey that is or was stopped."""

    known: Mapping[str, Standing]

    @classmethod
    def read(cls, store: Store) -> Standings:
        return cls(standings(store))

    def of(self, name: str) -> str:
        """'' (it runs), 'paused' or 'killed': its own word, else that over everything."""
        own, over = self.known.get(name, RUNS).word, self.known.get(EVERYTHING, RUNS).word
        return "killed" if "killed" in (own, over) else own or over

    def by(self, name: str) -> Standing:
        """Its own standing: since when, and by whom."""
        return self.known.get(name, RUNS)
