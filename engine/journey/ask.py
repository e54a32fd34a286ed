"""Asking for the next best action of a customer, as a channel app, a step or a story does."""

from __future__ import annotations

from engine.decide.answer import answer, only_fallback
from engine.journey.walk import Walk
from engine.model.action import Answer, Asked
from engine.model.flags import NO_FLAGS, Flags
from engine.model.learned import Learned
from engine.model.plan import Plan
from engine.model.profile import Profile


def ask(
    plan: Plan, profile: Profile, asked: Asked, now: int, flags: Flags = NO_FLAGS, learned: Learned | None = None
) -> Answer:
    """What a placement is told of `profile` at engine time `now` (epoch ms). `profile` is not changed.

    The context names the objects that conditions speak of: {basket_id: b1} is the basket b1. Raises KeyError when
    there is no such placement.
    """
    scope = Walk(plan, profile, now, flags).scope(asked.context)
    return answer(plan, profile, asked, scope, now, flags=flags, learned=learned)


def ask_in_haste(plan: Plan, profile: Profile, asked: Asked, now: int, flags: Flags = NO_FLAGS) -> Answer:
    """What a placement is told when there is no time to choose: its fallback, if that may be shown. As `ask` else."""
    scope = Walk(plan, profile, now, flags).scope(asked.context)
    return only_fallback(plan, profile, asked, scope, now, flags=flags)
