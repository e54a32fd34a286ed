"""What choosing is worth: customers for whom actions are chosen, beside the standing control group.

Each customer counts once, in the group of their first decision, from that decision on: who was chosen for is compared,
not who was shown something. So what the groups do differs by nothing but choosing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from engine.policy.control import TREATED
from engine.report.decisions.interval import LEVEL, Estimate, Spread, difference, relative
from engine.report.decisions.logged import Dataset


@dataclass(frozen=True, slots=True)
class Uplift:
    """One measure for each customer: its mean in both groups, the difference, and that as a share of the control's."""

    measure: str
    treated: Spread
    control: Spread
    difference: Estimate
    relative: Estimate


def uplift(data: Dataset, level: float = LEVEL) -> list[Uplift]:
    """Accepted actions, the value of these, and every conversion; empty where nobody is in the control group."""
    first: dict[str, tuple[str, int]] = {}
    for each in data.decisions:
        decision = each.decision
        if decision.profile and decision.arm:
            first.setdefault(decision.profile, (decision.arm, decision.at))
    groups = {who: arm == TREATED for who, (arm, _) in first.items()}
    if all(groups.values()) or not any(groups.values()):
        return []
    sums: dict[str, dict[str, float]] = {"accepted": defaultdict(float), "value": defaultdict(float)}
    for each in data.decisions:
        for action in each.outcomes:
            if each.accepted(action) and each.decision.profile in groups:
                sums["accepted"][each.decision.profile] += 1
                sums["value"][each.decision.profile] += each.value(action)
    for conversion in data.conversions:
        counted = sums.setdefault(conversion.measure, defaultdict(float))
        if conversion.profile in groups and conversion.at >= first[conversion.profile][1]:
            counted[conversion.profile] += conversion.value
    found = []
    for measure, of in sums.items():
        treated, control = (
            Spread.of(of.get(who, 0.0) for who, is_treated in groups.items() if is_treated is which)
            for which in (True, False)
        )
        found.append(
            Uplift(measure, treated, control, difference(treated, control, level), relative(treated, control, level))
        )
    return found
