"""What the contextual model makes of a belief: the odds of its mean times what each trait of the customer is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

# What is counted, as a feature of the model: the log odds of the belief's mean.
BASE = "counted"
# No customer is more than this many times as likely, or as unlikely, to accept as the average.
FARTHEST = math.log(5.0)


def odds_of(mean: float) -> float:
    """The logarithm of the odds of a probability in (0, 1)."""
    return math.log(mean / (1.0 - mean))


def weighed(action: str, traits: Sequence[str]) -> list[str]:
    """The names of the weights that count for an action and a customer with these traits."""
    return [f"{action}|{trait}" for trait in traits]


def changed(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """The weights that are others than before; 0 for those that are gone."""
    names = sorted({*before, *after})
    return {name: after.get(name, 0.0) for name in names if before.get(name, 0.0) != after.get(name, 0.0)}


def with_changes(before: Mapping[str, float], changes: Mapping[str, float]) -> dict[str, float]:
    """The weights after what `changed` has told."""
    return {name: weight for name, weight in sorted({**before, **changes}.items()) if weight}


def shifted(mean: float, weights: Mapping[str, float], action: str, traits: Sequence[str]) -> tuple[float, list[str]]:
    """The mean for a customer with these traits, and by what the odds were multiplied for which trait."""
    told, shift = [], 0.0
    for name, trait in zip(weighed(action, traits), traits, strict=True):
        weight = weights.get(name, 0.0)
        if abs(weight) >= 0.005:
            shift += weight
            told.append(f"odds x {math.exp(weight):.3g} for {trait}")
    if not told:
        return mean, told
    odds = odds_of(mean) + min(max(shift, -FARTHEST), FARTHEST)
    return 1.0 / (1.0 + math.exp(-odds)), told
