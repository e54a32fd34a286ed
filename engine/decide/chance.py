"""Where the chance in an answer comes from: who asks, on which of their days, by which rules. Never from a dice."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.model.action import Ranked
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.policy.bucket import share
from engine.policy.wallclock import customer_zone, to_local

if TYPE_CHECKING:
    from engine.decide.look import Look


def seed_of(plan: Plan, profile: Profile, who: str, now: int) -> str:
    """What is the same for one customer all day, on every placement, until actions or rules change."""
    day = to_local(now, customer_zone(profile, plan.policies)).date().isoformat()
    return f"{who}|{day}|{plan.rules_version}"


def segment_of(plan: Plan, segments: Collection[str]) -> str:
    """The first of the segments that are counted apart which the customer is in; '' for everybody else."""
    return next((name for name in plan.policies.learning.segments if name in segments), "")


def takes_part(each: Ranked) -> bool:
    """Whether a lot may put this action first: what must be said, and what was shown already, stays where it is."""
    return each.action.propensity.learn and not each.action.mandatory and not each.kept


def by_lot(look: Look, ranked: list[Ranked]) -> float:
    """On a few of a customer's days a lot puts one of the actions that learn first, whatever their scores.

    So each is shown to somebody, and what it is worth never becomes a matter of belief alone. The lot is drawn by
    hashes of the seed: of all placements, those that may show the same actions draw the same one. Answers with the
    share of the days on which it is drawn.
    """
    explore = look.plan.policies.learning.explore if look.learned.draws else 0.0
    if not explore or share("explore", look.seed) >= explore:
        return explore
    among = [place for place, each in enumerate(ranked) if takes_part(each)]
    if len(among) < 2:
        return explore
    chosen = ranked.pop(min(among, key=lambda place: share(f"lot|{look.seed}", ranked[place].action.name)))
    why = f"first by lot: on {explore:.3g} of the days one of those that learn ({len(among)} here) is"
    factors = replace(chosen.factors, why=(*chosen.factors.why, why))
    first = next((place for place, each in enumerate(ranked) if not each.action.mandatory and not each.kept), None)
    ranked.insert(len(ranked) if first is None else first, replace(chosen, factors=factors, lot=True))
    return explore
