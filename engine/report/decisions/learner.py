"""The engine's learner on choices that somebody else has made: while it learns, and after it has learned.

While it learns: the replay of Li, Chu, Langford and Wang (2011), which takes up a logged choice only when the learner
would have shown the same, learns from it, and passes over all others; where actions were not equally likely, a
choice is taken up the more rarely the likelier it was (rejection sampling), so that what is taken up looks as if the
learner had chosen. What it believes is fixed for a while, as between two snapshots of a running engine.

After it has learned: what it would prefer of customers whose own choices it has not seen, for the estimates.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass
from hashlib import shake_256

from engine.decide.posterior import LEAST, OPEN, UNKNOWN
from engine.decide.selection import Runner, first_chances
from engine.model.policy import Learning
from engine.report.decisions.choices import Chances, Choices
from engine.report.decisions.interval import LEVEL, Estimate, linear, wilson
from engine.report.decisions.policies import Target, by_key
from engine.report.decisions.reward_model import FOLDS

PRIOR = Learning().prior
# It looks again at what it has counted whenever that has grown so much.
GROWTH = 1.25
MOST_LIVES, ENOUGH = 20, 200_000


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the learner got for each choice that was taken up, and how many those were of how many in one life."""

    value: Estimate
    taken: int
    choices: int
    lives: int


class Counters:
    """What was seen of each action at a placement: showings, and the rewards they brought, as parts of the greatest.

    An action begins as a new one does in a running engine: where the others stand together.
    """

    def __init__(self, low: float, high: float) -> None:
        self._low, self._span = low, (high - low) or 1.0
        self._seen: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._all = [0.0, 0.0]

    def add(self, placement: int, action: int, reward: float) -> None:
        won = (reward - self._low) / self._span
        for cell in (self._seen[placement, action], self._all):
            cell[0] += 1
            cell[1] += won

    def chances(self, placement: int, actions: list[int]) -> Chances:
        """With which probability each action would be preferred now."""
        runners = []
        for action in actions:
            shown, won = self._seen.get((placement, action), (0.0, 0.0))
            others, their = self._all[0] - shown, self._all[1] - won
            start = (UNKNOWN * OPEN + their) / (OPEN + others)
            strength = min(OPEN + others, PRIOR)
            wins = max(start * strength + won, LEAST)
            runners.append(Runner(wins, max((1 - start) * strength + shown - won, LEAST), start, 1.0))
        return dict(zip(actions, first_chances(runners, 0.0), strict=True))


def as_it_learns(choices: Choices, *, level: float = LEVEL, seed: str = "0") -> Learnt:
    """The mean reward of the choices that the learner would have made, learning from these only.

    It is the mean of several such lives, with other dice, where there are few choices: each takes up others.
    """
    lives = min(MOST_LIVES, max(1, ENOUGH // len(choices)))
    rewards, taken = ([0.0] * len(choices.customers.all) for _ in range(2))
    for life in range(lives):
        _live(choices, f"{seed}|{life}", rewards, taken)
    both = [(got / lives, times / lives) for got, times in zip(rewards, taken, strict=True) if times]
    found, count = linear([got for got, _ in both], [times for _, times in both]), sum(taken) / lives
    value = found.estimate(level) if found.value else wilson(0, count, level)
    return Learnt(value, round(count), len(choices), lives)


def _live(choices: Choices, seed: str, rewards: list[float], taken: list[float]) -> None:
    """One life: what it got of each customer, and of how many choices, is added to `rewards` and `taken`."""
    placements, offered, counters = choices.placements(), choices.offered(), _counters(choices)
    least = min(choices.propensity)
    dice = struct.unpack(f"<{len(choices)}I", shake_256(f"{seed}|replay".encode()).digest(4 * len(choices)))
    known: dict[tuple[int, ...], Chances] = {}
    there = [(placements[place], *actions) for place, actions in enumerate(offered)]
    count, look_at = 0, 1.0
    rows = zip(choices.action, choices.place, choices.customer, choices.reward, choices.propensity, dice, strict=True)
    for action, place, customer, reward, propensity, die in rows:
        chances = known.get(there[place])
        if chances is None:
            chances = known[there[place]] = counters.chances(placements[place], offered[place])
        if die < chances[action] * least / propensity * 2**32:
            counters.add(placements[place], action, reward)
            rewards[customer] += reward
            taken[customer] += 1
            count += 1
            if count >= look_at:
                known.clear()
                look_at = count * GROWTH


def after_learning(choices: Choices) -> Target:
    """What the learner prefers, having seen all choices but those of a fifth of the customers: for these."""
    placements, offered = choices.placements(), choices.offered()
    parts = [_counters(choices) for _ in range(FOLDS)]
    for action, place, customer, reward in zip(
        choices.action, choices.place, choices.customer, choices.reward, strict=True
    ):
        for part in range(FOLDS):
            if part != customer % FOLDS:
                parts[part].add(placements[place], action, reward)

    def chances(place_and_part: tuple[int, int]) -> Chances:
        place, part = place_and_part
        return parts[part].chances(placements[place], offered[place])

    # positions of one placement with the same actions are alike
    first = {(placements[place], *actions): place for place, actions in enumerate(offered)}
    alike = [first[placements[place], *actions] for place, actions in enumerate(offered)]
    cells = ((alike[place], customer % FOLDS) for place, customer in zip(choices.place, choices.customer, strict=True))
    return by_key("learner, having learned", choices, cells, chances)


def _counters(choices: Choices) -> Counters:
    return Counters(min(0.0, min(choices.reward)), max(1.0, max(choices.reward)))
