"""What another way of choosing would have been worth, from choices whose probabilities are known (off-policy).

With w = chance under the policy / logged probability, r = reward, q = reward model, over n choices:

- IPS = sum(w r) / n (Horvitz and Thompson 1952): right on average, whatever the rewards.
- SNIPS = sum(w r) / sum(w) (Swaminathan and Joachims 2015): less spread, a little bias that fades with n.
- DR = sum(q(policy) + w (r - q(shown))) / n (Dudik, Langford and Li 2011): right when w or q is.

Sums are made over each customer's choices first: customers are the units of every interval.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

from engine.report.decisions.choices import Choices
from engine.report.decisions.interval import LEVEL, Estimate, Linear, bootstrap, linear
from engine.report.decisions.policies import Target
from engine.report.decisions.reward_model import FOLDS, RewardModel


@dataclass(frozen=True, slots=True)
class Worth:
    """What a policy would have been worth for each choice, and what that rests on.

    `logged` is the mean reward of what was done, `gain` how much more the policy brings (by DR, else by SNIPS).
    `effective` is Kish's sample size, sum(w)^2 / sum(w^2); `unsupported` the share of the policy's choices that the
    logged one would never have made: of those the data say nothing. `mean_weight` is `mass` when the logged
    probabilities are right; `clipped` the share of the weights that were cut.
    """

    policy: str
    choices: int
    customers: int
    logged: Estimate
    ips: Estimate
    snips: Estimate
    dr: Estimate | None
    gain: Estimate
    effective: float
    largest: float
    mean_weight: Estimate
    mass: float
    unsupported: float
    clipped: float


def worth(
    choices: Choices,
    target: Target,
    model: RewardModel | None = None,
    *,
    level: float = LEVEL,
    clip: float | None = None,
    draws: int = 0,
    seed: str = "0",
) -> Worth:
    """The value of a policy. `clip` is the largest weight that counts; `draws` > 0: intervals by bootstrap.

    Raises ValueError when there is no choice at all.
    """
    count = len(choices)
    if not count:
        raise ValueError("there is no choice to learn from")
    weights = array("d", [chance / logged for chance, logged in zip(target.shown, choices.propensity, strict=True)])
    clipped = 0
    if clip is not None:
        clipped = sum(1 for each in weights if each > clip)
        weights = array("d", [min(each, clip) for each in weights])
    customers = len(choices.customers.all)
    weighted = choices.by_customer([w * r for w, r in zip(weights, choices.reward, strict=True)])
    ones, rewards = choices.by_customer(list(repeat(1.0, count))), choices.by_customer(choices.reward)
    totals = choices.by_customer(weights)
    mass = _mass(target, count)

    def said(above: Sequence[float], below: Sequence[float], lin: Linear, factor: float = 1.0) -> Estimate:
        if not draws:
            return lin.estimate(level)
        found = bootstrap(above, below, level, draws, seed)
        return Estimate(found.value * factor, found.low * factor, found.high * factor)

    logged, ips = linear(rewards, ones), linear(weighted, ones)
    snips = linear(weighted, totals).times(mass)
    dr: Linear | None = None
    robust: list[float] = []
    if model is not None and not target.single:
        robust = choices.by_customer(_robust(choices, target, model, weights))
        dr = linear(robust, ones)
    best = dr if dr is not None else snips
    squares = sum(each * each for each in weights)
    return Worth(
        policy=target.name,
        choices=count,
        customers=customers,
        logged=said(rewards, ones, logged),
        ips=said(weighted, ones, ips),
        snips=said(weighted, totals, snips, mass),
        dr=said(robust, ones, dr) if dr is not None else None,
        gain=best.minus(logged).estimate(level),
        effective=sum(weights) ** 2 / squares if squares else 0.0,
        largest=max(weights),
        mean_weight=linear(totals, ones).estimate(level),
        mass=mass,
        unsupported=_unsupported(choices, target),
        clipped=clipped / count,
    )


def _mass(target: Target, count: int) -> float:
    """How much the policy shows at all, on average."""
    if target.single:
        return 1.0
    sums = [sum(each.values()) for each in target.chances]
    return sum(sums[of] for of in target.of) / count


def _robust(choices: Choices, target: Target, model: RewardModel, weights: Sequence[float]) -> list[float]:
    found = []
    direct: dict[tuple[int, int, int, int], float] = {}  # the model says the same of all customers of one part
    cells = zip(choices.customer, choices.place, choices.context, strict=True)
    for cell, action, reward, weight, of in zip(cells, choices.action, choices.reward, weights, target.of, strict=True):
        customer, place, context = cell
        asked = customer % FOLDS, place, context, of
        known = direct.get(asked)
        if known is None:
            known = direct[asked] = model.direct(*cell, target.chances[of])
        expected = known
        if weight:
            expected += weight * (reward - model.reward(*cell, action))
        found.append(expected)
    return found


def _unsupported(choices: Choices, target: Target) -> float:
    """The share of the policy's choices that could not have been logged, as far as that is known."""
    if target.single:
        return 0.0
    if choices.logged:
        pairs = ((target.chances[of], logged, 1) for of, logged in zip(target.of, choices.logged, strict=True))
    else:
        seen = [dict.fromkeys(each, 1.0) for each in choices.offered()]
        times = Counter(zip(target.of, choices.place, strict=True))
        pairs = ((target.chances[of], seen[place], count) for (of, place), count in times.items())
    total = lost = 0.0
    for chances, there, count in pairs:
        total += count * sum(chances.values())
        lost += count * sum(chance for action, chance in chances.items() if not there.get(action, 0.0) > 0)
    return lost / total if total else 0.0
