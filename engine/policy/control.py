"""The standing control group: customers for whom actions are not chosen, so that choosing can be measured."""

from __future__ import annotations

from engine.model.action import Action
from engine.model.policy import Control, Purpose
from engine.policy.bucket import share

TREATED = "treated"


def arm_of(profile_id: str, control: Control | None) -> str:
    """`treated`, or what this customer gets as one of the control group; '' where there is none.

    It is a hash of the customer: always the same, and a greater share only adds customers to the group.
    """
    if control is None:
        return ""
    return control.gets if share("control", profile_id) < control.share else TREATED


def spared(action: Action, purpose: Purpose) -> bool:
    """Whether an action is chosen for the control group as for everybody: service, and what must be said."""
    return action.mandatory or purpose.transactional
