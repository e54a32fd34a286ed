"""Whether off-policy estimates cover the truth as often as they say, on what a learner has logged while it learned."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from benchmarks.measure import Measure
from benchmarks.truth import ACTIONS, SEGMENTS, Truth, Visit, uniform
from engine.decide.selection import Runner, first_chances
from engine.report.decisions.choices import Chances, Choices
from engine.report.decisions.estimate import Worth, worth
from engine.report.decisions.interval import LEVEL
from engine.report.decisions.policies import Target, random_policy, varied
from engine.report.decisions.reward_model import RewardModel

WORLDS, DECISIONS, SNAPSHOT = 100, 3_000, 300
START, PRIOR, EXPLORE = 0.05, 10.0, 0.01
# The changed rule set: a rule doubles the scores of every fourth action.
BOOSTS = [2.0 if number % 4 == 0 else 1.0 for number in range(len(ACTIONS))]
PLAIN = [1.0] * len(ACTIONS)


class World:
    """What one learner logged, with the probabilities of each choice, and what two other policies are truly worth."""

    def __init__(self, seed: int) -> None:
        self.choices = Choices()
        self._wins, self._seen = ([[0.0] * len(ACTIONS) for _ in SEGMENTS] for _ in range(2))
        self._draft: list[Chances] = []
        truth, worths = Truth(seed, days=30.0, visits=DECISIONS), {"random": 0.0, "draft": 0.0}
        logged: dict[int, Sequence[float]] = {}
        changed: dict[int, Sequence[float]] = {}
        for action in ACTIONS:
            self.choices.actions.number(action)
        for visit in truth.visits():
            if visit.number % SNAPSHOT == 0:
                logged, changed = {}, {}
            if visit.segment not in logged:
                logged[visit.segment] = self._chances(visit.segment, PLAIN)
                changed[visit.segment] = self._chances(visit.segment, BOOSTS)
            rates = truth.rates(visit)
            self._log(visit, logged[visit.segment], changed[visit.segment], truth, rates)
            worths["random"] += sum(rates) / len(rates)
            worths["draft"] += sum(p * rate for p, rate in zip(changed[visit.segment], rates, strict=True))
        self.worths = {name: value / DECISIONS for name, value in worths.items()}

    def policies(self) -> list[Target]:
        return [random_policy(self.choices), varied("draft", self.choices, self._draft)]

    def _chances(self, segment: int, weights: Sequence[float]) -> list[float]:
        runners = [
            Runner(START * PRIOR + wins, (1 - START) * PRIOR + seen - wins, START, weight)
            for wins, seen, weight in zip(self._wins[segment], self._seen[segment], weights, strict=True)
        ]
        return first_chances(runners, EXPLORE)

    def _log(
        self, visit: Visit, chances: Sequence[float], changed: Sequence[float], truth: Truth, rates: list[float]
    ) -> None:
        dice, action = uniform(truth.seed, "draw", visit.number), 0
        while action < len(ACTIONS) - 1 and dice >= chances[action]:
            dice -= chances[action]
            action += 1
        accepted = float(truth.accepts(visit, rates, action))
        self._seen[visit.segment][action] += 1
        self._wins[visit.segment][action] += accepted
        where = ("web.home", "1")
        self.choices.add(ACTIONS[action], where, visit.number, accepted, chances[action], (visit.segment,))
        self.choices.logged.append(dict(enumerate(chances)))
        self._draft.append(dict(enumerate(changed)))


def offpolicy(scale: float) -> list[Measure]:
    """The share of worlds in which the 95 % interval holds what a policy is truly worth there."""
    worlds = max(int(WORLDS * scale), 5)
    covered: dict[str, dict[str, int]] = {}
    for seed in range(worlds):
        world = World(seed)
        model = RewardModel(world.choices)
        for target in world.policies():
            counts = covered.setdefault(target.name, {"DR": 0, "IPS": 0, "SNIPS": 0})
            for name, holds in _holds(worth(world.choices, target, model), world.worths[target.name]).items():
                counts[name] += holds
    # as often as it says, less what so few worlds leave to chance (two standard errors)
    least = LEVEL - 2 * sqrt(LEVEL * (1 - LEVEL) / worlds)
    note = f"{worlds} worlds of {DECISIONS:,} decisions by a learner; 20 actions, 5 segments, rates that swing"
    names = {"draft": "truth covered, of a changed rule", "random": "truth covered, of chance"}
    return [
        Measure(
            names[policy],
            counts["DR"] / worlds,
            "of worlds",
            target=least,
            beside={name: counts[name] / worlds for name in ("IPS", "SNIPS")},
            note=note,
        )
        for policy, counts in sorted(covered.items())
    ]


def _holds(found: Worth, truth: float) -> dict[str, bool]:
    assert found.dr is not None
    return {"DR": truth in found.dr, "IPS": truth in found.ips, "SNIPS": truth in found.snips}
