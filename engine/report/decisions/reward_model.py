"""A simple model of the reward, for the doubly robust estimate: means, each drawn towards the next wider one.

An action in a context at a place begins where the action at that place stands, this where the action stands
anywhere, and this at the mean of all; where a mean begins counts as `STRENGTH` choices. What is said of a customer
comes from the choices of the others only (cross-fitting in `FOLDS` parts), so that the model cannot know its answer.
"""

from __future__ import annotations

from collections import defaultdict

from engine.report.decisions.choices import Chances, Choices

FOLDS = 5
STRENGTH = 20.0

Key = tuple[int, ...]


class RewardModel:
    """What an action is worth: fitted once, asked for each customer without what they did themselves."""

    def __init__(self, choices: Choices) -> None:
        # by part, and over all of them under -1: rewards and choices, from the widest mean () to the narrowest
        self._sums: dict[int, dict[Key, list[float]]] = {
            part: defaultdict(lambda: [0.0, 0.0]) for part in range(-1, FOLDS)
        }
        self._known: dict[tuple[int, int, int, int], float] = {}
        rows = zip(choices.action, choices.place, choices.context, choices.customer, choices.reward, strict=True)
        for action, place, context, customer, reward in rows:
            cell = self._sums[customer % FOLDS][action, place, context]
            cell[0] += reward
            cell[1] += 1.0
        for part in range(FOLDS):
            for key, (reward, count) in list(self._sums[part].items()):
                for wider in (key[:2], key[:1], ()):
                    _add(self._sums[part][wider], reward, count)
                for each in (key, key[:2], key[:1], ()):
                    _add(self._sums[-1][each], reward, count)

    def reward(self, customer: int, place: int, context: int, action: int) -> float:
        """What an action is expected to bring this customer there."""
        part = customer % FOLDS
        asked = part, place, context, action
        found = self._known.get(asked)
        if found is None:
            found = 0.0
            for key in ((), (action,), (action, place), (action, place, context)):
                reward, count = self._sums[-1].get(key, (0.0, 0.0))
                own, own_count = self._sums[part].get(key, (0.0, 0.0))
                strength = STRENGTH if key else 1e-9
                found = (found * strength + reward - own) / (strength + count - own_count)
            self._known[asked] = found
        return found

    def direct(self, customer: int, place: int, context: int, chances: Chances) -> float:
        """What a choice by these chances is expected to bring this customer there."""
        return sum(chance * self.reward(customer, place, context, action) for action, chance in chances.items())


def _add(cell: list[float], reward: float, count: float) -> None:
    cell[0] += reward
    cell[1] += count
