"""What is believed of an action at a placement, with customers of a segment: a Beta distribution.

Few customers of a segment have seen an action at a placement; more have seen it there, and more still anywhere. So
each level begins where the one above it stands, without what it has counted itself: action, action at the placement,
then with the segment. What a level takes over counts as at most `borrow` showings, and so gives way to its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.model.action import Action, Belief
from engine.model.learned import NOTHING, Cell, Count, Snapshot
from engine.model.plan import Plan
from engine.model.policy import Learning

UNKNOWN = 0.5
# Where nothing at all is known every rate is as likely as any other: Beta(1, 1).
OPEN = 2.0
LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Start:
    """Where a belief begins: a mean that counts as `strength` showings, and why it is that."""

    mean: float
    strength: float
    why: str


@dataclass(frozen=True, slots=True)
class Posterior:
    """Beta(`wins`, `losses`). `own` is what its cell has counted, `start` where its action began."""

    wins: float
    losses: float
    own: Count
    start: Start

    @property
    def mean(self) -> float:
        return self.wins / (self.wins + self.losses)


class Totals:
    """The counts of a snapshot by cell, by action and placement, and by action."""

    __slots__ = ("actions", "cells", "places")

    def __init__(self, snapshot: Snapshot) -> None:
        self.cells: Mapping[Cell, Count] = {Cell.parse(name): count for name, count in snapshot.cells.items()}
        self.places: dict[tuple[str, str], Count] = defaultdict(Count)
        self.actions: dict[str, Count] = defaultdict(Count)
        for cell, count in self.cells.items():
            at = cell.action, cell.placement
            self.places[at] = self.places[at].plus(count)
            self.actions[cell.action] = self.actions[cell.action].plus(count)

    def by_purpose(self, actions: Iterable[Action]) -> dict[str, Count]:
        """What the actions of a purpose that learn have counted together."""
        found: dict[str, Count] = defaultdict(Count)
        for action in actions:
            if action.propensity.learn:
                found[action.purpose] = found[action.purpose].plus(self.actions.get(action.name, NOTHING))
        return found


def start_of(plan: Plan, action: Action, others: Count = NOTHING) -> Start:
    """Where an action begins: as written, else at the mean of its purpose's actions, else at one half.

    The mean is that of the propensities that are written, and of what the `others` that learn have counted.
    """
    learning = plan.policies.learning
    if action.propensity.start is not None:
        return Start(action.propensity.start, learning.prior, "as written")
    written = plan.propensities.get(action.purpose)
    mean, strength = (UNKNOWN, OPEN) if written is None else (written, max(learning.prior, OPEN))
    if written is None and not others.shown:
        return Start(mean, strength, "nothing is known")
    together = (mean * strength + others.accepted) / (strength + others.shown)
    strength = min(strength + others.shown, max(learning.prior, OPEN))
    return Start(together, strength, f"the mean of {action.purpose} actions")


def posterior(start: Start, totals: Totals, cell: Cell, learning: Learning) -> Posterior:
    """What is believed of a cell, after what was counted in it and around it."""
    own = totals.cells.get(cell, NOTHING)
    there = totals.places.get((cell.action, cell.placement), NOTHING)
    everywhere = totals.actions.get(cell.action, NOTHING)
    mean, strength = start.mean, start.strength
    for around in (everywhere.minus(there), there.minus(own)):
        total = strength + around.shown
        mean = (mean * strength + around.accepted) / total
        strength = min(total, max(learning.borrow, strength))
    wins = mean * strength + own.accepted
    losses = (1.0 - mean) * strength + own.shown - own.accepted
    return Posterior(max(wins, LEAST), max(losses, LEAST), own, start)


def begun(plan: Plan, action: Action) -> Belief:
    """What is believed of an action of which nothing was learned."""
    start = start_of(plan, action)
    return Belief(start.mean, start.why)


class NothingLearned:
    """Every action as it begins."""

    number = 0
    draws = False

    def belief(self, look: Any, action: Action) -> Belief:
        return begun(look.plan, action)

    def beliefs(self, look: Any) -> Callable[[Action], Belief]:
        return lambda action: begun(look.plan, action)

    def first(self, look: Any, action: Action) -> int | None:
        return None


NOTHING_LEARNED = NothingLearned()
