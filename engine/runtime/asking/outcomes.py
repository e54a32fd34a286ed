"""What a channel app says became of an answer: an event on the customer, once for each decision, action and outcome."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.event import ACTION_OUTCOME, Event
from engine.model.ids import has_shown, parts_of_decision, token
from engine.runtime.blob import read_profile
from engine.runtime.engine import Engine
from engine.runtime.ingest import Accepted


class NobodyKnown(Exception):
    """The decision was about a stranger, and whoever tells the outcome does not say who it was."""


class NotShown(Exception):
    """The decision has not shown this action."""


class SomebodyElse(Exception):
    """The decision was about another customer than the one that is named."""


def tell_outcome(
    engine: Engine, decision: str, action: str, outcome: str, who: Mapping[str, str], whom: str = ""
) -> bool:
    """Take an outcome in; False when it was told before. `who` are identifiers, needed for somebody of whom no event
    has come yet; `whom` is the id of a profile. Both may be left out.

    Raises ValueError when there is no such decision, LookupError when there is no such action, NotShown, SomebodyElse,
    NobodyKnown, StoreError.
    """
    plan = engine.running().plan
    profile, placement = parts_of_decision(decision, plan.placements)
    if action not in plan.actions and not any(action == each.fallback for each in plan.placements.values()):
        raise LookupError(action)
    if not has_shown(decision, action):
        raise NotShown(action)
    home = engine.store.shards.home(profile)
    blob = engine.store.shards.profiles([home]).get(home)
    if blob is not None:
        if home not in _homes(engine, who, whom, home):
            raise SomebodyElse(decision)
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


def _homes(engine: Engine, who: Mapping[str, str], whom: str, otherwise: str) -> set[str]:
    """Whose profile this is; nobody's but `otherwise` where that cannot be known."""
    owners = {*engine.store.known(who.items()).values(), *([whom] if whom else [])}
    return {engine.store.shards.home(owner) for owner in owners} or {otherwise}
