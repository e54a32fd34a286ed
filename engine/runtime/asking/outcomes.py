"""What a channel app says became of an answer: an event on the customer, once for each decision, action and outcome."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.event import ACTION_OUTCOME, Event
from engine.model.ids import parts_of_decision, token
from engine.runtime.blob import read_profile
from engine.runtime.engine import Engine
from engine.runtime.ingest import Accepted


class NobodyKnown(Exception):
    """The decision was about a stranger, and whoever tells the outcome does not say who it was."""


def tell_outcome(engine: Engine, decision: str, action: str, outcome: str, who: Mapping[str, str]) -> bool:
    """Take an outcome in; False when it was told before. `who` are identifiers, needed for somebody of whom no event
    has come yet.

    Raises ValueError when there is no such decision or action, NobodyKnown, StoreError.
    """
    plan = engine.running().plan
    profile, placement = parts_of_decision(decision, plan.placements)
    if action not in plan.actions and not any(action == each.fallback for each in plan.placements.values()):
        raise LookupError(action)
    home = engine.store.shards.home(profile)
    blob = engine.store.shards.profiles([home]).get(home)
    if blob is not None:
        identifier, _, value = read_profile(blob).label.partition(":")
        who = {identifier: value}
    if not who:
        raise NobodyKnown(decision)
    now = engine.store.clock().engine
    found = plan.placements.get(placement)
    event = Event(
        id=token("outcome", decision, action, outcome),
        name=ACTION_OUTCOME,
        profile=dict(who),
        at=now,
        received=now,
        channel=found.channel if found is not None else "",
        properties={
            "action": action,
            "outcome": outcome,
            "decision": decision,
            **({"placement": placement} if placement else {}),
        },
    )
    return isinstance(engine.accept([event])[0], Accepted)
