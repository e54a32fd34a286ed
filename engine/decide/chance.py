"""Where the chance in an answer comes from: who asks, on which of their days, by which rules. Never from a dice."""

from __future__ import annotations

from collections.abc import Collection

from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.policy.wallclock import customer_zone, to_local


def seed_of(plan: Plan, profile: Profile, now: int) -> str:
    """What is the same for one customer all day, on every placement, until actions or rules change."""
    day = to_local(now, customer_zone(profile, plan.policies)).date().isoformat()
    return f"{profile.id}|{day}|{plan.rules_version}"


def segment_of(plan: Plan, segments: Collection[str]) -> str:
    """The first of the segments that are counted apart which the customer is in; '' for everybody else."""
    return next((name for name in plan.policies.learning.segments if name in segments), "")
