"""The next best action as a message: which one it is, why, and that it still is when it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.decide.answer import answer
from engine.journey.walk import Walk
from engine.model.action import Answer, Asked, Ranked, Removed
from engine.model.event import ACTION_OUTCOME, Event
from engine.model.ids import attempt_id
from engine.model.message import STORE, Message
from engine.model.plan import Step
from engine.model.profile import Enrolment
from engine.model.record import Reason

if TYPE_CHECKING:
    from engine.journey.steps.send import Choosing

# What was chosen when it is no action.
NOTHING = "nothing"
# How many of those that were not chosen a record tells of.
MOST_TOLD = 20


def best(walk: Walk, run: Enrolment, spec: Choosing, context: Mapping[str, Any], message: str = "") -> Answer | None:
    """What a placement would be told of the customer, of what may leave by one of the channels; None when a release
    has taken the placement away. `message` is the id of the message that asks."""
    if spec.placement not in walk.plan.placements:
        return None
    asked = Asked(spec.placement, context, None, spec.via, message, silent=bool(run.held_out))
    scope = walk.scope({**run.start, **context}, key=run.key)
    return answer(walk.plan, walk.profile, asked, scope, walk.now, flags=walk.flags)


def tell(walk: Walk, run: Enrolment, step: Step, found: Answer | None) -> Ranked | None:
    """Record what was chosen, from what and why; what was chosen, None when there was nothing."""
    spec: Choosing = step.spec
    if found is None:
        nothing = {"action": NOTHING, "placement": spec.placement}
        reason = Reason("nothing", f"there is no placement {spec.placement} any more")
        walk.record("chosen", run=run, place=step.place, reason=reason, extra=nothing)
        return None
    out = [each for each in found.removed if each.stage not in ("placement", "arbitration")]
    without = {each.action: _why(each) for each in out[:MOST_TOLD]}
    after = {each.action.name: round(each.factors.score, 6) for each in (*found.ranked[1:], *found.behind)[:MOST_TOLD]}
    first = found.ranked[0] if found.ranked else None
    if first is None:
        seen = "; ".join(f"{name}: {why}" for name, why in without.items())
        reason = Reason("nothing", seen or "no action is shown there")
    else:
        reason = Reason("best", _score(first))
    walk.record(
        "chosen",
        run=run,
        place=step.place,
        reason=reason,
        extra={
            "action": first.action.name if first is not None else NOTHING,
            "placement": spec.placement,
            "after": after,
            "without": without,
        },
    )
    return first


def _why(out: Removed) -> str:
    return f"{out.rule or out.stage}: {out.observed}" + (f" ({out.place})" if out.place else "")


def _score(each: Ranked) -> str:
    made = each.factors
    parts = f"{made.propensity:.3g} x {made.context:g} x {made.value:g} x {made.boost:g}"
    return "; ".join((f"{each.action.name} {made.score:.4g} = {parts}", *made.why, *(["shown before"] * each.kept)))


def still_best(walk: Walk, message: Message, run: Enrolment, step: Step) -> Reason | None:
    """Ask again before a message leaves that may have waited: the reason why nothing is to be said any more, else
    None. When its action is out by now, the message says the one that is the best instead."""
    spec: Choosing = step.spec
    found = best(walk, run, spec, message.data, message.id)
    if found is not None and any(each.action.name == message.action for each in (*found.ranked, *found.behind)):
        return None
    chosen = tell(walk, run, step, found)
    if chosen is not None:
        becomes(message, chosen)
        return None
    out = next((each for each in found.removed if each.action == message.action), None) if found is not None else None
    if out is None:
        return Reason("nothing", f"{message.action} is no action any more")
    return Reason(out.rule or out.stage, out.observed, out.place)


def becomes(message: Message, chosen: Ranked) -> None:
    """Let a message say an action."""
    action = chosen.action
    message.action, message.name, message.purpose = action.name, action.message, action.purpose
    message.tags = list(action.tags)


def say_shown(walk: Walk, message: Message) -> None:
    """A message that left counts as an action that was shown: everybody who asks hears of it from now on."""
    if not message.action:
        return
    attempt = attempt_id(message.id, message.channel, message.attempt)
    counted = next((entry.at for entry in walk.profile.ledger if entry.id == attempt), walk.now)
    properties = {"action": message.action, "outcome": "shown", "message": message.id, "placement": message.placement}
    event = Event(
        id=f"{attempt}/shown",
        name=ACTION_OUTCOME,
        profile={},
        at=counted,
        received=walk.now,
        channel=message.channel,
        properties=properties,
    )
    walk.emitted.append(event)


def answer_of(message: str, action: str, placement: str, event: Event) -> Event:
    """What an associate said of a prompt that says an action: an outcome of that action, like any other."""
    outcome = event.properties.get("outcome")
    return Event(
        id=f"{event.id}/action",
        name=ACTION_OUTCOME,
        profile={},
        at=event.at,
        received=event.received,
        channel=event.channel or STORE,
        properties={"action": action, "outcome": outcome, "message": message, "placement": placement},
    )
