"""Suppression: while a condition holds, and a while after, nothing of a purpose leaves on any channel."""

from __future__ import annotations

from engine.model.condition import Scope, timed_in
from engine.model.policy import Policies, Purpose, Suppression
from engine.model.profile import Profile
from engine.policy.verdict import Refusal
from engine.policy.wallclock import add, customer_zone, iso


def refresh(profile: Profile, policies: Policies, scope: Scope, changed: int | None = None) -> None:
    """Bring `profile.suppressed` up to date: 0 while the condition holds, else the instant it wears off.

    `lasts` counts from the instant at which the condition stopped to hold, also when nobody looked just then.
    `changed` is when the state last changed by an event (epoch ms; None: now).
    """
    for rule in policies.suppress:
        if rule.when.holds(scope):
            profile.suppressed[rule.name] = 0
        elif profile.suppressed.get(rule.name) == 0:
            stopped = _faded(rule, profile.recheck, scope)
            if stopped is None:
                stopped = min(changed, scope.now) if changed is not None else scope.now
            profile.suppressed[rule.name] = add(stopped, rule.lasts, customer_zone(profile, policies))
    for name in [name for name, until in profile.suppressed.items() if until and until <= scope.now]:
        del profile.suppressed[name]


def _faded(rule: Suppression, recheck: int | None, scope: Scope) -> int | None:
    """When time alone ended the condition, if it did: not before `recheck`, up to which somebody has looked."""
    now = scope.now
    if recheck is None or recheck > now:
        return None
    changes = {
        past.at + timed.window
        for timed in timed_in(rule.when.node)
        for past in scope.history.get(timed.event, ())
        if recheck <= past.at + timed.window <= now
    }
    try:
        for instant in sorted(changes, reverse=True):
            scope.now = instant
            if not rule.when.holds(scope):
                scope.now = instant - 1
                if rule.when.holds(scope):
                    return instant
    finally:
        scope.now = now
    return None


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
