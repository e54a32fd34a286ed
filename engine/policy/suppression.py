"""Suppression: while a condition holds, and a while after, nothing of a purpose leaves on any channel."""

from __future__ import annotations

from engine.model.condition import Scope
from engine.model.policy import Policies, Purpose
from engine.model.profile import Profile
from engine.policy.verdict import Refusal
from engine.policy.wallclock import add, customer_zone, iso


def refresh(profile: Profile, policies: Policies, scope: Scope) -> None:
    """Bring `profile.suppressed` up to date: 0 while the condition holds, else the instant it wears off."""
    for rule in policies.suppress:
        if rule.when.holds(scope):
            profile.suppressed[rule.name] = 0
        elif profile.suppressed.get(rule.name) == 0:
            profile.suppressed[rule.name] = add(scope.now, rule.lasts, customer_zone(profile, policies))
    for name in [name for name, until in profile.suppressed.items() if until and until <= scope.now]:
        del profile.suppressed[name]


def refused_by_suppression(
    profile: Profile, policies: Policies, purpose: Purpose, now: int, scope: Scope
) -> Refusal | None:
    """A Refusal while a suppression of this purpose is on. Transactional messages pass.

    Asks the conditions anew: one may have changed by time alone. `scope` sees the customer at `now`.
    """
    if purpose.transactional or not policies.suppress:
        return None
    refresh(profile, policies, scope)
    for rule in policies.suppress:
        until = profile.suppressed.get(rule.name)
        if rule.purpose != purpose.name or until is None or (until and until <= now):
            continue
        observed = f"{rule.when.text}" if until == 0 else f"until {iso(until)} ({rule.when.text} held)"
        return Refusal("suppressed", observed, place=rule.place)
    return None
