"""First places of our own decisions as choices: which action came first, with which probability, and whether it was
accepted.

A decision counts when something was chosen for it: what was shown before and stayed the answer belongs to the decision
that chose it, with what became of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from engine.decide import selection
from engine.model.decision import Decision
from engine.report.decisions.choices import Choices
from engine.report.decisions.logged import LASTS, Logged

Reward = Literal["accepted", "value"]
# A probability below this is taken for it: it cannot be told from 0 by summing up on a grid.
LEAST = 1e-6


def chances_of(decision: Decision) -> dict[str, float]:
    """With which probability each candidate came first; {} where that is not known.

    A draw of the control group makes all that take part in it equally likely; for everybody else `selection` says.
    """
    drawn = [each.action for each in decision.candidates if each.chance]
    if not drawn or decision.candidates[0].mandatory:
        return selection.chances_of(decision, decision.explore)
    return dict.fromkeys(drawn, 1 / (len(drawn) + decision.others)) if decision.candidates[0].chance else {}


def why_not(decision: Decision) -> str:
    """Why a decision is no choice of a first place; '' when it is one."""
    if decision.fallback:
        return "the fallback was shown"
    if not decision.shown:
        return "nothing was shown"
    if not decision.candidates or decision.shown[0] != decision.candidates[0].action:
        return "what was shown is not among the candidates"
    return "it was shown before and stayed the answer" if decision.candidates[0].kept else ""


def firsts(them: list[Logged], reward: Reward = "accepted") -> tuple[Choices, list[Logged]]:
    """The choices among the decisions (which are in the order of time), and the decision of each."""
    choices, chosen, rewards = Choices(), list[Logged](), dict[str, float]()
    _credit(them, reward, rewards)
    for each in them:
        decision = each.decision
        why = why_not(decision)
        chances = chances_of(decision) if not why else {}
        if not chances:
            choices.leave_out(why or "service came first in the control group")
            continue
        first = decision.shown[0]
        place = (decision.placement, "1")
        customer = decision.profile or decision.id
        propensity = max(chances.get(first, 0.0), LEAST)
        choices.add(first, place, customer, rewards.get(decision.id, 0.0), propensity, (decision.segment,))
        choices.logged.append({choices.actions.number(name): chance for name, chance in chances.items()})
        chosen.append(each)
    return choices, chosen


def _credit(them: list[Logged], reward: Reward, rewards: dict[str, float]) -> None:
    """What became of the first places, by the decision that chose them."""
    worth: Callable[[Logged, str], float] = (lambda each, action: 1.0) if reward == "accepted" else Logged.value
    newest: dict[tuple[str, str], Logged] = {}
    for each in them:
        decision = each.decision
        if not decision.shown:
            continue
        first = decision.shown[0]
        chose: Logged | None = each
        if decision.candidates and decision.candidates[0].kept:
            chose = newest.get((decision.profile, first))
            if chose is not None and decision.at - chose.decision.at > LASTS:
                chose = None
        else:
            newest[decision.profile, first] = each
        if chose is not None and each.accepted(first):
            rewards[chose.decision.id] = worth(chose, first)
