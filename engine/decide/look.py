"""One question being answered: who asks, about whom, when, and what the rules concluded."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.decide.posterior import NOTHING_LEARNED
from engine.model.action import Asked, Conclusions
from engine.model.condition import Scope
from engine.model.flags import Flags
from engine.model.learned import Learned
from engine.model.plan import Placement, Plan
from engine.model.problem import NOWHERE, Place
from engine.model.profile import Profile, Suggestion
from engine.policy.verdict import Refusal


@dataclass(frozen=True, slots=True)
class Look:
    """What every stage sees. `profile` is a copy where stages write: whoever asks changes nothing.

    `table` maps the actions that journeys have put on the table for this placement to the newest suggestion.
    `now` is engine time in epoch ms; `arm` as in an Answer. `segment` is the customer's for learning, `seed` what all
    chance of the answer comes from: nobody is told this here and that there. `learned` is what was learned of actions,
    `purposes` what the contact policy says of a purpose whatever the action: it is asked once.
    """

    plan: Plan
    profile: Profile
    placement: Placement
    asked: Asked
    scope: Scope
    conclusions: Conclusions
    table: dict[str, Suggestion]
    flags: Flags
    now: int
    arm: str = ""
    segment: str = ""
    seed: str = ""
    learned: Learned = NOTHING_LEARNED
    purposes: dict[tuple[str, str], Refusal | None] = field(default_factory=dict)


def said_at(plan: Plan, suggestion: Suggestion) -> Place:
    """Where the step stands by which a journey put an action on the table, or keeps it off."""
    journey = plan.journeys.get(suggestion.journey)
    step = journey.steps.get(suggestion.step) if journey is not None else None
    return step.place if step is not None else journey.place if journey is not None else NOWHERE
