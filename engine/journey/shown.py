"""What events do to prompts that are on a store's tablets, also after their journey has gone through."""

from __future__ import annotations

from engine.journey.best import answer_of
from engine.journey.prompts import withdraw
from engine.journey.receipts import is_about
from engine.journey.runs import hit
from engine.journey.walk import Walk
from engine.model.event import ANSWERED, UNSPOKEN, Event
from engine.model.record import Reason
from engine.policy import caps


def react_to(walk: Walk, event: Event) -> None:
    """Withdraw the prompts whose journey this event would have ended; forget those that are answered or over.

    One that nobody spoke of does not count in caps.
    """
    view = event.view()
    for prompt in list(walk.profile.prompts):
        answered = event.name == ANSWERED and is_about(view, prompt.id, prompt.message)
        if answered and view.get("outcome") in UNSPOKEN:
            caps.forget(walk.profile, prompt.id)
        if answered and prompt.action:
            walk.emitted.append(answer_of(prompt.id, prompt.action, prompt.placement, event))
        if answered or prompt.until <= walk.now:
            walk.profile.prompts = [each for each in walk.profile.prompts if each.id != prompt.id]
            continue
        journey = walk.plan.journey(prompt.journey, prompt.version)
        if journey is None or event.at < prompt.start_at:
            continue
        found = hit(journey, event, walk.scope(prompt.start, view, prompt.key))
        if found is not None:
            rule, match = found
            withdraw(walk, prompt, Reason(rule, f"{match.text} ({event.id})", str(match.place)))
