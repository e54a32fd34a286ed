"""What the control group sees: nothing that was chosen for it but service and what must be said."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from engine.decide.look import Look
from engine.model.action import Action, Ranked
from engine.model.policy import Purpose
from engine.policy.bucket import share
from engine.policy.control import spared
from engine.policy.verdict import Refusal
from engine.policy.wallclock import customer_zone, to_local

WITHOUT = ("fallback", "nothing")  # what a control group gets in place of actions
BY_CHANCE = "in the control group: chance gives it its place"


def kept_from(look: Look, action: Action, purpose: Purpose) -> Refusal | None:
    """Why a customer of the control group is not shown `action`; None when they are, or are none of it."""
    if look.arm not in WITHOUT or spared(action, purpose):
        return None
    control = look.plan.policies.control
    assert control is not None  # whoever has an arm has a group
    return Refusal("control", f"in the control group, which gets {look.arm}", place=control.place)


def by_chance(look: Look, ranked: Sequence[Ranked]) -> list[Ranked]:
    """The same actions, and chance decides which of those that would have been chosen comes first.

    Places of service, of what must be said and of what was shown before and stays the answer do not change. Chance is
    a hash of the customer, their local day and the action: the same at every placement.
    """
    purposes = look.plan.policies.purposes
    places = [
        index
        for index, each in enumerate(ranked)
        if not each.kept and not spared(each.action, purposes[each.action.purpose])
    ]
    day = to_local(look.now, customer_zone(look.profile, look.plan.policies)).date().isoformat()
    salt = f"control:{look.asked.nobody or look.profile.id}:{day}"
    drawn = sorted(places, key=lambda index: share(salt, ranked[index].action.name))
    found = list(ranked)
    for place, index in zip(places, drawn, strict=True):
        each = ranked[index]
        found[place] = replace(each, factors=replace(each.factors, why=(*each.factors.why, BY_CHANCE)), chance=True)
    return found
